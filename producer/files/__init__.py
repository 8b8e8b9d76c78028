"""Files: checked from end to end, then read as records and sent."""

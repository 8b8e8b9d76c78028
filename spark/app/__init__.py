"""The streaming application: which feeds run, and what becomes of one that fails."""

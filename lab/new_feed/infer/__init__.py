"""What a CSV file tells of itself: how it is written, and which type fits each column."""

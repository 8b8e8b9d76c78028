"""Work on a feed's tables beside its query, which may take minutes."""

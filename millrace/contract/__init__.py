"""A feed's contract: its columns, their types, its date forms and rollups."""

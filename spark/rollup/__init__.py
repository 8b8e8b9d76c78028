"""Rollups of a load, summed up by its tasks: what the commit then need not read again."""

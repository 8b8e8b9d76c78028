"""Superset as a person in front of a browser sees it."""

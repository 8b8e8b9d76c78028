"""Printing: lines, tables, progress."""

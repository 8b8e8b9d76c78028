"""Cleaned rows into MySQL: one micro-batch, its tasks, its offsets."""

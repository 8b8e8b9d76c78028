"""Seeded simulators, for feeds whose real records are not at hand or cannot be reached."""

"""A lab into one file, and a lab out of it. What must agree with what: docs/backup.md."""

"""One file per command: it reads its options, calls the work and prints the outcome."""

"""What the lab reaches on this machine: figures, never verdicts. `make bench` prints them."""

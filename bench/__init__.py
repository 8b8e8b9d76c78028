"""What the lab reaches on this machine: figures, without pass or fail. `make bench` prints them."""

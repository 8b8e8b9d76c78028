"""Fault drills: something is broken while records stream in, and afterwards everything must add up. `make drill`."""

"""Landing folders: files that people put there are sent and filed away."""

"""Records that nobody should send, each made together with what must become of it."""

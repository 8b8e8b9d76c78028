"""Live sources over HTTP: an API asked on a schedule, and files fetched from their publishers."""

"""What the drills do. Each is a context: the cause begins where it is entered, and is gone where it is left."""

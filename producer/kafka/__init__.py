"""Events into a topic: published in order, journalled, held back where there is no room."""

"""A network taken apart, and what can be asked of it."""

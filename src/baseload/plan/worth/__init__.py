"""What to wait for: the worth of knowing, and of being able to decide later."""

"""Every alternative in many futures: odds instead of one forecast."""

"""What may happen: drivers of futures, drawn by counter-based random numbers."""

"""Whether energy, hashes and coins agree: tests with their error model and what they would see."""

"""How much to build: the size that is worth most over all futures."""

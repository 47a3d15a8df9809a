"""Benchmarks of baseload, side by side with a direct solver call and with other tools."""

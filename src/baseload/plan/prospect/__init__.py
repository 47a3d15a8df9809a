"""Who gets what, in prospect: each arrangement over the same futures."""

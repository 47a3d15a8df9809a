"""Asking a log: an index of its entries, made from the log at any time and never the truth."""

"""Witnesses: they sign that they have seen a log, so that it cannot show others another one."""

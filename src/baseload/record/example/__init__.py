"""A synthetic year of a mine beside a plant, and named ways to cheat in it."""

from __future__ import annotations

from baseload.record.example.making import Example, make

__all__ = ["Example", "make"]

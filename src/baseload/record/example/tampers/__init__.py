"""Ways to cheat or to fail: with power, with pools, with entries, with files."""

from __future__ import annotations

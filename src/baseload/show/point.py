"""A key point: the form in which findings are told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """One key point: a sentence, or a heading with items in their order."""

    text: str
    items: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the point as one sentence."""
        return self.text if not self.items else f"{self.text} {'; '.join(self.items)}."

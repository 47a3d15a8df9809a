"""The tree as it was written: plain values, where each stands, and its validation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from baseload.case.documents import Document, Origin, Provenance, is_leaf, leaf_value
from baseload.case.errors import InputError
from baseload.case.mistakes import mistake
from baseload.case.paths import Parts, join, patched, resolve, split
from baseload.case.quantity import SeriesName
from baseload.case.schema import Tree
from baseload.case.units import CURRENCIES


@dataclass(frozen=True, slots=True)
class Patch:
    """A path, the value it is given, and who says so.

    Parameters
    ----------
    path : into the tree; wildcards stand for every name that is there.
    value : as it would be written in case.toml.
    mark : provenance of the value.
    """

    path: str
    value: object
    mark: Provenance

    @property
    def origin(self) -> Origin:
        """Where the patch is written."""
        return Origin(self.mark.file, self.mark.line)


@dataclass(frozen=True, slots=True)
class Written:
    """Plain values of the tree, and where they are written.

    Parameters
    ----------
    raw : the tree as nested tables, values as people write them.
    documents : the files it was read from.
    marks : provenance of each value by its path.
    """

    raw: dict[str, Any]
    documents: tuple[Document, ...]
    marks: Mapping[str, Provenance] = field(default_factory=dict)

    def origin(self, parts: Parts) -> Origin:
        """Return where a value is written, or the nearest table around it."""
        mark = self.marks.get(join(parts))
        if mark is not None:
            return Origin(mark.file, mark.line)
        home = next(
            (document for document in self.documents if parts and parts[0] in document.data),
            self.documents[0],
        )
        return home.origin(*parts)

    def where(self, path: str, value: object = None) -> str:
        """Say where a value is written, for an error."""
        return self.origin(split(path)).place(path, value)

    def text(self, path: str) -> str | None:
        """Return the text that is written at a path; None where no text stands there."""
        value: Any = self.raw
        for part in split(path):
            value = value.get(part) if isinstance(value, dict) else None
        value = leaf_value(value)
        return value if isinstance(value, str) else None

    @property
    def rates(self) -> dict[str, float]:
        """Exchange rates, so far as they are usable; validation judges the rest."""
        money = self.raw.get("money")
        given = money.get("rates") if isinstance(money, dict) else None
        rates: dict[str, float] = {}
        for code, rate in given.items() if isinstance(given, dict) else ():
            if code not in CURRENCIES:
                raise InputError(
                    self.where(f"money.rates.{code}"),
                    expected=f"an ISO currency code: {', '.join(CURRENCIES[:6])}, …",
                    found=f'"{code}"',
                    mend="write the code of the currency, USD for one unit of it",
                )
            if isinstance(rate, int | float) and rate > 0:
                rates[code] = float(rate)
        return rates

    def tree(self) -> Tree:
        """Validate everything and convert it to canonical units."""
        try:
            return Tree.model_validate(self.raw, context={"rates": self.rates})
        except ValidationError as error:
            raise mistake(error, self.origin) from None

    def with_patches(self, patches: tuple[Patch, ...]) -> Written:
        """Return the tree with patches applied in their order."""
        changes: dict[str, object] = {}
        marks: dict[str, Provenance] = {}
        for patch in patches:
            for path in resolve(self.raw, patch.path, patch.origin.place(patch.path)):
                changes[path] = patch.value
                marks[path] = patch.mark
        return Written(patched(self.raw, changes), self.documents, {**self.marks, **marks})

    def series(self, tree: Tree) -> Iterator[tuple[str, SeriesName]]:
        """Yield path and name of every series that the tree uses."""
        for parts in _series_parts(self.raw, ()):
            value = value_at(tree, join(parts))
            if isinstance(value, SeriesName):
                yield join(parts), value


def value_at(tree: Tree, path: str) -> Any:
    """Return the value at a path of the tree; None where something on the way is not given."""
    value: Any = tree
    for part in split(path):
        value = value.get(part) if isinstance(value, dict) else getattr(value, part, None)
    return value


def _series_parts(table: Mapping[str, Any], at: Parts) -> Iterator[Parts]:
    for name, value in table.items():
        parts = (*at, name)
        if isinstance(value, dict) and not is_leaf(value):
            # What a gate sets is not in the tree until it is applied.
            if not (len(parts) == 3 and parts[0] == "gate" and name == "set"):
                yield from _series_parts(value, parts)
        elif isinstance(value, dict) or (isinstance(value, str) and "#" in value):
            yield parts

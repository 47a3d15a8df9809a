"""The case's own words in the reader's language, from a file beside the case.

The program knows the words of the report, not those of a case: ``fr.toml`` of a case folder
gives its titles, signals and claims in French, each by the text as it stands in the case.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from baseload.case import schema, sharing
from baseload.case.case import Case
from baseload.case.documents import Document, Input, read_document, shown
from baseload.case.errors import InputError
from baseload.plan.outcome import Study
from baseload.plan.prospect.result import Prospect
from baseload.plan.worth.result import Worth

PROSE: Mapping[type[BaseModel], tuple[str, ...]] = {
    schema.Frame: ("name", "about"),
    schema.Plant: ("name",),
    schema.Bus: ("title",),
    schema.Area: ("title",),
    schema.Mine: ("title",),
    schema.Gate: ("title", "signal"),
    schema.Bar: ("title", "jurisdiction", "exception"),
    schema.Unknown: ("name",),
    schema.Alternative: ("title",),
    schema.Party: ("name",),
    schema.Arrangement: ("title", "proposed_by", "energy_rule", "operator", "open_points"),
    sharing.Sharing: ("note",),
    sharing.Entitlement: ("note",),
    sharing.Costs: ("note",),
    sharing.Supply: ("note",),
    sharing.Cession: ("note",),
    sharing.Sale: ("note",),
    sharing.Fee: ("note",),
    sharing.Mining: ("note",),
    schema.Claim: ("claim", "by", "standing"),
    schema.Precedent: ("title", "figures"),
}
"""Attributes that people read. What is not listed may be an id, a path or a pattern, which
other entries point at, or a citation, which has to be found as it was printed."""

REGISTERS = (
    "unknowns",
    "alternatives",
    "parties",
    "arrangements",
    "claims",
    "precedents",
)
"""The registers of a case that hold prose."""


@dataclasses.dataclass(frozen=True)
class Translation:
    """What a case says in another language.

    Parameters
    ----------
    table : text in that language by the text of the case; empty where there is no file.
    inputs : the file that was read, by its name in the case folder.
    """

    table: Mapping[str, str]
    inputs: Mapping[str, Input]


def translation(case: Case, lang: str) -> Translation:
    """Read the words of a case in a language, from ``<lang>.toml`` in its folder.

    Parameters
    ----------
    case : the case.
    lang : language, ``en`` or ``fr``.

    Raises
    ------
    InputError
        The file is no flat table of texts, or translates a text that the case does not hold.
    """
    name = f"{lang}.toml"
    if not (case.folder / name).exists():
        return Translation({}, {})
    inputs: dict[str, Input] = {}
    document = read_document(case.folder, name, inputs)
    known = dict.fromkeys(_texts(case))
    for text, words in document.data.items():
        _check(document, text, words, known)
    return Translation(document.data, inputs)


def _check(document: Document, text: str, words: object, known: Mapping[str, None]) -> None:
    """Refuse what is no text, and what translates nothing: the case may have changed since."""
    where = document.origin(text).place(shown(text))
    if not isinstance(words, str) or not words.strip():
        raise InputError(
            where,
            expected="a text in the other language",
            found="a table" if isinstance(words, dict) else shown(words),
            mend=f"write {shown(text)} = its translation, or remove the line",
        )
    if text not in known:
        close = difflib.get_close_matches(text, known, 1, 0.5)
        raise InputError(
            where,
            expected="a text that stands in the case, letter by letter",
            found="none like it",
            mend=f"did you mean {shown(close[0])}?" if close else "remove the line",
        )


def translated(study: Study, table: Mapping[str, str]) -> Study:
    """Return a copy of a study whose case is told in other words; no number is touched.

    Parameters
    ----------
    study : result.
    table : new text by the text of the case; a text that is not in it stays.
    """
    case = study.case
    registers = dataclasses.replace(
        case.registers,
        **{name: _told(getattr(case.registers, name), table) for name in REGISTERS},
    )
    return dataclasses.replace(
        study,
        case=dataclasses.replace(case, tree=_told(case.tree, table), registers=registers),
        outcomes={
            name: {
                world: dataclasses.replace(outcome, title=table.get(outcome.title, outcome.title))
                for world, outcome in worlds.items()
            }
            for name, worlds in study.outcomes.items()
        },
        swings={
            name: tuple(
                dataclasses.replace(swing, label=table.get(swing.label, swing.label))
                for swing in swings
            )
            for name, swings in study.swings.items()
        },
        worth=None if study.worth is None else _worth_told(study.worth, table),
        prospects=tuple(_prospect_told(prospect, table) for prospect in study.prospects),
    )


def _worth_told(worth: Worth, table: Mapping[str, str]) -> Worth:
    """Return what is worth knowing, its signals told in the words of the table."""
    signals = tuple(
        dataclasses.replace(
            signal,
            label=table.get(signal.label, signal.label),
            source=table.get(signal.source, signal.source),
        )
        for signal in worth.signals
    )
    return dataclasses.replace(worth, signals=signals)


def _prospect_told(prospect: Prospect, table: Mapping[str, str]) -> Prospect:
    """Return an arrangement's prospect, its parties and gaps told in the words of the table."""
    parts = tuple(
        dataclasses.replace(
            part,
            name=table.get(part.name, part.name),
            legs=tuple(
                dataclasses.replace(leg, what=table.get(leg.what, leg.what)) for leg in part.legs
            ),
        )
        for part in prospect.parts
    )
    return dataclasses.replace(
        prospect,
        title=table.get(prospect.title, prospect.title),
        parts=parts,
        assumed=tuple(table.get(text, text) for text in prospect.assumed),
    )


def _told(node: Any, table: Mapping[str, str]) -> Any:
    """Return a part of a case with its prose replaced."""
    if isinstance(node, BaseModel):
        prose = PROSE.get(type(node), ())
        return node.model_copy(
            update={
                name: _replaced(value, table) if name in prose else _told(value, table)
                for name, value in node
            }
        )
    if isinstance(node, Mapping):
        return {name: _told(value, table) for name, value in node.items()}
    return tuple(_told(value, table) for value in node) if isinstance(node, tuple) else node


def _replaced(value: Any, table: Mapping[str, str]) -> Any:
    if isinstance(value, tuple):
        return tuple(table.get(text, text) for text in value)
    return table.get(value, value)


def _texts(case: Case) -> Iterator[str]:
    """Give every text that may be translated."""
    yield from _prose(case.tree)
    for name in REGISTERS:
        yield from _prose(getattr(case.registers, name))


def _prose(node: Any) -> Iterator[str]:
    if isinstance(node, BaseModel):
        prose = PROSE.get(type(node), ())
        for name, value in node:
            if name not in prose:
                yield from _prose(value)
            elif value:
                yield from (value,) if isinstance(value, str) else value
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _prose(value)
    elif isinstance(node, tuple):
        for value in node:
            yield from _prose(value)

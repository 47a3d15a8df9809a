"""From a case folder to a `Case`, strictly: what is wrong is an error, never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from baseload.case import schema
from baseload.case.case import Case
from baseload.case.documents import (
    Document,
    Input,
    Origin,
    Provenance,
    flattened,
    leaf_value,
    provenance,
    read_document,
    stripped,
)
from baseload.case.errors import InputError
from baseload.case.lines import Key
from baseload.case.mistakes import mistake, shape_in
from baseload.case.registers import Registers
from baseload.case.series import Shelf
from baseload.case.written import Patch, Written, value_at

_BESIDE = {"gates.toml": ("stages", "gate", "bar"), "futures.toml": ("futures",)}
"""Files that hold a part of the tree, and the tables they may have."""
_REGISTERS: dict[str, type[BaseModel]] = {
    "unknowns.toml": schema.Unknowns,
    "alternatives.toml": schema.Alternatives,
    "arrangements.toml": schema.Arrangements,
    "claims.toml": schema.Claims,
    "sources.toml": schema.Sources,
    "precedents.toml": schema.Precedents,
    "sizes.toml": schema.Sizes,
}

Model = TypeVar("Model", bound=BaseModel)


def load(path: str | Path) -> Case:
    """Read and check a case folder.

    Parameters
    ----------
    path : the folder, or the case.toml in it.

    Returns
    -------
    The case, with the base levels of its unknowns in place.

    Raises
    ------
    InputError
        For anything in the folder that cannot be taken exactly as it is written.
    """
    folder = _folder(Path(path))
    inputs: dict[str, Input] = {}
    registers = _registers(folder, inputs)
    written = _written(folder, inputs, registers)
    case = _with_bases(Case.of(folder, registers, written, Shelf(folder, inputs)))
    registers.check(case.tree, case.provenance)
    _try_variations(case)
    return case


def _with_bases(case: Case) -> Case:
    """Return the case with the base level of every unknown that gives one.

    A value that is that level already keeps its own provenance, which says more.
    """
    patches: list[Patch] = []
    entries: dict[str, Origin] = {}
    for number, unknown in enumerate(case.unknowns):
        given = case.levels(unknown)
        origin = case.registers.origin("unknowns.toml", "unknown", number)
        _once(given.paths, entries, origin)
        mark = Provenance(unknown.source, unknown.status, unknown.note, origin.file, origin.line)
        patches += [
            Patch(path, unknown.base, mark)
            for path, base in zip(given.paths, given.base, strict=True)
            if base != value_at(case.tree, path)
        ]
    return case.with_patches(patches) if patches else case


def _once(paths: tuple[str, ...], entries: dict[str, Origin], origin: Origin) -> None:
    """Refuse a second unknown for a value: which of the two is meant cannot be told."""
    for path in paths:
        first = entries.setdefault(path, origin)
        if first is not origin:
            raise InputError(
                origin.place(path),
                expected="one unknown for each value",
                found=f"a second one; the first is on line {first.line}",
                mend="keep one of the two, or make their paths narrower",
            )


def _try_variations(case: Case) -> None:
    """Apply every alternative and every gate once, so that their mistakes show on loading."""
    for name in case.alternatives:
        case.alternative(name)
    for name, gate in case.tree.gate.items():
        origin = case.written.origin(("gate", name, "set"))
        mark = Provenance(None, None, None, origin.file, origin.line)
        case.with_patches(Patch(path, value, mark) for path, value in gate.set.items())


def _folder(path: Path) -> Path:
    folder = path.parent if path.name == "case.toml" else path
    if not folder.is_dir():
        raise InputError(
            str(path),
            expected="a case folder, or its case.toml",
            found="no such folder" if not path.exists() else "something else",
            mend="name a folder that holds a case.toml",
        )
    return folder


# --- the tree ----------------------------------------------------------------------------------


def _written(folder: Path, inputs: dict[str, Input], registers: Registers) -> Written:
    """Read case.toml and the files beside it that belong to the tree into one plain tree."""
    case = read_document(folder, "case.toml", inputs)
    documents = [case]
    raw, marks = stripped(case, case.data)
    for name, tables in _BESIDE.items():
        if (folder / name).exists():
            document = read_document(folder, name, inputs)
            documents.append(document)
            further, more = stripped(document, document.data)
            _merge(raw, further, document, tables)
            marks |= more
    for gate in _tables(raw.get("gate")):
        if isinstance(gate.get("set"), dict):
            gate["set"] = {path: leaf_value(value) for _, path, value in flattened(gate["set"])}
    settled = {path: registers.settled(mark) for path, mark in marks.items()}
    return Written(raw, tuple(documents), settled)


def _tables(value: object) -> list[dict[str, Any]]:
    """Return the tables in a table; what is none is left for validation to refuse."""
    entries = value.values() if isinstance(value, dict) else ()
    return [entry for entry in entries if isinstance(entry, dict)]


def _merge(
    raw: dict[str, Any], further: dict[str, Any], document: Document, tables: tuple[str, ...]
) -> None:
    for table, entries in further.items():
        if table not in tables:
            raise InputError(
                document.origin(table).place(table),
                expected=f"one of the tables {', '.join(tables)}",
                found=f"[{table}]",
                mend="move it to case.toml",
            )
        if table in raw:
            raise InputError(
                document.origin(table).place(table),
                expected=f"[{table}] in one file only",
                found="the same table in case.toml",
                mend="keep one of the two",
            )
        raw[table] = entries


# --- the registers -------------------------------------------------------------------------------


def _registers(folder: Path, inputs: dict[str, Input]) -> Registers:
    documents = {
        name: read_document(folder, name, inputs) for name in _REGISTERS if (folder / name).exists()
    }
    choices_file = documents.get("alternatives.toml")
    choices = _patches_of_choices(choices_file) if choices_file else {}
    read: dict[str, Any] = {
        name: _validated(documents.get(name), model) for name, model in _REGISTERS.items()
    }
    return Registers(
        unknowns=read["unknowns.toml"].unknown,
        alternatives=read["alternatives.toml"].alternative,
        parties=read["arrangements.toml"].party,
        arrangements=read["arrangements.toml"].arrangement,
        claims=read["claims.toml"].claim,
        sources=read["sources.toml"].root,
        precedents=read["precedents.toml"].root,
        candidates=read["sizes.toml"].candidate,
        size_limits=read["sizes.toml"].limit,
        choices=choices,
        documents=documents,
    )


def _validated(document: Document | None, model: type[Model]) -> Model:
    """Validate one register; a file that is not there is an empty one."""
    if document is None:
        return model.model_validate({})
    try:
        return model.model_validate(_tuples(document.data))
    except ValidationError as error:
        raise mistake(error, document.place, shape_in(model)) from None


def _tuples(value: Any) -> Any:
    """Turn lists into tuples, which cannot be changed."""
    if isinstance(value, dict):
        return {name: _tuples(part) for name, part in value.items()}
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value


def _patches_of_choices(document: Document) -> dict[str, tuple[Patch, ...]]:
    """Return the patches of each alternative, and leave its values plain, by their paths."""
    choices: dict[str, tuple[Patch, ...]] = {}
    named = document.data.get("alternative")
    for name, choice in named.items() if isinstance(named, dict) else ():
        if not isinstance(choice, dict) or not isinstance(choice.get("set", {}), dict):
            continue
        found = [
            _patch(document, ("alternative", name, "set", *key), path, value, choice)
            for key, path, value in flattened(choice.get("set", {}))
        ]
        choice["set"] = {patch.path: patch.value for patch in found}
        choices[name] = tuple(found)
    return choices


def _patch(
    document: Document, key: Key, path: str, value: object, table: Mapping[str, Any]
) -> Patch:
    mark = provenance(document, key, value, table)
    return Patch(path, leaf_value(value), mark)

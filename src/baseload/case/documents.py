"""The text files of a case: read, located, stripped of provenance and merged."""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, get_args

from baseload.case.entry import Status
from baseload.case.errors import InputError
from baseload.case.lines import Key, key_lines
from baseload.case.paths import join

TEXT_LIMIT = 16 * 2**20
"""Greatest size of a TOML file [bytes]; far above any case written by hand."""

STATUSES: tuple[Status, ...] = get_args(Status)
"""From the surest to the least sure."""

_REMARKS = ("source", "status", "note")


@dataclass(frozen=True, slots=True)
class Origin:
    """File and line that something was written on."""

    file: str
    line: int | None = None

    def place(self, path: str = "", value: object = None) -> str:
        """Say where a value stands, for an error."""
        parts = [self.file]
        if self.line is not None:
            parts.append(f"line {self.line}")
        if path:
            parts.append(path if value is None else f"{path} = {shown(value)}")
        return ", ".join(parts)


class Input(NamedTuple):
    """A file that was read: its SHA-256 in hexadecimal and its size [bytes]."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a value comes from and how sure it is.

    Parameters
    ----------
    source : id in sources.toml.
    status : how sure the value is; falls back to the confidence of the source.
    note : remark for the reader.
    file, line : where it is written.
    """

    source: str | None
    status: Status | None
    note: str | None
    file: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Document:
    """A TOML file with the lines of its keys."""

    file: str
    data: dict[str, Any]
    lines: Mapping[Key, int]

    def origin(self, *key: str | int) -> Origin:
        """Return where a key stands, or the nearest table around it."""
        for length in range(len(key), 0, -1):
            if key[:length] in self.lines:
                return Origin(self.file, self.lines[key[:length]])
        return Origin(self.file)

    def place(self, parts: tuple[str, ...]) -> Origin:
        """Return where a path stands, in which digits may count the elements of an array."""
        key: Key = ()
        for part in parts:
            counted = part.isdigit() and (*key, int(part)) in self.lines
            key = (*key, int(part) if counted else part)
        return self.origin(*key)


def shown(value: object) -> str:
    """Write a value as it stands in a TOML file."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


# --- reading ---------------------------------------------------------------------------------


def inside(folder: Path, name: str, where: str) -> Path:
    """Return the path of a file of the case; refuse one that lies elsewhere.

    Raises
    ------
    InputError
        If the path is absolute, climbs out of the folder or is a link that leads out of it.
    """
    path = folder / name
    root = folder.resolve()
    if Path(name).is_absolute() or not path.resolve().is_relative_to(root):
        raise InputError(
            where,
            expected="a file inside the case folder",
            found=f"a path that leaves it: {name}",
            mend=f"copy the file into {folder} and name it there",
        )
    return path


def read_bytes(path: Path, where: str, limit: int) -> bytes:
    """Read a file whole, once its size is known to be within `limit` [bytes]."""
    if not path.is_file():
        raise InputError(
            where,
            expected="a file",
            found=f"no file {path}" if not path.exists() else f"{path}, which is no file",
            mend="write the file, or correct its name",
        )
    size = path.stat().st_size
    if size > limit:
        raise InputError(
            where,
            expected=f"a file of at most {limit // 2**20} MiB",
            found=f"{size / 2**20:,.0f} MiB in {path}",
            mend="keep only the rows and columns that the case needs",
        )
    return path.read_bytes()


def decode(content: bytes, file: str) -> str:
    """Read bytes as UTF-8, with or without a mark at the start."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{file}, line {line}",
            expected="text in UTF-8",
            found=f"the byte 0x{content[error.start]:02x} at position {error.start}",
            mend="save the file as UTF-8",
        ) from None


def read_document(folder: Path, name: str, inputs: dict[str, Input]) -> Document:
    """Read one TOML file of a case and note it among the inputs."""
    path = inside(folder, name, str(folder / name))
    file = str(folder / name)
    content = read_bytes(path, file, TEXT_LIMIT)
    inputs[name] = Input(hashlib.sha256(content).hexdigest(), len(content))
    text = decode(content, file)
    if not text.strip():
        raise InputError(
            file, expected="a TOML file", found="an empty file", mend="write it, or remove it"
        )
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            file, expected="a TOML file", found=str(error), mend="see https://toml.io"
        ) from None
    return Document(file, data, key_lines(text.replace("\r\n", "\n")))


# --- provenance --------------------------------------------------------------------------------


def is_leaf(value: object) -> bool:
    """Tell whether a table stands for one value, with its provenance or its way of filling.

    A unit or a mine may itself be called "value" or "series": then a table stands there.
    """
    if not isinstance(value, dict):
        return True
    if "series" in value and not isinstance(value["series"], dict):
        return True
    inner = value.get("value")
    return inner is not None and (not isinstance(inner, dict) or "series" in inner)


def stripped(
    document: Document, data: Mapping[str, Any], at: Key = ()
) -> tuple[dict[str, Any], dict[str, Provenance]]:
    """Separate the values of a table from what is said about them.

    A value that names no source takes the source and status of the table it stands in;
    tables further out say nothing about it.

    Returns
    -------
    The plain table with tuples for lists, and the provenance of each value by its path.
    """
    plain: dict[str, Any] = {}
    marks: dict[str, Provenance] = {}
    for name, value in data.items():
        key = (*at, name)
        if isinstance(value, dict) and not is_leaf(value):
            plain[name], inner = stripped(document, value, key)
            marks |= inner
            continue
        plain[name] = leaf_value(value)
        if name not in _REMARKS:
            marks[join(tuple(str(part) for part in key))] = provenance(document, key, value, data)
    return plain, marks


def leaf_value(value: object) -> object:
    """Return what is said by a leaf, without its provenance; lists become tuples."""
    if isinstance(value, dict):
        if "value" in value:
            return leaf_value(value["value"])
        return {name: part for name, part in value.items() if name not in _REMARKS}
    return tuple(value) if isinstance(value, list) else value


def flattened(table: Mapping[str, Any], at: Key = ()) -> Iterator[tuple[Key, str, object]]:
    """Yield key, path and value of every patch in a table of them.

    A path may be written whole, as a quoted key, or as tables within tables.
    """
    for name, value in table.items():
        key = (*at, name)
        if isinstance(value, dict) and not is_leaf(value):
            yield from flattened(value, key)
        else:
            yield key, ".".join(str(part) for part in key), value


def provenance(document: Document, key: Key, value: object, table: Mapping[str, Any]) -> Provenance:
    """Return what is said of a value, by itself or by the table it stands in."""
    own: Mapping[str, Any] = value if isinstance(value, dict) else {}
    _check_remarks(document, key, own)
    given = own if own.get("source") is not None else {**_remarks(table), **_remarks(own)}
    return Provenance(
        source=given.get("source"),
        status=given.get("status"),
        note=own.get("note", _remarks(table).get("note")),
        file=document.file,
        line=document.origin(*key).line,
    )


def _check_remarks(document: Document, key: Key, own: Mapping[str, Any]) -> None:
    """Refuse what a value with its provenance cannot say."""
    path = join(tuple(str(part) for part in key))
    for name, said in own.items():
        place = document.origin(*key, name).place(f"{path}.{name}", said)
        if "value" in own and name not in ("value", *_REMARKS):
            close = difflib.get_close_matches(name, _REMARKS, 1, 0.5)
            raise InputError(
                place,
                expected="value, source, status and note",
                found=f'an unknown key: "{name}"',
                mend=f'did you mean "{close[0]}"?' if close else "remove it",
            )
        if name in _REMARKS and not isinstance(said, str):
            raise InputError(place, expected="a text", found=shown(said), mend="write a text")
        if name == "status" and said not in STATUSES:
            close = difflib.get_close_matches(said, STATUSES, 1, 0.4)
            raise InputError(
                place,
                expected=", ".join(STATUSES),
                found=shown(said),
                mend=f'did you mean "{close[0]}"?' if close else "write one of them",
            )


def _remarks(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table's own remarks, unless the names stand for something else in it."""
    return {name: table[name] for name in _REMARKS if isinstance(table.get(name), str)}

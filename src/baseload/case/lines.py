"""On which line of a TOML text a key stands.

The parser of the standard library gives values without places. This scanner walks a text
that the parser has already accepted, so it may take the grammar for granted.
"""

from __future__ import annotations

import re
import tomllib

Key = tuple[str | int, ...]
"""Names of tables and keys from the top; an int counts an array's elements."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2}(?!"))|\'\'\'.*?\'\'\'(?:\'{0,2}(?!\'))'
    r'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'',
    re.DOTALL,
)
_NAME = re.compile(r"[A-Za-z0-9_-]+|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'")
_SCALAR = re.compile(r"[^,\]}\n#]*")
_DOT = re.compile(r"[ \t]*\.[ \t]*")


def key_lines(text: str) -> dict[Key, int]:
    """Return the line, counted from 1, of every key and table of a valid TOML text."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Key, int] = {}
        self.counted: dict[Key, int] = {}
        self.line = 1
        self.line_at = 0

    def scan(self) -> dict[Key, int]:
        table: Key = ()
        self._skip()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip()
        return self.lines

    def _skip(self) -> None:
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _mark(self, key: Key) -> None:
        self.line += self.text.count("\n", self.line_at, self.at)
        self.line_at = self.at
        self.lines.setdefault(key, self.line)

    def _header(self) -> Key:
        array = self.text.startswith("[[", self.at)
        start = self.at
        self.at += 2 if array else 1
        names = self._names()
        key: Key = ()
        for name in names[:-1]:
            key = self._last((*key, name))
        key = (*key, names[-1])
        if array:
            self.counted[key] = self.counted.get(key, -1) + 1
        key = self._last(key)
        self.at, end = start, self.text.index("]", self.at) + (2 if array else 1)
        for length in range(1, len(key) + 1):
            self._mark(key[:length])
        self.at = end
        return key

    def _last(self, key: Key) -> Key:
        """Return the key of the newest element where the key names an array of tables."""
        return (*key, self.counted[key]) if key in self.counted else key

    def _names(self) -> list[str]:
        names = []
        while True:
            self._skip()
            match = _NAME.match(self.text, self.at)
            assert match is not None
            names.append(_unquoted(match.group()))
            self.at = match.end()
            dot = _DOT.match(self.text, self.at)
            if not dot:
                return names
            self.at = dot.end()

    def _pair(self, table: Key) -> None:
        start = self.at
        names = self._names()
        end, self.at = self.text.index("=", self.at) + 1, start
        key = table
        for name in names:
            key = (*key, name)
            self._mark(key)
        self.at = end
        self._value(key)

    def _value(self, key: Key) -> None:
        self._skip()
        opening = self.text[self.at]
        if opening in "[{":
            self._container(key, opening)
        elif string := _STRING.match(self.text, self.at):
            self.at = string.end()
        else:
            scalar = _SCALAR.match(self.text, self.at)
            self.at = scalar.end() if scalar else self.at

    def _container(self, key: Key, opening: str) -> None:
        closing = "]" if opening == "[" else "}"
        self.at += 1
        count = 0
        self._skip()
        while self.text[self.at] != closing:
            if opening == "{":
                self._pair(key)
            else:
                self._mark((*key, count))
                self._value((*key, count))
            count += 1
            self._skip()
            if self.text[self.at] == ",":
                self.at += 1
                self._skip()
        self.at += 1


def _unquoted(name: str) -> str:
    if name[0] not in "\"'":
        return name
    return str(tomllib.loads(f"name = {name}")["name"])

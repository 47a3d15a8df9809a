from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from baseload.case.lines import key_lines

TEXT = '''\
# a comment with [brackets] and = signs
[plant] # another
name = "x # not a comment"
about = """
two = 2
[not.a.table]
"""
literal = \'\'\'a
b\'\'\'
inner.deep = 1

[plant.unit."u 1"]
list = [
  1, # one
  { a = 2, b = [3] },
]
inline = { c = "}", d = { e = 5 } }
[[unknown]]
path = "a"
[[unknown]]
path = "b"
[unknown.more]
x = 1
'''


def test_every_key_has_its_line():
    lines = key_lines(TEXT)
    assert lines[("plant",)] == 2
    assert lines[("plant", "name")] == 3
    assert lines[("plant", "literal")] == 8
    assert lines[("plant", "inner", "deep")] == 10
    assert lines[("plant", "unit", "u 1", "list", 1, "b")] == 15
    assert lines[("plant", "unit", "u 1", "inline", "d", "e")] == 17
    assert lines[("unknown", 0, "path")] == 19
    assert lines[("unknown", 1, "path")] == 21
    assert lines[("unknown", 1, "more", "x")] == 23
    assert ("two",) not in lines


def _keys(value: object, at: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    if isinstance(value, dict):
        inner = {key: _keys(part, (*at, key)) for key, part in value.items()}
    elif isinstance(value, list):
        inner = {i: _keys(part, (*at, i)) for i, part in enumerate(value)}
    else:
        return set()
    return {(*at, key) for key in inner}.union(*inner.values()) if inner else set()


def test_the_scanner_finds_the_keys_that_the_parser_finds():
    assert set(key_lines(TEXT)) >= _keys(tomllib.loads(TEXT))


NAMES = st.text("abcxyz-_1", min_size=1, max_size=4)
TEXTS = st.text("ab =[]{}#'.,", max_size=8).map(lambda text: f'"{text}"')
VALUES = st.one_of(st.integers().map(str), TEXTS, st.lists(TEXTS).map(lambda x: f"[{','.join(x)}]"))


@given(st.dictionaries(NAMES, VALUES, min_size=1))
def test_a_key_stands_on_the_line_it_was_written_on(table):
    text = "\n\n".join(f"{name} = {value}" for name, value in table.items())
    lines = key_lines(text)
    assert [lines[(name,)] for name in table] == [1 + 2 * i for i in range(len(table))]

"""The page of commands against the commands themselves."""

import re
from pathlib import Path

from typer.main import get_command

from baseload.show.cli import app

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")


def commands(found=None, path=()):
    """Every command by its path, with the options that it has."""
    found = get_command(app) if found is None else found
    inner = getattr(found, "commands", None)
    if inner is None:
        options = {name for one in found.params for name in (*one.opts, *one.secondary_opts)}
        return {path: options}
    return {
        key: value
        for name, one in inner.items()
        for key, value in commands(one, (*path, name)).items()
    }


def usages():
    """Every usage of the page: its words, lines that go on included."""
    found = []
    for line in PAGE.split("\n"):
        if line.startswith("    baseload "):
            found.append(line.split()[1:])
        elif found and re.match(r"^ {8,}[\[-]", line):
            found[-1] += line.split()
    return found


def test_every_command_is_on_the_page_and_every_usage_is_one():
    known = commands()
    told = {}
    for words in usages():
        path = tuple(words[:1])
        while path not in known and len(path) < len(words) and len(path) < 3:
            path = tuple(words[: len(path) + 1])
        assert path in known, words
        told.setdefault(path, set()).update(
            re.findall(r"(?<![\w-])--?[a-z][a-z-]*", " ".join(words))
        )
    assert set(known) == set(told)
    for path, options in told.items():
        assert options <= known[path], (path, options - known[path])

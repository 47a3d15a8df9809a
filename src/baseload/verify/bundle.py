"""All modules of the inspector as one file that anybody can read and run.

The modules follow one another in the order in which they need each other, their imports of one
another left out; no two of them use a name twice, so that nothing else has to change.
"""

from __future__ import annotations

import ast
from importlib.resources import files

PACKAGE = "baseload.verify"
LEFT_OUT = ("__init__", "bundle")
HEAD = '''\
#!/usr/bin/env python3
"""Check a record alone, offline, trusting none of those who wrote it.

    python inspect.py [KIT] [--log-key KEY] [--charter HASH] [--policy FILE] [--since EARLIER]
                      [--json] [--html FILE]

Needs Python 3.11 or later and the package `cryptography`. Exit codes: 0 OK, 3 INCOMPLETE, 4 FAILED,
2 the kit or an option cannot be used. Part of baseload; docs/record-format.md says what is checked.
"""

from __future__ import annotations

import os
import sys

# This file has the name of a module of the standard library: keep that from being taken for it.
_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [place for place in sys.path if os.path.abspath(place or os.curdir) != _HERE]

'''
TAIL = """

if __name__ == "__main__":
    sys.exit(main())
"""


def bundle() -> str:
    """Return the text of ``inspect.py``."""
    texts = modules()
    imports: set[str] = set()
    bodies = []
    for name in ordered(texts):
        found, body = _parts(texts[name])
        imports |= found
        bodies.append(f"\n\n# {'=' * 10} {name} {'=' * 10}\n\n{body.strip()}\n")
    return HEAD + "\n".join(sorted(imports)) + "\n" + "".join(bodies) + TAIL


def modules() -> dict[str, str]:
    """Return the text of each module of the inspector, by its name."""
    found = {}
    for path in files(PACKAGE).iterdir():
        name = path.name.removesuffix(".py")
        if path.name.endswith(".py") and name not in LEFT_OUT:
            found[name] = path.read_text(encoding="utf-8")
        elif path.is_dir() and not path.name.startswith("__"):
            for inner in path.iterdir():
                if inner.name.endswith(".py") and inner.name != "__init__.py":
                    key = f"{path.name}.{inner.name.removesuffix('.py')}"
                    found[key] = inner.read_text(encoding="utf-8")
    return dict(sorted(found.items()))


def ordered(texts: dict[str, str]) -> list[str]:
    """Return the names of modules, each after those that it imports."""
    done: list[str] = []

    def visit(name: str) -> None:
        if name not in done:
            for needed in _needs(texts[name]):
                visit(needed)
            done.append(name)

    for name in texts:
        visit(name)
    return done


def _needs(text: str) -> list[str]:
    """Return the modules of the inspector that a module imports."""
    return [
        node.module.removeprefix(f"{PACKAGE}.")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(PACKAGE)
    ]


def _parts(text: str) -> tuple[set[str], str]:
    """Return the imports of other packages at the top of a module, and all else of it."""
    imports: set[str] = set()
    lines: list[str | None] = list(text.splitlines())
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        top = node in tree.body
        if not top and not module.startswith(PACKAGE):
            continue
        if top and not module.startswith(PACKAGE) and module != "__future__":
            imports.add(ast.unparse(node))
        for number in range(node.lineno - 1, node.end_lineno or node.lineno):
            lines[number] = None
    return imports, "\n".join(line for line in lines if line is not None)

"""How kernels are compiled: once per machine where that can be kept, else once per process."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit, types

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

_HERE = Path(__file__)
_USES = re.compile(r"^from baseload\.compiled import .*\bcompiled\b", re.MULTILINE)
_IMPORTS = re.compile(r"^from ([\w.]+) import ", re.MULTILINE)


def compiled(*, inner: bool = False, **options: Any) -> Callable[[Kernel], Kernel]:
    """Compile a kernel over plain arrays; it releases the interpreter's lock.

    Parameters
    ----------
    inner : called by other kernels only. What would let Python call it is left out, which for
        a function that is handed many arrays is most of the time that compiling takes.
    options : further options of `numba.njit`.

    Notes
    -----
    Numba refuses to cache where neither the package nor the user's home can be written; there
    the kernel is compiled anew in each process.

    Numba itself throws a kernel on disk away when the kernel's own file changes, and not when
    that of another kernel does which it calls, or of a constant that it reads. Here what is kept
    counts only for the content of all kernels of the package, see `stamp`.
    """
    options = {"no_cfunc_wrapper": True, "no_cpython_wrapper": inner, **options}

    def compile_(function: Kernel) -> Kernel:
        try:
            kernel = njit(cache=True, nogil=True, **options)(function)
            _tie(kernel, stamp(Path(function.__code__.co_filename)))
        except (RuntimeError, AttributeError):
            # Nothing can be kept, or this Numba keeps it in a way that is not known here: what
            # might be out of date is not read.
            kernel = njit(nogil=True, **options)(function)
        _take_literals_as_numbers(kernel)
        return cast(Kernel, kernel)

    return compile_


def is_kept(kernel: Callable[..., Any]) -> bool:
    """Tell whether a kernel has been compiled, in this process or on this machine before."""
    if getattr(kernel, "signatures", ()):
        return True
    file = getattr(getattr(kernel, "_cache", None), "_cache_file", None)
    # Where this Numba has no such file, the kernel is taken as not there, and is compiled.
    return file is not None and bool(file._load_index())


def _tie(kernel: Any, content: str) -> None:
    """Let what is kept of a kernel count for this content of all kernels only."""
    file = kernel._cache._cache_file
    file._source_stamp = (file._source_stamp, content)


_number: Callable[[Any], Any] = types.unliteral


def _take_literals_as_numbers(kernel: Any) -> None:
    """Compile one version where a kernel is called with a literal, not one for each literal."""
    known = kernel.get_call_template

    def get_call_template(args: Any, kws: Any) -> Any:
        plain = {name: _number(kind) for name, kind in kws.items()}
        return known(tuple(_number(kind) for kind in args), plain)

    kernel.get_call_template = get_call_template


def stamp(file: Path) -> str:
    """Return a hash of all kernels that one in a file may call, and of what these import.

    They are those of the outermost package that the file lies in, and of this one.
    """
    outermost = file.parent
    while (outermost.parent / "__init__.py").exists():
        outermost = outermost.parent
    own = _content(outermost) if (outermost / "__init__.py").exists() else ""
    return own + _content(_HERE.parent)


@cache
def _content(package: Path) -> str:
    sources = {path: path.read_text(encoding="utf-8") for path in sorted(package.rglob("*.py"))}
    found = {path for path, text in sources.items() if _USES.search(text) or path == _HERE}
    for path in list(found):
        for name in _IMPORTS.findall(sources[path]):
            found.add(package.parent.joinpath(*name.split(".")).with_suffix(".py"))
    total = hashlib.sha256()
    for path in sorted(found & sources.keys()):
        total.update(f"{path.relative_to(package)}\n{sources[path]}\n".encode())
    return total.hexdigest()

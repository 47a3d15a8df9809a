"""How kernels are compiled: once per machine where that can be kept, else once per process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


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
    """

    if inner:
        options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, **options}

    def compile_(function: Kernel) -> Kernel:
        try:
            kernel = njit(cache=True, nogil=True, **options)(function)
        except RuntimeError:
            kernel = njit(nogil=True, **options)(function)
        return cast(Kernel, kernel)

    return compile_

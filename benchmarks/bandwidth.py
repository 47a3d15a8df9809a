"""Measure the bandwidth of memory: the triad of STREAM, in one pass and as NumPy does it.

The triad is ``a = b + scale * c`` over arrays that no cache holds [1]_. Compiled, it is one pass
that reads two arrays and writes one; NumPy needs two passes. As in STREAM, the bytes that the
statement names are counted, and not the reads that a cache may make before it writes.

References
----------
.. [1] J. D. McCalpin, "Memory bandwidth and machine balance in current high performance
   computers", IEEE TCCA Newsletter (December 1995) 19-25.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from baseload.compiled import compiled

Floats = NDArray[np.float64]
Triad = Callable[[Floats, Floats, Floats, float], None]

ELEMENTS, REPEATS, SCALE = 2**24, 10, 3.0
"""Three arrays of 128 MiB: each four times a last cache of 32 MiB, as STREAM asks."""


class Bandwidth(NamedTuple):
    """What one way of running the triad moves.

    Attributes
    ----------
    way : "compiled" or "numpy".
    threads : threads that share the arrays.
    best, median : over the repeats after the first [GB/s].
    """

    way: str
    threads: int
    best: float
    median: float


@compiled()
def one_pass(a: Floats, b: Floats, c: Floats, scale: float) -> None:
    """Run the triad over a part of the arrays in one pass: 24 bytes an element."""
    for i in range(a.size):
        a[i] = b[i] + scale * c[i]


def two_passes(a: Floats, b: Floats, c: Floats, scale: float) -> None:
    """Run the triad as NumPy does, product before sum: 16 and 24 bytes an element."""
    np.multiply(c, scale, out=a)
    np.add(a, b, out=a)


WAYS: dict[str, tuple[Triad, int]] = {"compiled": (one_pass, 24), "numpy": (two_passes, 40)}
"""Each way and the bytes that it moves for an element."""


def measure(
    elements: int = ELEMENTS, repeats: int = REPEATS, threads: tuple[int, ...] = (1, 2)
) -> list[Bandwidth]:
    """Measure the bandwidth of memory in this process, now.

    Parameters
    ----------
    elements : length of each of the three arrays.
    repeats : timed runs of each way, at least 2; the first is not counted.
    threads : numbers of threads to measure with.

    Raises
    ------
    ArithmeticError
        If the arrays do not hold what the triad gives.
    """
    if repeats < 2 or elements < max(threads):
        raise ValueError("bandwidth needs 2 repeats or more, and an element for each thread")
    a, b, c = np.zeros(elements), np.full(elements, 2.0), np.full(elements, 0.5)
    one_pass(a[:1], b[:1], c[:1], SCALE)
    found = []
    for count in threads:
        for way, (triad, bytes_each) in WAYS.items():
            a[:] = 0.0
            taken = _seconds(triad, (a, b, c), count, repeats)[1:]
            if not (a == 2.0 + SCALE * 0.5).all():
                raise ArithmeticError(f"the triad of {way} on {count} threads is wrong")
            moved = bytes_each * elements / 1e9
            found.append(Bandwidth(way, count, moved / min(taken), moved / median(taken)))
    return found


def _seconds(
    triad: Triad, arrays: tuple[Floats, Floats, Floats], threads: int, repeats: int
) -> list[float]:
    edges = np.linspace(0, len(arrays[0]), threads + 1).astype(np.int64)
    a, b, c = arrays
    parts = [slice(low, high) for low, high in pairwise(edges)]
    taken = []
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(repeats):
            began = time.perf_counter()
            runs = [pool.submit(triad, a[part], b[part], c[part], SCALE) for part in parts]
            for run in runs:
                run.result()
            taken.append(time.perf_counter() - began)
    return taken


def main() -> int:
    """Print the bandwidth of each way and number of threads."""
    for each in measure():
        threads = f"{each.threads} thread" + ("s" if each.threads > 1 else "")
        print(f"{each.way:<9} {threads:<10} {each.best:7.2f} GB/s best {each.median:7.2f} median")
    return 0


if __name__ == "__main__":
    sys.exit(main())

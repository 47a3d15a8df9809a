"""Random numbers of the example: one stream for each seed and name, in any order.

Philox [1]_ turns a counter under a key into random bits; the key here is the hash of seed and
name, so that a new stream never moves the numbers of another.

References
----------
.. [1] J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11,
   doi:10.1145/2063384.2063405.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def digest(seed: int, name: str) -> bytes:
    """Return 32 bytes that belong to a seed and a name, and to nothing else."""
    return hashlib.sha256(f"baseload/example/v1\n{seed}\n{name}".encode()).digest()


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the generator of a seed and a name.

    Examples
    --------
    >>> bool(stream(1, "weather").integers(100) == stream(1, "weather").integers(100))
    True
    """
    key = int.from_bytes(digest(seed, name)[:16], "big")
    return np.random.Generator(np.random.Philox(key=key))


def autoregressive(rng: np.random.Generator, count: int, memory: float, sigma: float) -> Floats:
    """Return a stationary series whose value forgets the last one by ``1 - memory`` a step.

    Parameters
    ----------
    rng : where the numbers come from.
    count : length.
    memory : correlation with the step before, in [0, 1).
    sigma : standard deviation of the values.
    """
    shocks = rng.standard_normal(count) * sigma * np.sqrt(1.0 - memory**2)
    values = np.empty(count)
    last = rng.standard_normal() * sigma
    for step, shock in enumerate(shocks):
        last = memory * last + shock
        values[step] = last
    return values

"""Random numbers that are looked up, not drawn: a function of seed, scenario, driver and index.

Philox4x32-10 turns a counter of 128 bits and a key of 64 bits into 128 random bits [1]_. Here the
key is the seed and the counter is (index, scenario, driver), so that any scenario can be computed
alone, in any order and on any worker, and two drivers never share a number.

All functions are compiled and may be called from other kernels. Seed, scenario and index are
whole numbers from 0 upwards, a scenario below 2**32; a driver is a number from `driver_key`.

References
----------
.. [1] J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11,
   doi:10.1145/2063384.2063405.
.. [2] M. Wichura, "Algorithm AS 241: the percentage points of the normal distribution",
   Applied Statistics 37(3), 1988, pp. 477-484.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from baseload.compiled import compiled

Floats = NDArray[np.float64]

_MASK = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLIER_0, _MULTIPLIER_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL_0, _WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)

_ONE_BITS = np.uint64(0x3FF0000000000000)
"""Bits of the double 1.0: with 52 random bits below, a double in [1, 2)."""
_UNUSED = np.uint64(12)
_BELOW_ONE = 1.0 - 2.0**-53
"""Taken from a double in [1, 2) it leaves (k + 1/2) / 2**52, exactly, in the open interval."""

_CENTRE = 0.425
"""Half width of the probabilities around 1/2 where AS 241 needs no logarithm."""
_TILE = 1024
"""Values that are made together, so that they stay in the nearest cache between passes."""


def driver_key(name: str) -> int:
    """Return the number by which a driver's random numbers are found, the same everywhere.

    Examples
    --------
    >>> driver_key("bitcoin_price") == driver_key("fees")
    False
    """
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")


def _type_as_float(context: Any, bits: Any) -> Any:
    """Read the bits of a uint64 as a double."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.bitcast(values[0], context.get_value_type(types.float64))

    return types.float64(types.uint64), generate


_as_float = cast("Callable[[np.uint64], float]", intrinsic(_type_as_float))


@compiled(inline="always")
def philox(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Scramble four words of a counter under two words of a key by ten rounds.

    Parameters
    ----------
    c0, c1, c2, c3, k0, k1 : words of 32 bits, each in a uint64.

    Returns
    -------
    Four random words of 32 bits, each in a uint64.
    """
    for _ in range(10):
        product_0 = _MULTIPLIER_0 * c0
        product_1 = _MULTIPLIER_1 * c2
        c0 = (product_1 >> _HALF) ^ c1 ^ k0
        c1 = product_1 & _MASK
        c2 = (product_0 >> _HALF) ^ c3 ^ k1
        c3 = product_0 & _MASK
        k0 = (k0 + _WEYL_0) & _MASK
        k1 = (k1 + _WEYL_1) & _MASK
    return c0, c1, c2, c3


@compiled(inline="always")
def _pair(
    seed: np.uint64, scenario: np.uint64, driver: np.uint64, block: np.uint64
) -> tuple[float, float]:
    """Two uniforms of one block: those of indices 2 * block and 2 * block + 1."""
    w0, w1, w2, w3 = philox(
        block & _MASK, block >> _HALF, scenario, driver, seed & _MASK, seed >> _HALF
    )
    even = _as_float(_ONE_BITS | ((w0 | (w1 << _HALF)) >> _UNUSED)) - _BELOW_ONE
    odd = _as_float(_ONE_BITS | ((w2 | (w3 << _HALF)) >> _UNUSED)) - _BELOW_ONE
    return even, odd


@compiled()
def uniform(seed: int, scenario: int, driver: int, index: int) -> float:
    """Return one number, uniform on the open interval from 0 to 1."""
    even, odd = _pair(
        np.uint64(seed), np.uint64(scenario), np.uint64(driver), np.uint64(index >> 1)
    )
    return odd if index & 1 else even


@compiled()
def normal(seed: int, scenario: int, driver: int, index: int) -> float:
    """Return one standard normal number."""
    return inverse_normal(uniform(seed, scenario, driver, index))


@compiled()
def exponential(seed: int, scenario: int, driver: int, index: int) -> float:
    """Return one exponential number of mean 1."""
    return -math.log(uniform(seed, scenario, driver, index))


@compiled()
def fill_uniforms(seed: int, scenario: int, driver: int, first: int, out: Floats) -> None:
    """Write the uniforms of indices first, first + 1, ... into an array.

    Parameters
    ----------
    first : index of the first value [-].
    out : written, shape (n,), contiguous.
    """
    n = len(out)
    lead = first & 1
    if n and lead:
        out[0] = uniform(seed, scenario, driver, first)
    pairs = (n - lead) // 2 if n else 0
    block = np.uint64((first + lead) >> 1)
    key, row, column = np.uint64(seed), np.uint64(scenario), np.uint64(driver)
    body = out[lead : lead + 2 * pairs]
    for b in range(pairs):
        even, odd = _pair(key, row, column, block + np.uint64(b))
        body[2 * b] = even
        body[2 * b + 1] = odd
    if n > lead + 2 * pairs:
        out[n - 1] = uniform(seed, scenario, driver, first + n - 1)


@compiled(error_model="numpy")
def fill_normals(seed: int, scenario: int, driver: int, first: int, out: Floats) -> None:
    """Write the standard normals of indices first, first + 1, ... into an array.

    Parameters
    ----------
    first : index of the first value [-].
    out : written, shape (n,), contiguous.
    """
    tails = np.empty(_TILE, dtype=np.int64)
    uniforms = np.empty(_TILE)
    for start in range(0, len(out), _TILE):
        tile = out[start : start + _TILE]
        n = len(tile)
        u = uniforms[:n]
        fill_uniforms(seed, scenario, driver, first + start, u)
        for i in range(n):
            tile[i] = _centre(u[i] - 0.5)
        found = 0
        for i in range(n):
            tails[found] = i
            found += abs(u[i] - 0.5) > _CENTRE
        for k in range(found):
            tile[tails[k]] = _tail(u[tails[k]])


@compiled(error_model="numpy")
def inverse_normal(probability: float) -> float:
    """Return the standard normal quantile of a probability in the open interval, by AS 241 [2]_.

    Notes
    -----
    Relative error about 1e-16.
    """
    centred = probability - 0.5
    return _centre(centred) if abs(centred) <= _CENTRE else _tail(probability)


# The coefficients of the rational functions below are those of PPND16 in AS 241.


@compiled(inline="always", error_model="numpy")
def _centre(q: float) -> float:
    r = 0.180625 - q * q
    above = 2.5090809287301226727e3
    above = above * r + 3.3430575583588128105e4
    above = above * r + 6.7265770927008700853e4
    above = above * r + 4.5921953931549871457e4
    above = above * r + 1.3731693765509461125e4
    above = above * r + 1.9715909503065514427e3
    above = above * r + 1.3314166789178437745e2
    above = above * r + 3.3871328727963666080e0
    below = 5.2264952788528545610e3
    below = below * r + 2.8729085735721942674e4
    below = below * r + 3.9307895800092710610e4
    below = below * r + 2.1213794301586595867e4
    below = below * r + 5.3941960214247511077e3
    below = below * r + 6.8718700749205790830e2
    below = below * r + 4.2313330701600911252e1
    below = below * r + 1.0
    return q * above / below


@compiled(error_model="numpy")
def _tail(probability: float) -> float:
    r = math.sqrt(-math.log(min(probability, 1.0 - probability)))
    size = _near_tail(r - 1.6) if r <= 5.0 else _far_tail(r - 5.0)
    return size if probability > 0.5 else -size


@compiled(error_model="numpy")
def _near_tail(r: float) -> float:
    above = 7.74545014278341407640e-4
    above = above * r + 2.27238449892691845833e-2
    above = above * r + 2.41780725177450611770e-1
    above = above * r + 1.27045825245236838258e0
    above = above * r + 3.64784832476320460504e0
    above = above * r + 5.76949722146069140550e0
    above = above * r + 4.63033784615654529590e0
    above = above * r + 1.42343711074968357734e0
    below = 1.05075007164441684324e-9
    below = below * r + 5.47593808499534494600e-4
    below = below * r + 1.51986665636164571966e-2
    below = below * r + 1.48103976427480074590e-1
    below = below * r + 6.89767334985100004550e-1
    below = below * r + 1.67638483018380384940e0
    below = below * r + 2.05319162663775882187e0
    below = below * r + 1.0
    return above / below


@compiled(error_model="numpy")
def _far_tail(r: float) -> float:
    above = 2.01033439929228813265e-7
    above = above * r + 2.71155556874348757815e-5
    above = above * r + 1.24266094738807843860e-3
    above = above * r + 2.65321895265761230930e-2
    above = above * r + 2.96560571828504891230e-1
    above = above * r + 1.78482653991729133580e0
    above = above * r + 5.46378491116411436990e0
    above = above * r + 6.65790464350110377720e0
    below = 2.04426310338993978564e-15
    below = below * r + 1.42151175831644588870e-7
    below = below * r + 1.84631831751005468180e-5
    below = below * r + 7.86869131145613259100e-4
    below = below * r + 1.48753612908506148525e-2
    below = below * r + 1.36929880922735805310e-1
    below = below * r + 5.99832206555887937690e-1
    below = below * r + 1.0
    return above / below

"""Bitcoin's consensus rules for target, retarget and subsidy, in exact integers.

Nothing here rounds: targets and satoshi are Python integers, difficulty is available as a
fraction as well as a float.

References
----------
.. [1] Bitcoin Core, ``src/arith_uint256.cpp`` (``SetCompact``, ``GetCompact``).
.. [2] Bitcoin Core, ``src/pow.cpp`` (``CalculateNextWorkRequired``) and
   ``src/test/pow_tests.cpp``.
.. [3] Bitcoin Core, ``src/validation.cpp`` (``GetBlockSubsidy``).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from baseload.case.errors import InputError

SATOSHI_PER_BTC: Final = 100_000_000

BLOCKS_PER_PERIOD: Final = 2016
BLOCK_SPACING_S: Final = 600
PERIOD_S: Final = BLOCKS_PER_PERIOD * BLOCK_SPACING_S
MIN_TIMESPAN_S: Final = PERIOD_S // 4
MAX_TIMESPAN_S: Final = PERIOD_S * 4

POW_LIMIT: Final = (1 << 224) - 1
"""Easiest target allowed on the main network [2]_."""
DIFFICULTY_1_TARGET: Final = 0xFFFF << 208
"""Target whose difficulty is 1, that of nBits 0x1d00ffff."""

BLOCKS_PER_ERA: Final = 210_000
INITIAL_SUBSIDY_SAT: Final = 50 * SATOSHI_PER_BTC
ERAS: Final = 64
"""Eras before the subsidy is defined to be zero: a shift by 64 bits or more [3]_."""

_SIGN_BIT: Final = 0x0080_0000
_MANTISSA: Final = 0x007F_FFFF


def _malformed(nbits: int, found: str) -> InputError:
    return InputError(
        f"nBits {nbits:#010x}",
        expected="a compact target: 0xEEMMMMMM with a positive mantissa below 2^23 "
        "and a value of at most 256 bits",
        found=found,
        mend="check the digits against the block header, for example 0x1d00ffff",
    )


def target_from_nbits(nbits: int) -> int:
    """Unpack the compact form of a target [1]_.

    Parameters
    ----------
    nbits : four bytes 0xEEMMMMMM of the block header, exponent first.

    Returns
    -------
    Target [-]: a block's hash, read as an integer, must not exceed it.

    Raises
    ------
    InputError
        The number does not fit in four bytes, has its sign bit set, stands for zero or
        does not fit in 256 bits.
    """
    if not 0 <= nbits <= 0xFFFF_FFFF:
        raise _malformed(nbits, "a number that does not fit in four bytes")
    exponent, mantissa = nbits >> 24, nbits & _MANTISSA
    if mantissa and nbits & _SIGN_BIT:
        raise _malformed(nbits, "a negative target: its sign bit is set")
    shift = 8 * (exponent - 3)
    target = mantissa << shift if shift >= 0 else mantissa >> -shift
    if target == 0:
        raise _malformed(nbits, "a target of zero")
    if target.bit_length() > 256:
        raise _malformed(nbits, "a target that needs more than 256 bits")
    return target


def nbits_from_target(target: int) -> int:
    """Pack a target into its compact form, dropping the bits that do not fit [1]_.

    Parameters
    ----------
    target : positive integer below 2^256 [-].

    Returns
    -------
    nBits of the block header.

    Raises
    ------
    InputError
        The target is not a positive integer of at most 256 bits.
    """
    if not 0 < target < 1 << 256:
        raise InputError(
            "target",
            expected="a positive integer below 2^256",
            found=f"{target}",
            mend="give the target itself, not the difficulty",
        )
    size = (target.bit_length() + 7) // 8
    shift = 8 * (size - 3)
    mantissa = target >> shift if shift >= 0 else target << -shift
    # Bit 23 is the sign, so a mantissa that reaches it is written one byte shorter.
    if mantissa & _SIGN_BIT:
        mantissa >>= 8
        size += 1
    return size << 24 | mantissa


def difficulty_fraction(nbits: int) -> Fraction:
    """Give the difficulty that a compact target stands for, exactly.

    Parameters
    ----------
    nbits : compact target of the block header.

    Returns
    -------
    Difficulty [-], the target of 0x1d00ffff divided by this one.
    """
    return Fraction(DIFFICULTY_1_TARGET, target_from_nbits(nbits))


def difficulty_from_nbits(nbits: int) -> float:
    """Give the difficulty that a compact target stands for [-].

    Parameters
    ----------
    nbits : compact target of the block header.

    Returns
    -------
    Difficulty [-], correctly rounded.

    Examples
    --------
    >>> difficulty_from_nbits(0x17034219)
    86388558925171.02
    """
    return float(difficulty_fraction(nbits))


def target_from_difficulty(difficulty: float | Fraction) -> int:
    """Give the largest whole target that is at least as hard as a difficulty.

    Parameters
    ----------
    difficulty : difficulty [-], positive and finite.

    Returns
    -------
    Target [-], at most the easiest one that the network allows.

    Raises
    ------
    InputError
        The difficulty is not positive and finite.
    """
    if not 0 < difficulty < float("inf"):
        raise InputError(
            "difficulty",
            expected="a positive, finite number",
            found=f"{difficulty}",
            mend="give the network difficulty, for example 1.25e14",
        )
    return min(DIFFICULTY_1_TARGET // Fraction(difficulty), POW_LIMIT)


def nbits_from_difficulty(difficulty: float | Fraction) -> int:
    """Give the compact target closest to a difficulty from the hard side.

    Parameters
    ----------
    difficulty : difficulty [-], positive and finite.

    Returns
    -------
    nBits of the block header, at most those of the easiest target allowed.
    """
    return nbits_from_target(target_from_difficulty(difficulty))


def retarget(nbits: int, first_time: int, last_time: int) -> int:
    """Set the target of the next period from the header times of this one [2]_.

    The period has 2,016 blocks but the times are those of its own first and last block,
    so that 2,015 intervals are held against the time of 2,016. In equilibrium blocks
    therefore come every 1,209,600 / 2,015 = 600.298 s.

    Parameters
    ----------
    nbits : compact target in force during the period.
    first_time : header time of its first block [Unix s].
    last_time : header time of its last block [Unix s].

    Returns
    -------
    nBits of the next period.

    Examples
    --------
    >>> hex(retarget(0x1d00ffff, 1261130161, 1262152739))
    '0x1d00d86a'
    """
    return retarget_from_timespan(nbits, last_time - first_time)


def retarget_from_timespan(nbits: int, timespan: int) -> int:
    """Set the target of the next period from the time that this one took.

    Parameters
    ----------
    nbits : compact target in force during the period.
    timespan : time from the first to the last block of the period [s], any sign; it is
        clamped to a quarter and to four times two weeks [2]_.

    Returns
    -------
    nBits of the next period.
    """
    clamped = min(max(timespan, MIN_TIMESPAN_S), MAX_TIMESPAN_S)
    target = target_from_nbits(nbits) * clamped // PERIOD_S
    return nbits_from_target(min(target, POW_LIMIT))


def subsidy(height: int) -> int:
    """Give the new coins that a block may create [3]_.

    Parameters
    ----------
    height : height of the block [-], 0 for the first.

    Returns
    -------
    Subsidy [satoshi].

    Raises
    ------
    InputError
        The height is negative.
    """
    if height < 0:
        raise InputError(
            "block height",
            expected="a whole number from 0 upwards",
            found=f"{height}",
            mend="count blocks from the first one, which has height 0",
        )
    era = height // BLOCKS_PER_ERA
    return INITIAL_SUBSIDY_SAT >> era if era < ERAS else 0


def era_of(height: int) -> int:
    """Give the subsidy era of a block, 0 for the first.

    Parameters
    ----------
    height : height of the block [-].

    Returns
    -------
    Number of halvings that lie behind the block [-].
    """
    return height // BLOCKS_PER_ERA


def era_bounds(era: int) -> tuple[int, int]:
    """Give the first height of an era and the first height after it.

    Parameters
    ----------
    era : number of halvings behind it [-], 0 for the first era.

    Returns
    -------
    First height of the era and of the next one [-].
    """
    return era * BLOCKS_PER_ERA, (era + 1) * BLOCKS_PER_ERA


def halving_heights(first: int, last: int) -> list[int]:
    """List the heights in a range at which the subsidy halves.

    Parameters
    ----------
    first, last : range of heights [-], the last not included.

    Returns
    -------
    Heights of the first blocks of each new era, in order.
    """
    begin = max(-(-first // BLOCKS_PER_ERA), 1)
    end = min((last - 1) // BLOCKS_PER_ERA, ERAS)
    return [era * BLOCKS_PER_ERA for era in range(begin, end + 1)]


def total_supply() -> int:
    """Sum the subsidies of all eras.

    Returns
    -------
    All coins that can ever be created [satoshi].

    Examples
    --------
    >>> total_supply()
    2099999997690000
    """
    return sum(BLOCKS_PER_ERA * subsidy(era_bounds(era)[0]) for era in range(ERAS))

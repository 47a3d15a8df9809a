"""A chain of blocks that is mined while the example runs, and the fleet's retained shares.

Blocks of others come as a Poisson process; the fleet's shares above the retained difficulty are
ground one by one, and one that also meets the network's target is the block of its height. So
the number of blocks that the fleet finds follows from its work, as it does in the world.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from baseload.record.example import difficulty, scene
from baseload.record.example.streams import Floats, Integers, digest, stream

VERSION = 0x20000000
TIDES_PART = 0.02
"""Part of the network's blocks that the pool of the tides account finds."""
COMMITMENT = b"bld1"


@dataclass(frozen=True)
class Block:
    """A block of the chain: when it was found [ms], its height, header and finder."""

    time: int
    height: int
    header: bytes
    finder: str
    anchor: bytes = b""
    path: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Share:
    """A retained share; ``solves`` where its header is that of the block itself."""

    time: int
    pool: scene.Pool
    height: int
    header: bytes
    coinbase: bytes
    path: tuple[bytes, ...]
    solves: bool


def double_hash(data: bytes) -> bytes:
    """Return SHA-256 of SHA-256."""
    return sha256(sha256(data).digest()).digest()


class Chain:
    """The chain as it grows.

    Parameters
    ----------
    days, seed : length and seed.
    accepted : accepted shares of each pool's account by interval, from which retained ones follow.
    """

    def __init__(self, days: int, seed: int, accepted: dict[str, Integers]) -> None:
        self.seed = seed
        self.days = days
        self.first_height = difficulty.height_at(scene.START // 1000)
        self.headers: list[bytes] = []
        self.times: list[int] = []
        self._previous = digest(seed, "block before the first")
        self._shares = _share_times(seed, accepted)
        self._others = _block_times(days, seed)
        self._next_share = self._next_other = 0

    @property
    def height(self) -> int:
        """Height of the newest block; one below the first where there is none yet."""
        return self.first_height + len(self.headers) - 1

    def bits(self) -> int:
        """Return nBits of the block that is being searched."""
        return difficulty.bits_at(self.height + 1)

    def grow(
        self, until: int, commitment: bytes = b"", anchor: bytes = b""
    ) -> Iterator[Block | Share]:
        """Mine until an instant [ms], and return blocks and retained shares in order of time.

        Parameters
        ----------
        until : instant [ms], not before that of the last call.
        commitment : hash of a checkpoint that the fleet's coinbases of the tides pool hold.
        anchor : hash that the first block of others puts into one of its transactions.
        """
        while True:
            share = self._shares[self._next_share] if self._next_share < len(self._shares) else None
            other = self._others[self._next_other]
            if share is not None and share[0] <= other:
                if share[0] >= until:
                    return
                self._next_share += 1
                yield from self._found_share(share[0], scene.POOLS[share[1]], commitment)
            else:
                if other >= until:
                    return
                self._next_other += 1
                yield self._found_block(other, anchor)
                anchor = b""

    def _found_share(
        self, time: int, pool: scene.Pool, commitment: bytes
    ) -> Iterator[Block | Share]:
        height = self.height + 1
        place = f"{self._next_share}"
        tag = pool.tag + (COMMITMENT + commitment if commitment and pool.method == "tides" else b"")
        extra = digest(self.seed, f"extranonce {place}")[:8]
        coinbase = coinbase_of(height, tag, extra, pool.script)
        path = tuple(digest(self.seed, f"branch {height} {level}") for level in range(2))
        header = self._ground(
            _root(coinbase, path), time, difficulty.share_target(scene.RETAINED_DIFFICULTY)
        )
        number = int.from_bytes(double_hash(header), "little")
        solves = number <= difficulty.target(self.bits())
        if solves:
            self._accept(header, time)
        yield Share(time, pool, height, header, coinbase, path, solves)
        if solves:
            yield Block(time, height, header, pool.id)

    def _found_block(self, time: int, anchor: bytes) -> Block:
        height = self.height + 1
        rng = digest(self.seed, f"finder {height}")
        finder = "pool-t" if rng[0] * 256 + rng[1] < TIDES_PART * 65536 else "other"
        coinbase = coinbase_of(height, b"/others/", rng[2:10], bytes.fromhex("0014") + rng[:20])
        branch = digest(self.seed, f"branch {height} 0")
        transaction = anchor_transaction(anchor) if anchor else digest(self.seed, f"tx {height}")
        leaf = double_hash(transaction)
        left = double_hash(double_hash(coinbase) + branch)
        right = double_hash(leaf + leaf[::-1])
        header = self._ground(double_hash(left + right), time, difficulty.target(self.bits()))
        self._accept(header, time)
        return Block(time, height, header, finder, anchor, (leaf[::-1], left) if anchor else ())

    def _accept(self, header: bytes, time: int) -> None:
        self.headers.append(header)
        self.times.append(time)
        self._previous = double_hash(header)

    def _ground(self, root: bytes, time: int, target: int) -> bytes:
        return ground(self._previous, root, time // 1000, self.bits(), target)


def ground(previous: bytes, root: bytes, seconds: int, bits: int, target: int) -> bytes:
    """Return the first header whose hash does not exceed a target."""
    head = struct.pack("<I32s32sII", VERSION, previous, root, seconds, bits)
    start = sha256(head[:64])
    tail = head[64:]
    for nonce in range(1 << 32):
        state = start.copy()
        state.update(tail + nonce.to_bytes(4, "little"))
        if int.from_bytes(sha256(state.digest()).digest(), "little") <= target:
            return head + nonce.to_bytes(4, "little")
    raise AssertionError("2**32 nonces without a solution: the example's target is too small")


def coinbase_of(height: int, tag: bytes, extra: bytes, script: bytes) -> bytes:
    """Return a coinbase without witness: height (BIP 34), tag, extranonce, one output."""
    number = height.to_bytes((height.bit_length() + 8) // 8, "little")
    text = bytes([len(number)]) + number + _push(tag) + _push(extra)
    return b"".join(
        (
            struct.pack("<I", 1),
            b"\x01" + bytes(32) + b"\xff\xff\xff\xff",
            bytes([len(text)]) + text + b"\xff\xff\xff\xff",
            b"\x01" + struct.pack("<Q", scene.SUBSIDY) + bytes([len(script)]) + script,
            bytes(4),
        )
    )


def anchor_transaction(digest32: bytes) -> bytes:
    """Return a transaction that holds 32 bytes in an output that nobody can spend."""
    before, after = anchor_parts()
    return before + digest32 + after


def anchor_parts() -> tuple[bytes, bytes]:
    """Return what stands before and after the 32 bytes in `anchor_transaction`."""
    before = (
        struct.pack("<I", 2)
        + b"\x01"
        + sha256(b"an output to spend").digest()
        + bytes(4)
        + b"\x00"
        + b"\xfd\xff\xff\xff"
        + b"\x01"
        + bytes(8)
        + b"\x22\x6a\x20"
    )
    return before, bytes(4)


def _push(data: bytes) -> bytes:
    return bytes([len(data)]) + data


def _root(coinbase: bytes, path: tuple[bytes, ...]) -> bytes:
    found = double_hash(coinbase)
    for sibling in path:
        found = double_hash(found + sibling)
    return found


def _share_times(seed: int, accepted: dict[str, Integers]) -> list[tuple[int, int]]:
    """Return (instant [ms], number of the pool) of each share above the retained difficulty."""
    found = []
    chance = scene.SHARE_DIFFICULTY / scene.RETAINED_DIFFICULTY
    for number, pool in enumerate(scene.POOLS):
        rng = stream(seed, f"retained {pool.id}")
        counts = rng.binomial(accepted[pool.id], chance)
        starts = np.repeat(np.arange(counts.size), counts) * scene.INTERVAL
        times = scene.START + starts + rng.integers(1, scene.INTERVAL, starts.size)
        found += [(int(time), number) for time in times]
    return sorted(found)


def _block_times(days: int, seed: int) -> list[int]:
    """Return instants [ms] of the blocks of others, one beyond the end too."""
    rng = stream(seed, "blocks")
    found = []
    time = scene.START / 1000.0
    end = time + days * 86_400
    fleet = 0.006
    while time < end:
        time += float(rng.exponential(difficulty.spacing(time) / (1.0 - fleet)))
        found.append(int(time * 1000))
    return found


def timeline(times: list[int], days: int) -> Floats:
    """Return how many blocks there are at the end of each interval."""
    ends = scene.START + (1 + np.arange(days * scene.PER_DAY)) * scene.INTERVAL
    return np.asarray(np.searchsorted(np.array(times), ends, side="right"), dtype=float)

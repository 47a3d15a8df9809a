"""What the sources of the example write, hour by hour, before anybody signs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from baseload.record.example import chain as chains
from baseload.record.example import metering, payouts, physics, scene
from baseload.record.example.metering import Measured
from baseload.record.example.physics import World
from baseload.record.example.streams import Integers


class Office(Protocol):
    """What the body of an entry may need that is known only when it is written."""

    def leaf(self, name: str) -> str:
        """Return the leaf hash of the entry that was written under a name."""

    def lost(self, source: str) -> tuple[int, int]:
        """Return the first and last number of a source's entries that were lost."""

    def blob(self, data: bytes, media: str) -> dict[str, str]:
        """Keep bytes beside the log, and return how an entry names them."""

    def inputs(self) -> dict[str, str]:
        """Return size and root of the newest checkpoint."""

    def change(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Return the body of a change of rules with the approvals it needs."""


Body = dict[str, Any] | Callable[[Office], dict[str, Any]]


@dataclass
class Draft:
    """An entry before it is signed.

    Parameters
    ----------
    source, schema, t0, t1, body, clock : as in the entry; instants in ms.
    signed : whether it is signed though its schema does not ask for it.
    name : under which its leaf hash is remembered.
    lost : whether it is written by its source and never reaches the log.
    """

    source: str
    schema: str
    t0: int
    t1: int
    body: Body
    signed: bool = False
    clock: str = "synced"
    name: str = ""
    lost: bool = False


@dataclass
class Story:
    """All that the drafts are made from.

    Parameters
    ----------
    world, measured : truth, and what is said of it.
    chain : the chain, as far as it has grown.
    accepted : accepted shares that the pools count for their payments.
    tips : height of the newest block at the end of each interval so far.
    """

    world: World
    measured: Measured
    chain: chains.Chain
    accepted: dict[str, Integers]
    tips: list[int] = field(default_factory=list)
    registers: dict[str, Integers] = field(default_factory=dict)
    counters: list[list[int]] = field(default_factory=list)
    due: list[payouts.Payout] = field(default_factory=list)

    @property
    def days(self) -> int:
        """Length in days."""
        return self.world.days


HOLDOVER = (20, 22)
"""Days on which the clock of the plant's meters runs without its reference."""
SILENT = (100, 6, 18)
"""Day, first and last hour of telemetry that never reached the log."""
MISSING = (3, 40, 44)
"""Day, and intervals of it, for which one meter could not be read."""
MISSING_METER = "rack-2"


def story(world: World, measured: Measured) -> Story:
    """Return the start of a story."""
    found = Story(
        world,
        measured,
        chains.Chain(world.days, world.seed, measured.accepted),
        measured.accepted,
    )
    for meter in scene.METERS:
        found.registers[meter.id] = measured.start[meter.id] + np.cumsum(measured.energy[meter.id])
    found.counters = [[0] for _ in scene.HALLS]
    return found


def rotation_day(days: int) -> int:
    """Return the day on which a source's key is changed."""
    return min(45, days // 2)


def hour(
    tale: Story,
    number: int,
    commitment: bytes = b"",
    anchor: bytes = b"",
    anchored: Callable[[chains.Block], None] | None = None,
) -> list[Draft]:
    """Return what is written in an hour, in the order in which it reaches the log.

    Parameters
    ----------
    tale : story; its chain grows.
    number : hour since the start.
    commitment, anchor : hashes of checkpoints for a coinbase and for a transaction.
    anchored : told of the block that holds the anchor.
    """
    found, block = _work(tale, number, commitment, anchor)
    if block is not None and anchored is not None:
        anchored(block)
    for interval in range(number * scene.PER_HOUR, (number + 1) * scene.PER_HOUR):
        found += _readings(tale, interval) + _telemetry(tale, interval)
        found += _summaries(tale, interval)
    found += _payments(tale, number)
    found.sort(key=lambda draft: draft.t1)
    return found


def last_of(interval: int) -> bool:
    """Tell whether a source signs at the end of an interval: every second one."""
    return interval % 2 == 1


def _work(
    tale: Story, number: int, commitment: bytes, anchor: bytes
) -> tuple[list[Draft], chains.Block | None]:
    """Let the chain grow by an hour; return entries, and the block that holds the anchor."""
    found: list[Draft] = []
    holder = None
    for interval in range(number * scene.PER_HOUR, (number + 1) * scene.PER_HOUR):
        until = scene.instant(interval + 1)
        for event in tale.chain.grow(until, commitment, anchor):
            if isinstance(event, chains.Share):
                found.append(share_draft(event))
                continue
            if event.anchor:
                anchor, holder = b"", event
            found.append(header_draft(event))
            if event.finder == "pool-t":
                paid = payouts.of_block(
                    scene.POOLS[1], event, tale.accepted["pool-t"], tale.world.seed
                )
                tale.due += [paid] if paid else []
        tale.tips.append(tale.chain.height)
    return found, holder


def share_draft(share: chains.Share) -> Draft:
    """Return the entry of a retained share."""
    body = {
        "pool": share.pool.id,
        "height": str(share.height),
        "header": share.header.hex(),
        "coinbase": share.coinbase.hex(),
        "path": [sibling.hex() for sibling in share.path],
    }
    return Draft(share.pool.source, "shares.retained/1", share.time, share.time, body, True)


def header_draft(block: chains.Block) -> Draft:
    """Return the entry of a block's header."""
    body = {"height": str(block.height), "header": block.header.hex()}
    return Draft("chain.node", "chain.header/1", block.time, block.time, body, True)


def _readings(tale: Story, interval: int) -> list[Draft]:
    found = []
    day, place = divmod(interval, scene.PER_DAY)
    holdover = HOLDOVER[0] <= day <= HOLDOVER[1]
    for number, meter in enumerate(scene.METERS):
        last = number + 1 == len(scene.METERS) or scene.METERS[number + 1].source != meter.source
        draft = Draft(
            meter.source,
            "meter.reading/1",
            scene.instant(interval),
            scene.instant(interval + 1),
            reading(tale, meter.id, interval),
            signed=last and last_of(interval),
            clock="holdover" if holdover and meter.place == "plant" else "synced",
        )
        if day == MISSING[0] and MISSING[1] <= place < MISSING[2] and meter.id == MISSING_METER:
            draft.body = {
                "meter": meter.id,
                "register": "import",
                "energy": "0",
                "quality": "missing",
            }
            draft.name = f"missing {interval}"
        found.append(draft)
    return found


def reading(tale: Story, meter: str, interval: int) -> dict[str, Any]:
    """Return the body of a measured reading."""
    return {
        "meter": meter,
        "register": "import",
        "energy": str(tale.measured.energy[meter][interval]),
        "quality": "measured",
        "counter": str(tale.registers[meter][interval]),
    }


def _telemetry(tale: Story, interval: int) -> list[Draft]:
    day, place = divmod(interval, scene.PER_DAY)
    lost = day == SILENT[0] and SILENT[1] <= place // scene.PER_HOUR < SILENT[2]
    found = []
    for number, hall in enumerate(scene.HALLS):
        hashes = int(tale.measured.hashes[number, interval])
        counter = tale.counters[number]
        counter[0] += hashes
        body = {
            "fleet": hall,
            "energy": str(int(tale.measured.energy[f"rack-{number + 1}"][interval])),
            "hashes": str(hashes),
            "machines": str(tale.measured.machines[number, interval]),
            "counter": str(counter[0]),
        }
        found.append(
            Draft(
                "mine.firmware",
                "fleet.telemetry/1",
                scene.instant(interval),
                scene.instant(interval + 1),
                body,
                signed=number + 1 == len(scene.HALLS) and last_of(interval),
                lost=lost,
            )
        )
    return found


def _summaries(tale: Story, interval: int) -> list[Draft]:
    found = []
    for pool in scene.POOLS:
        accepted = int(tale.measured.accepted[pool.id][interval])
        body = {
            "pool": pool.id,
            "account": pool.account,
            "accepted": str(accepted),
            "rejected": str(tale.measured.rejected[pool.id][interval]),
            "stale": str(tale.measured.stale[pool.id][interval]),
            "work": str(accepted * scene.SHARE_DIFFICULTY),
            "work_squared": str(accepted * scene.SHARE_DIFFICULTY**2),
        }
        found.append(
            Draft(
                pool.source,
                "shares.summary/1",
                scene.instant(interval),
                scene.instant(interval + 1),
                body,
                signed=last_of(interval),
            )
        )
    return found


def _payments(tale: Story, number: int) -> list[Draft]:
    pool = scene.POOLS[0]
    posted = tale.due + payouts.of_hour(
        pool, number, tale.accepted[pool.id], tale.tips, tale.world.seed
    )
    tale.due = []
    return [
        Draft(
            paid.pool.pay_source,
            "pool.payout/1",
            scene.instant(paid.first),
            scene.instant(paid.last),
            paid.body,
        )
        for paid in posted
    ]


def measured_of(days: int, seed: int) -> tuple[World, Measured]:
    """Return truth and measurement of an honest example."""
    world = physics.world(days, seed)
    return world, metering.measure(world)

"""Tampers with shares, blocks, payments and headers."""

from __future__ import annotations

import dataclasses
from typing import Any

from baseload.record.example import chain, difficulty, payouts, scene
from baseload.record.example.drafts import Draft
from baseload.record.example.streams import digest
from baseload.record.example.tampers.registry import Cheat, tamper

Drafts = list[Draft]


def _first(found: Drafts, schema: str) -> Draft | None:
    return next((draft for draft in found if draft.schema == schema), None)


def _body(draft: Draft) -> dict[str, Any]:
    assert isinstance(draft.body, dict)
    return draft.body


def _one_share(cheat: Cheat, hour: int, found: Drafts) -> Draft | None:
    """Return one retained share from the middle of the record on, the first time it is asked."""
    share = _first(found, "shares.retained/1")
    if hour < cheat.hour or share is None or "done" in cheat.memory:
        return None
    cheat.memory["done"] = True
    return share


@tamper("pool-underpays", "drafts", ("reconciliation.alarm", "coins.amount"), size=0.005,
        unit="of the amount", tests=("T6",))  # fmt: skip
def pool_underpays(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The pool pays a little less than its own rule gives, every day.

    The hope is that nobody multiplies. The rule is recomputed to the satoshi.
    """
    for draft in found:
        if draft.schema == "pool.payout/1":
            body = _body(draft)
            body["amount"] = str(int(int(body["amount"]) * (1.0 - cheat.size)))
    return found


@tamper("pool-counts-less", "drafts", ("reconciliation.alarm", "coins.amount"), size=0.005,
        unit="of the work", tests=("T6",))  # fmt: skip
def pool_counts_less(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The pool pays by its rule, for fewer shares than it has accepted.

    The posting agrees with itself; the summaries of the site's own adaptor hold more work.
    """
    for draft in found:
        body = draft.body
        if draft.schema == "pool.payout/1" and isinstance(body, dict) and body["method"] == "fpps":
            work = int(int(body["work"]) * (1.0 - cheat.size))
            per_block = int(body["subsidy"]) + int(body["fees"])
            figure = int(body["network_difficulty_e8"])
            amount = payouts.fpps_amount(work, per_block, int(body["fee_ppm"]), figure)
            body.update(work=str(work), amount=str(amount))
    return found


@tamper("payout-to-other-address", "drafts", ("coins.address", "reconciliation.alarm"))
def payout_to_other_address(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The operator has one payment sent to an address of his own."""
    payout = _first(found, "pool.payout/1")
    if hour >= cheat.hour and payout is not None and "done" not in cheat.memory:
        cheat.memory["done"] = True
        _body(payout)["script"] = "0014" + digest(cheat.writers.seed, "own address").hex()[:40]
    return found


@tamper("wrong-difficulty", "drafts", ("coins.header", "coins.amount", "reconciliation.alarm"),
        size=0.01, unit="of the difficulty", tests=("T6",))  # fmt: skip
def wrong_difficulty(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The pool reckons with a network difficulty that the chain never had.

    The posting agrees with itself; the headers say another difficulty.
    """
    for draft in found:
        body = draft.body
        if draft.schema != "pool.payout/1" or not isinstance(body, dict):
            continue
        if body["method"] == "fpps":
            figure = int(int(body["network_difficulty_e8"]) * (1.0 + cheat.size))
            per_block = int(body["subsidy"]) + int(body["fees"])
            fee = int(body["fee_ppm"])
            amount = payouts.fpps_amount(int(body["work"]), per_block, fee, figure)
            body.update(network_difficulty_e8=str(figure), amount=str(amount))
    return found


@tamper("withheld-blocks", "drafts", size=1.0, unit="of the blocks", tests=("T5",))
def withheld_blocks(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The operator keeps back shares that solve a block, and sells the blocks himself.

    Each such share is missing from the record; what is missing is only an expected number.
    """
    kept = []
    for draft in found:
        solves = draft.schema == "shares.retained/1" and _solves(_body(draft))
        if not (solves and _chance(cheat, _body(draft)) < cheat.size):
            kept.append(draft)
    return kept


@tamper("invented-shares", "drafts", ("share.work",))
def invented_shares(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The operator adds a retained share that nobody has worked for: its hash is too large."""
    share = _one_share(cheat, hour, found)
    if share is None:
        return found
    header = bytes.fromhex(_body(share)["header"])
    limit = difficulty.share_target(scene.RETAINED_DIFFICULTY)
    for nonce in range(1, 1 << 20):
        weak = header[:76] + nonce.to_bytes(4, "little")
        if int.from_bytes(chain.double_hash(weak), "little") > limit:
            break
    return _after(found, share, _changed(share, header=weak.hex()))


@tamper("bought-shares", "drafts", ("share.binding",))
def bought_shares(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The operator shows a share that another site has worked for.

    Its work is good, but its coinbase does not hold the mark of the site.
    """
    share = _one_share(cheat, hour, found)
    if share is None:
        return found
    body = _body(share)
    coinbase = chain.coinbase_of(int(body["height"]), b"/elsewhere/", b"12345678", b"\x00\x14" * 11)
    return _after(found, share, _reground(share, coinbase, bytes.fromhex(body["header"])[4:36]))


@tamper("share-replay", "drafts", ("share.replay",))
def share_replay(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The operator shows the same share a second time, so that it counts twice."""
    share = _one_share(cheat, hour, found)
    return found if share is None else _after(found, share, dataclasses.replace(share))


@tamper("share-of-other-chain", "drafts", ("share.binding", "share.work", "coins.header"))
def share_of_other_chain(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The operator shows work that was done for another, easier chain with the same hash."""
    share = _one_share(cheat, hour, found)
    if share is None:
        return found
    coinbase = bytes.fromhex(_body(share)["coinbase"])
    other = digest(cheat.writers.seed, "other chain")
    return _after(found, share, _reground(share, coinbase, other))


@tamper("header-of-other-chain", "drafts", ("coins.header",))
def header_of_other_chain(cheat: Cheat, hour: int, found: Drafts) -> Drafts:
    """The node of the inspector is fed a block that does not follow from the one before."""
    block = _first(found, "chain.header/1")
    if hour < cheat.hour or block is None or "done" in cheat.memory:
        return found
    cheat.memory["done"] = True
    header = bytes.fromhex(_body(block)["header"])
    bits = int.from_bytes(header[72:76], "little")
    other = chain.ground(
        digest(cheat.writers.seed, "other chain"),
        header[36:68],
        int.from_bytes(header[68:72], "little"),
        bits,
        difficulty.target(bits),
    )
    block.body = _body(block) | {"header": other.hex()}
    return found


def _solves(body: dict[str, Any]) -> bool:
    header = bytes.fromhex(body["header"])
    bits = int.from_bytes(header[72:76], "little")
    return int.from_bytes(chain.double_hash(header), "little") <= difficulty.target(bits)


def _chance(cheat: Cheat, body: dict[str, Any]) -> float:
    """Return a number in [0, 1) that belongs to a share."""
    return digest(cheat.writers.seed, f"withheld {body['header']}")[0] / 256.0


def _reground(share: Draft, coinbase: bytes, previous: bytes) -> Draft:
    """Return a share with good work over another coinbase or another block before."""
    body = _body(share)
    header = bytes.fromhex(body["header"])
    root = chain.double_hash(coinbase)
    for sibling in body["path"]:
        root = chain.double_hash(root + bytes.fromhex(sibling))
    ground = chain.ground(
        previous,
        root,
        int.from_bytes(header[68:72], "little"),
        int.from_bytes(header[72:76], "little"),
        difficulty.share_target(scene.RETAINED_DIFFICULTY),
    )
    return _changed(share, header=ground.hex(), coinbase=coinbase.hex())


def _changed(draft: Draft, **fields: str) -> Draft:
    return dataclasses.replace(draft, body=_body(draft) | fields)


def _after(found: Drafts, draft: Draft, more: Draft) -> Drafts:
    place = found.index(draft) + 1
    return [*found[:place], more, *found[place:]]

"""The further checks of an audit, in their order."""

from __future__ import annotations

from baseload.verify.anchors import Anchors, PublicChain
from baseload.verify.audit import Audit, Follower
from baseload.verify.blockchain import Blocks
from baseload.verify.coins import Coins
from baseload.verify.reconciliation.check import Reconciliation
from baseload.verify.shares import Shares


def followers_of(audit: Audit) -> list[Follower]:
    """Return the checks of a kit besides the audit itself."""
    chain, reconciliation = PublicChain(audit.kit), Reconciliation()
    blocks = Blocks()
    blocks.extend(chain.by_height.values())
    # One keeps the blocks, and one the shares and payouts, for all of them.
    return [
        Anchors(audit, chain),
        Shares(audit, blocks),
        Coins(audit, blocks, reconciliation.ledger),
        reconciliation,
    ]

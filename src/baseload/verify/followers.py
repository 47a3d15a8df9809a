"""The further checks of an audit, in their order."""

from __future__ import annotations

from baseload.verify.audit import Audit, Follower


def followers_of(audit: Audit) -> list[Follower]:
    """Return the checks that see every entry of a kit besides the audit itself."""
    return []

"""What happened, written so that an outsider who trusts nobody can check it.

An append-only Merkle log of signed events, in the formats of C2SP: signed notes, checkpoints,
tiles and cosignatures. ``docs/record-format.md`` is the specification; this room is one
implementation of it, and :mod:`baseload.verify` another that shares no code with it.
"""

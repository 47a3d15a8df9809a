"""Checkpoints in the public chain: proofs from calendars, and commitments in own blocks."""

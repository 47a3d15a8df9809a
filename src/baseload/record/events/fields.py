"""Kinds of text that occur in events. Every value is text: integers too, as decimal digits."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

INTEGER = r"^(?:0|-?[1-9][0-9]*)$"
NATURAL = r"^(?:0|[1-9][0-9]*)$"
IDENTITY = r"^[a-z0-9][a-z0-9.-]{0,62}$"
SIGNATURE = r"^[A-Za-z0-9+/]{85}[AQgw]==$"
"""64 bytes in base64: four of the letters end it, or the same bytes had several forms."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Identity = Annotated[str, StringConstraints(pattern=IDENTITY)]
"""Lower-case letters, digits, dots and hyphens, at most 63."""
Integer = Annotated[str, StringConstraints(pattern=INTEGER, max_length=80)]
Natural = Annotated[str, StringConstraints(pattern=NATURAL, max_length=80)]
Instant = Annotated[str, StringConstraints(pattern=NATURAL, max_length=15)]
"""Milliseconds since 1970-01-01 00:00 UTC."""
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Hex = Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{2})*$")]
Header = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{160}$")]
"""A block header as it is serialised, 80 bytes."""
Signature = Annotated[str, StringConstraints(pattern=SIGNATURE)]
"""An Ed25519 signature in base64."""


def meaning(text: str, name: str | None = None) -> Any:
    """Return a field that must be there; under another name where Python has its own use for it."""
    return Field(description=text) if name is None else Field(description=text, alias=name)


def optional(text: str) -> Any:
    """Return a field that may be left out."""
    return Field(default=None, description=text)


class Part(BaseModel):
    """A table within an event: no other keys, nothing converted, never changed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Blob(Part):
    """Bytes that lie beside the log."""

    sha256: Hash = meaning("SHA-256 of the bytes, and their name in `blobs/`")
    size: Natural = meaning("how many bytes")
    media: Name = meaning("media type, as `text/plain`")


class Period(Part):
    """A period, its end not in it."""

    t0: Instant = meaning("begin")
    t1: Instant = meaning("end")


class Inputs(Part):
    """The log as it was when something was computed from it."""

    size: Natural = meaning("number of its entries")
    root: Hash = meaning("root over them")

"""Text of strangers on a terminal: what a terminal would obey is shown, and not sent to it."""

from __future__ import annotations

import re

_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    r"""Return a text whose control characters are written out, all but line feeds and tabs.

    >>> plain("a\x1b[2Jb"), plain("c\x9bd\n")
    ('a\\u001b[2Jb', 'c\\u009bd\n')
    """
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)

"""What the plan says for people, in the reader's words.

The rooms below speak English: what is left out of futures, how a signal turns out, what a party
does. Each such text is known here by its form; one that is not stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from baseload.show.language import Language


def reworded(text: str, tongue: Language) -> str:
    """Return a text of the plan in the reader's language.

    Parameters
    ----------
    text : as the plan wrote it, in English.
    tongue : language of the reader.
    """
    if tongue.code == "en":
        return text
    for rules in (_simplifications, _signals, _legs):
        for form, said in rules(tongue):
            found = re.fullmatch(form, text)
            if found:
                return said(**found.groupdict())
    return text


Rules = tuple[tuple[str, Callable[..., str]], ...]


def _simplifications(tongue: Language) -> Rules:
    _ = tongue.text
    return (
        ("ramps of units from step to step", lambda: _("ramps of units from step to step")),
        ("limits on starts and stops of units", lambda: _("limits on starts and stops of units")),
        ("fuel budgets of cycles", lambda: _("fuel budgets of cycles")),
        ("batteries", lambda: _("batteries")),
        ("take-or-pay of mines", lambda: _("take-or-pay of mines")),
        ("energy promised over periods", lambda: _("energy promised over periods")),
    )


def _signals(tongue: Language) -> Rules:
    _ = tongue.text
    groups = {
        "plant": _("plant"),
        "lines": _("lines"),
        "markets": _("markets"),
        "mine": _("mine"),
        "bitcoin": _("bitcoin"),
        "law and gates": _("law and gates"),
        "money": _("money"),
    }
    return (
        ("opens", lambda: _("opens")),
        ("stays shut", lambda: _("stays shut")),
        ("up to (?P<x>.+)", lambda x: _("up to {x}", x=x)),
        ("above (?P<x>.+)", lambda x: _("above {x}", x=x)),
        ("below (?P<x>.+)", lambda x: _("below {x}", x=x)),
        ("(?P<x>[-0-9].*) to (?P<y>.+)", lambda x, y: _("{x} to {y}", x=x, y=y)),
        (
            "by (?P<x>[0-9-]+) at the median, if it opens",
            lambda x: _("by {x} at the median, if it opens", x=x),
        ),
        (
            "(?P<x>.+): (?P<n>[0-9]+) things together",
            lambda x, n: _("{x}: {n} things together", x=groups.get(x, x), n=n),
        ),
    )


def _legs(tongue: Language) -> Rules:
    _ = tongue.text
    share = "(?P<x>[0-9.,]+ ?%)"
    return (
        (f"{share} of the energy", lambda x: _("{x} of the energy", x=x)),
        (f"pays {share} of the fixed costs", lambda x: _("pays {x} of the fixed costs", x=x)),
        (f"pays {share} of the power drawn", lambda x: _("pays {x} of the power drawn", x=x)),
        (
            "is supplied under the obligation",
            lambda: _("is supplied under the obligation"),
        ),
        (
            f"delivers {share} of the obligation",
            lambda x: _("delivers {x} of the obligation", x=x),
        ),
        (
            "cedes unused energy at (?P<x>.+)",
            lambda x: _("cedes unused energy at {x}", x=x),
        ),
        (
            "takes over unused energy at (?P<x>.+)",
            lambda x: _("takes over unused energy at {x}", x=x),
        ),
        (
            f"buys {share} of sales at (?P<y>.+)",
            lambda x, y: _("buys {x} of sales at {y}", x=x, y=y),
        ),
        (
            "margin of (?P<x>.+) on sales",
            lambda x: _("margin of {x} on sales", x=x),
        ),
        ("fee of (?P<x>.+) (?P<y>[a-z]+)", lambda x, y: _("fee of {x} ({y})", x=x, y=y)),
        (f"{share} of the mine", lambda x: _("{x} of the mine", x=x)),
        (f"{share} of the coins", lambda x: _("{x} of the coins", x=x)),
        (
            f"{share} of the mine's infrastructure",
            lambda x: _("{x} of the mine's infrastructure", x=x),
        ),
        (
            f"royalty of {share} of the coins",
            lambda x: _("royalty of {x} of the coins", x=x),
        ),
        ("takes part", lambda: _("takes part")),
    )


def ending_of(text: str, tongue: Language) -> str:
    """Return until when bars hold: ids, dates and gates between the plan's own words."""
    if tongue.code == "en":
        return text
    for word, said in (
        ("without an end", tongue.text("without an end")),
        ("until", tongue.text("until")),
        ("gate", tongue.text("gate")),
        ("or", tongue.text("or")),
    ):
        text = re.sub(rf"\b{word}\b", said, text)
    return text

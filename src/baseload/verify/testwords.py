"""Results of the reconciliation for a person: pictures and words that terminal and page share.

Each test has one comparison or more: a statistic, the threshold that it must not pass, and the
probability of as much where nothing is wrong. Exact tests and rules compare a number with what is
allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

_NAMES = {
    "sum": "sum",
    "page": "change (Page)",
    "chi2": "all together (chi-square)",
    "meter": "likeliest meter",
}
_SIGNED = "sum"


class Comparison(NamedTuple):
    """A statistic against its threshold.

    Parameters
    ----------
    name : which of the comparisons of a test; nothing where it has one.
    statistic, threshold, p : the three as text; a rule has no probability.
    place : statistic over threshold, for a picture; nothing where there is none.
    signed : whether it may be off to either side.
    """

    name: str
    statistic: str
    threshold: str
    p: str
    place: float | None
    signed: bool = False


def comparisons(result: Mapping[str, Any]) -> list[Comparison]:
    """Return what a test has compared; nothing where it could not be made."""
    if "untested" in result:
        return []
    found = [_by_chance(result, key) for key in _NAMES if f"{key}_statistic_e6" in result]
    if "expected_e6" in result:
        found.append(_count(result))
    elif "wrong" in result:
        found.append(_exact_sum(result))
    elif "solved" in result:
        lost = int(result["solved"]) - int(result["found"])
        found.append(Comparison("", f"{lost} lost", "0", "exact", None))
    elif "allowed" in result:
        found.append(Comparison("", str(result["found"]), str(result["allowed"]), "a rule", None))
    return found


def _by_chance(result: Mapping[str, Any], key: str) -> Comparison:
    statistic, threshold = (int(result[f"{key}_{of}_e6"]) for of in ("statistic", "threshold"))
    signed = key == _SIGNED
    return Comparison(
        _NAMES[key],
        f"{statistic / 1e6:+.2f}" if signed else f"{statistic / 1e6:.2f}",
        f"±{threshold / 1e6:.2f}" if signed else f"{threshold / 1e6:.2f}",
        _probable(result.get(f"{key}_p_e9"), result.get(f"{key}_log10_p_e6")),
        statistic / threshold if threshold else None,
        signed,
    )


def _count(result: Mapping[str, Any]) -> Comparison:
    found, expected = int(result["found"]), int(result["expected_e6"]) / 1e6
    lowest, highest = int(result["lowest"]), int(result["highest"])
    # Beyond the limits lies what would be an alarm: one less than the lowest, one more than that.
    room = highest + 1 - expected if found > expected else expected - lowest + 1
    return Comparison(
        "",
        f"{found:,} of {expected:,.1f}",
        f"{lowest:,} to {highest:,}",
        _probable(result.get("p_e9"), result.get("log10_p_e6")),
        (found - expected) / room,
        True,
    )


def _exact_sum(result: Mapping[str, Any]) -> Comparison:
    wrong, unpaid = int(result["wrong"]), int(result.get("unpaid", "0"))
    place: float | None = 1.0 if int(result["difference"]) > 0 else -1.0
    if not wrong and not unpaid:
        place = 0.0 if result["checked"] != "0" else None
    statistic = f"{wrong} wrong"
    if result["unit"] == "sat":
        statistic = f"{int(result['difference']):+,} sat, {statistic}"
    return Comparison("", statistic, "0", "exact", place, True)


def _probable(p_e9: Any, log10_p_e6: Any) -> str:
    """Return a probability; one that has run under by its logarithm."""
    if p_e9 is None:
        return ""
    if int(p_e9) >= 10_000:
        return f"{int(p_e9) / 1e9:.3g}"
    return f"10^{int(log10_p_e6) / 1e6:.1f}" if log10_p_e6 is not None else "below 10^-9"


def seen_text(result: Mapping[str, Any]) -> str:
    """Return the smallest loss that a test would have seen at 95 %; nothing for a rule."""
    unit = result.get("unit")
    if "detectable_95_ppm" in result:
        return f"{int(result['detectable_95_ppm']) / 1e4:.1f} % missing"
    if "detectable_95" not in result:
        return ""
    seen = int(result["detectable_95"])
    if unit == "Wh":
        hours = int(result["days"]) * 24
        any_one = "in any one meter " if "meters" in result else ""
        return f"{any_one}{seen / 1e6:,.0f} MWh ({seen / hours / 1e6:.2f} MW)"
    if unit == "hashes":
        return f"{seen / 1e18:,.0f} EH"
    if result.get("checked") == "0":
        return "nothing: none was checked"
    return "1 sat of what was checked" if unit == "sat" else "any of what was checked"


def found_text(result: Mapping[str, Any]) -> str:
    """Return what a test found, in the unit that people think in."""
    if "untested" in result:
        return f"not tested: {result['untested']}"
    unit = result.get("unit")
    if unit == "Wh":
        told = f"{int(result['difference']) / 1e6:+,.1f} MWh in {result['days']} days"
        if "likeliest" in result:
            return f"likeliest to be wrong: {' or '.join(result['likeliest'])}, by {told}"
        return told
    if unit == "hashes":
        return f"{int(result['difference']) / 1e18:+,.0f} EH in {result['days']} days"
    if "expected_e6" in result:
        found, expected = int(result["found"]), int(result["expected_e6"]) / 1e6
        return f"{found:,} of {expected:,.1f} expected"
    if "wrong" in result:
        return _payments_text(result)
    if "solved" in result:
        return (
            f"{result['found']} of {result['solved']}, {result['unconfirmed']} of them fresh; "
            f"{int(result['headers']):,} headers, {result['dropped']} dropped"
        )
    return str(result["found"])


def _payments_text(result: Mapping[str, Any]) -> str:
    told = f"{_share_of(result)} checked, {result['wrong']} wrong"
    if result["unit"] == "sat":
        told = f"{int(result['difference']):+,} sat; {told}"
        if result["unpaid"] != "0":
            told += f"; work worth {int(result['unpaid']):,} sat is not paid"
    return told


def _share_of(result: Mapping[str, Any]) -> str:
    """Return how many payments were checked, and which part of the coins that is."""
    amount, checked = int(result["amount"]), int(result["checked_amount"])
    part = f"{100.0 * checked / amount:.1f} %" if amount else "0 %"
    return f"{result['checked']} of {result['payments']} payments ({part} of the coins)"


def allowed_text(result: Mapping[str, Any]) -> str:
    """Return how far off a test may be without an alarm."""
    return ", ".join(f"{one.name} {one.threshold}".strip() for one in comparisons(result))


def against_text(result: Mapping[str, Any]) -> str:
    """Return what a test found, with each statistic that stands against what is allowed."""
    told = ", ".join(f"{one.name} {one.statistic}" for one in comparisons(result) if one.name)
    return f"{found_text(result)}; {told}" if told else found_text(result)

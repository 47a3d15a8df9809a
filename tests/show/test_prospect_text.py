import numpy as np
from rich.console import Console

from baseload.plan.prospect.result import Leg, Part, Prospect
from baseload.show.prospect_text import print_prospects, prospect_table


def part(party, value=0.0, *, energy=0.0, coins=0.0, left_out=False, legs=(), saving=0.0):
    years = np.ones(2)
    return Part(
        party=party,
        name=f"The {party}",
        left_out=left_out,
        energy=energy * years,
        cash=value * years,
        cash_low=value * years,
        cash_high=value * years,
        value=value,
        error=0.0,
        quantiles=np.array([0.5 * value, value, 2.0 * value]),
        coins=coins * years,
        legs=legs,
        saving_value=saving,
    )


RULES = tuple(
    Leg(what, ("R06",), "R06 until gate licence", held=True) for what in ("a half", "the fee")
)
SAMPLE = Prospect(
    arrangement="S4",
    title="Two [together]",
    alternative="pilot",
    chance=0.125,
    years=np.array([2027, 2028]),
    parts=(
        part("north", 200e6, energy=1.5e6, legs=RULES),
        part("town", energy=5e6, saving=30e6),
        part("miner", -40e6, coins=1234.0),
        part("south", left_out=True),
    ),
    assumed=("entitlement.0: halves (A01, assumed)",),
    residual=0.0,
)


def rows(text):
    return {line.split("  ")[0]: line for line in text.splitlines() if line.startswith("The")}


def written(table):
    out = Console(width=160)
    with out.capture() as caught:
        out.print(table)
    return caught.get()


def test_each_party_has_energy_value_and_what_is_blocked():
    found = rows(written(prospect_table(SAMPLE)))
    assert "1.50" in found["The north"]
    assert "100 … 200 … 400" in found["The north"]
    assert "a half, the fee: R06 until gate licence, money in escrow" in found["The north"]
    assert "5.00" in found["The town"]
    assert "30" in found["The town"]
    assert "1,234" in found["The miner"]
    assert "-20 … -40 … -80" in found["The miner"]


def test_a_party_left_out_has_dashes_only():
    line = next(line for line in written(prospect_table(SAMPLE)).splitlines() if "left out" in line)
    assert line.split()[-5:] == ["–"] * 5
    assert not any(letter.isdigit() for letter in line)


def test_the_printed_page_tells_alternative_chance_and_assumptions(capsys):
    print_prospects([SAMPLE])
    text = capsys.readouterr().out
    for wanted in ("S4 Two [together]", "pilot", "12%", "entitlement.0: halves (A01, assumed)"):
        assert wanted in text

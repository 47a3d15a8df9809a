from __future__ import annotations

import pytest
from tests.minimal import FILES, write_case

from baseload.case.load import load


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("unknowns", 'source = "Z04"', 'source = "Z4"', "unknowns.toml, line 1, unknown.0"),
        ("gates", 'source = "Z03"', 'source = "Z3"', "gates.toml, line 19, bar.R01.title"),
        ("alternatives", 'source = "Z04"', 'source = "Z05"', "alternatives.toml, line 5"),
        ("alternatives", '"permit"', '"permits"', 'did you mean "permit"?'),
        ("alternatives", '"S1"', '"S9"', 'an arrangement: S1\n  found    "S9"'),
        ("arrangements", 'parties = ["town"', 'parties = ["twon"', 'did you mean "town"?'),
        ("arrangements", "{ town =", "{ twon =", "arrangement.S1.energy\n  expected a party"),
        ("arrangements", "50 %", "60 %", "expected shares that sum to 100 %\n  found    110.0%"),
        ("claims", '["Q02"]', '["Q03"]', "claim.Q01.contradicted_by\n  expected a claim or source"),
        ("sources", 'confidence = "confirmed"', 'confidence = "sure"', "sources.toml, line 5"),
        ("sources", 'where = "an agency"\n', "", "add where = … to [Z03]"),
        ("claims", 'standing = "on record"', 'standign = "on record"', 'did you mean "standing"?'),
        ("precedents", "figures", "figure", 'did you mean "figures"?'),
    ],
)  # fmt: skip
def test_what_does_not_fit_in_a_register_is_refused(refusal, file, old, new, told):
    assert old in FILES[file]
    assert told in refusal(**{file: FILES[file].replace(old, new, 1)})


def test_a_source_that_does_not_exist_is_refused_with_the_nearest(refusal):
    text = refusal(('source = "Z03"\nbus', 'source = "Z33"\nbus'))
    assert "case.toml, line 20, plant.unit.u1.bus" in text
    assert "expected an id of sources.toml: " in text
    assert 'found    "Z33"\n  did you mean "Z03"?' in text


def test_each_of_several_sources_must_exist(refusal):
    assert 'found    "Z99"' in refusal(('source = "Z03"\nbus', 'source = "Z03, Z99"\nbus'))


def test_a_precedent_or_a_claim_is_a_source_too(tmp_path):

    folder = write_case(tmp_path / "c", ('source = "Z03"\nbus', 'source = "P01, Q02"\nbus'))
    # A claim is no surer than that somebody claims it.
    assert load(folder).provenance["plant.unit.u1.gross"].status == "claimed"


def test_thirds_may_be_rounded(tmp_path):

    text = FILES["arrangements"].replace(
        '{ town = "50 %", miner = "50 %" }', '{ town = "33.3 %", miner = "66.6 %" }'
    )
    shares = load(write_case(tmp_path / "c", arrangements=text)).arrangements["S1"].energy
    assert sum(shares.values()) == pytest.approx(0.999)

"""The report of a fit: complete, and the same after it was written and read."""

from __future__ import annotations

import tomllib
from dataclasses import fields

import numpy as np
import pytest

from baseload.bitcoin.competitors import Competitors, package_data
from baseload.bitcoin.fitreport import CHANCE, PARAMETERS, to_toml


def test_a_report_is_the_same_after_it_was_written_and_read():
    tree = package_data()
    assert tomllib.loads(to_toml(tree)) == tree


def test_quotes_and_strokes_in_a_source_survive():
    tree = package_data() | {"fit": {"source": 'a "file" of C:\\prices'}}
    assert tomllib.loads(to_toml(tree))["fit"]["source"] == 'a "file" of C:\\prices'


def test_every_number_of_the_competitors_has_unit_standing_and_meaning():
    numbers = {each.name for each in fields(Competitors)} - {
        "energy", "share", "response", "rounded",
    }  # fmt: skip
    assert set(PARAMETERS) == numbers == set(package_data()["parameter"])
    assert {status for _, status, _ in PARAMETERS.values()} == {"fitted", "measured", "assumed"}


def test_chance_alone_moves_a_change_by_three_percent():
    # Periods of 2,015 exponential intervals: gamma distributed lengths.
    lengths = np.random.default_rng(0).gamma(2015, size=200_000)
    assert np.std(np.diff(np.log(lengths))) == pytest.approx(CHANCE, rel=0.01)

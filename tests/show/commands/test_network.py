"""``baseload network``: the fit that ships, and what is asked for a new one."""

from __future__ import annotations

import json
import math
import tomllib
from pathlib import Path

import pytest

from baseload.bitcoin.competitors import package_data
from baseload.case.errors import InputError
from baseload.show.commands.network import command


def test_without_files_the_fit_that_ships_is_printed(capsys):
    command()
    found = capsys.readouterr().out
    assert f"fitted to {package_data()['fit']['epochs']} difficulties" in found
    assert "winter storm Fern" in found


def test_json_holds_the_fit_that_ships_and_nothing_else(capsys):
    command(as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["parameter"].keys() == package_data()["parameter"].keys()
    assert found["fit"]["to"] == str(package_data()["fit"]["to"])


@pytest.mark.parametrize(
    "given",
    [
        {"retargets": Path("a.csv")},
        {"prices": Path("a.csv")},
        {"out": Path("a.svg")},
        {"parameters": Path("a.toml")},
    ],
)
def test_a_new_fit_needs_both_files(given):
    with pytest.raises(InputError, match="name both files"):
        command(**given)


def test_a_picture_that_cannot_be_drawn_is_refused_before_the_fit(tmp_path):
    with pytest.raises(InputError, match=r"\.svg or \.png"):
        command(retargets=Path("a.csv"), prices=Path("b.csv"), out=tmp_path / "a.gif")


def test_a_new_fit_is_printed_drawn_and_written(tmp_path, capsys):
    price = [30_000 * math.exp(0.0006 * t + 0.7 * math.sin(t / 130)) for t in range(1500)]
    prices, retargets = tmp_path / "prices.csv", tmp_path / "retargets.csv"
    days = [f"{1_594_512_000 + 86_400 * t},{each:.2f}" for t, each in enumerate(price)]
    prices.write_text("\n".join(["time,close", *days]), encoding="utf-8")
    # Growth with a slow wave: any history will do here, as long as each parameter shows in it.
    epochs = [
        f"{639_072 + 2016 * k},{1.7e13 * math.exp(0.02 * k - 0.2 * math.cos(k / 10))!r},"
        f"{1_594_641_060 + 1_209_600 * k}"
        for k in range(-110, 106)
    ]
    retargets.write_text("\n".join(["height,difficulty,time_unix", *epochs]), encoding="utf-8")
    picture, parameters = tmp_path / "fit.svg", tmp_path / "fit.toml"
    command(retargets, prices, out=picture, parameters=parameters)
    assert "ban of mining in China" in capsys.readouterr().out
    assert "<svg" in picture.read_text(encoding="utf-8")
    written = tomllib.loads(parameters.read_text(encoding="utf-8"))
    assert written["fit"]["source"] == "retargets.csv, prices.csv"
    assert len(written["fleet"]["share"]) == 12

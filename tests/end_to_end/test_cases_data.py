"""The two cases that ship: what they must hold, and what they may not claim."""

from __future__ import annotations

import csv
import datetime as dt
import re
import runpy
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from baseload.bitcoin.machines import find
from baseload.case.case import Case
from baseload.case.gates import barred_by, bars_in_force, opening_dates
from baseload.case.load import load
from baseload.plan.money import settle_accounts
from baseload.plan.operation import run
from baseload.plan.world import setting

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "cases"
REFERENCE = ROOT.parent / "shared" / "data"  # reference data beside the checkout

# Known from memory only, by the list of cautions that the facts of the case came with.
MEMORY = ("Z09", "Z29", "V12", "V14", "V17", "V19", "M07", "M12", "K11", "K12")


@pytest.fixture(scope="module")
def plant() -> Case:
    return load(CASES / "zaporizhzhia")


@pytest.fixture(scope="module")
def nautilus() -> Case:
    return load(CASES / "nautilus")


def ids(letter: str, last: int) -> set[str]:
    width = 1 if letter == "S" else 2
    return {f"{letter}{number:0{width}d}" for number in range(1, last + 1)}


def mines(case: Case) -> dict[str, float]:
    return {name: mine.power for name, mine in case.tree.mine.items() if mine.power}


def bars(case: Case, alternative: str) -> set[str]:
    """Bars that ever forbid a mine of an alternative."""
    entry = case.alternatives[alternative]
    parties = case.arrangements[entry.arrangement].parties if entry.arrangement else ()
    tree = case.alternative(alternative).tree
    return {
        bar
        for mine in mines(case.alternative(alternative))
        for bar in barred_by(tree, mine, parties)
    }


# --- Zaporizhzhia: registers -------------------------------------------------------------------


def test_every_claim_arrangement_and_precedent_is_there(plant: Case) -> None:
    assert set(plant.claims) == ids("Q", 16)
    assert set(plant.arrangements) == ids("S", 8)
    assert set(plant.precedents) == ids("P", 24)


def test_every_fact_of_plant_reactor_law_and_market_has_its_source(plant: Case) -> None:
    wanted = ids("Z", 49) | ids("V", 22) | ids("M", 15) | ids("R", 20) | ids("K", 16)
    assert wanted <= set(plant.sources)


@pytest.mark.parametrize("source", MEMORY)
def test_what_is_known_from_memory_says_so(plant: Case, source: str) -> None:
    assert plant.sources[source].confidence == "memory"


@pytest.mark.parametrize("name", ["zaporizhzhia", "nautilus"])
def test_every_value_names_a_source_and_a_status(name: str) -> None:
    case = load(CASES / name)
    bare = [path for path, mark in case.provenance.items() if not (mark.source and mark.status)]
    assert bare == []


@pytest.mark.parametrize("name", ["zaporizhzhia", "nautilus"])
def test_no_value_is_surer_than_a_source_from_memory(name: str) -> None:
    case = load(CASES / name)
    remembered = {key for key, source in case.sources.items() if source.confidence == "memory"}
    too_sure = [
        path
        for path, mark in case.provenance.items()
        if mark.source in remembered and mark.status not in ("memory", "assumed")
    ]
    assert too_sure == []


def written_ids(value: object) -> Iterator[str]:
    """Yield every fact id in the texts of a register."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from written_ids(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from written_ids(inner)
    elif isinstance(value, str):
        yield from re.findall(r"\b(?:[ZVMRKQPABDTN]\d{2}|S[1-8])\b", value)


@pytest.mark.parametrize("name", ["zaporizhzhia", "nautilus"])
def test_every_id_in_a_text_exists(name: str) -> None:
    case = load(CASES / name)
    known = {*case.sources, *case.precedents, *case.claims, *case.arrangements}
    folder = CASES / name
    texts = [tomllib.loads(path.read_text("utf-8")) for path in folder.glob("*.toml")]
    assert set(written_ids([*texts, (folder / "README.md").read_text("utf-8")])) <= known


# --- Zaporizhzhia: as it stands ------------------------------------------------------------------


def test_the_plant_is_six_units_of_950_megawatts_net(plant: Case) -> None:
    # Z01 to Z03
    units = plant.tree.plant.unit.values()
    assert len(units) == 6
    assert {unit.gross - unit.house_load for unit in units} == {950.0}


def test_the_plant_stands_still_and_draws_35_megawatts(plant: Case) -> None:
    # Z18, Z20
    units = plant.tree.plant.unit.values()
    assert {unit.state for unit in units} == {"stopped"}
    assert_allclose(sum(unit.shutdown_load for unit in units), 35.0, atol=1e-4)


def test_no_gate_is_open_and_no_mine_stands(plant: Case) -> None:
    assert set(opening_dates(plant.tree).values()) == {None}
    assert mines(plant) == {}
    assert plant.alternatives["status-quo"].set == {}
    assert plant.tree.stages is not None
    assert plant.tree.stages.reached == "talk"


def test_every_alternative_that_changes_anything_waits_for_the_restart(plant: Case) -> None:
    waiting = {name for name, entry in plant.alternatives.items() if entry.needs}
    assert waiting == set(plant.alternatives) - {"status-quo"}
    assert all("restart_permit" in plant.alternatives[name].needs for name in waiting)


def test_today_every_mine_on_site_is_barred_and_none_in_the_grid_of_ukraine_is(
    plant: Case,
) -> None:
    on_site = {name for name in plant.alternatives if name.startswith(("pilot", "onsite", "obl"))}
    assert all({"R03", "R08"} <= bars(plant, name) for name in on_site)
    assert bars(plant, "grid-connected") == set()


def test_the_rules_of_law_have_their_dates(plant: Case) -> None:
    # R01, R05, R06, R07, R08; the end of R01 is the only end
    assert {name: bar.since for name, bar in plant.tree.bar.items() if name != "R04"} == {
        "R01": dt.date(2025, 1, 1),
        "R03": dt.date(2024, 11, 1),
        "R05": dt.date(2023, 2, 24),
        "R06": dt.date(2025, 1, 10),
        "R07": dt.date(2022, 4, 20),
        "R08": dt.date(2022, 10, 6),
        "R09": dt.date(2023, 3, 17),
    }
    ends = {name: bar.until for name, bar in plant.tree.bar.items() if bar.until}
    assert ends == {"R01": dt.date(2031, 3, 15)}
    assert {"R01", "R05", "R06", "R08"} <= set(bars_in_force(plant.tree, plant.tree.case.start))
    assert "R01" not in bars_in_force(plant.tree, dt.date(2031, 3, 15))


def test_the_exception_for_isolated_generation_spares_one_mine_only(plant: Case) -> None:
    # R02
    barred = {name for name in plant.tree.mine if "R01" in barred_by(plant.tree, name)}
    assert barred == {"onsite", "onsite_ru", "grid_russia"}
    assert "R01" not in bars(plant, "onsite-isolated")


def test_designated_companies_bar_only_arrangements_that_name_them(plant: Case) -> None:
    # R05, R06
    named = {name for name in plant.alternatives if {"R05", "R06"} <= bars(plant, name)}
    assert {plant.alternatives[name].arrangement for name in named} == {"S4", "S6"}


def test_back_with_ukraine_the_rules_on_the_mine_are_lifted(plant: Case) -> None:
    tree = plant.alternative("onsite-1-returned").tree
    opening = opening_dates(tree, plant.alternatives["onsite-1-returned"].needs)
    held = set(bars_in_force(tree, dt.date(2029, 1, 1), opening))
    assert bars(plant, "onsite-1-returned") & held == set()


# --- Zaporizhzhia: what the README derives -------------------------------------------------------


def test_a_first_unit_follows_a_ceasefire_by_fifteen_months(plant: Case) -> None:
    # Z40
    opening = opening_dates(plant.tree, ("restart_permit",))
    assert plant.tree.plant.restart is not None
    permit, ceasefire = opening["restart_permit"], opening["ceasefire"]
    assert permit is not None
    assert ceasefire is not None
    months = (permit - ceasefire).days / 30.4375 + plant.tree.plant.restart.first / 730.5
    assert_allclose(months, 15.0, atol=0.1)


def test_no_section_reaches_two_synchronous_areas_with_output(plant: Case) -> None:
    # Z31
    for bus in plant.tree.plant.bus:
        links = [link for link in plant.tree.link.values() if link.bus == bus]
        areas = {plant.tree.area[link.area].synchronous_with for link in links if link.export_limit}
        assert len(areas) <= 1


def test_under_n_1_no_unit_could_start_with_the_lines_of_today(plant: Case) -> None:
    # Z25, Z26, Z29, V10: the reason why base is n-0
    spare = plant.tree.link["ferosplavna_1_330"]
    unit = plant.tree.plant.unit["U1"]
    assert spare.export_limit < unit.gross * unit.minimum - unit.house_load
    assert plant.tree.area["ukraine"].secure == "n-0"
    assert plant.alternative("onsite-1-n-1").tree.area["ukraine"].secure == "n-1"


def test_mines_are_sized_to_what_the_lines_leave(plant: Case) -> None:
    # the table 'Sizes of the mines' of the case's README, from Z02, Z20 and Z29
    net, stopped, big, small, southern = 950.0, 35 / 6, 2000.0, 400.0, 800.0
    left = {
        ("onsite-1", "onsite"): net - 5 * stopped - small,
        ("onsite-1-n-1", "onsite"): net - 5 * stopped - small,
        ("onsite-1-returned", "onsite"): net - 5 * stopped - small,
        ("onsite-2", "onsite"): 2 * net - 4 * stopped - small,
        ("onsite-6", "onsite"): 6 * net - (big + small),
        ("split-3-3", "onsite"): 3 * net - (big + small),
        ("split-3-3", "onsite_ru"): 3 * net - southern,
        ("obligation-600", "onsite"): net - 5 * stopped - 600,
        ("obligation-1200", "onsite"): 2 * net - 4 * stopped - 1200,
        ("obligation-2400", "onsite"): 6 * net - 2400,
        ("onsite-isolated", "onsite_isolated"): net,
    }
    for (alternative, mine), power in left.items():
        assert_allclose(mines(plant.alternative(alternative))[mine], power, atol=5.0)


def test_what_is_not_known_is_wide_enough_to_count(plant: Case) -> None:
    assert len(plant.unknowns) >= 25
    assert all(unknown.source in plant.sources for unknown in plant.unknowns)
    assert all(plant.levels(unknown).low < plant.levels(unknown).high for unknown in plant.unknowns)


# --- series --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "file"),
    [
        ("zaporizhzhia/make_prices.py", "zaporizhzhia/prices.csv"),
        ("nautilus/make_prices.py", "nautilus/prices.csv"),
        ("nautilus/make_bitcoin.py", "nautilus/bitcoin.csv"),
    ],
)
def test_a_generator_makes_its_file_again_byte_for_byte(script: str, file: str) -> None:
    made = runpy.run_path(str(CASES / script))["table"]()
    assert made.encode("utf-8") == (CASES / file).read_bytes()


def test_synthetic_prices_have_the_means_of_their_sources(plant: Case) -> None:
    areas = plant.tree.area
    ukraine, russia = areas["ukraine"].market, areas["russia"].market
    assert ukraine is not None
    assert russia is not None
    assert_allclose(np.mean(plant.values(ukraine.price)), 125.0, atol=0.01)  # M01
    assert_allclose(np.mean(plant.values(russia.price)), 29.0, atol=0.01)  # M07
    assert np.max(plant.values(ukraine.price)) <= 15_000 / 41.5 + 0.01  # M02
    assert np.shape(plant.values(ukraine.price)) == (len(plant.clock),) == (3653 * 24,)


@pytest.mark.parametrize(("currency", "low", "high"), [("UAH", 90.0, 180.0), ("RUB", 25.0, 33.0)])
def test_the_exchange_rate_moves_the_level_of_prices(
    plant: Case, currency: str, low: float, high: float
) -> None:
    # M01, M07
    area = {"UAH": "ukraine", "RUB": "russia"}[currency]
    unknown = next(u for u in plant.unknowns if u.path == f"money.rates.{currency}")
    for rate, mean in ((unknown.low, low), (unknown.high, high)):
        moved = plant.patched({unknown.path: rate})
        market = moved.tree.area[area].market
        assert market is not None
        assert_allclose(np.mean(moved.values(market.price)), mean, rtol=1e-4)


def test_prices_of_pjm_have_the_means_of_their_years(nautilus: Case) -> None:
    # M11
    market = nautilus.tree.area["pjm"].market
    assert market is not None
    price = nautilus.values(market.price)
    for year, mean in {2023: 31.08, 2024: 33.74}.items():
        assert_allclose(np.mean(price[nautilus.clock.year == year]), mean, atol=0.01)


def test_every_machine_of_a_case_is_in_the_table(plant: Case, nautilus: Case) -> None:
    for case in (plant, nautilus):
        for mine in case.tree.mine.values():
            assert find(mine.machine).name == mine.machine


# --- Nautilus ------------------------------------------------------------------------------------


def coins(case: Case, year: int, month: int) -> float:
    """Expected coins of a month from the difficulty alone, without the plan [BTC]."""
    mine, bitcoin = case.tree.mine["terawulf"], case.tree.bitcoin
    assert mine.efficiency is not None
    hashrate = mine.power * 1e6 / (mine.efficiency * mine.pue) * mine.uptime  # [TH/s]
    assert_allclose(hashrate / 1e6, 1.86, atol=0.01)
    since = np.arange(len(case.clock)) / bitcoin.block_time
    subsidy = np.where(bitcoin.height + since < 840_000, 6.25, 3.125)
    blocks = hashrate / case.values(bitcoin.network) / bitcoin.block_time
    earned = blocks * subsidy * (1 + case.values(bitcoin.fee_share))
    inside = (case.clock.year == year) & (case.clock.month_of_year == month)
    return float(np.sum(earned[inside]))


def test_nautilus_mines_what_the_company_reported(nautilus: Case) -> None:
    # TeraWulf, update for April 2024: 89 BTC in March, 79 in April, unaudited
    assert_allclose(coins(nautilus, 2024, 3), 89.0, rtol=0.05)
    assert_allclose(coins(nautilus, 2024, 4), 79.0, rtol=0.05)


def test_nautilus_pays_for_power_what_the_company_implies(nautilus: Case) -> None:
    # TeraWulf, March 2024: 13,798 USD a coin at 3.5 c/kWh over both sites; 2 c/kWh here
    mine = nautilus.tree.mine["terawulf"]
    spent = mine.power * mine.uptime * 743 * mine.power_price
    assert_allclose(spent / coins(nautilus, 2024, 3), 13_798 * 2.0 / 3.5, rtol=0.05)


def test_the_plan_agrees_with_the_company_on_coins_and_cost(nautilus: Case) -> None:
    # as the two tests above, by way of dispatch and ledger; the plan sells in price spikes
    accounts = settle_accounts(run(setting(nautilus, "as-built", "today")))
    march = 12  # months since March 2023
    mined, earned = accounts.balance.flows["mined"][march], accounts.balance.coins[march]
    assert_allclose(earned, 89.0, rtol=0.05)
    assert_allclose(accounts.balance.coins[march + 1], 79.0, rtol=0.05)
    assert_allclose(mined * 20.0 / earned, 13_798 * 2.0 / 3.5, rtol=0.05)


def test_the_halving_falls_on_its_day(nautilus: Case) -> None:
    bitcoin = nautilus.tree.bitcoin
    assert bitcoin.height is not None
    hours = (840_000 - bitcoin.height) * bitcoin.block_time
    halving = dt.datetime(2023, 3, 1, 5) + dt.timedelta(hours=hours)
    assert halving.date() == dt.date(2024, 4, 20)


def test_difficulty_of_a_known_header_comes_out_of_its_bits() -> None:
    # header of block 840,000: bits 17034219
    script = runpy.run_path(str(CASES / "nautilus/make_bitcoin.py"))
    assert_allclose(script["difficulty"]("17034219"), 86388558925171.02, rtol=1e-15)


def reference(name: str) -> list[dict[str, str]]:
    path = REFERENCE / name
    if not path.exists():
        pytest.skip("the reference data beside the checkout is absent")
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_retargets_are_those_of_the_chain() -> None:
    chain = {row["height"]: row for row in reference("btc_difficulty_retargets.csv")}
    with (CASES / "nautilus/difficulty.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            assert row["nbits"] == chain[row["height"]]["nbits"]
            assert row["time_utc"] == chain[row["height"]]["time_utc"] + "Z"


def test_monthly_prices_agree_with_daily_closes() -> None:
    closes: dict[str, list[float]] = {}
    for row in reference("price/btc_usd_daily_ohlcv_2020-07_2026-01.csv"):
        day = dt.datetime.fromtimestamp(int(row["TIME"]), dt.UTC)
        closes.setdefault(f"{day:%Y-%m}", []).append(float(row["CLOSE"]))
    with (CASES / "nautilus/months.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            assert_allclose(float(row["price_usd"]), np.mean(closes[row["month"]]), rtol=0.005)

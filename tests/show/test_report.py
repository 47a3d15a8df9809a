import dataclasses
import html
import re
from html.parser import HTMLParser

import pytest
from tests.show.sample import HOSTILE
from tests.show.sample_ensemble import with_futures

from baseload.plan.ensemble.odds import ranked
from baseload.show import drawing
from baseload.show.language import language
from baseload.show.oddspoints import margin_in
from baseload.show.report import render, year_rows

VERSIONS = {"baseload": "0.0"}
OUTPUTS = {"summary.json": {"sha256": "ab" * 32, "bytes": 12}}
VOID = {"meta", "link", "br", "img", "input", "hr"}


@pytest.fixture(scope="module", params=["en", "fr"])
def page(request, study) -> str:
    return render(study, request.param, versions=VERSIONS, outputs=OUTPUTS)


class Nesting(HTMLParser):
    """Checks that every element is closed in its order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parsed(page: str) -> Nesting:
    parser = Nesting()
    parser.feed(page)
    parser.close()
    return parser


def test_every_element_is_closed(page):
    assert parsed(page).open == []


def test_nothing_is_asked_of_a_network(page):
    for tag, attrs in parsed(page).tags:
        assert tag not in {"script", "iframe", "img", "object", "embed"}
        for name in ("src", "href", "xlink:href", "action", "data"):
            assert (attrs.get(name) or "#").startswith(("#", "data:,"))
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)


def test_a_claim_cannot_run_as_code(page):
    assert HOSTILE not in page
    assert html.escape(HOSTILE).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page


def test_key_points_come_before_everything_else(page):
    ids = [attrs["id"] for _, attrs in parsed(page).tags if attrs.get("id")]
    wanted = ["answer", "key", "stage", "alternatives", "shown", "claims", "arrangements"]
    wanted += ["precedents", "assumptions", "made"]
    assert [name for name in ids if name in wanted] == wanted


def test_all_registers_are_shown(page, study):
    case = study.case
    for name in (*case.claims, *case.arrangements, *case.precedents, *case.sources, *case.tree.bar):
        assert f">{name}<" in page
    for gate in case.tree.gate.values():
        assert gate.title in page
    for unknown in case.unknowns:
        assert unknown.low in page
        assert unknown.high in page


def test_values_from_memory_are_marked(page):
    row = re.search(r'<tr class="memory"><td class="path">plant.unit.U1.shutdown_load', page)
    assert row is not None


def test_headings_are_in_the_language_of_the_page(study):
    english = render(study, "en", versions=VERSIONS, outputs=OUTPUTS)
    french = render(study, "fr", versions=VERSIONS, outputs=OUTPUTS)
    assert '<html lang="en">' in english
    assert "<h2>Key points</h2>" in english
    assert '<html lang="fr">' in french
    assert "<h2>À retenir</h2>" in french
    assert "Key points" not in french


def test_the_same_study_gives_the_same_bytes(study, page):
    lang = re.search(r'<html lang="(\w+)"', page)[1]
    assert render(study, lang, versions=VERSIONS, outputs=OUTPUTS) == page


def test_the_page_is_small(page):
    assert len(page.encode()) < 3_000_000


def test_a_year_row_adds_up_the_cash_of_all_accounts(study):
    rows = year_rows(study.outcomes["pilot"]["opened"])
    # 2029: two months of import, machines, and ten months of sales, coins, fee and fuel.
    expected = 2 * -2e6 - 25e6 + 10 * (50e6 + 1.5e6 - 0.03e6 - 3e6)
    assert rows[2].year == 2029
    assert rows[2].cash == pytest.approx(expected, rel=1e-12)


@pytest.fixture(scope="module")
def drawn(study):
    return with_futures(study, 60)


@pytest.fixture(scope="module", params=["en", "fr"])
def odds_page(request, drawn) -> str:
    return render(drawn, request.param, versions=VERSIONS, outputs=OUTPUTS)


def test_a_page_with_futures_is_closed_small_and_asks_nothing_of_a_network(odds_page):
    assert parsed(odds_page).open == []
    assert len(odds_page.encode()) < 1_000_000
    for tag, attrs in parsed(odds_page).tags:
        assert tag != "script"
        assert (attrs.get("src") or attrs.get("href") or "#").startswith(("#", "data:,"))


def test_the_odds_come_right_after_the_key_points(odds_page):
    ids = [attrs["id"] for _, attrs in parsed(odds_page).tags if attrs.get("id")]
    wanted = ["answer", "key", "odds", "futures", "size", "signals", "sides", "stage"]
    assert [name for name in ids if name in wanted] == wanted


def test_the_page_tells_the_numbers_of_the_odds_and_of_the_summary(odds_page, drawn):
    tongue = language(re.search(r'<html lang="(\w+)"', odds_page)[1])
    pilot = next(each for each in ranked(drawn.ensemble) if each.name == "pilot")
    told = drawn.summary()["futures"]["alternatives"]["pilot"]
    assert told["mine_value_usd"]["mean"] == [pilot.value.mean.value, pilot.value.mean.error]
    assert f">{margin_in(pilot.value.mean, 1e6, tongue)}<" in odds_page
    low = told["mine_value_usd_if_built"]["quantiles"][0][0]
    assert f">{tongue.number(low / 1e6, signed=True)}<" in odds_page


def test_what_futures_leave_out_is_told_with_its_error(odds_page):
    assert re.search("ramps of units from step|rampes des tranches d’un pas", odds_page)
    assert re.search(r"price impact of exports · (not measured|non mesurée)", odds_page)


def test_every_party_is_shown_and_what_is_barred_is_named(odds_page, drawn):
    for part in drawn.prospects[0].parts:
        assert part.name in odds_page
    assert re.search(r"50 % (of the coins – barred|des bitcoins – interdit\s?): R01", odds_page)


def test_without_sizes_signals_and_arrangements_their_sections_are_absent(drawn, monkeypatch):
    monkeypatch.setattr(drawing, "_svg", lambda spec, tongue: '<svg viewBox="0 0 9 9"></svg>')
    bare = dataclasses.replace(drawn, worth=None, sizings=(), prospects=())
    page = render(bare, "en", versions=VERSIONS, outputs=OUTPUTS)
    ids = {attrs["id"] for _, attrs in parsed(page).tags if attrs.get("id")}
    assert {"odds", "futures"} <= ids
    assert not {"size", "signals", "sides"} & ids
    for link in re.findall(r'href="#(\w+)"', page[: page.index("</nav>")]):
        assert link in ids | {"claims", "arrangements"}


def test_a_page_without_futures_has_no_odds(page):
    assert 'id="odds"' not in page

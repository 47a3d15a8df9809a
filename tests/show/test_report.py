import html
import re
from html.parser import HTMLParser

import pytest
from tests.show.sample import HOSTILE

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

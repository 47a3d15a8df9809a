import re
from xml.etree import ElementTree

import numpy as np
import pytest

from baseload.show.drawing import COLOURS, Picture
from baseload.show.language import Language
from baseload.show.spreads import (
    Fan,
    Interval,
    Measure,
    bent_across,
    curve,
    fans,
    intervals,
    measures,
    shares,
)

EN, FR = Language("en"), Language("fr")
YEARS = np.arange(2027, 2031)
SVG = "{http://www.w3.org/2000/svg}"
QUANTILES = np.array([10.0, 20, 30, 40, 50])[:, None] * np.arange(1.0, 5)


def fan(tongue: Language = EN) -> Picture:
    panels = [Fan("Price", QUANTILES), Fan("Cash", QUANTILES - 100)]
    return fans("Fans", YEARS, panels, ("outer", "inner", "median"), tongue)


def rows_of_intervals() -> list[Interval]:
    return [
        Interval("Pilot", (-5.0, 20.0), (0.0, 10.0), 4.0, 5.0),
        Interval("Party · left out"),
    ]


@pytest.fixture(scope="module", params=["fans", "intervals", "shares", "curve", "measures"])
def picture(request) -> Picture:
    if request.param == "fans":
        return fan()
    if request.param == "intervals":
        return intervals("I", rows_of_intervals(), ("a", "b", "c", "d"), "M USD", EN)
    if request.param == "shares":
        return shares("S", YEARS, [("Gate", np.array([0.0, 0.004, 0.5, 1]), "mine-1")], EN)
    if request.param == "measures":
        row = Measure("Price", ((0.5, 0.1), (0.3, 0.05)))
        return measures("M", [row], ("total", "first"), "share", EN)
    size = np.linspace(0, 100, 5)
    band = (size - 10, size + 10)
    words = ("outer", "inner", "mean", "best")
    return curve("C", size, [band, band], size, 40.0, words, ("MW", "M USD"), EN)


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_a_picture_is_well_formed_has_a_name_and_fits(picture):
    for svg, most in ((picture.wide, 900), (picture.narrow, 350)):
        root = ElementTree.fromstring(svg)
        assert root.get("aria-label")
        assert 0 < float(root.get("viewBox").split()[2]) <= most


def test_every_colour_is_a_variable_of_the_page(picture):
    for svg in (picture.wide, picture.narrow):
        colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', svg)) - {"none", "transparent"}
        assert colours
        assert colours <= {f"var(--{name})" for name in COLOURS}


def test_pictures_can_share_a_page(picture):
    assert not re.search(r"\bid=|url\(", picture.wide + picture.narrow)


def test_a_fan_tells_its_median_and_its_ends_when_hovered_over():
    titles = [node.text for node in ElementTree.fromstring(fan(FR).wide).iter(f"{SVG}title")]
    assert "2028: 60 (20 … 100)" in titles


def test_a_narrow_fan_stacks_its_panels():
    def height(svg: str) -> float:
        return float(ElementTree.fromstring(svg).get("viewBox").split()[3])

    assert height(fan().narrow) > 1.8 * height(fan().wide)


def test_a_single_year_is_drawn_as_a_point():
    alone = fans("F", YEARS[:1], [Fan("Price", QUANTILES[:, :1])], ("a", "b", "c"), EN)
    assert "2027: 30 (10 … 50)" in alone.wide


def test_a_row_without_an_interval_keeps_its_name_only():
    drawn = intervals("I", rows_of_intervals(), ("a", "b", "c", "d"), "M USD", EN)
    assert "Party · left out" in texts(drawn.wide)
    bars = re.findall(r'fill="var\(--fan-narrow\)"', drawn.wide)
    assert len(bars) == 1


def test_the_legend_names_what_has_a_word():
    drawn = intervals("I", rows_of_intervals(), ("outer", "", "median", ""), "M USD", EN)
    assert [label for _, _, label in drawn.legend] == ["outer", "median"]


@pytest.mark.parametrize(
    ("share", "told"), [(0.0, "0"), (0.004, "<1"), (0.5, "50"), (0.996, ">99"), (1.0, "100")]
)
def test_the_rare_is_not_called_impossible_nor_the_likely_certain(share, told):
    drawn = shares("S", YEARS[:1], [("Gate", np.array([share]), "mine-1")], EN)
    assert told in texts(drawn.wide)


def test_an_axis_is_bent_only_where_few_values_dwarf_the_others():
    def scale(reach):
        return bent_across("v", "USD", reach).to_dict()["scale"].get("type")

    assert scale([0.0, -3.0, 4.0, 5.0]) is None
    assert scale([0.0, -3.0, 4.0, 5.0, 5_000.0]) == "symlog"


def test_the_marks_of_a_bent_axis_stand_at_zero_and_at_powers_of_ten_within_reach():
    axis = bent_across("v", "USD", [-30.0, 1.0, 2.0, 3.0, 5_000.0]).to_dict()["axis"]
    assert axis["values"] == [-10.0, 0.0, 10.0, 100.0, 1000.0]


def test_a_measure_tells_its_error():
    row = Measure("Price", ((31.0, 2.5),))
    drawn = measures("M", [row], ("worth",), "M USD", EN)
    assert "Price: 31 ± 2.5 M USD" in drawn.wide
    assert drawn.legend == ()

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from baseload.show.drawing import COLOURS, Layer, Picture
from baseload.show.language import Language
from baseload.show.plots import areas, bars, ranking, swings

EN, FR = Language("en"), Language("fr")
YEARS = np.arange(2027, 2031)
HOURS = np.arange("2031-03-03", "2031-03-10", dtype="datetime64[h]").astype("datetime64[s]")
SVG = "{http://www.w3.org/2000/svg}"


def energy(tongue: Language, values=(1.0, 2.0, 3.0, 4.0)) -> Picture:
    layer = Layer("Sold <b>", "market-1", np.array(values))
    line = Layer("Generated", "ink", np.array([1.5, 2.5, 3.5, 4.5]))
    return bars("Energy", YEARS, [layer], [line], "TWh", tongue)


def week(tongue: Language) -> Picture:
    flat = np.full(HOURS.size, 500.0)
    return areas(
        "Week",
        HOURS,
        [Layer("Sold", "market-1", flat), Layer("Mined", "mine-1", flat)],
        [Layer("Generated", "ink", 2 * flat)],
        [Layer("Price", "market-1", np.where(np.arange(HOURS.size) < 5, np.nan, 90.0))],
        ("MW", "USD/MWh"),
        tongue,
    )


@pytest.fixture(params=["bars", "areas", "swings", "ranking"])
def picture(request) -> Picture:
    if request.param == "bars":
        return energy(EN)
    if request.param == "areas":
        return week(EN)
    if request.param == "swings":
        return swings("S", [("Price", -1.0, 2.0)], 0.5, ("low", "high"), "bn USD", EN)
    return ranking("R", [("Pilot", 1.0), ("Six", -2.0)], "bn USD", EN)


def test_a_picture_is_well_formed_and_has_a_name(picture):
    for svg in (picture.wide, picture.narrow):
        root = ElementTree.fromstring(svg)
        assert root.tag == f"{SVG}svg"
        assert root.get("role") == "img"
        assert root.get("aria-label")


def test_every_colour_is_a_variable_of_the_page(picture):
    for svg in (picture.wide, picture.narrow):
        colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', svg)) - {"none", "transparent"}
        assert colours
        assert colours <= {f"var(--{name})" for name in COLOURS}


def test_the_narrow_picture_fits_a_phone(picture):
    for svg, most in ((picture.wide, 900), (picture.narrow, 350)):
        box = ElementTree.fromstring(svg).get("viewBox").split()
        assert 0 < float(box[2]) <= most
        assert float(box[3]) > 0


def test_pictures_can_share_a_page(picture):
    # An id would have to be unique on the page, and the drawer numbers them from zero each time.
    assert not re.search(r"\bid=|url\(", picture.wide + picture.narrow)


def test_a_picture_speaks_once_to_those_who_do_not_see_it(picture):
    assert len(re.findall(r" aria-| role=", picture.wide)) == 2


def test_the_same_numbers_give_the_same_bytes():
    assert energy(EN) == energy(EN)
    assert week(FR) == week(FR)


def test_a_bar_tells_its_value_when_hovered_over():
    titles = [node.text for node in ElementTree.fromstring(energy(FR).wide).iter(f"{SVG}title")]
    assert "Sold <b>, 2028: 2" in titles


def test_axes_speak_the_language_of_the_reader():
    def texts(svg: str) -> str:
        return " ".join(node.text or "" for node in ElementTree.fromstring(svg).iter(f"{SVG}text"))

    # 3 March 2031 is a Monday.
    assert "Mon 3" in texts(week(EN).wide)
    assert "lun. 3" in texts(week(FR).wide)
    assert "1,000" in texts(week(EN).wide)
    assert "1\u00a0000" in texts(week(FR).wide).replace("\u202f", "\u00a0")


def test_the_stack_reaches_as_high_as_its_sum():
    svg = energy(EN, (4.0, 4.0, 4.0, 4.0)).wide
    heights = [float(h) for h in re.findall(r' d="M[\d.]+,[\d.]+h[\d.]+v([\d.]+)h', svg)]
    bars_ = [height for height in heights if 0 < height < 260]
    # The axis ends at the 4.5 of the line, on a panel of 260 px.
    assert bars_ == pytest.approx([260 * 4 / 4.5] * 4, abs=0.1)


def test_the_legend_tells_areas_from_lines():
    assert week(EN).legend == (
        ("area", "market-1", "Sold"),
        ("area", "mine-1", "Mined"),
        ("line", "ink", "Generated"),
        ("line", "market-1", "Price"),
    )

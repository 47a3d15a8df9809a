import re
from xml.etree import ElementTree

import numpy as np
import pytest

from baseload.show.drawing import COLOURS, Layer
from baseload.show.language import Language
from baseload.show.sankey import sankey

SVG = "{http://www.w3.org/2000/svg}"


def flow(label: str, colour: str, value: float) -> Layer:
    return Layer(label, colour, np.array([value]))


@pytest.fixture(scope="module")
def picture():
    came = [flow("Generated <b>", "ink", 9.0), flow("Imported", "soft", 1.0)]
    went = [
        flow("House", "house", 1.0),
        flow("Sold", "market-1", 6.0),
        flow("Mined", "mine-1", 2.999),
        flow("Curtailed", "curtailed", 0.001),
    ]
    return sankey("Energy", came, went, "TWh", Language("en"))


def bars(svg: str) -> dict[str, float]:
    found = re.findall(r'height="([\d.]+)" fill="var\(--([\w-]+)\)"', svg)
    return {colour: float(height) for height, colour in found}


def test_a_bar_is_as_tall_as_its_share(picture):
    for svg in (picture.wide, picture.narrow):
        tall = bars(svg)
        assert tall["market-1"] / tall["house"] == pytest.approx(6.0, rel=0.01)
        assert tall["market-1"] / tall["mine-1"] == pytest.approx(2.0, rel=0.01)


def test_both_sides_fill_the_node_in_the_middle(picture):
    """The outer edges of ribbons at the node: from its top to its bottom, without gaps."""
    ends = re.findall(r'd="M[\d.]+,([\d.]+)C[\d. ,]+V([\d.]+)C[\d. ,]+Z"', picture.wide)
    assert len(ends) == 6
    starts = [float(begin) for begin, _ in ends[2:]]
    thick = [6.0, 2.999]
    height = 260.0
    assert starts[2] - starts[1] == pytest.approx(height * thick[0] / 10, abs=0.2)
    assert starts[3] - starts[2] == pytest.approx(height * thick[1] / 10, abs=0.2)


def test_labels_do_not_lie_on_each_other(picture):
    for svg in (picture.wide, picture.narrow):
        places = {}
        for node in ElementTree.fromstring(svg).iter(f"{SVG}text"):
            places.setdefault(node.get("x"), []).append(float(node.get("y")))
        for heights in places.values():
            assert np.diff(sorted(heights)).min() >= 13.0


def test_every_flow_tells_its_amount_and_share(picture):
    assert "Sold" in picture.narrow
    assert "6 TWh · 60\u00a0%" in picture.narrow


def test_names_cannot_run_as_code_and_colours_are_variables(picture):
    assert "<b>" not in picture.wide
    colours = set(re.findall(r'fill="([^"]+)"', picture.wide))
    assert colours <= {f"var(--{name})" for name in COLOURS}


def test_the_narrow_picture_fits_a_phone(picture):
    for svg, most in ((picture.wide, 900), (picture.narrow, 350)):
        assert float(ElementTree.fromstring(svg).get("viewBox").split()[2]) <= most

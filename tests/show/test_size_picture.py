import xml.etree.ElementTree as ET

from tests.show.test_size_text import sizing

from baseload.show.size_picture import picture


def test_the_curve_is_a_picture_that_names_the_optimum():
    drawn = picture(sizing())
    assert ET.fromstring(drawn).tag.endswith("svg")
    assert "best 100 MW" in drawn
    assert "value added [million USD]" in drawn

import altair as alt
import pytest

from baseload.case.errors import InputError
from baseload.show.picture_file import check_picture, save_chart

CHART = alt.vconcat(alt.Chart(alt.Data(values=[{"x": 1}])).mark_point().encode(x="x:Q"))


@pytest.mark.parametrize("name", ["a.jpg", "a", "missing/a.svg"])
def test_a_file_that_no_picture_goes_into_is_refused(tmp_path, name):
    with pytest.raises(InputError, match=r"ending on \.svg or \.png, in a folder that exists"):
        check_picture(tmp_path / name)


def test_a_picture_may_have_fewer_endings(tmp_path):
    with pytest.raises(InputError, match=r"ending on \.svg, in a folder"):
        check_picture(tmp_path / "a.png", (".svg",))


@pytest.mark.parametrize(("name", "head"), [("a.svg", b"<svg"), ("a.PNG", b"\x89PNG")])
def test_the_ending_says_how_a_chart_is_written_and_nothing_else_is_left(tmp_path, name, head):
    save_chart(CHART, tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(head)
    assert [path.name for path in tmp_path.iterdir()] == [name]

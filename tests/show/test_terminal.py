import json

from baseload.show.terminal import print_json, progress


def test_without_a_terminal_each_step_is_one_line(capsys):
    with progress() as report:
        report("pilot", 0, 3)
        report("pilot", 1, 3)
        report("six units", 2, 3)
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "pilot (1 of 3)\nsix units (3 of 3)\n"


def test_json_is_the_only_thing_printed_and_keeps_its_letters(capsys):
    print_json({"title": "À retenir"})
    out = capsys.readouterr().out
    assert json.loads(out) == {"title": "À retenir"}
    assert "À" in out

import dataclasses
import json

import pytest
from tests.show.sample import sample_study, write_case
from tests.show.sample_ensemble import sample_ensemble

from baseload.case.errors import InputError
from baseload.plan import study as planning
from baseload.plan.ensemble import run as running
from baseload.show import make as making
from baseload.show import report
from baseload.show.folder import MANIFEST, Options, write_study
from baseload.show.reproduce import Comparison, again


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Write the sample study beside its case, and make it again by hand when asked to."""
    made = sample_study(tmp_path / "case")
    write_study(made, Options((), "en", 0), tmp_path / "study", made.case.folder)
    monkeypatch.setattr(
        planning, "study", lambda case, names, **_: dataclasses.replace(made, case=case)
    )
    return tmp_path / "study"


def test_the_same_case_gives_the_same_study(folder):
    comparison = again(folder)
    assert comparison == Comparison()
    assert str(comparison) == "identical, bit for bit"


def test_a_changed_input_is_named(folder):
    claims = folder.parent / "case" / "claims.toml"
    claims.write_text(claims.read_text() + "# a remark\n")
    comparison = again(folder)
    assert comparison.inputs == ["claims.toml has changed"]
    # The remark changes no result, but the report shows the digest of every input.
    assert comparison.outputs == ["report.html differs"]


def test_a_changed_result_is_named_by_its_key(folder):
    manifest = json.loads((folder / MANIFEST).read_text())
    summary = json.loads((folder / "summary.json").read_text())
    summary["alternatives"]["pilot"]["if_gates_open"]["npv_usd"] = 1.0
    (folder / "summary.json").write_text(json.dumps(summary))
    manifest["outputs"]["summary.json"]["sha256"] = "0" * 64
    (folder / MANIFEST).write_text(json.dumps(manifest))
    comparison = again(folder)
    assert comparison.stored == ["summary.json has changed"]
    assert comparison.outputs == [
        "summary.json, alternatives.pilot.if_gates_open.npv_usd 1.0 then, 820000000.0 now"
    ]
    assert not comparison.identical


def test_a_file_that_was_tampered_with_is_named(folder):
    (folder / "report.html").write_text("<p>better figures</p>")
    comparison = again(folder)
    assert comparison.stored == ["report.html has changed"]
    assert comparison.outputs == []
    assert not comparison.identical


def test_another_version_is_named(folder):
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["versions"]["numpy"] = "1.0"
    (folder / MANIFEST).write_text(json.dumps(manifest))
    [line] = again(folder).versions
    assert line.startswith("numpy 1.0 then, ")


def test_a_case_that_has_moved_can_be_pointed_at(folder, tmp_path):
    (tmp_path / "case").rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="baseload study CASE --again DIR"):
        again(folder)
    assert again(folder, tmp_path / "elsewhere").identical


def test_the_folder_is_not_changed(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_case(folder.parent / "case")
    again(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_futures_are_drawn_again_and_compared(tmp_path, monkeypatch):
    made = sample_study(tmp_path / "case")
    drawn = dataclasses.replace(made, ensemble=sample_ensemble(made.case, 20, seed=3))
    out = tmp_path / "study"
    monkeypatch.setattr(report, "render", lambda *_, **__: "<p>report</p>")
    write_study(drawn, Options((), "en", 3, 20), out, made.case.folder)
    monkeypatch.setattr(
        planning, "study", lambda case, names, **_: dataclasses.replace(made, case=case)
    )
    seed = 3
    monkeypatch.setattr(
        running,
        "simulate",
        lambda case, names, *, scenarios, **_: sample_ensemble(case, scenarios, seed),
    )
    monkeypatch.setattr(
        making, "deepened", lambda made, ensemble, *_: dataclasses.replace(made, ensemble=ensemble)
    )
    assert again(out).identical
    seed = 4
    found = [line.split()[1] for line in again(out).outputs if line.startswith("results.nc")]
    # The first of many; base values are not among them.
    assert "futures/bitcoin_price" in found
    assert all(name.startswith("futures/") or name == "and" for name in found)

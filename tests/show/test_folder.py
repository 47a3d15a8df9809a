import dataclasses
import json
import os
import signal

import numpy as np
import pyarrow.parquet as pq
import pytest
import xarray as xr
from tests.show.sample_ensemble import sample_ensemble

from baseload.case.errors import InputError
from baseload.show import report
from baseload.show.folder import (
    MANIFEST,
    Options,
    check_free,
    digests,
    files_of,
    options_of,
    read_manifest,
    write_all,
    write_study,
)

OPTIONS = Options(("pilot", "status-quo"), "fr", 7)
NAMES = {"summary.json", "results.nc", "cash.parquet", "report.html", MANIFEST}


@pytest.fixture(scope="module")
def written(study, tmp_path_factory):
    out = tmp_path_factory.mktemp("written") / "study"
    write_study(study, OPTIONS, out, study.case.folder)
    return out


def test_a_study_folder_holds_its_five_files_and_nothing_else(written):
    assert {path.name for path in written.iterdir()} == NAMES


def test_the_manifest_records_what_was_read_asked_and_written(written, study):
    manifest = read_manifest(written)
    assert options_of(manifest) == OPTIONS
    assert (written / manifest["case"]).resolve() == study.case.folder.resolve()
    assert set(manifest["inputs"]) == set(study.case.inputs)
    assert {"baseload", "python", "numpy", "numba", "highspy", "xarray"} <= set(
        manifest["versions"]
    )
    files = {name: (written / name).read_bytes() for name in NAMES - {MANIFEST}}
    assert manifest["outputs"] == digests(files)
    assert manifest["command"].endswith(
        "--alternative pilot --alternative status-quo --lang fr --seed 7"
    )


def test_the_same_study_gives_the_same_bytes(study, tmp_path):
    assert digests(files_of(study, OPTIONS, tmp_path)) == digests(
        files_of(study, OPTIONS, tmp_path)
    )


def test_the_results_open_as_a_labelled_dataset(written, study):
    with xr.open_dataset(written / "results.nc", engine="h5netcdf") as dataset:
        found = dataset["generated"].sel(alternative="pilot", world="opened").values
    np.testing.assert_array_equal(found, study.outcomes["pilot"]["opened"].energy["generated"])


def test_the_cash_flows_sum_to_those_of_the_ledgers(written, study):
    table = pq.read_table(written / "cash.parquet").to_pandas()
    ours = table[(table["alternative"] == "pilot") & (table["world"] == "opened")]
    total = study.outcomes["pilot"]["opened"].ledger.total()
    assert ours["amount_usd"].sum() == pytest.approx(total, rel=1e-12)


def test_the_results_hold_the_futures_beside_base_values(study, tmp_path, monkeypatch):
    monkeypatch.setattr(report, "render", lambda *_, **__: "<p>report</p>")
    ensemble = sample_ensemble(study.case, scenarios=20)
    whole = dataclasses.replace(study, ensemble=ensemble)
    options = Options((), "en", 3, 20)
    out = tmp_path / "study"
    write_study(whole, options, out, study.case.folder)
    assert {path.name for path in tmp_path.iterdir()} == {"study"}
    assert {path.name for path in out.iterdir()} == NAMES
    assert options_of(read_manifest(out)) == options
    assert read_manifest(out)["command"].endswith("--seed 3 --scenarios 20")
    with xr.open_dataset(out / "results.nc", engine="h5netcdf", group="futures") as found:
        kept = found["coins"].sel(alternative="pilot").values
    np.testing.assert_array_equal(kept, ensemble.of("coins", "pilot"))
    plain = files_of(study, options, tmp_path)["results.nc"]
    (tmp_path / "plain.nc").write_bytes(plain)
    with (
        xr.open_dataset(out / "results.nc", engine="h5netcdf") as found,
        xr.open_dataset(tmp_path / "plain.nc", engine="h5netcdf") as base,
    ):
        assert found.identical(base)


def test_a_manifest_from_before_there_were_futures_is_read(written):
    manifest = read_manifest(written)
    for name in ("scenarios", "keep"):
        manifest["options"].pop(name)
    assert options_of(manifest) == OPTIONS


def test_digests_of_a_file_are_those_of_its_bytes(tmp_path):
    data = bytes(range(256)) * 5000
    (tmp_path / "big").write_bytes(data)
    assert digests({"a": tmp_path / "big"}) == digests({"a": data})


def test_a_file_on_disk_is_moved_into_its_place(tmp_path):
    (tmp_path / "made").write_bytes(b"new")
    out = tmp_path / "out"
    out.mkdir()
    write_all(out, {"a": tmp_path / "made", "b": b"new"})
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {"a": b"new", "b": b"new"}


def test_a_study_folder_may_be_refreshed(written, study):
    check_free(written)
    write_study(study, Options((), "en", 0), written, study.case.folder)
    assert options_of(read_manifest(written)) == Options((), "en", 0)
    assert {path.name for path in written.iterdir()} == NAMES


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="nothing was changed"):
        check_free(tmp_path)


def test_a_file_is_no_folder(tmp_path):
    path = tmp_path / "file"
    path.write_text("")
    with pytest.raises(InputError, match="found    a file"):
        check_free(path)


def test_a_place_without_right_to_write_is_refused_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    with pytest.raises(InputError, match="no right to write in"):
        check_free(tmp_path / "deep" / "down")


def test_a_new_folder_and_an_empty_one_are_free(tmp_path):
    check_free(tmp_path)
    check_free(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"kind": "another"})])
def test_a_manifest_of_another_kind_is_refused(tmp_path, text):
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(InputError, match="expected the manifest of a study folder"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("part", "value"),
    [("case", 3), ("outputs", []), ("options", {"alternatives": [3], "lang": "en", "seed": 0})],
)
def test_a_manifest_that_was_tampered_with_is_refused(tmp_path, written, part, value):
    manifest = read_manifest(written) | {part: value}
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="a file of another kind or format"):
        read_manifest(tmp_path)


def test_files_appear_whole_or_not_at_all(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"old")

    def fails(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(InputError, match="found    disk full"):
        write_all(tmp_path, {"a": b"new", "b": b"new"})
    assert {path.name for path in tmp_path.iterdir()} == {"a"}
    assert (tmp_path / "a").read_bytes() == b"old"


def test_a_folder_that_the_system_refuses_is_told_as_such(tmp_path, study):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="a folder that may be written to"):
        write_study(study, OPTIONS, tmp_path / "file" / "study", study.case.folder)
    with pytest.raises(InputError, match="a folder that may be written to"):
        write_all(tmp_path / "missing", {"a": b""})


def test_ctrl_c_between_two_files_waits_until_both_are_there(tmp_path, monkeypatch):
    move = os.replace

    def interrupted(part, target):
        signal.raise_signal(signal.SIGINT)
        move(part, target)

    monkeypatch.setattr(os, "replace", interrupted)
    write_all(tmp_path, {"a": b"new", "b": b"new"})
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

"""The command line as a user meets it, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr
from tests.show.sample import write_case

ROOT = Path(__file__).resolve().parents[2]
NAUTILUS = ROOT / "cases" / "nautilus"
RETARGETS = ROOT.parent / "shared" / "data" / "btc_difficulty_retargets.csv"
RUN = [sys.executable, "-c", "from baseload.show.cli import main; main()"]
HEAVY = ("numba", "xarray", "highspy", "pandas", "pyarrow", "altair", "babel", "jinja2", "pint")


def baseload(*arguments: str | Path, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RUN, *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "120"},
    )


@pytest.fixture(scope="module")
def studied(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Study the real precedent once, in English."""
    out = tmp_path_factory.mktemp("studied") / "nautilus"
    return out, baseload("study", NAUTILUS, "--out", out)


def test_help_imports_nothing_heavy():
    code = (
        "import sys; sys.argv = ['baseload', '--help']\n"
        "from baseload.show.cli import main\n"
        "try: main()\n"
        "except SystemExit as left: assert not left.code\n"
        f"print('LOADED', [name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED []"
    for command in ("check", "study", "dispatch", "machines", "hashprice", "coins"):
        assert f"  {command} " in done.stdout


def test_the_version_is_that_of_the_package():
    from importlib.metadata import version

    assert baseload("--version").stdout == f"baseload {version('baseload')}\n"


def test_a_study_prints_its_table_and_where_the_report_lies(studied):
    out, done = studied
    assert done.returncode == 0, done.stderr
    assert "as-built" in done.stdout
    assert done.stdout.rstrip().endswith(f"report: {out / 'report.html'}")
    # One line for each step, since standard error is no terminal here.
    assert done.stderr.splitlines()[-1].startswith("writing the study folder")
    assert "\x1b" not in done.stdout + done.stderr


def test_a_study_folder_agrees_with_itself(studied):
    out, _ = studied
    summary = json.loads((out / "summary.json").read_text())
    found = summary["alternatives"]["as-built"]
    assert found["built"] is True
    assert found["mine_mw"] == pytest.approx(50.0)
    with xr.open_dataset(out / "results.nc", engine="h5netcdf") as dataset:
        npv = float(dataset["npv"].sel(alternative="as-built", world="today"))
    assert npv == found["npv_usd"]


def test_a_study_made_again_is_identical(studied):
    out, _ = studied
    done = baseload("study", "--again", out)
    assert (done.returncode, done.stdout) == (0, "identical, bit for bit\n")


def test_one_alternative_as_json_is_json_and_nothing_else(tmp_path):
    done = baseload(
        "study", NAUTILUS, "--alternative", "no-mine", "--out", tmp_path / "one", "--json"
    )
    assert done.returncode == 0, done.stderr
    assert list(json.loads(done.stdout)["alternatives"]) == ["no-mine"]


def test_another_folder_is_not_overwritten(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    done = baseload("study", NAUTILUS, "--out", tmp_path)
    assert done.returncode == 2
    assert "nothing was changed in this one" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_ctrl_c_leaves_with_130_and_writes_nothing(tmp_path):
    process = subprocess.Popen(
        [*RUN, "study", str(NAUTILUS), "--out", str(tmp_path / "out"), "--workers", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    # The second line says that the first alternative is under way.
    assert process.stderr.readline().startswith("reading the case")
    assert process.stderr.readline()
    # A terminal interrupts the command and its workers alike.
    os.killpg(process.pid, signal.SIGINT)
    _, rest = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Traceback" not in rest
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".nc", ".parquet", ".csv"])
def test_a_dispatch_writes_its_file(tmp_path, suffix):
    out = tmp_path / f"week{suffix}"
    done = baseload(
        "dispatch", NAUTILUS, "--alternative", "as-built", "--start", "2024-03-04",
        "--hours", "168", "--out", out, "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["certificate"]
    assert found["objective_usd"] > 0
    assert out.stat().st_size > 1000


def test_a_case_is_checked_and_described():
    done = baseload("check", ROOT / "cases" / "zaporizhzhia")
    assert done.returncode == 0, done.stderr
    for bar in ("R01", "R05", "R06", "R08"):
        assert bar in done.stdout
    for wanted in ("2031-03-15", "from memory", "Stage: talk", "What is not known"):
        assert wanted in done.stdout


def test_a_case_is_described_as_json():
    done = baseload("check", ROOT / "cases" / "zaporizhzhia", "--json")
    assert json.loads(done.stdout)["name"] == "Zaporizhzhia NPP"


def test_the_schema_is_printed_as_json():
    assert "$defs" in json.loads(baseload("check", "--schema").stdout)


def test_machines_and_hashprice_answer_in_json():
    machines = json.loads(baseload("machines", "--json").stdout)
    assert len(machines) >= 30
    done = baseload(
        "hashprice",
        "--difficulty",
        "126.982e12",
        "--price",
        "107000",
        "--fee-share",
        "1%",
        "--json",
    )
    # 1e15 * 86,400 / (126.982e12 * 2**32) * 3.125 * 1.01 * 107,000
    assert json.loads(done.stdout)["hashprice_usd_per_ph_day"] == pytest.approx(53.50, abs=0.005)


@pytest.mark.skipif(not RETARGETS.is_file(), reason="no reference data beside the checkout")
def test_coins_of_a_past_month_come_with_their_interval():
    done = baseload(
        "coins", "--hashrate", "30.3 EH/s", "--from", "2025-03-01", "--to", "2025-04-01",
        "--retargets", RETARGETS, "--fee-share", "2%", "--json",
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert set(found) == {"coins_btc", "blocks", "blocks_p5", "blocks_p95"}
    assert found["blocks_p5"] < found["blocks"] < found["blocks_p95"]
    # Riot's report for March 2025: 533 BTC at 30.3 EH/s (company production update).
    assert found["coins_btc"] == pytest.approx(533, rel=0.02)


BAD = {
    "no case": (("check", "nowhere"), "case.toml"),
    "no argument": (("check",), "write: baseload check CASE"),
    "no out": (("study", str(NAUTILUS)), "no --out"),
    "language": (("study", str(NAUTILUS), "--out", "x", "--lang", "de"), "en or fr"),
    "day": (
        ("dispatch", str(NAUTILUS), "--alternative", "as-built", "--start", "soon", "--hours", "24",
         "--out", "x.nc"),
        "a day such as",
    ),
    "format": (
        ("dispatch", str(NAUTILUS), "--alternative", "as-built", "--start", "2024-03-04", "--hours",
         "24", "--out", "x.xls"),
        ".parquet",
    ),
    "alternative": (
        ("study", str(NAUTILUS), "--out", "x", "--alternative", "as-bulit"),
        'did you mean "as-built"?',
    ),
    "again": (("study", "--again", "nowhere"), "manifest.json"),
    "hashrate": (
        ("coins", "--hashrate", "30 MW", "--from", "2025-03-01", "--to", "2025-04-01",
         "--retargets", "none.csv"),
        "found    a power: MW",
    ),
    "price": (("hashprice", "--difficulty", "1e14", "--price", "-1"), "a number above zero"),
    "unknown option": (("study", "--nowhere"), "No such option"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_leaves_with_2_and_says_why(name, tmp_path):
    arguments, wanted = BAD[name]
    done = baseload(*arguments, folder=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert wanted in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_an_error_in_a_case_is_told_in_four_lines(tmp_path):
    case = write_case(tmp_path / "case")
    text = (case / "case.toml").read_text()
    (case / "case.toml").write_text(text.replace('"30 MW"', '"30 MWh"').replace("400 MW", "400"))
    done = baseload("check", case)
    assert done.returncode == 2
    where, expected, found, mend = done.stderr.splitlines()[:4]
    assert "case.toml, line" in where
    assert expected.startswith("  expected a power")
    assert found.startswith("  found    a number without a unit")
    assert "400 MW" in mend


def test_alternatives_are_completed_in_a_shell(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "from baseload.show.cli import app; app(prog_name='baseload')"],
        env={
            **os.environ,
            "_BASELOAD_COMPLETE": "complete_bash",
            "COMP_WORDS": f"baseload study {write_case(tmp_path)} --alternative p",
            "COMP_CWORD": "4",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["pilot"]

"""The house keeps its own rules: the ones no other tool checks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "baseload"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = {name: ROOT / "constraints" / f"{name}.txt" for name in ("run", "test", "bench")}
PIN = re.compile(
    r"^([\w.-]+)==(\S+)(?: ; [^\\]+)?((?: \\\n    --hash=sha256:[0-9a-f]{64})*)$", re.MULTILINE
)


def committed_files() -> list[Path]:
    """Files that git tracks or would track; skips where this is not a git checkout."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return [path for path in paths if path.is_file()]


def pins(lock: Path) -> dict[str, str]:
    """Version of each package that a lock file pins."""
    return {name: version for name, version, _ in PIN.findall(lock.read_text(encoding="utf-8"))}


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_committed_file_holds_the_address_of_an_index():
    # The lookbehind lets "--no-emit-..." pass; the pieces keep this file from finding itself.
    patterns = (r"(?<!emit-)index" + "-url", "find" + "-links", r"https?://\S+/sim" + r"ple\b")
    address = re.compile("|".join(patterns).encode())
    found = [
        path.relative_to(ROOT).as_posix()
        for path in committed_files()
        if address.search(path.read_bytes())
    ]
    assert found == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_file_is_a_pin_with_hashes(name):
    text = LOCKS[name].read_text(encoding="utf-8")
    assert PIN.sub("", text).strip() == ""
    assert all(hashes for _, _, hashes in PIN.findall(text))


@pytest.mark.parametrize(
    ("name", "extras"),
    [("run", []), ("test", ["dev", "scale"]), ("bench", ["dev", "scale", "peers"])],
)
def test_a_lock_file_pins_what_the_project_asks_for(name, extras):
    project = PROJECT["project"]
    asked = list(project["dependencies"])
    asked += PROJECT["build-system"]["requires"]
    asked += [line for extra in extras for line in project["optional-dependencies"][extra]]
    pinned = pins(LOCKS[name])
    for requirement in map(Requirement, asked):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not in {name}.txt: run make lock"
        assert requirement.specifier.contains(version), f"{requirement} in {name}.txt: {version}"


def test_each_lock_file_extends_the_one_before_with_the_same_versions():
    run, test, bench = (pins(path) for path in LOCKS.values())
    assert run.items() <= test.items() <= bench.items()


def test_every_test_module_mirrors_a_module():
    strays = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        mirrored = path.relative_to(ROOT / "tests").with_name(path.stem.removeprefix("test_"))
        if mirrored.parts[0] in {"layout", "end_to_end"}:
            continue
        homes = (PACKAGE, ROOT)
        if not any((h / mirrored).is_dir() or (h / f"{mirrored}.py").is_file() for h in homes):
            strays.append(path.relative_to(ROOT).as_posix())
    assert strays == []


def test_no_room_or_module_is_a_drawer_for_everything():
    drawers = {"utils", "util", "common", "core", "helpers", "misc"}
    names = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")}
    assert [name for name in sorted(names) if drawers & set(name[:-3].split("/"))] == []


def test_no_module_is_longer_than_six_hundred_lines():
    lengths = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8").count("\n")
        for folder in (PACKAGE, ROOT / "tests", ROOT / "benchmarks")
        for path in folder.rglob("*.py")
    }
    assert {name: lines for name, lines in lengths.items() if lines > 600} == {}


def test_the_version_is_the_same_wherever_it_is_written():
    version = PROJECT["project"]["version"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^version: (\S+)$", citation, re.MULTILINE).group(1) == version
    assert re.search(r"^## (\S+)", changelog, re.MULTILINE).group(1) == version


def test_every_link_of_the_documentation_leads_somewhere():
    pages = [path for path in committed_files() if path.suffix == ".md"]
    broken = []
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT).as_posix()}: {target}")
    assert broken == []


def test_the_help_starts_without_the_heavy_libraries():
    code = """
import sys
from baseload.show.cli import main
sys.argv = ["baseload", "--help"]
try:
    main()
except SystemExit as leave:
    assert not leave.code, leave.code
heavy = {"numba", "xarray", "highspy", "pandas", "altair", "pint", "pyarrow"}
print("loaded:", *sorted(heavy & set(sys.modules)))
"""
    answer = run_python(code)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines()[-1].strip() == "loaded:"


def test_the_package_imports_where_nothing_can_be_written():
    # An installation that is read-only for a user without a home has no place for compiled
    # kernels. Only numba's locator for zip files is left here: it finds none either.
    code = """
import importlib, pkgutil, baseload
for module in pkgutil.walk_packages(baseload.__path__, "baseload."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""
    answer = run_python(code, NUMBA_CACHE_LOCATOR_CLASSES="ZipCacheLocator", NUMBA_CACHE_DIR="")
    assert answer.returncode == 0, answer.stderr


def test_the_checkout_is_what_is_tested():
    spec = find_spec("baseload")
    assert spec is not None
    assert Path(spec.origin).resolve() == PACKAGE / "__init__.py"

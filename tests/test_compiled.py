"""How kernels are compiled; tests/test_layout.py tries it where nothing can be written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from baseload.compiled import compiled, is_kept, stamp

CALLEE = """
from baseload.compiled import compiled
from rates.constants import FACTOR

@compiled(inner=True)
def scale(x):
    return FACTOR * x
"""
CALLER = """
from baseload.compiled import compiled
from rates.callee import scale

@compiled()
def scaled(x):
    return scale(x)
"""
RUN = """
from baseload.compiled import is_kept
from rates.caller import scaled
print(is_kept(scaled), scaled(1.0))
"""


def test_a_kernel_gives_what_its_python_gives() -> None:
    def twice(x: float) -> float:
        return 2.0 * x

    assert compiled()(twice)(21.0) == twice(21.0)


def write(folder: Path, callee: str = CALLEE, factor: str = "2.0") -> None:
    package = folder / "rates"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").touch()
    (package / "constants.py").write_text(f"FACTOR = {factor}\n")
    (package / "callee.py").write_text(callee)
    (package / "caller.py").write_text(CALLER)


def run(folder: Path) -> str:
    """Call the kernel in a new process, which has only what was kept on disk."""
    paths = os.pathsep.join([str(folder), *sys.path])
    environment = {**os.environ, "PYTHONPATH": paths, "NUMBA_CACHE_DIR": str(folder / "kept")}
    done = subprocess.run(
        [sys.executable, "-c", RUN], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_a_kernel_is_kept_until_one_that_it_calls_or_a_constant_of_that_one_changes(
    tmp_path: Path,
) -> None:
    write(tmp_path)
    assert run(tmp_path) == "False 2.0"
    assert run(tmp_path) == "True 2.0"
    write(tmp_path, CALLEE.replace("FACTOR * x", "FACTOR * x + 1.0"))
    assert run(tmp_path) == "False 3.0"
    write(tmp_path, factor="5.0")
    assert run(tmp_path) == "False 5.0"


def test_a_file_without_kernels_leaves_what_is_kept_alone(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "rates" / "prose.py").write_text("WORDS = 1\n")
    assert "callee.py" in os.listdir(tmp_path / "rates")
    before = stamp(tmp_path / "rates" / "caller.py")
    stamp.__globals__["_content"].cache_clear()
    (tmp_path / "rates" / "prose.py").write_text("WORDS = 2\n")
    assert stamp(tmp_path / "rates" / "caller.py") == before


def test_literals_do_not_make_versions_of_a_kernel_that_kernels_call() -> None:
    @compiled(inner=True)
    def plus(x: float, k: int) -> float:
        return x + k

    @compiled()
    def thrice(x: float) -> float:
        return plus(x, 1) + plus(x, 2) + plus(x, 3)

    assert thrice(1.0) == 9.0
    assert len(plus.signatures) == 1  # type: ignore[attr-defined]


def test_a_kernel_is_there_once_it_has_been_called() -> None:
    @compiled()
    def total(values: np.ndarray) -> float:
        return float(values.sum())

    total(np.ones(3))
    assert is_kept(total)

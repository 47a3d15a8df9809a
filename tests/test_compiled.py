"""How kernels are compiled; tests/test_layout.py tries it where nothing can be written."""

from __future__ import annotations

from baseload.compiled import compiled


def test_a_kernel_gives_what_its_python_gives() -> None:
    def twice(x: float) -> float:
        return 2.0 * x

    assert compiled()(twice)(21.0) == twice(21.0)

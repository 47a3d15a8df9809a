from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.minimal import write_case

from baseload.case.case import Case
from baseload.case.errors import InputError
from baseload.case.load import load

Told = Callable[..., str]


@pytest.fixture
def small(tmp_path: Path) -> Case:
    """The small case, loaded."""
    return load(write_case(tmp_path / "small"))


@pytest.fixture
def refusal(tmp_path: Path) -> Told:
    """Write the small case with edits, load it, and return what the error says."""

    def told(*edits: tuple[str, str], **files: str) -> str:
        with pytest.raises(InputError) as caught:
            load(write_case(tmp_path / "case", *edits, **files))
        return str(caught.value).replace(f"{tmp_path}/", "")

    return told

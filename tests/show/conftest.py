from pathlib import Path

import pytest
from tests.show.sample import sample_study

from baseload.plan.outcome import Study


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Return the study made by hand of the sample case."""
    return sample_study(Path(tmp_path_factory.mktemp("sample")) / "case")

import dataclasses
from pathlib import Path

import pytest
from tests.show.sample import sample_study
from tests.show.sample_ensemble import sample_ensemble

from baseload.case.errors import InputError
from baseload.plan import study as planning
from baseload.plan.ensemble import run as running
from baseload.show import make as making
from baseload.show.folder import Options
from baseload.show.make import Means, make, unfinished


@pytest.fixture
def made(tmp_path, monkeypatch):
    found = sample_study(tmp_path / "case")
    monkeypatch.setattr(
        planning, "study", lambda case, names, **_: dataclasses.replace(found, case=case)
    )
    monkeypatch.setattr(
        running,
        "simulate",
        lambda case, names, *, scenarios, seed, **_: sample_ensemble(case, scenarios, seed),
    )
    monkeypatch.setattr(making, "deepened", undeepened)
    return found


def undeepened(made, ensemble, *_):
    """Add the futures alone."""
    return dataclasses.replace(made, ensemble=ensemble)


def test_base_values_come_without_futures_where_none_are_asked_for(made):
    assert make(made.case, Options((), "en", 0), Means()).ensemble is None


def test_futures_come_with_base_values_where_they_are_asked_for(made):
    found = make(made.case, Options((), "en", 4, 12), Means())
    assert (found.ensemble.scenarios, found.ensemble.seed) == (12, 4)
    assert found.outcomes == made.outcomes


def test_a_resume_without_a_start_is_refused_before_any_work(made, monkeypatch, tmp_path):
    monkeypatch.setattr(planning, "study", None)
    with pytest.raises(InputError, match="--resume"):
        make(made.case, Options((), "en", 4, 12), Means(folder=tmp_path / "f", resume=True))


def test_finished_futures_are_kept_beside_the_study():
    assert unfinished(Path("/data/studies/pilot/")) == Path("/data/studies/.pilot.part")

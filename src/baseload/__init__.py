"""baseload: plan, run, share and prove Bitcoin mining on the surplus power of a plant.

>>> import baseload
>>> case = baseload.load("cases/zaporizhzhia")              # doctest: +SKIP
>>> baseload.dispatch(case, "pilot", hours=168)             # doctest: +SKIP
>>> baseload.study(case)                                    # doctest: +SKIP
>>> futures = baseload.simulate(case, scenarios=500)        # doctest: +SKIP
>>> baseload.size(case, "onsite-6", scenarios=500)          # doctest: +SKIP
>>> baseload.worth_of(case)                                 # doctest: +SKIP
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"

__all__ = ["__version__", "dispatch", "load", "simulate", "size", "study", "worth_of"]

_HOMES = {
    "load": "baseload.case.load",
    "dispatch": "baseload.plan.dispatch_case",
    "study": "baseload.plan.study",
    "simulate": "baseload.plan.ensemble.run",
    "size": "baseload.plan.sizing.size",
    "worth_of": "baseload.plan.worth.study",
}


def __getattr__(name: str) -> Any:
    """Import a function when it is first asked for, so that starting stays light."""
    from importlib import import_module

    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'baseload' has no attribute '{name}'")

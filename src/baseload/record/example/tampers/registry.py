"""The named ways to cheat or to fail, and what each changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from baseload.record.errors import RecordError
from baseload.record.example import scene
from baseload.record.example.drafts import Story
from baseload.record.example.office import Writers

LAYERS = ("truth", "measured", "drafts", "entries", "files")
"""What is changed: what happens; what is said of it; entries before their source signs them;
signed entries before the log takes them; files of the kit."""

Act = TypeVar("Act", bound=Callable[..., Any])


@dataclass(frozen=True)
class Tamper:
    """A way to cheat.

    Parameters
    ----------
    name : what the command line calls it.
    layer : what it changes, of `LAYERS`.
    act : does it.
    expects : codes of findings of which at least one must come; empty where none can.
    size, unit : how large it is unless told, and in what; 0 where it has no size.
    tests : tests of the reconciliation, of which one should see it.
    """

    name: str
    layer: str
    act: Callable[..., Any]
    expects: tuple[str, ...]
    size: float = 0.0
    unit: str = ""
    tests: tuple[str, ...] = ()

    @property
    def story(self) -> str:
        """Who does it, and what they hope."""
        return " ".join((self.act.__doc__ or "").split())


TAMPERS: dict[str, Tamper] = {}


def tamper(
    name: str,
    layer: str,
    expects: tuple[str, ...] = (),
    *,
    size: float = 0.0,
    unit: str = "",
    tests: tuple[str, ...] = (),
) -> Callable[[Act], Act]:
    """Enter a function under a name."""

    def enter(act: Act) -> Act:
        codes = expects or (("reconciliation.alarm",) if tests else ())
        TAMPERS[name] = Tamper(name, layer, act, codes, size, unit, tests)
        return act

    return enter


def everything() -> list[Tamper]:
    """Return all tampers: what happens first, files last."""
    from baseload.record.example.tampers import entries, files, pools, power

    del entries, files, pools, power
    return sorted(TAMPERS.values(), key=lambda way: LAYERS.index(way.layer))


def find(name: str) -> Tamper:
    """Return a tamper by its name.

    Raises
    ------
    RecordError
        There is none of that name.
    """
    everything()
    if name in TAMPERS:
        return TAMPERS[name]
    from difflib import get_close_matches

    near = get_close_matches(name, TAMPERS, 1)
    raise RecordError(
        f"tamper {name!r}",
        expected="one of " + ", ".join(sorted(TAMPERS)),
        found=repr(name),
        mend=f"did you mean {near[0]!r}?" if near else "choose one of the list",
    )


@dataclass
class Cheat:
    """What a cheat knows while the record is written.

    Parameters
    ----------
    tamper, size : which, and how large.
    writers : keys; a cheat uses only those of the party that cheats.
    tale : story.
    memory : what it keeps from one hour to the next.
    """

    tamper: Tamper
    size: float
    writers: Writers
    tale: Story
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def hour(self) -> int:
        """The hour in which single things happen: noon of the middle day."""
        return self.tale.days // 2 * 24 + 12

    @property
    def first(self) -> int:
        """The first interval of that hour."""
        return self.hour * scene.PER_HOUR


def from_middle(count: int) -> slice:
    """Return the intervals of the second half."""
    return slice(count // 2, count)

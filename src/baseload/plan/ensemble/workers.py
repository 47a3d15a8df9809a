"""Who computes the chunks: this process, or several on this machine; what is lost is done again."""

from __future__ import annotations

import contextlib
import pickle
import signal
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from baseload.case.errors import InputError
from baseload.plan.ensemble.chunks import About, ChunkFolder, Span, encode
from baseload.plan.ensemble.result import Simplification

if TYPE_CHECKING:
    from multiprocessing.context import SpawnContext

    from baseload.case.case import Case

TRIES = 3
"""Processes that may die of a chunk before it is given up."""

PATIENCE = 5.0
"""Time that a process is given to end before it is ended [s]."""

Done = Callable[[Span], None]
"""Called with every chunk that is on disk."""


class Simulation(Protocol):
    """What computes futures; a future does not depend on those it is computed with."""

    @property
    def labels(self) -> Any:
        """Labels of the dimensions: unknowns, gates, areas, years."""

    @property
    def simplified(self) -> tuple[Simplification, ...]:
        """What futures leave out."""

    def run(self, first: int, last: int) -> Mapping[str, NDArray[np.float64]]:
        """Return every variable for futures ``first`` to ``last - 1``."""


Factory = Callable[["Case", tuple[str, ...], int, int], Simulation]
"""Called with case, alternatives, seed and number of futures."""


@dataclass(frozen=True)
class Task:
    """All that a process needs to compute any chunk of a study."""

    case: Case
    alternatives: tuple[str, ...]
    seed: int
    scenarios: int
    factory: Factory
    key: str

    def simulation(self) -> Simulation:
        """Prepare what computes futures."""
        return self.factory(self.case, self.alternatives, self.seed, self.scenarios)

    def chunk(self, simulation: Simulation, span: Span) -> bytes:
        """Compute a chunk."""
        about = About.of(simulation.labels, simulation.simplified)
        return encode(self.key, span, about, len(self.alternatives), simulation.run(*span))


def alone(task: Task, folder: ChunkFolder, spans: Sequence[Span], done: Done) -> None:
    """Compute chunks one after the other in this process.

    Parameters
    ----------
    task : what to compute.
    folder : where chunks are kept.
    spans : futures of each.
    done : told of each chunk.
    """
    simulation = task.simulation()
    for span in spans:
        folder.write(span, task.chunk(simulation, span))
        done(span)


def by_processes(
    task: Task, folder: ChunkFolder, spans: Sequence[Span], done: Done, workers: int
) -> None:
    """Compute chunks in several processes of this machine.

    Parameters
    ----------
    task, folder, spans, done : as for `alone`.
    workers : processes at a time.

    Raises
    ------
    InputError
        Processes died of one and the same chunk too often.
    Exception
        Whatever was raised in a process.
    """
    waiting, lost = deque(spans), Counter[Span]()
    crew: list[_Worker] = []
    context = get_context("spawn")  # compiled kernels and their threads do not survive a fork
    try:
        while waiting or any(worker.span for worker in crew):
            busy = sum(worker.span is not None for worker in crew)
            while len(crew) < min(workers, busy + len(waiting)):
                crew.append(_Worker(context, task, folder))
            for worker in crew:
                if worker.span is None and waiting:
                    worker.give(waiting.popleft())
            for worker, span in _ready(crew):
                if worker.has_finished():
                    done(span)
                    continue
                crew.remove(worker)
                lost[span] += 1
                if lost[span] >= TRIES:
                    raise given_up(span, worker.last_words())
                waiting.appendleft(span)
    finally:
        for worker in crew:
            worker.end()


def given_up(span: Span, how: str) -> InputError:
    """Return the error of a chunk of which processes die."""
    return InputError(
        f"futures {span.first} to {span.last - 1}",
        expected="a process that computes them to the end",
        found=f"{TRIES} processes ended before: {how}",
        mend="give more memory or fewer --workers; go on with --resume",
    )


class _Worker:
    """A process of its own, and the chunk it is at."""

    def __init__(self, context: SpawnContext, task: Task, folder: ChunkFolder) -> None:
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, task, folder), daemon=True)
        self.span: Span | None = None
        with _interrupts_held_back():
            self._process.start()
        theirs.close()

    @property
    def pipe(self) -> Connection:
        return self._pipe

    def give(self, span: Span) -> None:
        self.span = span
        # A process that is dead already is noticed when its answer is read.
        with contextlib.suppress(OSError):
            self._pipe.send(span)

    def has_finished(self) -> bool:
        """Read the answer: true for a chunk done, false for a process that died."""
        try:
            error = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join(PATIENCE)
            return False
        if error is not None:
            raise error
        self.span = None
        return True

    def last_words(self) -> str:
        code = self._process.exitcode
        if code is not None and code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"exit code {code}"

    def end(self) -> None:
        self._process.terminate()
        self._process.join(PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._pipe.close()


def _ready(crew: Sequence[_Worker]) -> list[tuple[_Worker, Span]]:
    """Wait until processes answer or die, and return them with what they are at."""
    pipes = wait([worker.pipe for worker in crew if worker.span is not None])
    return [(w, w.span) for w in crew if w.span is not None and w.pipe in pipes]


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Keep Ctrl-C from a process that starts here, for life, and from this one until it has.

    Who asked for the work ends its processes itself, and tells of it once.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection, task: Task, folder: ChunkFolder) -> None:
    """Compute chunk after chunk until nobody asks any more."""
    try:
        simulation = task.simulation()
        for span in _asked(pipe):
            folder.write(span, task.chunk(simulation, span))
            _answer(pipe, None)
    except Exception as error:
        _answer(pipe, sendable(error))


def _asked(pipe: Connection) -> Iterator[Span]:
    while True:
        try:
            span = pipe.recv()
        except (EOFError, OSError):
            return
        yield span


def _answer(pipe: Connection, answer: Exception | None) -> None:
    # Nobody is left to answer where the process that asked was killed.
    with contextlib.suppress(OSError):
        pipe.send(answer)


def sendable(error: Exception) -> Exception:
    """Return an error that can cross to another process, with its traceback as a note."""
    if not isinstance(error, InputError):
        error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError("".join(traceback.format_exception(error)))
    return error

"""Chunks computed by the workers of a Dask cluster."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from baseload.case.errors import InputError
from baseload.plan.ensemble.chunks import ChunkFolder, Span, versions
from baseload.plan.ensemble.workers import Done, Task, given_up

TIMEOUT = 15.0
"""Time in which the scheduler must answer, and the first worker be there [s]."""

AHEAD = 2
"""Chunks asked for at a time, for each thread of the cluster."""


def by_cluster(
    task: Task,
    folder: ChunkFolder,
    spans: Sequence[Span],
    done: Done,
    address: str,
    timeout: float = TIMEOUT,
) -> None:
    """Compute chunks on a Dask cluster; this process alone writes them to disk.

    Parameters
    ----------
    task, folder, spans, done : as for `baseload.plan.ensemble.workers.alone`.
    address : of the scheduler, such as ``tcp://10.0.0.1:8786``.
    timeout : time in which it must answer and have a worker [s].

    Raises
    ------
    InputError
        Dask is not installed, no scheduler answers, it has no worker, a worker has other
        versions, or workers died of one and the same chunk too often.

    Notes
    -----
    Every worker must have the same versions. The same bits as on this machine also need the
    same kind of processor, for which kernels are compiled.
    """
    check_address(address)
    dask = _distributed(address)
    with _client(dask, address, timeout) as client:
        # The case travels as a task of its own: where it is lost with a worker, the scheduler
        # makes it again, as it does with the chunks.
        study = client.submit(_held, pickle.dumps((task, versions())), pure=False)
        asked: dict[Any, Span] = {}
        try:
            _gather(dask, client, study, folder, list(spans), done, asked)
        finally:
            client.cancel([study, *asked])


def check_cluster(address: str, timeout: float = TIMEOUT) -> None:
    """Find out, before any work, whether a scheduler answers and has a worker.

    Parameters
    ----------
    address, timeout : as for `on_cluster`.

    Raises
    ------
    InputError
        Dask is not installed, no scheduler answers, or it has no worker.
    """
    check_address(address)
    with _client(_distributed(address), address, timeout):
        pass


def _gather(
    dask: Any,
    client: Any,
    study: Any,
    folder: ChunkFolder,
    spans: list[Span],
    done: Done,
    asked: dict[Any, Span],
) -> None:
    """Keep a few chunks ahead of those that are finished, so that memory stays small."""
    ahead = max(1, AHEAD * sum(client.nthreads().values()))
    first, rest = spans[:ahead], iter(spans[ahead:])

    def ask(span: Span) -> Any:
        future = client.submit(_computed, study, span, pure=False)
        asked[future] = span
        return future

    arriving = dask.as_completed([ask(span) for span in first], loop=client.loop)
    for future in arriving:
        span = asked.pop(future)
        folder.write(span, _result(dask, future, span))
        future.release()
        done(span)
        following = next(rest, None)
        if following is not None:
            arriving.add(ask(following))


def _result(dask: Any, future: Any, span: Span) -> bytes:
    try:
        return bytes(future.result())
    except dask.KilledWorker as error:
        raise given_up(span, f"the cluster's last was {error.last_worker}") from None
    except ModuleNotFoundError as error:
        raise _other_version(str(error)) from None


@contextmanager
def _client(dask: Any, address: str, timeout: float) -> Iterator[Any]:
    try:
        client = dask.Client(address, timeout=timeout, set_as_default=False)
    except (OSError, ValueError) as error:
        raise _unreachable(address, str(error).splitlines()[0] if str(error) else "none") from None
    try:
        try:
            client.wait_for_workers(1, timeout=timeout)
        except TimeoutError:
            raise _unreachable(address, "a scheduler without a worker") from None
        yield client
    finally:
        client.close()


def _distributed(address: str) -> Any:
    """Import the package, which is an extra."""
    try:
        return import_module("distributed")
    except ImportError:
        raise InputError(
            f"--cluster {address}",
            expected="the package 'distributed', by which Dask clusters are reached",
            found="it is not installed",
            mend="pip install 'baseload[scale]', or leave --cluster out",
        ) from None


def check_address(address: str) -> None:
    """Refuse what cannot be the address of a scheduler."""
    scheme, _, place = address.partition("://")
    host, _, port = place.rpartition(":")
    if scheme in {"tcp", "tls"} and host and port.isdecimal() and int(port) < 65536:
        return
    raise InputError(
        f"--cluster {address}",
        expected="the address of a Dask scheduler, such as tcp://127.0.0.1:8786",
        found=f'"{address}"',
        mend="write the address that 'dask scheduler' prints when it starts",
    )


def _unreachable(address: str, found: str) -> InputError:
    return InputError(
        f"--cluster {address}",
        expected="a Dask scheduler that answers, with at least one worker",
        found=found,
        mend=f"start them: dask scheduler; dask worker {address}",
    )


def _other_version(found: str) -> InputError:
    ours = ", ".join(f"{name} {number}" for name, number in versions().items())
    return InputError(
        "--cluster, a worker",
        expected=f"the versions of this process: {ours}",
        found=found,
        mend="install the same versions for all workers",
    )


# --- what runs on a worker ------------------------------------------------------------------

_prepared = threading.local()


def _held(study: bytes) -> bytes:
    """Keep the study on a worker, where its chunks find it."""
    return study


def _computed(study: bytes, span: Span) -> bytes:
    """Compute a chunk; what computes it is prepared once in each thread."""
    if getattr(_prepared, "study", None) != study:
        task, wanted = pickle.loads(study)
        if wanted != versions():
            raise _other_version(", ".join(f"{name} {n}" for name, n in versions().items()))
        _prepared.study, _prepared.task = study, task
        _prepared.simulation = task.simulation()
    return bytes(_prepared.task.chunk(_prepared.simulation, span))

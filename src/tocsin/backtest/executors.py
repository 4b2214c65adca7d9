"""Where origins are worked on: in this process, in processes of their own, or on a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent import futures
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

from tocsin.backtest.parts import make
from tocsin.backtest.settings import Settings
from tocsin.beside import ONE_THREAD
from tocsin.errors import BadInput, NotReachable
from tocsin.panel import Panel

Made = Iterator[tuple[int, bytes]]

_CONNECT_SECONDS = 10

_MOST = 61
"""Processes for which Windows can wait at once."""


def parts(
    panel: Panel, settings: Settings, origins: Sequence[int], *, jobs: int, cluster: str | None
) -> Made:
    """Yield each origin and its part, in the order in which they are done.

    jobs: processes, when `cluster` is None; cluster: address of a Dask scheduler.
    BadInput for fewer than one job or without the package `distributed`, NotReachable if the scheduler does
    not answer or workers keep dying; an error of the method comes out as it was raised.
    """
    if jobs < 1:
        raise BadInput("backtest.jobs", value=jobs)
    if cluster is not None:
        return _on_cluster(panel, settings, origins, cluster)
    if os.name == "nt":
        jobs = min(jobs, _MOST)
    if jobs == 1 or len(origins) < 2:
        return ((origin, make(panel, settings, origin)) for origin in origins)
    return _on_processes(panel, settings, origins, min(jobs, len(origins)))


def _on_processes(panel: Panel, settings: Settings, origins: Sequence[int], jobs: int) -> Made:
    # Spawned rather than forked: a fork of a process with threads can hang. The environment has to be set
    # here, before a worker's libraries are loaded.
    with _one_thread_each():
        pool = futures.ProcessPoolExecutor(
            jobs, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(panel, settings)
        )
        others, workers = set(multiprocessing.active_children()), set[BaseProcess]()
        try:
            waiting = {pool.submit(_make, origin): origin for origin in origins}
            workers = set(multiprocessing.active_children()) - others
            for done in futures.as_completed(list(waiting)):
                yield waiting.pop(done), done.result()
        except BrokenProcessPool as error:
            raise NotReachable("backtest.worker_died") from error
        except BaseException:
            # Whoever stops a run need not wait for origins whose parts nobody will keep.
            for worker in workers:
                worker.terminate()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


_work: tuple[Panel, Settings] | None = None


def _begin(panel: Panel, settings: Settings) -> None:
    """Set up a worker: what to work on, and to end quietly with the process that started it."""
    global _work
    _work = panel, settings
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    # A parent that is killed cannot stop its workers, which would wait for work for ever.
    parent.join()
    os._exit(1)


def _make(origin: int) -> bytes:
    assert _work is not None
    return make(*_work, origin)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _on_cluster(panel: Panel, settings: Settings, origins: Sequence[int], address: str) -> Made:
    try:
        from distributed import Client, as_completed
        from distributed.comm.addressing import get_address_host_port, normalize_address
        from distributed.scheduler import KilledWorker
    except ImportError as error:
        raise BadInput("backtest.no_cluster_extra") from error
    try:
        # A client that is given no address at all fails half made, and complains once more as it is let go.
        get_address_host_port(normalize_address(address))
    except ValueError as error:
        raise BadInput("backtest.not_address", value=address) from error
    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise NotReachable("backtest.cluster_silent", address=address) from error
    with client:
        # A task, not scattered data: if every worker that holds the panel dies, the scheduler makes it again.
        held = client.submit(_same, panel, pure=False)
        waiting = {client.submit(make, held, settings, origin, pure=False): origin for origin in origins}
        try:
            for done in as_completed(list(waiting), loop=client.loop):  # type: ignore[no-untyped-call]
                yield waiting.pop(done), done.result()
        except (KilledWorker, futures.CancelledError, OSError) as error:
            raise NotReachable("backtest.cluster_lost", address=address) from error


def _same(panel: Panel) -> Panel:
    return panel

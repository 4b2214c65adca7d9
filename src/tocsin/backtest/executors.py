"""Where origins are worked on: in this process, in processes of their own, or on a Dask cluster."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Sequence
from concurrent import futures
from contextlib import ExitStack

from tocsin.backtest.parts import make
from tocsin.backtest.settings import Settings
from tocsin.beside import Beside, Failed
from tocsin.errors import BadInput, NotReachable
from tocsin.panel import Panel

Made = Iterator[tuple[int, bytes]]

_CONNECT_SECONDS = 10


def parts(
    panel: Panel, settings: Settings, origins: Sequence[int], *, jobs: int, cluster: str | None
) -> Made:
    """Yield each origin and its part, in the order in which they are done.

    jobs: processes, when `cluster` is None; cluster: address of a Dask scheduler.
    BadInput without the package `distributed`, NotReachable if the scheduler does not answer or workers keep
    dying; an error of the method comes out as it was raised.
    """
    if cluster is not None:
        return _on_cluster(panel, settings, origins, cluster)
    if jobs == 1 or len(origins) < 2:
        return ((origin, make(panel, settings, origin)) for origin in origins)
    return _on_processes(panel, settings, origins, min(jobs, len(origins)))


def _on_processes(panel: Panel, settings: Settings, origins: Sequence[int], jobs: int) -> Made:
    free: queue.SimpleQueue[Beside[bytes]] = queue.SimpleQueue()

    def made(origin: int) -> bytes:
        worker = free.get()
        try:
            worker.ask(origin)
            return worker.result()
        finally:
            free.put(worker)

    # Left in the order of the last line, backwards: nothing more is begun, then the workers are stopped, so
    # that nobody who stops a run waits for origins whose parts will not be kept.
    with futures.ThreadPoolExecutor(jobs) as pool, ExitStack() as workers:
        for _ in range(jobs):
            free.put(workers.enter_context(Beside(make, panel, settings)))
        workers.callback(pool.shutdown, wait=False, cancel_futures=True)
        waiting = {pool.submit(made, origin): origin for origin in origins}
        try:
            for done in futures.as_completed(list(waiting)):
                yield waiting.pop(done), done.result()
        except Failed as error:
            raise NotReachable("backtest.worker_died") from error


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

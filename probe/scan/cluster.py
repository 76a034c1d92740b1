"""The passes of a scan on a Dask cluster: parts are read wherever there is room, and merged there, as a tree."""

import copy
import logging
import signal
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import probe
from probe.activations import Block
from probe.cores import CORES, LIMIT
from probe.errors import UserError
from probe.progress import progress_bar
from probe.scan.engine import Part, in_pairs
from probe.scan.packing import pack, unpack

try:
    import dask
    from distributed import CancelledError, Client, KilledWorker, LocalCluster, WorkerPlugin, get_worker
    from distributed.comm import resolve_address
except ModuleNotFoundError as error:
    raise UserError(f"--dask needs Dask, of which {error.name} is not installed: pip install 'probe-lstm[dask]'") \
        from error

LOCAL, LOOPBACK = "local", "127.0.0.1"
# Seconds for a scheduler and its first worker to answer, and between two messages of a part on how far it is.
PATIENCE, TOLD = 30, 0.5


class Cluster:
    """Runs on the workers of a cluster; to be closed, or used as a context.

    What is sent: once, as one string of bytes, the task with all parts of the text, which name the folders of text and
    activations rather than hold them; from worker to worker what was collected, as bytes too; here the one result. A
    task makes bytes from bytes and changes nothing, so that Dask does it again where a worker was lost.

    All processes must see the folders under the same names, and run the same version of this package. Anybody who can
    connect to a scheduler can run programs on its workers: beyond one's own machine, use Dask's TLS.

    Args:
        address: of a scheduler, for example ``"tcp://10.0.0.1:8786"``; or ``"local"`` for processes of this machine's
            own, one a core, which nothing outside of it can reach.
        parts: into how many parts a text is cut. Defaults to one for each thread of the workers.

    Raises:
        UserError: there is no scheduler, it has no workers, or these have no such version of this package.
    """

    def __init__(self, address: str, parts: int | None = None) -> None:
        self._parts, self._own, self.asked = parts, None, parts is not None
        if address == LOCAL:
            # Port 0, or a second scan would complain that the port of the page that is not shown is taken.
            self._own = LocalCluster(n_workers=CORES, threads_per_worker=1, processes=True, host=LOOPBACK,
                                     dashboard_address=None, scheduler_kwargs={"dashboard_address": f"{LOOPBACK}:0"},
                                     silence_logs=logging.CRITICAL, env={LIMIT: "1"})
        try:
            if self._own is None:
                resolve_address(address)  # a client that is not told where to go would try to close for a minute
            self._client = Client(self._own or address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise UserError(f"--dask must be 'local' or the address of a Dask scheduler that runs, such as "
                            f"tcp://10.0.0.1:8786; received {address!r}: {error}") from error
        try:
            if self._own is not None:
                self._client.register_plugin(_Deaf())
            self._greet(address)
        except BaseException:
            self.close()
            raise

    def _greet(self, address: str) -> None:
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise UserError(f"{address}: the scheduler has no workers; start some with 'dask worker {address}'") \
                from error
        for worker, version in self._client.run(_version, on_error="return").items():
            if version != probe.__version__:
                raise UserError(f"{worker}: this worker must have version {probe.__version__} of this package; "
                                f"received {version}")

    @property
    def parts(self) -> int:
        """Into how many parts a text is cut."""
        return self._parts or sum(self._client.nthreads().values())

    def run(self, task: Callable[..., Any], parts: Sequence[Part], name: str, *, show: bool) -> Any:
        """Return what ``task`` collects on all parts, merged.

        Raises:
            UserError: what a part raises, parts that end their workers again and again, or a scheduler that is lost.
        """
        topic, read = f"probe-{uuid4().hex}", [0] * len(parts)
        total = sum(len(part.segment) for part in parts)
        with progress_bar(total, name, show=show) as bar:
            def told(event: tuple[float, tuple[int, int]]) -> None:
                part, characters = event[1]
                read[part] = characters  # fewer than before, where a part began anew
                bar.update(sum(read) - bar.n)

            self._client.subscribe_topic(topic, told)
            try:
                whole = unpack(self._computed(task, parts, topic))
            except KilledWorker as error:
                raise UserError(f"{name}: reading a part ended its worker {error.allowed_failures + 1} times, as it "
                                "does where memory is short: use more --parts, or workers with more memory") from error
            except (CancelledError, OSError) as error:
                raise UserError(f"{name}: the connection to the scheduler was lost: {error}") from error
            finally:
                self._client.unsubscribe_topic(topic)
            bar.update(total - bar.n)
        return whole

    def _computed(self, task: Callable[..., Any], parts: Sequence[Part], topic: str) -> bytes:
        # The parts hold the same weights and the same text, which are packed once when all are packed together.
        packed = dask.delayed(pack((task, tuple(parts))), pure=False)
        collect, merge = (dask.delayed(function, pure=False) for function in (_collected, _merged))
        whole = in_pairs((collect(packed, part, topic) for part in range(len(parts))), merge)
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "10GB"}):
            return self._client.compute(whole, optimize_graph=False).result()

    def close(self) -> None:
        """Leave the cluster, and end it if it is of this machine's own."""
        self._client.close()
        if self._own is not None:
            self._own.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()


class _Deaf(WorkerPlugin):
    """Leaves Ctrl-C, which a terminal sends to all its processes, to the one that ends the others."""

    def setup(self, worker: Any) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _version() -> str:
    return probe.__version__


def _collected(packed: bytes, part: int, topic: str) -> bytes:
    """Do a task on a part, in a worker."""
    task, parts = _opened(packed)
    # A copy, since a part that was read keeps the network that read it.
    return pack(task(copy.copy(parts[part]), _Teller(part, topic)))


def _merged(first: bytes, second: bytes) -> bytes:
    """Merge what was collected on neighbours, in a worker."""
    whole = unpack(first)
    whole.merge(unpack(second))
    return pack(whole)


@lru_cache(maxsize=1)
def _opened(packed: bytes) -> Any:
    """Opened once in a process, with the text in it, whose checksum is looked at then."""
    return unpack(packed)


class _Teller:
    """Tells who listens to a topic how far a part is."""

    def __init__(self, part: int, topic: str) -> None:
        self._worker, self._part, self._topic = get_worker(), part, topic
        self._read, self._told = 0, time.monotonic()

    def __call__(self, block: Block) -> None:
        self._read += block.losses.size
        if time.monotonic() - self._told > TOLD:
            self._told = time.monotonic()
            self._worker.log_event(self._topic, (self._part, self._read))

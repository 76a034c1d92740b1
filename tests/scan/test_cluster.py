"""A scan on a real cluster of processes: what it finds is what one process finds, whatever happens to the workers."""

import json
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from probe.activations.interchange.recorded import Recorded
from probe.activations.store import write_store
from probe.cli.main import main
from probe.corpus import Corpus
from probe.errors import UserError
from probe.scan import ScanOptions, scan
from probe.scan.controls.ablation import AblationOptions
from probe.scan.engine import EngineOptions, Local, engine_for, parts_of
from probe.scan.records import flat
from tests.scan.waiting import Waiting

distributed = pytest.importorskip("distributed", reason="Dask is not installed: pip install 'probe-lstm[dask]'")

# Sockets and loops that Dask leaves to the garbage collector when it ends, and what it says of its own settings.
pytestmark = [pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
              pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]

OPTIONS = ScanOptions(patterns="inside_quotes,word_start,whitespace,column,word_length", top=3, passage=300, passages=3)
PARTS = 5
# Fields of a finding's row that do not depend on parts.
SAME_IN_PARTS = ("selection_", "confirmation_", "raw_", "interval_", "auc_interval_", "margin_", "ngram_")


@pytest.fixture(scope="module")
def cluster():
    from probe.scan.cluster import LIMIT, LOOPBACK

    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, host=LOOPBACK,
                                  dashboard_address=None, silence_logs=logging.CRITICAL, env={LIMIT: "1"},
                                  scheduler_kwargs={"dashboard_address": f"{LOOPBACK}:0"}) as cluster:
        yield cluster


@pytest.fixture
def engine(cluster):
    from probe.scan.cluster import Cluster

    with Cluster(cluster.scheduler_address, PARTS) as engine:
        yield engine


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Corpus:
    generator = np.random.default_rng(0)
    words = "the cat ran over a bridge because nobody had told it that rivers are deep and cold".split()
    lines = [f"“{' '.join(generator.choice(words, generator.integers(2, 9)))},” said the fox, and "
             f"{' '.join(generator.choice(words, generator.integers(3, 12)))}.\n" for _ in range(320)]
    return Corpus.of("".join(lines), folder=tmp_path_factory.mktemp("text") / "corpus")


@pytest.fixture(scope="module")
def halves(corpus) -> tuple[Recorded, Recorded]:
    """Noise, of which half of the units drift, and unit 7, which is high at spaces."""
    generator = np.random.default_rng(1)
    values = generator.normal(size=(len(corpus), 20))
    values[:, 10:] += np.sin(np.arange(len(corpus)) / 300)[:, None]
    values[:, 7] += np.array([character == " " for character in corpus.document().text])
    return Recorded.of({"1": values.astype(np.float32), "2": np.tanh(values[:, ::-1])}, corpus).halves()


@pytest.fixture(scope="module")
def here(halves):
    return scan(*halves, OPTIONS, engine=Local(PARTS), show=False)


def assert_same(found, expected, tolerance=1e-6):
    for name, values in {**expected.measures, **expected.controls}.items():
        np.testing.assert_allclose({**found.measures, **found.controls}[name], values, atol=tolerance, err_msg=name)
    assert len(found.findings) == len(expected.findings)
    for mine, theirs in zip(found.rows(), expected.rows(), strict=True):
        assert mine == pytest.approx(theirs, abs=tolerance, nan_ok=True)
    for mine, theirs in zip(found.passages, expected.passages, strict=True):
        assert (mine.start, mine.text) == (theirs.start, theirs.text)
        np.testing.assert_array_equal(mine.labels, theirs.labels)
    for mine, theirs in zip(found.portraits, expected.portraits, strict=True):
        assert (mine.layer, mine.unit, mine.characters) == (theirs.layer, theirs.unit, theirs.characters)
        assert [mine.low, mine.high] == pytest.approx([theirs.low, theirs.high], abs=tolerance)
    assert found.provenance == expected.provenance


def test_a_cluster_finds_what_one_process_finds_in_the_same_parts(engine, halves, here):
    assert_same(scan(*halves, OPTIONS, engine=engine, show=False), here, 0)
    assert next(f for f in here.findings if f.pattern == "whitespace").unit == 7


def test_parts_give_the_measures_of_the_whole(halves, here):
    """Recorded activations are the same in parts; only which labels are rolled where differs."""
    whole = scan(*halves, OPTIONS, show=False)
    for name, values in whole.measures.items():
        np.testing.assert_allclose(here.measures[name], values, atol=1e-6, err_msg=name)
    for mine, theirs in zip(here.findings, whole.findings, strict=True):
        assert (mine.pattern, mine.rank, mine.label) == (theirs.pattern, theirs.rank, theirs.label)
        rows = ({name: value for name, value in flat(each).items() if name.startswith(SAME_IN_PARTS)}
                for each in (mine, theirs))
        assert next(rows) == pytest.approx(next(rows), abs=1e-6)
    assert any(each.interval for each in here.findings) and not all(each.interval for each in here.findings)
    assert here.provenance["segments"] < whole.provenance["segments"]


def test_a_worker_killed_in_the_middle_changes_nothing(cluster, engine, halves, here, tmp_path):
    """The last part waits to be killed, when the worker holds what it has collected of others."""
    marker, (selection, confirmation), killed = tmp_path / "waiting", halves, []
    waiting = Waiting(confirmation, parts_of(confirmation, PARTS)[-1].segment.start, marker)

    def kill():
        while not marker.exists() or not marker.read_text(encoding="ascii"):
            time.sleep(0.05)
        pid = int(marker.read_text(encoding="ascii"))
        with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
            assert pid in client.run(os.getpid).values()
        os.kill(pid, signal.SIGKILL)
        killed.append(pid)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    found = scan(selection, waiting, OPTIONS, engine=engine, show=False)
    killer.join(20)
    assert killed
    assert_same(found, here, 0)


def test_what_is_collected_does_not_pile_up(cluster, corpus):
    """Of 96 parts a few wait at a time, however slow the machine is at joining them."""
    from probe.scan.cluster import Cluster

    peak = _Peak()
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client, \
            Cluster(cluster.scheduler_address) as engine:
        client.wait_for_workers(2, timeout=60)  # one of them may have been killed
        assert engine.parts == 2
        client.register_plugin(peak, name="peak")
        few = Recorded.of(np.zeros((len(corpus), 1), bool), corpus)
        engine.run(_Ballast(), parts_of(few, 96), "ballast", show=False)
        most = client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.plugins["peak"].most)
        client.unregister_scheduler_plugin("peak")
    assert 2 <= most / SIZE < 96 / 4


class _Peak(distributed.SchedulerPlugin):
    """Keeps how many bytes were held by the workers at most."""

    def __init__(self):
        self.most = 0

    def start(self, scheduler):
        self.scheduler = scheduler

    def transition(self, key, start, finish, *args, **kwargs):
        held = sum(task.nbytes or 0 for task in self.scheduler.tasks.values() if task.state == "memory")
        self.most = max(self.most, held)


SIZE = 1 << 20


class _Ballast:
    """A pass that collects a megabyte of each part."""

    def __call__(self, part, told=None):
        return _Collected()


class _Collected:
    def __init__(self):
        self.values = np.ones(SIZE // 8)

    def merge(self, other):
        self.values += other.values


def test_mistakes_come_from_the_workers_in_a_line(engine, corpus):
    values = np.random.default_rng(0).normal(size=(len(corpus), 3)).astype(np.float32)
    values[-1, 1] = np.nan
    with pytest.raises(UserError, match=r"unit 1 is nan as float32 in row .*: activations must be finite"):
        scan(*Recorded.of(values, corpus).halves(), OPTIONS, engine=engine, show=False)


def test_an_address_without_a_scheduler_is_told_in_a_line(monkeypatch):
    import probe.scan.cluster

    monkeypatch.setattr(probe.scan.cluster, "PATIENCE", 1)
    with pytest.raises(UserError, match="--dask must be 'local' or the address of a Dask scheduler that runs"):
        probe.scan.cluster.Cluster("tcp://127.0.0.1:9")
    with pytest.raises(UserError, match="received 'nonsense://'"):
        probe.scan.cluster.Cluster("nonsense://")


@pytest.mark.parametrize("address", ["lokal", "tcp://lokal", "nonsense://a:1", "there.is.none.invalid:8786"])
def test_what_is_no_address_is_told_before_there_is_a_client(address, monkeypatch):
    """A client that has nowhere to go waits for a minute when it is closed, and complains."""
    from probe.scan.cluster import Cluster

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a client was made")

    monkeypatch.setattr("probe.scan.cluster.Client", never)
    with pytest.raises(UserError, match=f"--dask must be 'local' or the address .*; received '{address}': "):
        Cluster(address)


def test_stores_are_read_in_the_workers_and_pickle_as_their_folder(engine, halves, tmp_path):
    stores = []
    for name, half in zip(("one", "two"), halves, strict=True):
        stores.append(write_store(half, tmp_path / name, show=False))
    assert max(len(pickle.dumps(part)) for part in parts_of(stores[0], PARTS)) < 2000
    options = ScanOptions(patterns="whitespace,column", top=1, passage=200, passages=1)
    found = scan(*stores, options, engine=engine, show=False)
    assert_same(found, scan(*stores, options, engine=Local(PARTS), show=False), 0)
    assert Path(stores[0].folder).is_absolute()


def test_a_network_reads_in_the_workers_as_it_reads_here(engine, tmp_path):
    """Forward passes, untrained twins and all: nothing but the text's folder and the weights goes there."""
    from benchmarks.hand_wired import wired_story

    halves = wired_story(9000, tmp_path, 64)
    options = ScanOptions(patterns="word_start,inside_quotes,surprise", top=1, twins=2, twin_characters=1000,
                          passage=200, passages=1)
    found = scan(*halves, options, ablation=AblationOptions(ablated=0), engine=engine, show=False)
    assert_same(found, scan(*halves, options, ablation=AblationOptions(ablated=0), engine=Local(PARTS), show=False))
    assert next(f for f in found.findings if f.pattern == "word_start").untrained.twins == 2


def test_the_command_line_scans_on_all_cores_of_a_machine(halves, tmp_path, capsys):
    whole = Recorded.of(halves[0].arrays, halves[0].corpus)
    write_store(whole, tmp_path / "acts", show=False)
    arguments = ["scan", str(tmp_path / "acts"), "--patterns", "whitespace", "--parts", "2", "--json"]
    printed = []
    for further in ([], ["--dask", "local"]):
        assert main([*arguments, *further, "--out", str(tmp_path / f"findings{len(further)}")]) == 0
        printed.append(capsys.readouterr())
    assert printed[1] == printed[0]
    assert json.loads(printed[0].out)


def test_without_dask_one_line_tells_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "probe.scan.cluster", raising=False)
    with pytest.raises(UserError, match=r"--dask needs Dask, .*: pip install 'probe-lstm\[dask\]'"), \
            engine_for(EngineOptions(dask="local")):
        pass


def test_cores_can_be_limited():
    def cores(limit: str) -> int:
        return int(subprocess.run([sys.executable, "-c", "from probe.cores import CORES; print(CORES)"], check=True,
                                  env={**os.environ, "PROBE_CORES": limit}, capture_output=True).stdout)

    assert cores("1") == cores("0") == 1
    assert cores("100000") == cores("many") == cores("")

"""The writing of a store that is killed, stopped, or meets a failing disk: it goes on, or says so.

A disk fails at the first, the last and some operations between; ``python benchmarks/disks.py --only extract`` tries
all.
"""

import contextlib
import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from probe.activations import Extraction, ExtractOptions, Store, StoreOptions, write_store
from probe.activations.store import part, saved_rows, size, writer
from probe.corpus import Corpus, Segment
from probe.errors import UserError
from probe.files import FolderLock
from probe.model import Run
from tests.activations.stores import files
from tests.crash.disks import FLAKY, FULL, READ_ONLY, FailingDisk, Manner
from tests.crash.quick import probe
from tests.crash.writing import ROWS, blocks
from tests.forked import Forked

KILLS = 12
# Of the operations at which a disk may fail.
SHARE = 0.2
# A killed writer, and one whose disk lets nothing be removed, leaves its name, which the next one tells of.
pytestmark = pytest.mark.filterwarnings("ignore:.* was left by process")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Corpus:
    return Corpus.of("Come in, said the fox. The cat did not.\n" * (ROWS // 40), "fox",
                     folder=tmp_path_factory.mktemp("corpus"))


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    monkeypatch.setattr(part, "PART_ROWS", 100)


@pytest.fixture(scope="module")
def whole(corpus, tmp_path_factory) -> dict[str, bytes]:
    """The files of a store whose writing was never disturbed."""
    folder = tmp_path_factory.mktemp("whole") / "acts"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part, "PART_ROWS", 100)
        write_store(blocks(corpus), folder, show=False)
    found = files(folder)
    assert len([name for name in found if name.startswith("part-")]) == 30
    assert set(found) - {f"part-{number:06}.h5" for number in range(30)} == {
        "index.safetensors", "store.json", "text/codes.npy", "text/corpus.json", "text/ids.npy"}
    return found


def start(corpus: Corpus, folder: Path) -> Forked:
    return Forked([str(corpus.folder), str(folder)],
                  "import runpy; runpy.run_module('tests.crash.writing', run_name='__main__')")


def test_killed_at_random_moments_it_ends_with_the_same_bytes(corpus, whole, tmp_path):
    chance, kills, unfinished = random.Random("store"), 0, 0
    while kills < KILLS:
        folder = tmp_path / f"acts-{kills}"
        while kills < KILLS:
            process, changes, last = start(corpus, folder), chance.randrange(40), None
            try:
                while changes > 0 and process.poll() is None:
                    now = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else None
                    changes -= now != last
                    last = now
                    time.sleep(0.0002)
                time.sleep(chance.choice([0, 0.001, 0.01]))
            finally:
                process.kill()
                _, errors = process.communicate()
            assert process.returncode in (0, -signal.SIGKILL), errors
            if process.returncode == 0:
                break
            kills += 1
            if not (folder / "store.json").exists() and folder.is_dir():
                unfinished += 1
                with pytest.raises(UserError, match=r"unfinished|holds no activations"):
                    Store.open(folder)
        write_store(blocks(corpus), folder, show=False)
        assert files(folder) == whole
    assert unfinished > KILLS // 3


@pytest.mark.parametrize("manner", [FULL, READ_ONLY, FLAKY], ids=["full", "read-only", "flaky"])
def test_a_disk_that_fails_at_any_operation_is_told_in_a_line_and_the_same_command_goes_on(manner, corpus, whole,
                                                                                          tmp_path, monkeypatch):
    monkeypatch.setattr(part, "PART_ROWS", 1000)
    with FailingDisk(tmp_path, manner) as disk:
        write_store(blocks(corpus), tmp_path / "whole", show=False)
    expected, operations = files(tmp_path / "whole"), disk.asked
    assert operations > 40
    between = random.Random(manner.number).sample(range(2, operations), round(SHARE * (operations - 2)))
    for at in (1, *sorted(between), operations):
        folder = tmp_path / str(at)
        said = _with(folder, corpus, manner, at)
        assert "\n" not in said
        if (folder / "store.json").exists():
            Store.open(folder).verify()
        write_store(blocks(corpus), folder, show=False)
        assert files(folder) == expected, (at, said)
        shutil.rmtree(folder)


def _with(folder: Path, corpus: Corpus, manner: Manner, at: int) -> str:
    with FailingDisk(folder.parent, manner, at) as disk:
        try:
            write_store(blocks(corpus), folder, show=False)
        except UserError as error:
            assert disk.refused
            return str(error)
    return ""


class Stopping:
    """Raises :class:`KeyboardInterrupt` when a function of a module is called for the n-th time."""

    def __init__(self, patch: pytest.MonkeyPatch, owner: object, name: str, call: int) -> None:
        former, calls = getattr(owner, name), []

        def called(*given, **named):
            calls.append(1)
            if len(calls) == call:
                raise KeyboardInterrupt
            return former(*given, **named)

        patch.setattr(owner, name, called)


@pytest.mark.parametrize(("name", "call"), [("replace_bytes", 1), ("replace_bytes", 2), ("replace_bytes", 17),
                                            ("check_fits", 1), ("_keep_text", 1), ("end", 1)])
def test_stopped_between_any_two_files_it_goes_on(name, call, corpus, whole, tmp_path):
    folder = tmp_path / "acts"
    with pytest.MonkeyPatch.context() as patch:
        Stopping(patch, writer, name, call)
        with pytest.raises(KeyboardInterrupt):
            write_store(blocks(corpus), folder, show=False)
    write_store(blocks(corpus), folder, show=False)
    assert files(folder) == whole


def test_the_rows_saved_are_told_without_touching_them(corpus, tmp_path):
    folder = tmp_path / "acts"
    assert saved_rows(folder) == 0
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
        Stopping(patch, writer, "replace_bytes", 4)
        write_store(blocks(corpus), folder, show=False)
    before = files(folder)
    assert saved_rows(folder) == 300
    assert files(folder) == before


def test_an_unfinished_store_is_refused_and_another_command_does_not_go_on_with_it(corpus, tmp_path):
    folder = tmp_path / "acts"
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
        Stopping(patch, writer, "replace_bytes", 4)
        write_store(blocks(corpus), folder, show=False)
    before = files(folder)
    with pytest.raises(UserError, match=r"unfinished.*the command that began it goes on"):
        Store.open(folder)
    with pytest.raises(UserError, match="holds other activations: dtype: float16 there, float32 asked for"):
        write_store(blocks(corpus), folder, StoreOptions(dtype="float32"), show=False)
    assert files(folder) == before


@pytest.mark.parametrize("damage", ["cut", "removed"])
def test_a_whole_part_that_was_lost_meanwhile_is_missed(damage, corpus, tmp_path):
    folder = tmp_path / "acts"
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
        Stopping(patch, writer, "replace_bytes", 4)
        write_store(blocks(corpus), folder, show=False)
    if damage == "cut":
        os.truncate(folder / "part-000001.h5", 100)
    else:
        (folder / "part-000001.h5").unlink()
    with pytest.raises(UserError, match=r"part-000001\.h5: missing or cut short, though it was whole"):
        write_store(blocks(corpus), folder, show=False)


def test_a_second_writer_is_refused(corpus, tmp_path):
    with FolderLock(tmp_path / "acts", "a test"), pytest.raises(UserError, match=f"process {os.getpid()} on .*a test"):
        write_store(blocks(corpus), tmp_path / "acts", show=False)


def test_writing_ends_where_a_folder_is_replaced(corpus, tmp_path, monkeypatch):
    folder, former = tmp_path / "acts", writer.PartBuilder.image

    def replacing(builder, number):
        if number == 3:
            folder.rename(tmp_path / "moved")
            folder.mkdir()
        return former(builder, number)

    monkeypatch.setattr(writer.PartBuilder, "image", replacing)
    with pytest.raises(UserError, match="was removed, renamed or replaced"):
        write_store(blocks(corpus), folder, show=False)
    assert list(folder.iterdir()) == []


@pytest.fixture(scope="module")
def run(place) -> Run:
    return Run.open(place / "whole")


READINGS = {
    "streams": {"streams": 7, "overlap": 20, "block": 37, "signals": "all"}, "one": {"streams": 1, "block": 64},
    "windows": {"windowed": 5}, "keras": {"streams": 3, "overlap": 11, "block": 50, "kernel": "keras", "losses": False},
}


# The layers of Keras read in other blocks and states; they take long, and one place shows it.
@pytest.mark.parametrize(("name", "parts"), [*((name, parts) for name in ("streams", "one", "windows")
                                               for parts in (1, 2, 5)), ("keras", 2)])
def test_a_network_goes_on_from_its_state_bit_for_bit(name, parts, run, tmp_path, monkeypatch):
    reading, stop = READINGS[name], 600 if name == "keras" else 1200

    def extraction() -> Extraction:
        return Extraction.of(run, Segment(5, stop), options=ExtractOptions(**reading))

    write_store(extraction(), tmp_path / "whole", show=False)
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
        Stopping(patch, writer, "replace_bytes", parts + 1)
        write_store(extraction(), tmp_path / "acts", show=False)
    again, read = extraction(), []
    former = type(again).blocks_after

    def counting(each, state):
        for block, after in former(each, state):
            read.append(block.losses.size)
            yield block, after

    monkeypatch.setattr(type(again), "blocks_after", counting)
    saved = saved_rows(tmp_path / "acts")
    write_store(again, tmp_path / "acts", show=False)
    assert files(tmp_path / "acts") == files(tmp_path / "whole")
    # What was saved is not read again, but for the block at whose middle a part ended.
    assert saved > 0
    assert sum(read) <= stop - 5 - saved + reading.get("streams", 1) * reading.get("block", 520)


def test_ctrl_c_and_sigterm_save_what_is_whole_and_the_same_line_goes_on(place, tmp_path, monkeypatch):
    monkeypatch.setattr(size, "MARGIN", 0)
    command = ["extract", str(place / "whole"), "--out", str(tmp_path / "acts"), "--streams", "2", "--overlap", "10"]
    assert probe(*command[:3], str(tmp_path / "undisturbed"), *command[4:]).status == 0
    for number in (signal.SIGTERM, signal.SIGINT):
        with pytest.MonkeyPatch.context() as patch:
            former, calls = writer.replace_bytes, []

            def signalling(path, content, former=former, calls=calls, number=number):
                former(path, content)
                calls.append(1)
                if len(calls) == 3:
                    os.kill(os.getpid(), number)

            patch.setattr(writer, "replace_bytes", signalling)
            stopped = probe(*command)
        assert stopped.status == 130
        assert stopped.errors.count("\n") == 1
        assert f"stopped with {saved_rows(tmp_path / 'acts'):,} rows saved; the same command goes on" in stopped.errors
        assert saved_rows(tmp_path / "acts") >= 200
    assert probe(*command).status == 0
    assert files(tmp_path / "acts") == files(tmp_path / "undisturbed")

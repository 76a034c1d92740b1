"""Two processes at one folder or file: a trainer and those who look, two writers and a reader, locks of the dead."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from probe.activations import Store, write_store
from probe.corpus import Corpus
from probe.files import whole_folder
from probe.gallery import build_gallery
from probe.model import Run
from probe.scan import Findings
from probe.train.status import RunStatus
from tests.activations.stores import files
from tests.cli.tiny import training
from tests.crash.kills import assert_same_training
from tests.crash.quick import assert_tidy, probe, train
from tests.crash.writing import ROWS, blocks
from tests.gallery.single import small_findings

# Waits until it is told to begin, then does the same so many times.
WRITER = """
import sys
from pathlib import Path
from probe.errors import UserError
from probe.gallery import GalleryOptions, build_gallery
from probe.scan import Findings
what, source, target, times = sys.argv[1:]
findings = Findings.load(source)
write = {"findings": lambda: findings.save(target),
         "gallery": lambda: build_gallery(findings, Path(target)),
         "pages": lambda: build_gallery(findings, Path(target), GalleryOptions(largest=0.001))}[what]
print("ready", flush=True)
sys.stdin.readline()
written, refused = 0, []
for _ in range(int(times)):
    try:
        write()
        written += 1
    except UserError as error:
        refused.append(str(error))
print(written, flush=True)
print("\\n".join(sorted(set(refused))), flush=True)
"""


@pytest.fixture(scope="module")
def pair(tmp_path_factory) -> list[Path]:
    """Two findings folders that are told apart by what their provenance says."""
    place = tmp_path_factory.mktemp("findings")
    folders = [place / "former-run", place / "latter-run"]
    for folder in folders:
        small_findings(folder.name).save(folder)
    return folders


def two_writers(what: str, times: int, sources: list[Path], target: Path, look: Callable[[], None]) -> list[str]:
    """Let two processes write ``target`` so often at once, look at it meanwhile, and return what they were refused
    with."""
    command = [sys.executable, "-c", WRITER, what]
    writers = [subprocess.Popen([*command, str(source), str(target), str(times)], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True) for source in sources]
    try:
        for writer in writers:
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:
            writer.stdin.write("begin\n")
            writer.stdin.flush()
        while not target.exists() and any(writer.poll() is None for writer in writers):
            time.sleep(0.001)
        while any(writer.poll() is None for writer in writers):
            look()
        counts: list[int] = []
        refused = []
        for writer in writers:
            written, *errors = writer.communicate()[0].splitlines()
            counts.append(int(written))
            refused += [error for error in errors if error]
        assert sum(counts) > times / 2
        return refused
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()


def test_findings_that_two_scans_write_at_once_are_wholly_those_of_one(pair, tmp_path):
    seen = set()
    refused = two_writers("findings", 40, pair, tmp_path / "findings",
                          lambda: seen.add(Findings.load(tmp_path / "findings").provenance["run"]))
    assert refused == []
    assert seen == {folder.name for folder in pair}
    assert files(tmp_path / "findings") in [files(folder) for folder in pair]
    assert [path.name for path in tmp_path.iterdir()] == ["findings"]


def test_a_page_that_two_galleries_write_at_once_is_wholly_that_of_one(pair, tmp_path):
    page = tmp_path / "gallery.html"
    whole = {build_gallery(Findings.load(folder), page).read_bytes() for folder in pair}
    seen = set()
    assert two_writers("gallery", 5, pair, page, lambda: seen.add(page.read_bytes())) == []
    assert seen == whole and len(whole) == 2
    assert [path.name for path in tmp_path.iterdir()] == [page.name]


def test_pages_that_two_galleries_write_at_once_belong_to_their_index(pair, tmp_path):
    page = tmp_path / "gallery.html"
    refused = two_writers("pages", 3, pair, page, lambda: time.sleep(0.01))
    assert all("in use by" in line or "write this one again" in line for line in refused), refused
    linked = {name for name in page.read_text("utf-8").split('"') if name.startswith("gallery-pages/")}
    assert linked and all((tmp_path / name.partition("#")[0]).exists() for name in linked)
    written = "".join(each.read_text("utf-8") for each in (page, *tmp_path.glob("gallery-pages/**/*.html")))
    assert len({folder.name for folder in pair if folder.name in written}) == 1


def test_a_reader_reads_again_what_was_replaced_while_it_read(pair, tmp_path, monkeypatch):
    """The manifest of one scan, and the arrays of the next."""
    folder = tmp_path / "findings"
    shutil.copytree(pair[0], folder)
    from probe.scan import findings as module

    former, calls = module.read_bundle, []

    def reading(*given):
        calls.append(1)
        if len(calls) == 1:
            made = Findings.load(pair[1])
            replace(made, measures={name: -values for name, values in made.measures.items()}).save(folder)
        return former(*given)

    monkeypatch.setattr(module, "read_bundle", reading)
    assert Findings.load(folder).provenance["run"] == pair[1].name
    assert len(calls) == 3


def test_a_writer_whose_folder_was_moved_away_by_another_goes_on(tmp_path, monkeypatch):
    """Both look, both see the former folder, and one of them moves it away first."""
    with whole_folder(tmp_path / "result") as aside:
        (aside / "content").write_text("old")
    former = os.replace

    def moving(source, target):
        if str(source) == str(tmp_path / "result") and str(target).endswith(".former"):
            monkeypatch.setattr(os, "replace", former)
            former(source, tmp_path / ".result.abcdefgh.former")
        former(source, target)

    with whole_folder(tmp_path / "result") as aside:
        (aside / "content").write_text("new")
        monkeypatch.setattr(os, "replace", moving)
    assert (tmp_path / "result" / "content").read_text() == "new"


def test_a_run_is_read_in_every_way_while_it_is_trained(place, tmp_path):
    """Checkpoints come and go many times a second meanwhile."""
    run, out, steps = tmp_path / "run", tmp_path / "out", []
    out.mkdir()
    options = ["--validate-every", "2", "--log-every", "1", "--validate-characters", "1000"]
    commands: list[tuple[str, ...]] = [
        ("runs", "show", str(run)),
        ("scan", str(run), "--out", str(out / "findings"), "--patterns", "word_start", "--twins", "0", "--rolls", "0",
         "--ablated", "0", "--probes", "0", "--portraits", "0"),
        ("extract", str(run), "--to", "300", "--out", str(out / "store")),
        ("show", str(run), "--unit", "1:0", "--html", str(out / "unit.html")),
    ]
    with training(place / "text.txt", run, *options) as trainer:
        deadline = time.monotonic() + 120
        while not Run.open(run).log or not any(run.glob("checkpoints/*.json")):
            assert time.monotonic() < deadline
        for command in commands:
            ended = probe(*command)
            assert ended.status == 0, (command, ended.errors)
            assert "warning" not in ended.errors, (command, ended.errors)
            for _ in range(20):
                opened = Run.open(run)
                steps.append(opened.checkpoint("latest").step)
                assert opened.checkpoint("best").step <= opened.checkpoint("latest").step
                assert RunStatus.of(run).trainer.startswith(f"process {trainer.pid} ")
        assert trainer.poll() is None
    assert steps == sorted(steps) and len(set(steps)) > 5


def test_of_two_extractions_into_one_store_one_is_refused_and_the_store_is_whole(tmp_path):
    corpus = Corpus.of("Come in, said the fox. The cat did not.\n" * (ROWS // 40), "fox", folder=tmp_path / "corpus")
    whole = write_store(blocks(corpus), tmp_path / "whole", show=False)
    command = [sys.executable, "-m", "tests.crash.writing", str(corpus.folder), str(tmp_path / "store")]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    ended = [(process.communicate()[1], process.returncode) for process in both]
    assert (("", 0)) in ended
    assert all(status == 0 or "in use by process" in errors for errors, status in ended)
    assert len(Store.open(tmp_path / "store").blocks().segment) == len(whole.blocks().segment) == ROWS
    assert files(tmp_path / "store").keys() - files(tmp_path / "whole").keys() == {
        f"part-{number:06}.h5" for number in range(1, 30)}


HOLDER = """
import sys
from pathlib import Path
from probe.files import FolderLock
with FolderLock(Path(sys.argv[1]), "training"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held(folder: Path):
    """Hold a folder in another process."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        try:
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("command", [
    ["train", "{text}", "--steps", "1", "--units", "4", "--run"],
    ["dates", "train", "--steps", "1", "--units", "4", "--run"],
    ["extract", "{run}", "--out"],
], ids=["train", "dates train", "extract"])
def test_a_folder_that_another_process_holds_is_left_as_it_is(command, place, tmp_path):
    words = [word.format(text=place / "text.txt", run=place / "whole") for word in command]
    with held(tmp_path / "held") as process:
        before = files(tmp_path / "held")
        refused = probe(*words, str(tmp_path / "held"))
        holder = f"process {process.pid} on {socket.gethostname()} (training)"
        assert refused.status == 1
        assert refused.errors == f"probe: {tmp_path / 'held'}: in use by {holder}; wait for it, or end it\n"
        assert files(tmp_path / "held") == before


SIGNATURES = {
    "nothing": b"", "half": b'{"host": "a', "another form": b"[1, 2]", "no text": b"\xff\xfe\x00",
    "a deep list": b"[" * 9999,
    "a number too long": b'{"host": "a", "purpose": "b", "pid": ' + b"9" * 5000 + b"}",
    "a number that is none": b'{"host": "a", "purpose": "b", "pid": null}',
    "a dead process": json.dumps({"host": socket.gethostname(), "pid": 2**22 + 1, "purpose": "training"}).encode(),
    "another host": b'{"host": "another.example", "pid": 1, "purpose": "training"}',
    "a living process": json.dumps({"host": socket.gethostname(), "pid": 1, "purpose": "training"}).encode(),
    "this process": json.dumps({"host": socket.gethostname(), "pid": os.getpid(), "purpose": "training"}).encode(),
    "a name that drives the terminal": b'{"host": "\\u001b[31m\\n", "pid": 7, "purpose": "training"}',
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_whatever_is_signed_the_system_says_who_holds_a_folder(name, place, tmp_path):
    """A number that another process has by now frees nobody's folder, and holds none."""
    folder = tmp_path / "run"
    shutil.copytree(place / "stopped", folder)
    (folder / "lock.json").write_bytes(SIGNATURES[name])
    taken = train(place / "text.txt", folder)
    assert taken.status == 0
    assert taken.errors.startswith(f"probe: warning: {folder}: was left by ") and taken.errors.count("\n") == 1
    assert taken.errors[:-1].isprintable()
    assert_same_training(place / "whole", folder)
    assert_tidy(folder, place / "whole")
    with held(folder):
        (folder / "lock.json").write_bytes(SIGNATURES[name])
        refused = train(place / "text.txt", folder)
        assert refused.status == 1 and "in use by" in refused.errors and refused.errors.count("\n") == 1
        assert refused.errors[:-1].isprintable()


"""Every command that writes, on disks that fail and in processes that are killed: the old or the new, never a half.

Here at some operations of each; ``python benchmarks/disks.py`` does it at all of them.
"""

import mmap
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attention.translator.conftest import compile_once as compile_translators_once
from tests.corpus.server import Behaviour, serving
from tests.crash.commands import COMMANDS, GIVEN, MADE, make_given
from tests.crash.sweep import MANNERS, Sweep, chosen
from tests.crash.trees import Tree

# Of each command: the manners in which a disk fails at one operation, and the states of those that kills leave.
MANNERS_EACH, KILLS = 2, 2
PAGE = mmap.PAGESIZE
BOOK = ("The Project Gutenberg eBook\n*** START OF THE BOOK ***\n" + "Alice was beginning to get very tired.\n" * 90
        + "*** END OF THE BOOK ***\n").encode()


@pytest.fixture(scope="module")
def disk(place, tmp_path_factory):
    """A folder with all that commands read."""
    folder = tmp_path_factory.mktemp("disk")
    (folder / GIVEN).mkdir()
    with serving(Behaviour(BOOK)) as address:
        make_given(folder / GIVEN, place, f"{address}/file")
        yield folder


@pytest.fixture(autouse=True)
def _small_and_compiled_once(monkeypatch):
    monkeypatch.setattr("probe.activations.store.part.PART_ROWS", 500)
    monkeypatch.setattr("probe.activations.store.size.MARGIN", 0)
    monkeypatch.setattr("secrets.token_hex", lambda size: "ab" * size)
    compile_translators_once(monkeypatch)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_on_a_disk_that_fails_or_in_a_process_that_is_killed(name, disk):
    with Sweep(name, COMMANDS[name], disk) as sweep:
        chance = random.Random(name)
        for title in chance.sample([*MANNERS], MANNERS_EACH):
            if operations := sweep.operations(MANNERS[title]):
                sweep.fault(MANNERS[title], chance.randint(1, operations))
        for state in chosen(sweep.states, KILLS):
            sweep.kill(state)


KILLED = """
import os, signal, sys
from pathlib import Path
from probe.cli.main import main
from tests.crash.disks import WatchedDisk

looks, at = [], int(sys.argv[2])

def look():
    looks.append(1)
    if len(looks) == at:
        os.kill(os.getpid(), signal.SIGKILL)

with WatchedDisk(Path(sys.argv[1]), look):
    main(sys.argv[3:])
"""


@pytest.mark.parametrize("name", ["gallery of pages", "export npy"])
def test_what_is_seen_is_what_a_kill_leaves(name, disk):
    command = COMMANDS[name]
    with Sweep(name, command, disk) as sweep:
        for at in (3, 14):
            sweep.old.put_back(disk / MADE)
            words = command.line(command.words, disk)
            killed = subprocess.run([sys.executable, "-c", KILLED, str(disk), str(at), *words],
                                    cwd=Path(__file__).parents[2], check=False, capture_output=True)
            assert killed.returncode == -signal.SIGKILL, killed
            left = Tree.of(disk / MADE)
            assert left.key() in {state.key() for state in sweep.states}
            sweep.kill(left, f"before operation {at}")


@pytest.mark.skipif(sys.platform == "win32", reason="mounts of Unix")
@pytest.mark.parametrize("name", ["scan a store", "gallery", "gallery of pages", "dates train"])
def test_a_disk_of_the_system_s_own_that_is_too_small(name, disk, tmp_path):
    from tests.crash.real_disks import mounted_apart

    old, kept = tmp_path / "old", tmp_path / "kept"
    with Sweep(name, COMMANDS[name], disk) as sweep:
        sweep.old.put_back(old)
        room = pages(sweep.old) + pages(sweep.new) // 2
        words = COMMANDS[name].line(COMMANDS[name].words, disk)
        done = mounted_apart(f"size={room * PAGE}", disk / MADE, words, kept, old)
        *_, line = done.stderr.splitlines()
        assert done.returncode == 1
        assert line.startswith(f"probe: {disk / MADE}") and line.endswith("cannot write: No space left on device")
        left = Tree.of(kept)
        assert not left.leftovers()
        sweep.kill(left, "on a disk that is too small")


def pages(tree: Tree) -> int:
    """What a tree takes of a memory disk."""
    return sum(-(-len(content) // PAGE) for content in tree.entries.values() if content)

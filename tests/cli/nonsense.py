"""Every option of every command with values that mean nothing, in a process in which the engine cannot be had.

``python -m tests.cli.nonsense PLACE STRIDE`` asks each STRIDE-th line that there is and prints what went wrong as JSON;
PLACE is as :func:`prepare` makes it.
"""

import argparse
import contextlib
import importlib
import io
import itertools
import json
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from probe.cli.flags import Parser
from probe.cli.main import COMMANDS, main
from probe.errors import UserError

# command → what it needs at least: words by place, and flags with their values. Names in braces lie in PLACE.
BASELINES: dict[str, tuple[list[str], list[str]]] = {
    "demo": (["{text}"], []),
    "train": (["{text}"], ["--run", "new"]),
    "runs list": (["{runs}"], []),
    "runs show": (["{run}"], []),
    "sample": (["{run}"], []),
    "import": (["{array}"], ["--text", "{text}", "--out", "new"]),
    "export": (["{store}"], ["--as", "npz", "--out", "new.npz"]),
    "extract": (["{run}"], ["--out", "new"]),
    "scan": (["{run}"], []),
    "findings": (["{findings}"], []),
    "show": (["{store}"], ["--unit", "1:0", "--to", "60"]),
    "gates": (["{run}"], []),
    "gallery": (["{findings}"], ["--out", "new.html"]),
    "explain": (["{classifier}"], ["--text", "words"]),
    "dates examples": ([], ["--no-ceiling", "--count", "2"]),
    "dates train": ([], ["--run", "new"]),
    "dates translate": (["2016-11-05"], []),
    "dates map": (["2016-11-05"], []),
    "dates record": ([], ["--out", "new"]),
    "dates test": ([], []),
    "dates diagnose": ([], []),
    "corpus list": ([], []),
    "corpus get": (["alice"], ["--address", "http://127.0.0.1:9/nothing"]),
    "patterns list": ([], []),
    "patterns preview": (["column", "{text}"], ["--characters", "40"]),
    "doctor": ([], []),
    "completion": (["bash"], []),
}
PLACES = {"text": "text.txt", "runs": "runs", "run": "runs/fox", "array": "array.npy",
          **{name: name for name in ("store", "findings", "classifier", "folder", "file", "gone", "loop", "broken",
                                 "pipe", "endless")}}
# One looks for a scheduler, wherever it may be; of the other, small values are meant, and give hundreds of pages.
SPARED = {("scan", "--dask"), ("gallery", "--largest")}

# No number that anybody means; the rest may be one for some options.
NEVER_NUMBERS = ("", "many", "1e309", "nan", "-inf", "inf", "0x10", "1_0", "٣", "1,5", "\x1b[31m", "9" * 5000,
                 "1e30000", "--", "½")
NUMBERS = (*NEVER_NUMBERS, "9" * 25, "-1", "0", "1.5", "-9223372036854775808", "9223372036854775807", "1e308", "5e-324",
           "-0.0")
TEXTS = ("", " ", "nonsense", "-1", "9" * 5000, "1.5", "\x1b[31m", "a\nb", "\0", "\u202e", "\udcff", "x" * 5000, "nan",
         "{folder}", "{file}", "{file}/under", "{gone}/under", "{loop}", "../..", ",", ":", "=", "a=b", "%s%n{}", "((",
         "1:0,1:99999999999999999999", "0-99999999999", "{broken}", "{pipe}", "{endless}")
# Seconds after which a line is held to wait for ever, and what a process may take of memory meanwhile.
PATIENCE, MEMORY = 20, 8 << 30


class Waiting(BaseException):
    """A line did not end."""


class Reached(BaseException):
    """The engine was asked for: what was given counts as accepted."""


class NoEngine:
    """Refuses to import the engine."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name in ("tensorflow", "keras"):
            raise Reached


@dataclass(frozen=True)
class Fault:
    """A line that did not end as it should.

    Attributes:
        line: what was asked.
        wrong: what is wrong with how it ended.
    """

    line: list[str]
    wrong: str


def parsers() -> dict[str, argparse.ArgumentParser]:
    """Return every command, and action of one, with its parser, as ``main`` makes them."""
    found: dict[str, argparse.ArgumentParser] = {}
    for name, (module, _) in COMMANDS.items():
        parser = Parser(prog=f"probe {name}")
        importlib.import_module(f"probe.cli.{module}").add_arguments(parser)
        found |= dict(_leaves(name, parser))
    return found


def _leaves(name: str, parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    with contextlib.suppress(UserError):
        parser.parse_known_args([])  # some get their flags only now
    actions = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not actions:
        yield name, parser
    for action in actions:
        for word, below in action.choices.items():
            yield from _leaves(f"{name} {word}", below)


def lines(command: str, parser: argparse.ArgumentParser) -> Iterator[tuple[list[str], bool]]:
    """Yield lines with one value that means nothing, and whether that is sure."""
    words, flags = BASELINES[command]
    start = command.split()
    place = itertools.count()
    for action in parser._actions:
        flag = action.option_strings[-1] if action.option_strings else None
        if flag is None:
            number = next(place)
            for value in TEXTS:
                yield [*start, *words[:number], value, *words[number + 1:], *flags], False
        elif action.nargs == 0:
            if flag != "--help":
                yield [*start, *words, *flags, f"{flag}=nonsense"], True
        elif (command, flag) not in SPARED:
            is_number = getattr(action.type, "__name__", "") in ("int", "float")
            for value in NUMBERS if is_number else TEXTS:
                sure = value in NEVER_NUMBERS if is_number else value == "" != action.default
                yield [*start, *words, *_without(flags, flag), f"{flag}={value}"], sure


def _without(flags: Sequence[str], flag: str) -> list[str]:
    if flag not in flags:
        return list(flags)
    place = flags.index(flag)
    return [*flags[:place], *flags[place + 2:]]


def fault(line: list[str], sure: bool, place: Path) -> str | None:
    """Return what is wrong with how a line ends, if it does not end as it should: accepted, or with status 1, one line
    that says why, and nothing touched."""
    before = _contents(place)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as errors:
        signal.alarm(PATIENCE)
        try:
            status: int | None = main(line)
        except Reached:
            status = None
        except BaseException as error:  # noqa: BLE001  whatever it is, a traceback would be seen
            return f"{type(error).__name__}: {error!s:.200} {_where(error)}"
        finally:
            signal.alarm(0)
    told = errors.getvalue()
    if status == 1:
        if not told.startswith("probe: ") or told.count("\n") != 1 or not told[:-1].isprintable():
            return f"told as {told!r:.300}"
        if _contents(place) != before:
            return f"changed {sorted(_contents(place).items() ^ before.items())!r:.300}; told {told!r:.200}"
    elif status not in (0, None):
        return f"ended with status {status}"
    elif sure:
        return "was accepted"
    elif status is None and _contents(place) != before:
        return f"changed {sorted(_contents(place).items() ^ before.items())!r:.300} before it had the engine"
    return None


def _give_up(number: int, frame: object) -> None:
    raise Waiting


def _where(error: BaseException) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"({last.filename}:{last.lineno})"


def _contents(place: Path) -> dict[str, tuple[int, int]]:
    found = {}
    for parent, folders, files in os.walk(place):
        for name in (*folders, *files):
            state = os.lstat(os.path.join(parent, name))
            touched = 0 if stat.S_ISDIR(state.st_mode) else state.st_mtime_ns
            found[os.path.join(parent, name)] = (state.st_size * bool(touched), touched)
    return found


def swept(place: Path, stride: int) -> tuple[int, list[Fault]]:
    """Return how many lines were asked, each ``stride``-th of all, and those that did not end as they should."""
    work, found, asked = place / "a" / "b" / "work", [], 0
    every = (line for command, parser in parsers().items() for line in lines(command, parser))
    for line, sure in itertools.islice(every, 0, None, stride):
        work.mkdir(parents=True)
        os.chdir(work)
        words = [_placed(word, place) for word in line]
        asked += 1
        if wrong := fault(words, sure, place):
            found.append(Fault(words, wrong))
        os.chdir(place)
        shutil.rmtree(work)
    return asked, found


def _placed(word: str, place: Path) -> str:
    for name in PLACES:
        word = word.replace(f"{{{name}}}", str(place / PLACES[name]))
    return word


def prepare(place: Path) -> None:
    """Make what :data:`BASELINES` name, with the engine."""
    from tests.cli.tiny import SMALL, TEXT
    from tests.gallery.single import small_findings

    (place / "text.txt").write_text(TEXT, encoding="utf-8")
    run, store = place / "runs" / "fox", place / "store"
    assert main(["train", str(place / "text.txt"), "--run", str(run), "--steps", "4", *SMALL]) == 0
    assert main(["extract", str(run), "--out", str(store), "--to", "400"]) == 0
    np.save(place / "array.npy", np.zeros((len(TEXT), 3), np.float32))
    small_findings().save(place / "findings")
    for name in ("classifier", "folder"):
        (place / name).mkdir()
    (place / "classifier" / "classifier.json").write_text("{}")
    (place / "folder" / "strange").write_text("strange")
    (place / "file").write_bytes(b"\x7fELF\0\1\2" * 50)
    (place / "loop").symlink_to("loop")
    (place / "broken").symlink_to("gone")
    (place / "endless").symlink_to("/dev/zero")
    os.mkfifo(place / "pipe")


def asked_apart(place: Path, stride: int) -> dict[str, Any]:
    """Ask in a process of its own, in a place that is prepared; return what it says: lines asked, and faults."""
    command = [sys.executable, "-m", "tests.cli.nonsense", str(place), str(stride)]
    done = subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env={
        **os.environ, "PROBE_CACHE": str(place / "cache"), "MPLCONFIGDIR": str(place.parent / "mpl")})
    return dict(json.loads(done.stdout))


if __name__ == "__main__":
    assert not {"tensorflow", "keras"} & set(sys.modules)
    sys.meta_path.insert(0, NoEngine())
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, _give_up)
    count, faults = swept(Path(sys.argv[1]), int(sys.argv[2]))
    print(json.dumps({"asked": count, "faults": [asdict(each) for each in faults]}))

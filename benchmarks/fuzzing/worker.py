"""A process that changes samples and opens them, one after another, and tells how each ended.

Its standard input brings lines ``KIND OPENING SEED``; each is answered by a line of JSON on the file handle that it was
given. The seed ``whole`` comes first of each way in: the sample is opened as it is. What it cannot survive, or takes
too long, its parent notices.
"""

import gc
import hashlib
import io
import json
import os
import pickle
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from benchmarks.fuzzing.hdf5_edits import SECRET
from benchmarks.fuzzing.kinds import KINDS, Kind, Opening
from benchmarks.fuzzing.mutations import mutate
from benchmarks.fuzzing.watch import Watch
from probe.errors import UserError

MEMORY = 2 << 30
LONGEST_MESSAGE = 3000


def main() -> None:
    samples, answers = Path(sys.argv[1]), os.fdopen(int(sys.argv[2]), "w")
    bench = Bench(samples)
    answers.write("ready\n")
    answers.flush()
    for line in sys.stdin:
        name, way, seed = line.split()
        kind, opening = KINDS[name], KINDS[name].openings[int(way)]
        ended = bench.whole(kind, opening) if seed == "whole" else bench.attempt(kind, opening, seed)
        answers.write(json.dumps(ended) + "\n")
        answers.flush()


class Bench:
    """A place of its own in which samples are changed and opened.

    Attributes:
        place: a folder: ``case/sample`` is what is opened, and beside ``case`` lie files that nobody may read.
    """

    def __init__(self, samples: Path) -> None:
        self.samples, self.place = samples, Path(tempfile.mkdtemp(prefix="fuzz-"))
        self.case, self.temporary = self.place / "case", self.place / "temporary"
        (self.place / "secret.txt").write_text("nobody reads this\n", encoding="utf-8")
        with h5py.File(self.place / "secret.h5", "w") as file:
            file["secret"] = np.full((2000, 8), SECRET, np.float32)
        self.temporary.mkdir()
        tempfile.tempdir = os.environ["TMPDIR"] = str(self.temporary)
        self.watch = Watch()
        self.digests: dict[tuple[str, str], str] = {}
        self._prove_watch()

    def _prove_watch(self) -> None:
        """Do what must be heard, and see that it is."""
        with self.watch.listening(self.case):
            subprocess.run(["true"], check=True)
            (self.place / "escaped.txt").write_text("x", encoding="utf-8")
            (self.place / "escaped.txt").unlink()
            eval(compile("1 + 1", "of a stranger", "eval"))
            pickle.loads(pickle.dumps(Path))
        heard = " ".join(self.watch.heard)
        for each in ("subprocess.Popen", "to write", "os.remove", "of a stranger", "pickle.find_class"):
            if each not in heard:
                raise AssertionError(f"{each} was not heard: {heard}")

    def attempt(self, kind: Kind, opening: Opening, seed: str) -> dict[str, Any]:
        """Change a sample as ``seed`` says, open it, and return how that ended."""
        sample = self._fresh(kind)
        change = mutate(sample, f"{kind.name} {seed}", self.place / "secret.h5", kind.loose, kind.passed_over)
        ended = self._opened(kind, opening, sample)
        sealed = kind.is_sealed(change.file) and not change.resealed
        if ended["outcome"] == "accepted" and sealed and not ended["warned"] and (
                ended["digest"] != self.digests[kind.name, opening.name]):
            ended |= {"outcome": "broken", "told": "a checksum was passed over: what was read differs"}
        return {**asdict(change), **ended}

    def whole(self, kind: Kind, opening: Opening) -> dict[str, Any]:
        """Open a sample as it is, which must be accepted and heard to do nothing, and remember what was read."""
        _import_all()
        for _ in range(2):  # what is imported and compiled the first time is not what a file does
            ended = self._opened(kind, opening, self._fresh(kind))
        self.digests[kind.name, opening.name] = ended["digest"]
        return {"file": "", "resealed": False, **ended}

    def _fresh(self, kind: Kind) -> Path:
        for folder in (self.case, self.temporary):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        return Path(shutil.copytree(self.samples / kind.name, self.case / "sample"))

    def _opened(self, kind: Kind, opening: Opening, sample: Path) -> dict[str, Any]:
        found: dict[str, Any] = {"outcome": "accepted", "told": "", "digest": "", "warned": False}
        before = set(self.place.iterdir())
        out, err = io.StringIO(), io.StringIO()
        begun, base = time.process_time(), _memory_begins(bounded=(kind.name, opening.name) in self.digests)
        try:
            with (warnings.catch_warnings(record=True) as caught, redirect_stdout(out), redirect_stderr(err),
                  self.watch.listening(self.case, self.temporary)):
                warnings.simplefilter("always")
                content = opening.open(sample)
            status = content if isinstance(content, int) and opening.is_command else 0
            found |= {"warned": bool(caught) or "warning: " in err.getvalue()}
            if status == 1:
                found |= {"outcome": "refused", "told": err.getvalue().strip()}
                lines = [line for line in err.getvalue().splitlines() if not line.startswith("probe: warning: ")]
                if len(lines) != 1 or not lines[0].startswith("probe: ") or not lines[0].isprintable():
                    found |= {"outcome": "broken", "told": f"told in {len(lines)} lines: {err.getvalue()[:600]}"}
            elif status:
                found |= {"outcome": "broken", "told": f"exit status {status}: {err.getvalue()[:600]}"}
            else:
                found["digest"] = digest([content, out.getvalue()])
        except UserError as error:
            found |= {"outcome": "refused", "told": str(error)}
            if "\n" in str(error):
                found |= {"outcome": "broken", "told": f"told in several lines: {error}"}
        except BaseException as error:  # noqa: BLE001  # whatever else comes out is what is sought
            trace = "".join(traceback.format_exception(error)[-6:])
            found |= {"outcome": "broken", "told": f"{type(error).__name__}: {error!s:.300}\n{trace[-1800:]}"}
        finally:
            memory = _memory_grown(base)
        if found["outcome"] == "refused" and len(found["told"].replace(str(self.place), "")) > LONGEST_MESSAGE:
            found |= {"outcome": "broken",
                      "told": f"a message of {len(found['told']):,} characters: {found['told'][:500]}"}
        if memory > MEMORY:
            found |= {"outcome": "broken", "told": f"took {memory:,} bytes of memory; {found['told'][:300]}"}
        if self.watch.heard:
            found |= {"outcome": "broken", "told": f"was heard: {self.watch.heard}; {found['told'][:300]}"}
        if any(self.temporary.iterdir()):
            gc.collect()  # what ends with the process ends here with what an error held
        left = [*(set(self.place.iterdir()) - before), *self.temporary.iterdir()]
        if left:
            found |= {"outcome": "broken", "told": f"left files behind: {left}; {found['told'][:300]}"}
        return {**found, "seconds": time.process_time() - begun, "memory": memory}


def _import_all() -> None:
    """Load what takes seconds, so that it is not counted where it is used first."""
    import matplotlib.pyplot  # noqa: F401
    import scipy.stats  # noqa: F401

    import probe.model.engine
    import probe.train.characters  # noqa: F401


def _memory_begins(bounded: bool) -> int:
    """Forget the peak so far, bound what this process may take, and return what it has now."""
    Path("/proc/self/clear_refs").write_text("5")
    if bounded:  # threads that come later reserve much and take little
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_status("VmSize") + MEMORY + (1 << 30), hard))
    return _status("VmRSS")


def _memory_grown(base: int) -> int:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    return max(0, _status("VmHWM") - base)


def _status(name: str) -> int:
    """A size of this process in bytes, as the system tells it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def digest(value: Any) -> str:
    """Return a checksum of what was read: numbers, texts, arrays and what is made of them."""
    hashed, waiting = hashlib.sha256(), [value]
    while waiting:  # and not by recursion: what was read may be deep
        inner = waiting.pop()
        if isinstance(inner, np.ndarray):
            if inner.dtype.kind == "f" and inner.size and (inner == SECRET).all():
                raise AssertionError("numbers of a file outside were read")
            hashed.update(f"{inner.dtype}{inner.shape}".encode())
            hashed.update(np.ascontiguousarray(inner).tobytes())
        elif isinstance(inner, dict):
            hashed.update(f"{{{len(inner)}".encode())
            waiting += [each for key in sorted(inner, key=repr) for each in (key, inner[key])]
        elif isinstance(inner, list | tuple):
            hashed.update(f"({len(inner)}".encode())
            waiting += inner
        elif is_dataclass(inner) and not isinstance(inner, type):
            waiting += [getattr(inner, each.name) for each in fields(inner)]
        else:
            hashed.update(f"{inner!r};".encode("utf-8", "surrogatepass"))
    return hashed.hexdigest()


if __name__ == "__main__":
    main()

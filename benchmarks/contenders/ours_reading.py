"""This project's own extraction, from the text on disk to blocks of activations."""

import atexit
import resource
import shutil
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import ClassVar

from workload import Workload

from probe.activations import Extraction, ExtractOptions
from probe.corpus import Corpus
from probe.model import ModelOptions, Run
from probe.train import TrainOptions, train

# The first of the characters of a random text.
FIRST = 33


@cache
def _untrained(model: ModelOptions, vocabulary: int) -> Run:
    """A run of one update, which lies in a temporary folder until this process ends."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    text = Path(folder) / "learned.txt"
    text.write_text("".join(chr(FIRST + number) for number in range(vocabulary)) * 20, encoding="utf-8")
    return train(text, Path(folder) / "run", model, TrainOptions(steps=1, batch=2, length=10), show=False)


class Hidden:
    """The hidden signal of every layer, by an :class:`~probe.activations.Extraction` whose streams begin at the zero
    state. A reader of a real text also warms each stream up, once."""

    signals: ClassVar[str] = "hidden"

    def __init__(self, work: Workload, precision: str, threads: int, clip: float, seed: int) -> None:
        self._folder = tempfile.TemporaryDirectory()
        run, read = _untrained(work.model, work.vocabulary), Path(self._folder.name) / "read.txt"
        read.write_text("".join(chr(FIRST + number) for number in work.text()[0].ravel()), encoding="utf-8")
        options = ExtractOptions(signals=self.signals, streams=work.streams, overlap=0, block=min(256, work.length),
                                 precision=precision, losses=False)
        self._extraction = Extraction.of(run, corpus=Corpus.read(read, vocabulary=run.corpus.vocabulary),
                                         options=options)

    def step(self) -> float:
        """Return the seconds of one reading."""
        began = time.perf_counter()
        for _ in self._extraction:
            pass
        return time.perf_counter() - began

    def long(self) -> tuple[str, int]:
        """Return what became of one reading, in words, and the largest memory of the process in bytes."""
        said = f"{len(self._extraction.segment) / self.step():,.0f} characters/s"
        return said, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class HiddenAndCell(Hidden):
    """Both states of every layer."""

    signals = "hidden,cell"


class All(Hidden):
    """All six signals of every layer."""

    signals = "all"

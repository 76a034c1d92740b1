"""How often a scan that ends early is wrong, and how much it reads: noise of which some units follow a pattern.

    python -m benchmarks.settling
    python -m benchmarks.settling --texts 5 --times 20

Units are autoregressive noise with correlation times of 4 characters up to the pattern's. A ranking is worse if one of
its best units has an |r| on all of the text that is more than a tie below that of the true last one of them.
"""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.signal import lfilter

from probe.activations import Block, Recorded
from probe.corpus import Corpus
from probe.corpus.document import Document
from probe.patterns import Context, Pattern
from probe.render import table
from probe.scan.labelled import Labelling
from probe.scan.pilot import Pilot
from probe.scan.settling import TIE, Settle

CHARACTERS, UNITS, TOP = 128_000, 50, 5
# Characters of each stream in a block.
LENGTH = 64
SOURCE = ("1", "hidden")
# What is added of the standardised label to the first units.
PLANTED: Mapping[str, np.ndarray] = {
    "none": np.zeros(0), "five strong": np.linspace(3, 1, 5), "ten, in small steps": np.linspace(0.4, 0.3, 10)}


@dataclass(frozen=True)
class Told(Pattern):
    """Labels (N,) bool of one text."""

    labels: np.ndarray = field(compare=False)
    name = "told"
    meaning = "what was drawn"
    group = "yours"
    context = Context("characters")

    def label(self, document: Document) -> np.ndarray:
        return self.labels[document.offset:document.offset + len(document)]


@dataclass(frozen=True)
class ByNetwork:
    """Recorded activations in blocks as short as those of a network, after any of which a scan may end."""

    recorded: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.recorded, name)

    def in_streams(self, streams: int) -> "ByNetwork":
        return ByNetwork(self.recorded.in_streams(streams))

    def __iter__(self) -> Iterator[Block]:
        for block in self.recorded:
            for first in range(0, block.length, LENGTH):
                part = slice(first, first + LENGTH)
                yield Block(block.starts + first, {source: np.ascontiguousarray(values[:, part])
                                                   for source, values in block.activations.items()},
                            block.losses[:, part])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=25, help="of each kind")
    parser.add_argument("--times", default="20,245", help="correlation times of the pattern")
    arguments = parser.parse_args()
    corpus, rows = Corpus.of("a" * CHARACTERS), []
    for time in map(float, arguments.times.split(",")):
        for planted, strengths in PLANTED.items():
            looks = [look(corpus, time, strengths, np.random.default_rng([seed, int(time), len(strengths)]))
                     for seed in range(arguments.texts)]
            read, same, worse = np.mean(looks, axis=0)
            rows.append((f"{time:.0f}", planted, f"{read:.0%}", f"{same:.0%}", f"{worse * arguments.texts:.0f} of "
                         f"{arguments.texts}"))
    print(table(("pattern's correlation time", "planted units", "text read", "same units", "worse"), rows))


def look(corpus: Corpus, time: float, strengths: np.ndarray, drawn: np.random.Generator) -> tuple[float, bool, bool]:
    """Return what share of a text was read, whether its best units are those of all of it, and whether they are worse.

    Args:
        corpus: of so many characters, which say nothing.
        time: correlation time of the pattern.
        strengths: of the units that follow it.
        drawn: what draws labels and noise.
    """
    stay = 1 - 1 / (time + 1)
    labels = np.cumsum(drawn.random(CHARACTERS) >= stay) % 2 == 1
    values = np.stack([autoregressive(each, drawn) for each in np.geomspace(4, time, UNITS)], axis=1)
    values[:, :len(strengths)] += strengths * (2.0 * labels[:, np.newaxis] - 1)
    blocks: Any = ByNetwork(Recorded.of({SOURCE: values.astype(np.float32)}, corpus))
    pattern = Told(labels)
    ranked = Settle((pattern,), Pilot.of(blocks, Labelling([pattern], blocks)), TOP)(blocks)
    early = np.argsort(-np.abs(ranked.tallying.measures()["correlation"][:, 0]))[:TOP]
    whole = np.abs([np.corrcoef(column, labels)[0, 1] for column in values.T])
    last = np.sort(whole)[-TOP]
    return ranked.read / CHARACTERS, bool((whole[early] >= last).all()), bool((whole[early] < last - TIE).any())


def autoregressive(time: float, drawn: np.random.Generator) -> np.ndarray:
    """Return noise (N,) of variance 1 with a correlation time in characters."""
    memory = (time - 1) / (time + 1)
    return np.asarray(lfilter([np.sqrt(1 - memory**2)], [1, -memory], drawn.normal(size=CHARACTERS)))


if __name__ == "__main__":
    main()

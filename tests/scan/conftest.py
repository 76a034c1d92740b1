"""A text with dialogue, and activations among which units are planted that know something."""

import numpy as np
import pytest

from probe.corpus import Corpus, CorpusOptions, Segment
from probe.patterns.labeller import Labeller
from probe.patterns.registry import parse_patterns
from probe.scan import ScanOptions, scan
from tests.scan.recorded import Recorded

PLANTED = {"inside_quotes": 17, "word_start": 3, "column": 30}


@pytest.fixture(scope="package")
def corpus(tmp_path_factory) -> Corpus:
    generator = np.random.default_rng(0)
    words = "the cat ran over a bridge because nobody had told it that rivers are deep and cold".split()
    lines = []
    for _ in range(400):
        said = " ".join(generator.choice(words, generator.integers(2, 9)))
        told = " ".join(generator.choice(words, generator.integers(3, 12)))
        lines.append(f"“{said.capitalize()},” said the fox, and {told}.\n")
    path = tmp_path_factory.mktemp("text") / "fox.txt"
    path.write_text("".join(lines), encoding="utf-8")
    return Corpus.read(path, CorpusOptions(splits="0.5,0.2,0.3"))


@pytest.fixture(scope="package")
def recorded(corpus):
    """Noise in two layers; in the first, units that follow the planted patterns, one of them with the sign reversed."""
    generator = np.random.default_rng(1)
    arrays = {(str(layer), "hidden"): np.tanh(generator.normal(size=(len(corpus), 40)) * 0.5) for layer in (1, 2)}
    for name, unit in PLANTED.items():
        labels = Labeller(parse_patterns(name, "prose"), corpus).labels(0, len(corpus))[:, 0]
        signal = (labels - labels.mean()) / labels.std()
        sign = -1 if name == "word_start" else 1
        arrays["1", "hidden"][:, unit] = np.tanh(sign * 0.6 * signal + 0.3 * generator.normal(size=len(corpus)))

    def blocks(start: int, stop: int) -> Recorded:
        return Recorded(corpus, Segment(start, stop), arrays)

    return blocks


@pytest.fixture(scope="package")
def findings(corpus, recorded):
    test = corpus.splits.test
    return scan(recorded(0, test.start), recorded(test.start, test.stop),
                ScanOptions(passage=300, passages=3, top=4), notes={"reader": "a test"}, show=False)


@pytest.fixture(scope="package")
def saved(findings, tmp_path_factory):
    """The folder of the best of them, which nobody changes."""
    return findings.only(top=1).save(tmp_path_factory.mktemp("saved") / "findings")

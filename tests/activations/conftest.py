"""What several tests of this folder read: a run, what it does by the equations, and a text with made-up numbers."""

from pathlib import Path

import numpy as np
import pytest

from probe.activations import Store, write_store
from probe.activations.store import part
from probe.corpus import Corpus, CorpusOptions, Segment
from probe.model import ModelOptions, Run
from tests.activations.stores import FLOAT32, LENGTH, Scattered
from tests.activations.training import trained
from tests.lstm_oracle import lstm_signals


@pytest.fixture(scope="package")
def run(tmp_path_factory) -> Run:
    folder: Path = tmp_path_factory.mktemp("run")
    text = folder / "text.txt"
    text.write_text("She said “yes” twice, and the cat (a grey one) ran. " * 60, encoding="utf-8")
    return trained(text, folder / "run", ModelOptions(units=10, layers=2))


@pytest.fixture(scope="package")
def expected(run) -> dict:
    """Every signal of both layers over the first 800 characters, in float64 from the equations."""
    weights, signals = run.checkpoint("best").weights, {}
    x = np.eye(len(run.corpus.vocabulary))[run.corpus.ids[:800]][:, None]
    for layer in ("1", "2"):
        of_layer = [weights[f"lstm_{layer}/{name}"] for name in ("kernel", "recurrent_kernel", "bias")]
        told = lstm_signals(x, *of_layer, np.zeros((1, 10)), np.zeros((1, 10)))
        signals |= {(layer, name): values[:, 0] for name, values in told.items()}
        x = told["hidden"]
    return signals


@pytest.fixture(scope="package")
def corpus(tmp_path_factory) -> Corpus:
    return Corpus.of("Come in, said the fox. The cat did not.\n" * (LENGTH // 40), "fox", CorpusOptions(),
                     folder=tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="package")
def arrays() -> dict:
    chance = np.random.default_rng(3)
    return {("1", "hidden"): np.tanh(chance.normal(size=(LENGTH, 40))).astype(np.float32),
            ("bi/backward", "cell"): (3 * chance.normal(size=(LENGTH, 7))).astype(np.float32)}


@pytest.fixture(scope="package")
def five_hundred(corpus, arrays, tmp_path_factory) -> Store:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part, "PART_ROWS", 90)
        return write_store(Scattered(corpus, Segment(0, 500), arrays), tmp_path_factory.mktemp("s") / "acts", FLOAT32,
                           show=False)


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(part, "PART_ROWS", 128)

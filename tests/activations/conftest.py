"""A run that other tests of this folder read, and what it does by the equations."""

from pathlib import Path

import numpy as np
import pytest

from probe.model import ModelOptions, Run
from probe.train import TrainOptions, train
from tests.lstm_oracle import lstm_signals


@pytest.fixture(scope="package")
def run(tmp_path_factory) -> Run:
    folder: Path = tmp_path_factory.mktemp("run")
    text = folder / "text.txt"
    text.write_text("She said “yes” twice, and the cat (a grey one) ran. " * 60, encoding="utf-8")
    plan = TrainOptions(steps=20, batch=4, length=20, validate_every=20, learning_rate=0.01)
    return train(text, folder / "run", ModelOptions(units=10, layers=2), plan, show=False)


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

"""Trainings of moments."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from probe.attention.dates import DateOptions
from probe.attention.translator import network, task, translator
from probe.attention.translator.options import TranslatorOptions, TranslatorTrainOptions
from probe.attention.translator.run import TranslatorRun
from probe.model.checkpoint import Checkpoint
from tests.train.compiled_once import compile_once_in

DATES = DateOptions(locales="en_GB", styles="day_month_year,iso", cases="written", first_year=2010, last_year=2019,
                    no_date=0.1)
NETWORK = TranslatorOptions(units=6, embedding=5, attention=4)
PLAN = TranslatorTrainOptions(steps=24, batch=8, validate_every=8, log_every=3, warm_up=2, validate_texts=50, seed=5,
                              hidden=0.5, precision="float32")


def compile_once(patch: pytest.MonkeyPatch) -> None:
    """Let every training of the same network and plan take the compiled objects of the first."""
    compile_once_in(patch, task, ("keras_network", "make_optimizer", "make_step", "make_reader"))


def open_once(patch: pytest.MonkeyPatch) -> None:
    """Let every translator of the same weights take the network that was opened and compiled for the first."""
    opened: dict[Any, Any] = {}
    compiled: dict[Any, Any] = {}
    trained = network.trained_network

    def once(options: TranslatorOptions, sources: int, checkpoint: Checkpoint) -> Any:
        weights = tuple((name, array.dtype.str, array.shape, array.tobytes())
                        for name, array in checkpoint.weights.items())
        key = options, sources, weights
        if key not in opened:
            opened[key] = trained(options, sources, checkpoint)
        return opened[key]

    def kept(name: str, made: Callable) -> property:
        def of(self: translator.Translator) -> Any:
            key = name, id(self.model)
            if key not in compiled:
                compiled[key] = made(self), self.model  # which lives on, so that its id stays its own
            return compiled[key][0]

        return property(of)

    for module in (network, translator):
        patch.setattr(module, "trained_network", once)
    for name in ("network", "_decoder", "_compiled"):
        patch.setattr(translator.Translator, name, kept(name, vars(translator.Translator)[name].func))


@pytest.fixture
def _compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compile_once(monkeypatch)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> TranslatorRun:
    """A run that was never disturbed."""
    with pytest.MonkeyPatch.context() as patch:
        compile_once(patch)
        return train(tmp_path_factory.mktemp("whole") / "run")


@pytest.fixture(scope="module")
def drifted(tmp_path_factory: pytest.TempPathFactory) -> TranslatorRun:
    """A run whose weights went by chance, and became worse and worse: nothing is compiled for it."""
    chance, nats = np.random.default_rng(0), itertools.count(1)

    def stepping(network: Any, *_: Any) -> Callable:
        def step(*_: Any) -> float:
            for weight in network.model.weights:
                weight.assign(weight.numpy() + 0.1 * chance.normal(size=weight.shape))
            return 1.0

        return step

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(task, "make_step", stepping)
        patch.setattr(task, "make_reader", lambda *_: lambda *rows: np.array([next(nats), 1, 0, 0, 1.0]))
        return train(tmp_path_factory.mktemp("drifted") / "run")


def train(folder: Path, plan: TranslatorTrainOptions = PLAN, **others: Any) -> TranslatorRun:
    return task.train_translator(folder, others.pop("dates", DATES), others.pop("network", NETWORK), plan, show=False)

"""Trainings of moments."""

from pathlib import Path
from typing import Any

import pytest

from probe.attention.dates import DateOptions
from probe.attention.translator import task
from probe.attention.translator.options import TranslatorOptions, TranslatorTrainOptions
from probe.attention.translator.run import TranslatorRun
from tests.train.compiled_once import compile_once_in

DATES = DateOptions(locales="en_GB", styles="day_month_year,iso", cases="written", first_year=2010, last_year=2019,
                    no_date=0.1)
NETWORK = TranslatorOptions(units=6, embedding=5, attention=4)
PLAN = TranslatorTrainOptions(steps=24, batch=8, validate_every=8, log_every=3, warm_up=2, validate_texts=50, seed=5,
                              hidden=0.5, precision="float32")


def compile_once(patch: pytest.MonkeyPatch) -> None:
    """Let every training of the same network and plan take the compiled objects of the first."""
    compile_once_in(patch, task, ("keras_network", "make_optimizer", "make_step", "make_reader"))


@pytest.fixture
def _compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compile_once(monkeypatch)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> TranslatorRun:
    """A run that was never disturbed."""
    with pytest.MonkeyPatch.context() as patch:
        compile_once(patch)
        return train(tmp_path_factory.mktemp("whole") / "run")


def train(folder: Path, plan: TranslatorTrainOptions = PLAN, **others: Any) -> TranslatorRun:
    return task.train_translator(folder, others.pop("dates", DATES), others.pop("network", NETWORK), plan, show=False)

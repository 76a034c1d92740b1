"""A text small enough to train on in seconds, and networks that are compiled once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from probe.train import characters
from tests.train.compiled_once import compile_once_in

SENTENCES = ["The cat said “good morning” to the dog. ", "A dog runs fast, and barks (loudly). ",
             "We count 1, 2, 3.\n\n"]


def write_little(folder: Path) -> Path:
    """Write the text into ``folder`` and return its path."""
    path = folder / "little.txt"
    path.write_text("".join(SENTENCES[(i * i) % 3] for i in range(200)), encoding="utf-8")
    return path


@pytest.fixture
def text(tmp_path: Path) -> Path:
    return write_little(tmp_path)


@pytest.fixture(scope="module", autouse=True)
def compiled_once() -> Iterator[None]:
    """Trainings of one network share what was compiled for it."""
    with pytest.MonkeyPatch.context() as patch:
        compile_once_in(patch, characters, ("CharLSTM", "make_optimizer", "make_step", "LossReader"))
        yield

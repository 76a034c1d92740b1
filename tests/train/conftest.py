"""A text small enough to train on in seconds."""

from pathlib import Path

import pytest

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

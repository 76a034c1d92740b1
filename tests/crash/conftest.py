"""Runs that are trained in moments."""

from pathlib import Path

import pytest

from tests.crash.quick import compile_once, terminate_at, train


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``text.txt``; ``whole``, a run that was never disturbed; and ``stopped``, one stopped at step 3."""
    place = tmp_path_factory.mktemp("place")
    text = place / "text.txt"
    text.write_text("“Come in,” said the fox (a red one). The cat, who was 3, did not.\n\n" * 20, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        compile_once(patch)
        assert train(text, place / "whole").status == 0
        terminate_at(patch, 3)
        assert train(text, place / "stopped").status == 130
    return place


@pytest.fixture(autouse=True)
def _compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compile_once(monkeypatch)

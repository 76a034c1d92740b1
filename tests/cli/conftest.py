"""The text that the tests of commands share, and trainings of one network that share what was compiled for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.tiny import TEXT


@pytest.fixture(scope="session")
def text(tmp_path_factory) -> Path:
    """The file of :data:`tests.cli.tiny.TEXT`."""
    path = tmp_path_factory.mktemp("texts") / "fox.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture(scope="module", autouse=True)
def _trained_once() -> Iterator[None]:
    """In all files of this folder."""
    from tests.crash.quick import compile_once

    with pytest.MonkeyPatch.context() as patch:
        compile_once(patch)
        yield

"""The text that the tests of commands share."""

from pathlib import Path

import pytest

from tests.cli.tiny import TEXT


@pytest.fixture(scope="session")
def text(tmp_path_factory) -> Path:
    """The file of :data:`tests.cli.tiny.TEXT`."""
    path = tmp_path_factory.mktemp("texts") / "fox.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path

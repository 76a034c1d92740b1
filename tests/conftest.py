"""Settings of all tests."""

import os
from pathlib import Path

import hypothesis
import pytest

# Two tests at once have the cores already; threads of a library that wait for one another take them from both.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Time is never asserted; the same examples come each time where a failure would stop others.
hypothesis.settings.register_profile("probe", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("probe")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real texts that lies beside the project where it is developed; elsewhere the test is skipped."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip(f"needs the real texts in {folder.name}/ beside the project, which are not here")
    return folder

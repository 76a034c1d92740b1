"""Files that Keras 2 itself wrote, once for all tests, in whichever processes they run."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

try:
    import fcntl
except ImportError:  # Windows, where processes that wait for one another are not worth their code
    fcntl = None  # type: ignore[assignment]


@pytest.fixture(scope="session")
def written(tmp_path_factory) -> Path:
    """The folder of networks written by tf_keras: NAME.h5, NAME.weights-only.h5, NAME.json and what it predicts."""
    mine = tmp_path_factory.getbasetemp()
    # Processes among which tests are shared out have folders side by side.
    folder = (mine.parent if fcntl and "PYTEST_XDIST_WORKER" in os.environ else mine) / "keras2"
    with _one_at_a_time(folder.with_suffix(".lock")):
        if not folder.exists():
            program, aside = Path(__file__).with_name("write_with_keras_2.py"), folder.with_suffix(".part")
            aside.mkdir(exist_ok=True)
            done = subprocess.run([sys.executable, str(program), str(aside)], capture_output=True, text=True,
                                  check=False)
            assert done.returncode == 0, done.stderr[-2000:]
            aside.rename(folder)
    return folder


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    with open(path, "w") as lock:
        if fcntl:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield

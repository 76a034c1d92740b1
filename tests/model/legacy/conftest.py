"""Files that Keras 2 itself wrote, once for all tests."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def written(tmp_path_factory) -> Path:
    """The folder of networks written by tf_keras: NAME.h5, NAME.weights-only.h5, NAME.json and what it predicts."""
    folder = tmp_path_factory.mktemp("keras2")
    program = Path(__file__).with_name("write_with_keras_2.py")
    done = subprocess.run([sys.executable, str(program), str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder

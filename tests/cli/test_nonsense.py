"""Values that mean nothing, for every option of every command: one line, status 1, nothing touched, no engine."""

import json
import os
import subprocess
import sys

from tests.cli.nonsense import BASELINES, parsers, prepare

# Of all lines that there are, so many are passed over between two; benchmarks/arguments.py asks every one.
STRIDE = 13


def test_every_command_has_a_line_to_start_from():
    assert set(parsers()) == set(BASELINES)


def test_nonsense_is_told_in_a_line_before_the_engine_is_loaded(tmp_path):
    prepare(tmp_path)
    environment = {**os.environ, "PROBE_CACHE": str(tmp_path / "cache"), "MPLCONFIGDIR": str(tmp_path.parent / "mpl")}
    done = subprocess.run([sys.executable, "-m", "tests.cli.nonsense", str(tmp_path), str(STRIDE)], check=True,
                          stdin=subprocess.DEVNULL, capture_output=True, env=environment)
    ended = json.loads(done.stdout)
    assert ended["faults"] == []
    assert ended["asked"] > 600

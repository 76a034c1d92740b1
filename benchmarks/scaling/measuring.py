"""What one command takes, in a process of its own: time, memory, and what others did meanwhile."""

import math
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONDONTWRITEBYTECODE": "1"}
# Seconds between looks at a process.
EVERY = 0.25
# A growth by less than this share tells of no exponent.
LEAST = 0.05


@dataclass(frozen=True)
class Taken:
    """What a command took.

    Attributes:
        seconds: by the clock.
        work: seconds of cores.
        memory: the most that was resident at any time, in MB, the pages of files that are mapped included.
        own: the most of it that no file can give back, in MB.
        others: cores that the rest of the machine used meanwhile, on average.
    """

    seconds: float
    work: float
    memory: float
    own: float
    others: float


def taken(command: Sequence[str], log: Path) -> Taken:
    """Run Python with arguments to its end and return what it took.

    Args:
        command: arguments of Python.
        log: a file that what is printed is added to.

    Raises:
        SystemExit: the command failed; what it printed is in the log.
    """
    begun, before = time.perf_counter(), _busy()
    with log.open("ab") as out:
        out.write(f"\n$ {' '.join(command)}\n".encode())
        out.flush()
        process = subprocess.Popen([sys.executable, *command], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                   env=ENVIRONMENT)
        try:
            memory, own = _watched(process.pid)
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds, work = time.perf_counter() - begun, used.ru_utime + used.ru_stime
    if process.returncode:
        raise SystemExit(f"{' '.join(command)[:200]}: ended with status {process.returncode}; see {log}")
    return Taken(seconds, work, memory, own, max(0.0, _busy() - before - work) / seconds)


def _watched(pid: int) -> tuple[float, float]:
    """Wait until a process has ended, without taking its status, and return its largest memory, in all and its own."""
    memory = own = 0.0
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        rows = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines())
        if "VmHWM" in rows:  # gone at the very end
            memory, own = max(memory, _megabytes(rows["VmHWM"])), max(own, _megabytes(rows["RssAnon"]))
        time.sleep(EVERY)
    return memory, own


def _megabytes(written: str) -> float:
    return int(written.split()[0]) * 1024 / 1e6


def _busy() -> float:
    """Seconds of all cores that anybody has used since the machine began."""
    line = Path("/proc/stat").read_text("ascii").split("\n", 1)[0]
    user, nice, system, _idle, _wait, *others = map(int, line.split()[1:9])
    return (user + nice + system + sum(others)) / os.sysconf("SC_CLK_TCK")


def exponents(sizes: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """Return the k of growth like sizeᵏ over the last step: of what was measured, and of what lies above a constant.

    The second comes from the last three sizes, whose ratios must be about equal: (v₃ − v₂) / (v₂ − v₁) is then the
    ratio to the power of k, whatever constant is in all three. NaN where there are too few, or it hardly grows.
    """
    if len(values) < 2:
        return math.nan, math.nan
    ratio = sizes[-1] / sizes[-2]
    plain = math.log(values[-1] / values[-2]) / math.log(ratio)
    if len(values) < 3:
        return plain, math.nan
    earlier, later = values[-2] - values[-3], values[-1] - values[-2]
    if min(earlier, later) < LEAST * values[-2]:
        return plain, math.nan
    return plain, math.log(later / earlier) / math.log(ratio)

"""Change files of every kind that probe opens, thousands of times, open each as a user would, and see how that ends.

    python -m benchmarks.fuzz                                10,000 changes, half an hour on two cores
    python -m benchmarks.fuzz --kinds run,store --changes 500 --seed 7
    python -m benchmarks.fuzz --repeat run/0/123              one change again, with all that it led to

Each must be accepted, or refused in one line, within 10 seconds and 2 GB, with no code run, no process started, nothing
sent, nothing read or written outside the sample's folder and nothing left behind. Where a format of ours has a checksum
that was not made right again, what is accepted must be what was written, or a warning must tell otherwise. Anything
else is printed with the words that repeat it, and the command ends with status 1.

Before the first change every sample is opened as it is, in each way, and must be accepted; and each worker is held to
hear a process that is started and a file that is written outside.
"""

import argparse
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.fuzzing.kinds import KINDS  # noqa: E402

SECONDS, WALL = 10, 90
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "TF_CPP_MIN_LOG_LEVEL": "3",
               "PYTHONFAULTHANDLER": "1", "COLUMNS": "120", "MPLCONFIGDIR": ""}


class Worker:
    """A process that changes and opens samples; where it dies or takes too long it is replaced."""

    def __init__(self, samples: Path, home: Path) -> None:
        self.samples, self.home = samples, home
        self.process: subprocess.Popen | None = None

    def attempt(self, job: str) -> dict[str, Any]:
        """Have ``KIND OPENING SEED`` done and return how that ended."""
        if self.process is None:
            self._start()
        way, whole = job.rpartition(" ")[0], job.endswith(" whole")
        if not whole and way not in self._ways:
            ended = self.attempt(f"{way} whole")
            if ended["outcome"] != "accepted":
                return {**ended, "outcome": "broken", "told": f"the sample itself is not accepted: {ended['told']}"}
            self._ways.add(way)
        assert self.process is not None and self.process.stdin is not None
        begun, used = time.monotonic(), self._cpu()
        self.process.stdin.write(f"{job}\n".encode())
        self.process.stdin.flush()
        while True:
            line = self._line(0.2)
            if line:
                return dict(json.loads(line))
            seconds, computed = time.monotonic() - begun, self._cpu() - used
            if self.process.poll() is not None:
                return self._lost(f"the process ended with {self.process.returncode}", seconds)
            # Other work on the machine makes all slower: what counts is time computed, or none at all for long.
            if not whole and ((computed > SECONDS and seconds > SECONDS) or seconds > WALL):
                self.process.kill()
                return self._lost(f"took more than {SECONDS} s ({computed:.0f} s computed)", seconds)

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        shutil.rmtree(self.home, ignore_errors=True)

    def _lost(self, told: str, seconds: float) -> dict[str, Any]:
        assert self.process is not None
        self.process.wait()
        self.process = None
        errors = self.home.joinpath("errors").read_text(errors="replace")[-1500:]
        return {"outcome": "broken", "told": f"{told}\n{errors}", "seconds": seconds, "memory": 0, "file": "?",
                "resealed": False}

    def _start(self) -> None:
        self.home.mkdir(exist_ok=True)
        self._ways: set[str] = set()
        receiving, sending = os.pipe()
        with open(self.home / "errors", "wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.fuzzing.worker", str(self.samples), str(sending)],
                stdin=subprocess.PIPE, stdout=errors, stderr=errors, pass_fds=[sending], cwd=self.home,
                env={**ENVIRONMENT, "TMPDIR": str(self.home), "MPLCONFIGDIR": str(self.home),
                     "PROBE_CACHE": str(self.home / "cache")})
        os.close(sending)
        self._answers, self._pending = receiving, b""
        while (line := self._line(1.0)) != b"ready":
            if self.process.poll() is not None:
                errors = self.home.joinpath("errors").read_text(errors="replace")[-3000:]
                raise SystemExit(f"a worker did not start: {errors}")
            assert line is None

    def _line(self, seconds: float) -> bytes | None:
        """A line of what the process answers, None if there is none within a time."""
        if b"\n" not in self._pending and select.select([self._answers], [], [], seconds)[0]:
            self._pending += os.read(self._answers, 1 << 16)
        if b"\n" not in self._pending:
            return None
        line, _, self._pending = self._pending.partition(b"\n")
        return line

    def _cpu(self) -> float:
        """Seconds that the process has computed."""
        assert self.process is not None
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Tally:
    """How the changes of one kind ended."""

    outcomes: Counter = field(default_factory=Counter)
    slowest: float = 0.0
    memory: int = 0

    def add(self, ended: dict[str, Any]) -> None:
        self.outcomes[ended["outcome"]] += 1
        self.slowest = max(self.slowest, ended["seconds"])
        self.memory = max(self.memory, ended["memory"])


def planned(names: list[str], changes: int, seed: int) -> list[str]:
    """Return what is to be done: ``KIND OPENING SEED``, by the shares of kinds and openings."""
    chance, jobs = Random(seed), []
    whole = sum(KINDS[name].share for name in names)
    for name in names:
        kind = KINDS[name]
        count = max(1, round(changes * kind.share / whole))
        ways = chance.choices(range(len(kind.openings)), [each.share for each in kind.openings], k=count)
        jobs += [f"{name} {way} {seed}.{number}" for number, way in enumerate(ways)]
    return jobs


def work(worker: Worker, jobs: "Queue[str]", done: "Queue[tuple[str, dict[str, Any]]]") -> None:
    while True:
        try:
            job = jobs.get_nowait()
        except Empty:
            return
        done.put((job, worker.attempt(job)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", default=",".join(KINDS), help="some of them, with commas between")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--samples", type=Path, help="a folder for the samples, which is used again if it is there")
    parser.add_argument("--repeat", metavar="KIND/OPENING/SEED", help="do one change, and tell all")
    parser.add_argument("--log", type=Path, help="a file for a line of JSON a change")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
        samples = arguments.samples or Path(place) / "samples"
        if not samples.is_dir():
            subprocess.run([sys.executable, "-m", "benchmarks.fuzzing.samples", str(samples)], check=True, cwd=ROOT,
                           env=ENVIRONMENT)
        workers = [Worker(samples, Path(place) / f"worker-{number}") for number in range(arguments.workers)]
        if arguments.repeat:
            ended = workers[0].attempt(arguments.repeat.replace("/", " "))
            print("\n".join(f"{name}: {value}" for name, value in ended.items()))
            raise SystemExit(int(ended["outcome"] == "broken"))
        names = arguments.kinds.split(",")
        raise SystemExit(run(workers, planned(names, arguments.changes, arguments.seed), arguments.log))


def run(workers: list[Worker], planned_jobs: list[str], log: Path | None) -> int:
    """Have jobs done, print what broke and the table, and return the exit status."""
    jobs: Queue[str] = Queue()
    done: Queue[tuple[str, dict[str, Any]]] = Queue()
    for job in planned_jobs:
        jobs.put(job)
    threads = [threading.Thread(target=work, args=(worker, jobs, done), daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    tallies: dict[str, Tally] = {}
    begun = time.monotonic()
    broken = 0
    for number in range(1, len(planned_jobs) + 1):
        while True:
            try:
                job, ended = done.get(timeout=5)
                break
            except Empty:
                if not any(thread.is_alive() for thread in threads):
                    print("the workers are gone", file=sys.stderr)
                    return 1
        tallies.setdefault(job.split()[0], Tally()).add(ended)
        if log is not None:
            with open(log, "a", encoding="utf-8") as file:
                file.write(json.dumps({"job": job, **ended}) + "\n")
        if ended["outcome"] == "broken":
            broken += 1
            print(f"BROKEN --repeat {job.replace(' ', '/')}: {ended['file']}\n{ended['told']}\n", flush=True)
        if number % 500 == 0:
            seconds = time.monotonic() - begun
            print(f"{number:,} of {len(planned_jobs):,}, {broken} broken, {seconds:,.0f} s", flush=True)
    for worker in workers:
        worker.close()
    print(table(tallies))
    return int(broken > 0)


def table(tallies: dict[str, Tally]) -> str:
    """Return how many changes of each kind ended in which way, with the slowest and the most memory."""
    lines = [f"{'kind':18}{'changes':>8}{'accepted':>10}{'refused':>9}{'broken':>8}{'slowest':>10}{'memory':>13}"]
    whole = Tally()
    for tally in tallies.values():
        whole.outcomes += tally.outcomes
        whole.slowest, whole.memory = max(whole.slowest, tally.slowest), max(whole.memory, tally.memory)
    for name, tally in [*tallies.items(), ("all", whole)]:
        counts = tally.outcomes
        lines.append(f"{name:18}{counts.total():8,}{counts['accepted']:10,}{counts['refused']:9,}"
                     f"{counts['broken']:8,}"
                     f"{tally.slowest:8.1f} s{tally.memory / 1e6:10,.0f} MB")
    return "\n".join(lines)


if __name__ == "__main__":
    main()

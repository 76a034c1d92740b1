"""Small, read-only and limited disks of the system's own, for trainings in processes of their own."""

import os
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NOBODY = 65534


def mounted_apart(options: str, disk: Path, command: list[str], kept: Path) -> subprocess.CompletedProcess[str]:
    """Run ``command`` where ``disk`` is a mount of its own, which no other process sees.

    Args:
        options: of the mount, a memory disk, for example ``"size=64k"``.
        disk: the folder on which it is mounted.
        command: what is run.
        kept: a folder that gets what the disk holds in the end.

    The test is skipped where the system permits no mounts.
    """
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare, to mount a disk that no other process sees")
    apart = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    mount = f"mount -t tmpfs -o {shlex.quote(options)} probe-test {shlex.quote(str(disk))}"
    tried = subprocess.run([*apart, "sh", "-c", mount], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"this system permits no mounts: {tried.stderr.strip()}")
    script = f"{mount} && {{ {shlex.join(command)}; status=$?; cp -a {shlex.quote(str(disk))}/. " \
             f"{shlex.quote(str(kept))}; exit $status; }}"
    return subprocess.run([*apart, "sh", "-c", script], capture_output=True, text=True, check=False)


def limited(size: int, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run ``command`` where no file may grow beyond ``size`` bytes, which needs no privileges."""
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=limit)


def probe_command(arguments: list[str]) -> list[str]:
    """The command line of a ``probe`` command in a process of its own."""
    return [sys.executable, "-m", "probe", *arguments]


@contextmanager
def without_privileges() -> Iterator[None]:
    """Take away root's right to read and write everything, if this process has it."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def folder_of_everybody() -> Iterator[Path]:
    """Give a new folder into which those without privileges can look as well: pytest's own are root's alone."""
    folder = Path(tempfile.mkdtemp(prefix="probe-disks-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for path in (folder, *(path for path in folder.rglob("*") if not path.is_symlink())):
            path.chmod(0o755)
        shutil.rmtree(folder)

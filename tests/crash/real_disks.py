"""Small, read-only and limited disks of the system's own, for commands in processes of their own."""

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.forked import PROBE, ran

NOBODY = 65534


# What a fork does that has the disk: mounts it where no other process sees it, and copies what it holds in the end.
MOUNTED = """
import ctypes, os, runpy, subprocess, sys
before, after = sys.argv[1:3]
del sys.argv[1:3]
owner, group, names, users = os.geteuid(), os.getegid(), 0x20000, 0x10000000
if ctypes.CDLL(None, use_errno=True).unshare(names | users * (owner != 0)):
    raise OSError(ctypes.get_errno(), "unshare")
if owner != 0:
    for file, content in (("setgroups", "deny"), ("uid_map", f"0 {owner} 1"), ("gid_map", f"0 {group} 1")):
        with open(f"/proc/self/{file}", "w") as opened:
            opened.write(content)
subprocess.run(before, shell=True, check=True)
try:
    runpy.run_module("probe", run_name="__main__", alter_sys=True)
finally:
    subprocess.run(after, shell=True, check=True)
"""
LIMITED = "import resource, signal, sys; size = int(sys.argv.pop(1)); " \
          "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); " \
          f"resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)); {PROBE}"


def mounted_apart(options: str, disk: Path, words: list[str], kept: Path,
                  old: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a ``probe`` command where ``disk`` is a mount of its own, which no other process sees.

    Args:
        options: of the mount, a memory disk, for example ``"size=64k"``.
        disk: the folder on which it is mounted, made if missing.
        words: of the command.
        kept: a folder that gets what the disk holds in the end, made if missing.
        old: a folder that tells what the disk holds before.

    The test is skipped where the system permits no mounts.
    """
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare, to mount a disk that no other process sees")
    apart = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    for folder in (disk, kept):
        folder.mkdir(exist_ok=True)
    on, out = shlex.quote(str(disk)), shlex.quote(str(kept))
    mount = f"mount -t tmpfs -o {shlex.quote(options)} probe-test {on}"
    tried = subprocess.run([*apart, "sh", "-c", mount], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"this system permits no mounts: {tried.stderr.strip()}")
    filled = f" && cp -a {shlex.quote(str(old))}/. {on}" if old else ""
    return ran([f"mount --make-rprivate / && {mount}{filled}", f"cp -a {on}/. {out}", *words], MOUNTED)


def limited(size: int, words: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a ``probe`` command where no file may grow beyond ``size`` bytes, which needs no privileges.

    Its own errors are kept in a file as well, which is shorter.
    """
    return ran([str(size), *words], LIMITED)


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

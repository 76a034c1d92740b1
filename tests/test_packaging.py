"""What is installed: the wheel and the source archive hold what is tracked, and no more."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BUILD = "import sys; from setuptools import build_meta as b; print(getattr(b, 'build_' + sys.argv[1])(sys.argv[2]))"


def tracked(*places: str) -> set[str]:
    """The files under some places that git knows."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("needs the project's git repository")
    listed = subprocess.run(["git", "ls-files", "-z", "--", *places], cwd=ROOT, capture_output=True, text=True,
                            check=True)
    return {name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> dict[str, Path]:
    """A wheel and a source archive of what is tracked, built without a network."""
    setuptools = pytest.importorskip("setuptools", reason="needs setuptools to build with")
    if int(setuptools.__version__.partition(".")[0]) < 77:
        pytest.skip("needs setuptools from 77 on")
    tree = tmp_path_factory.mktemp("tree")
    for name in tracked():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tree / name)
    made = {}
    for kind in ("wheel", "sdist"):
        out = tmp_path_factory.mktemp(kind)
        subprocess.run([sys.executable, "-c", BUILD, kind, str(out)], cwd=tree, capture_output=True, check=True)
        made[kind], = out.iterdir()
    return made


def test_the_wheel_holds_the_package_and_the_catalogue_and_no_more(built):
    with zipfile.ZipFile(built["wheel"]) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == tracked("probe") | {f"probe/{name}" for name in tracked("corpora")}


def test_the_source_archive_builds_the_wheel_and_holds_little_else(built):
    with tarfile.open(built["sdist"]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    files = {name for name in names if name and ".egg-info" not in name}
    wanted = tracked("probe", "corpora", "pyproject.toml", "README.md", "LICENSE")
    assert wanted <= files
    assert {name.partition("/")[0] for name in files - wanted} <= {"PKG-INFO", "setup.cfg", "probe", "corpora",
                                                                   "MANIFEST.in"}

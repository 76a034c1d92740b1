"""Tell what this machine has, and which kernel would run.

  probe doctor
  probe doctor --json                 for a report of a fault, or another program
"""

import argparse
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from itertools import groupby
from pathlib import Path

from packaging.requirements import Requirement

import probe
from probe.cli.telling import put
from probe.cores import CORES
from probe.errors import UserError

# A float32 has seven digits; more than this is no rounding.
MOST = 1e-4
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "firefox", "microsoft-edge", "msedge", "safari")
WIDTH, GIGABYTE = 14, 1e9


@dataclass(frozen=True)
class Fact:
    """Something that was looked at.

    Attributes:
        about: the machine, its versions, …
        name: what.
        told: what was found.
        good: whether probe can work with it.
    """

    about: str
    name: str
    told: str
    good: bool = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(arguments: argparse.Namespace) -> None:
    facts = [*_of_versions(), *_of_machine(), *_of_places()]
    if all(fact.good for fact in facts):
        facts += _of_networks()
    if arguments.json:
        print(json.dumps([asdict(fact) for fact in facts], indent=2))
    else:
        for about, group in groupby(facts, key=lambda fact: fact.about):
            put(about)
            for fact in group:
                put(f"  {fact.name:<{WIDTH}} {fact.told}")
    bad = [f"{fact.name}: {fact.told}" for fact in facts if not fact.good]
    if bad:
        raise UserError("; ".join(bad))


def _of_versions() -> Iterator[Fact]:
    yield Fact("versions", "probe", probe.__version__)
    yield Fact("versions", "python", platform.python_version())
    for needed in map(Requirement, _requirements()):
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            version = _version(needed.name)
            fits = bool(version) and needed.specifier.contains(version, prereleases=True)
            yield Fact("versions", needed.name, version if fits else
                       f"{version or 'missing'}; pip install '{needed.name}{needed.specifier}'", fits)
    yield Fact("versions", "dask", _version("dask") or "missing, for probe scan --dask; pip install 'probe-lstm[dask]'")


def _requirements() -> list[str]:
    try:
        return metadata.requires("probe-lstm") or []
    except metadata.PackageNotFoundError:  # a source tree that is not installed
        return []


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _of_machine() -> Iterator[Fact]:
    yield Fact("machine", "system", f"{platform.system()} {platform.release()}, {platform.machine()}")
    allowed = os.cpu_count() or 1
    yield Fact("machine", "cores", f"{CORES} for probe, of {allowed}; PROBE_CORES limits them" if allowed > CORES
               else str(CORES))
    with_names = getattr(os, "sysconf_names", {})
    if "SC_PHYS_PAGES" in with_names:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        yield Fact("machine", "memory", f"{size / GIGABYTE:.1f} GB")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    yield Fact("machine", "browser", found or "none found by name; any will do, galleries are plain HTML files")


def _of_networks() -> Iterator[Fact]:
    from probe.model.engine import tf
    from probe.model.kernels.agreement import difference_from_keras
    from probe.model.kernels.choice import choose_kernel
    from probe.model.kernels.machine import processor, this_machine

    machine = this_machine()
    yield Fact("networks", "processor", f"{processor()}, vectors of {machine.lanes} numbers")
    yield Fact("networks", "bfloat16", "multiplied by this processor; --precision auto trains in it"
               if machine.multiplies_bfloat16 else "not multiplied by this processor; --precision auto takes float32")
    gpus, built = tf.config.list_physical_devices("GPU"), tf.sysconfig.get_build_info()
    for gpu in gpus:
        details = tf.config.experimental.get_device_details(gpu)
        capability = ".".join(map(str, details.get("compute_capability", ("unknown",))))
        yield Fact("networks", "GPU", f"{details.get('device_name', gpu.name)}, compute capability {capability}")
    if not gpus:
        yield Fact("networks", "GPU", "none that TensorFlow sees")
    cudnn = built.get("cudnn_version")
    yield Fact("networks", "cuDNN", f"version {cudnn}, for which this TensorFlow was built" if gpus and cudnn else
               "not used without a GPU" if cudnn else "this TensorFlow was built without it")
    name, _ = choose_kernel("auto")
    difference = difference_from_keras()
    yield Fact("networks", "kernel", f"{name}; differs from Keras by {difference:.1g} at most"
               + ("" if difference <= MOST else ", which is no rounding"), difference <= MOST)


def _of_places() -> Iterator[Fact]:
    from probe.corpus import cache_folder

    folders = {"this folder": Path(), "texts": cache_folder(), "temporary": Path(tempfile.gettempdir())}
    for name, folder in folders.items():
        try:
            place = folder.absolute()
            there = next(each for each in (place, *place.parents) if each.exists())
            free = f"{shutil.disk_usage(there).free / GIGABYTE:.1f} GB free"
            bad = "" if os.access(there, os.W_OK | os.X_OK) else ", cannot be written"
            yield Fact("places", name, f"{place}, {free}{bad if there.is_dir() else f', but {there} is a file'}",
                       there.is_dir() and not bad)
        except OSError as error:  # such as a working folder that was deleted
            yield Fact("places", name, f"cannot be used: {error.strerror}", False)

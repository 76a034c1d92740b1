"""One change, drawn from a seed, to a sample: a file, or a folder of files that belong together."""

import hashlib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.fuzzing.array_edits import edit_bundle, edit_npy
from benchmarks.fuzzing.bytes_edits import PLACES, TRAPS, edit_bytes
from benchmarks.fuzzing.hdf5_edits import edit_hdf5
from benchmarks.fuzzing.json_edits import edit_json
from benchmarks.fuzzing.resealing import content_of, is_manifest, reseal, seal, seals
from benchmarks.fuzzing.text_edits import edit_json_file, edit_json_lines, edit_text
from benchmarks.fuzzing.zip_edits import edit_zip

SIGNATURE = b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True)
class Mutation:
    """What was done to a sample.

    Attributes:
        file: its name in the sample.
        told: how it was changed.
        resealed: whether the checksums of ours that cover it were made right again.
    """

    file: str
    told: str
    resealed: bool


def mutate(sample: Path, seed: str, secret: Path, loose: bool, passed_over: tuple[str, ...] = ()) -> Mutation:
    """Change a sample in place.

    Args:
        sample: a folder; what is opened is in it.
        seed: draws the change.
        secret: an HDF5 file outside the sample, to which links can lead.
        loose: whether its files are named by a person, one by one, and not found in a folder.
        passed_over: names of files that are left alone.
    """
    chance = Random(hashlib.sha256(seed.encode()).digest())
    files = sorted(path for path in sample.rglob("*") if path.is_file() and path.name not in passed_over)
    path = chance.choice(files)
    before = seals(sample)
    structural = structural_edit(path, secret)
    name = str(path.relative_to(sample))
    whole = path.read_bytes()
    told = "" if structural is None or chance.random() < 0.45 else _structural(structural, path, chance)
    resealed = bool(told)
    if not told:
        path.write_bytes(whole)
        told, resealed = _edit_bytes(path, chance, files, loose), chance.random() < 0.4
    if resealed:
        reseal(sample, before)
    return Mutation(name, told, resealed)


def _structural(change: Callable[[Path, Random], str], path: Path, chance: Random) -> str:
    """Change a file by its own rules and say how; "" where the rules forbid what was drawn."""
    try:
        return change(path, chance)
    except (ValueError, TypeError, KeyError, IndexError, OSError, RuntimeError, RecursionError, OverflowError):
        return ""


def _edit_bytes(path: Path, chance: Random, files: list[Path], loose: bool) -> str:
    return edit_bytes(path, chance, [each for each in files if each != path], PLACES if loose else PLACES + TRAPS)


def structural_edit(path: Path, secret: Path) -> Callable[[Path, Random], str] | None:
    """Return what changes a file by the rules of its own format; None for a format without any."""
    if is_manifest(path):
        return _edit_manifest
    match path.suffix:
        case ".safetensors":
            return edit_bundle
        case ".npy":
            return edit_npy
        case ".json":
            return edit_json_file
        case ".jsonl":
            return edit_json_lines
        case ".toml" | ".yml" | ".dict" | ".csv" | ".txt":
            return edit_text
    if path.read_bytes()[:8] == SIGNATURE:
        return lambda file, chance: edit_hdf5(file, chance, secret)
    if zipfile.is_zipfile(path):
        return lambda file, chance: edit_zip(file, chance, lambda member, drawn: _edit_member(member, drawn, secret))
    return None


def _edit_manifest(path: Path, chance: Random) -> str:
    content, told = edit_json(content_of(path), chance)
    seal(path, content)
    return told


def _edit_member(path: Path, chance: Random, secret: Path) -> str:
    structural = structural_edit(path, secret)
    if structural is None or chance.random() < 0.2:
        return edit_bytes(path, chance, [])
    return structural(path, chance)

"""Checkpoints of a run: where they lie, and how they are read with their checksums.

A checkpoint is two files: ``step-N.safetensors`` with all arrays and ``step-N.json``, a manifest with the checksum
of the first and the position of the training. The manifest is written last: without it there is no checkpoint.
"""

import re
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from probe.errors import NewerFormat, UserError
from probe.files import read_bundle, read_manifest

FOLDER = "checkpoints"
KIND = "checkpoint"
VERSION = 1
LARGEST = float(np.finfo(np.float32).max)
# What a position may tell, and of which type it is; the best may be None.
POSITION = {"step": int, "seconds": float, "loss_sum": float, "loss_count": int, "best": dict, "log_size": int,
            "finished": bool}


@dataclass(frozen=True)
class Checkpoint:
    """A training at one moment.

    Attributes:
        step: number of updates made.
        weights: name as in :func:`~probe.model.weights.weight_names` → array.
        optimizer: name → variable of the optimizer.
        states: recurrent states (L, 2, B, U) carried into the next step.
        position: where the training stands, as JSON values: the fields of ``probe.train.trainer.Position``.
    """

    step: int
    weights: Mapping[str, np.ndarray]
    optimizer: Mapping[str, np.ndarray]
    states: np.ndarray
    position: Mapping[str, Any]

    def weights_alone(self) -> "Checkpoint":
        """Return the checkpoint without what only a training needs."""
        return Checkpoint(self.step, self.weights, {}, np.empty(0, np.float32), self.position)


def checkpoint_paths(run: Path, step: int) -> tuple[Path, Path]:
    """Return the paths of arrays and manifest of a checkpoint."""
    stem = run / FOLDER / f"step-{step:09d}"
    return stem.with_suffix(".safetensors"), stem.with_suffix(".json")


def checkpoint_steps(run: Path, suffix: str = ".json") -> list[int]:
    """Return the steps that have a manifest, or a file of another suffix, oldest first."""
    names = (re.fullmatch(r"step-(\d{9,})", path.stem) for path in (run / FOLDER).glob(f"step-*{suffix}"))
    return sorted(int(name[1]) for name in names if name)


def best_step(position: Mapping[str, Any]) -> int | None:
    """Return the step of the best validation until a position; None before the first."""
    return None if position["best"] is None else int(position["best"]["step"])


def read_checkpoint(run: Path, step: int, identity: str | None) -> Checkpoint:
    """Read the checkpoint of one step.

    Args:
        run: the run directory.
        step: number of updates made.
        identity: of the training that it must be of, as in ``run.json``.

    Raises:
        UserError: missing, damaged, or of another training.
    """
    arrays_path, manifest_path = checkpoint_paths(run, step)
    manifest = _manifest(manifest_path, identity)
    try:
        arrays = read_bundle(arrays_path, manifest["sha256"])
        return Checkpoint(step, _below("weights/", arrays), _below("optimizer/", arrays), arrays["states"],
                          _position(manifest, manifest_path, step))
    except KeyError as error:
        raise UserError(f"{manifest_path}: not the manifest of a checkpoint: it has no {error}") from error


def newest_checkpoint(run: Path, identity: str | None) -> Checkpoint | None:
    """Return the newest checkpoint that is whole, or None if the run has none yet.

    A damaged one, or one of another training, is named in a warning and the one before it is taken.

    Raises:
        NewerFormat: a newer probe wrote it; a training that went back would write over what that one did.
        UserError: there are checkpoints, and none can be taken.
    """
    steps = checkpoint_steps(run)
    reasons = []
    for step in reversed(steps):
        try:
            checkpoint = read_checkpoint(run, step, identity)
        except NewerFormat:
            raise
        except UserError as error:
            reasons.append(str(error))
            continue
        for reason in reasons:
            warnings.warn(f"{reason}; going back to step {step}", stacklevel=2)
        return checkpoint
    if steps:
        raise UserError(f"{run}: no checkpoint can be read: {'; '.join(reasons)}")
    return None


def newest_position(run: Path, identity: str | None) -> Mapping[str, Any] | None:
    """Return where the newest checkpoint whose manifest is whole stands, without its arrays; None if there is none.

    For a look at a training that goes on meanwhile: manifests that vanish are passed over, and so are, with a warning,
    those that are damaged or of another training.
    """
    for step in reversed(checkpoint_steps(run)):
        path = checkpoint_paths(run, step)[1]
        try:
            return _position(_manifest(path, identity), path, step)
        except UserError as error:
            if path.exists():
                warnings.warn(f"{error}; looking at the one before it", stacklevel=2)
    return None


def is_kept(run: Path, step: int, identity: str | None) -> bool:
    """Return whether a checkpoint is one that its training keeps for good; no if its manifest cannot be read."""
    with suppress(UserError):
        return bool(_manifest(checkpoint_paths(run, step)[1], identity).get("kept"))
    return False


def _manifest(path: Path, identity: str | None) -> dict[str, Any]:
    manifest = read_manifest(path, KIND, VERSION)
    if manifest.get("run") != identity:
        raise UserError(f"{path}: of another training than this run's")
    return manifest


def _position(manifest: Mapping[str, Any], path: Path, step: int) -> Mapping[str, Any]:
    """The position in a manifest, held to its form."""
    position = manifest.get("position")
    best = position.get("best") if isinstance(position, dict) else None
    if not (isinstance(position, dict) and {"step", "best"} <= position.keys() <= POSITION.keys()
            and all(_is(POSITION[name], value) for name, value in position.items()) and position["step"] == step
            and (best is None or (_is(int, best.get("step")) and _is(float, best.get("loss"))))):
        raise UserError(f"{path}: not the manifest of a checkpoint: its position is not that of step {step:,}")
    return position


def _is(kind: type, value: Any) -> bool:
    """Whether a value is of a kind; numbers must be finite, whole ones not negative."""
    if kind is int:
        return type(value) is int and 0 <= value < 1 << 63
    if kind is float:
        return type(value) in (int, float) and abs(value) <= LARGEST  # NaN fails
    return isinstance(value, kind) or (kind is dict and value is None)


def _below(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}

"""Writing checkpoints: the newest, the one before it, and the best."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from probe.errors import UserError
from probe.files import remove_files, write_bundle, write_manifest
from probe.model.checkpoint import (
    KIND,
    VERSION,
    Checkpoint,
    best_step,
    checkpoint_paths,
    checkpoint_steps,
    is_kept,
    read_checkpoint,
)
from probe.model.engine import keras, tf
from probe.model.training_folder import TrainingFolder
from probe.model.weights import weight_names

NOT_FINITE = "earlier checkpoints are as they were; start anew with a smaller --learning-rate, or --clip 1"


def save_checkpoint(run: TrainingFolder, model: keras.Model, optimizer: keras.optimizers.Optimizer, states: tf.Tensor,
                    position: Mapping[str, Any], *, kept: bool = False) -> None:
    """Write a checkpoint, its manifest last, then drop those no longer needed: the newest two stay, their best, and
    those that are kept for good.

    Args:
        run: whose training it is.
        model, optimizer: whose variables are kept.
        states: (L, 2, B, U) carried into the next step.
        position: JSON values, with ``step`` and ``best`` among them.
        kept: whether it is kept for good.

    Raises:
        UserError: a weight is not finite, or the disk is full; earlier checkpoints are as they were.
    """
    weights = zip(weight_names(model), model.weights, strict=True)
    arrays = {f"weights/{name}": weight.numpy() for name, weight in weights}
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise UserError(f"{run.folder}: the weights are no longer finite at step {position['step']:,}; {NOT_FINITE}")
    arrays |= {f"optimizer/{name}": np.asarray(variable) for name, variable in _named(optimizer)}
    arrays["states"] = np.asarray(states)
    arrays_path, manifest_path = checkpoint_paths(run.folder, position["step"])
    sha256 = write_bundle(arrays_path, arrays)
    content = {"sha256": sha256, "position": dict(position), **({"kept": True} if kept else {})}
    write_manifest(manifest_path, KIND, VERSION, content if run.identity is None else {**content, "run": run.identity})
    _prune(run, position["step"], best_step(position))


def restore_optimizer(optimizer: keras.optimizers.Optimizer, checkpoint: Checkpoint) -> None:
    """Set the variables of a built optimizer from ``checkpoint``.

    Raises:
        UserError: the checkpoint holds other variables.
    """
    variables = dict(_named(optimizer))
    shapes = {name: tuple(variable.shape) for name, variable in variables.items()}
    held = {name: array.shape for name, array in checkpoint.optimizer.items()}
    if shapes != held:
        raise UserError(f"checkpoint of step {checkpoint.step}: its optimizer holds {held}, and this one {shapes}; "
                        "it was written with other versions of Keras or probe")
    for name, variable in variables.items():
        variable.assign(checkpoint.optimizer[name])


def _named(optimizer: keras.optimizers.Optimizer) -> list[tuple[str, keras.Variable]]:
    """The optimizer's variables by names that do not depend on how many optimizers this process has made."""
    return [(variable.path.split("/", 1)[1], variable) for variable in optimizer.variables]


def _prune(run: TrainingFolder, newest: int, best: int | None) -> None:
    """Drop all but the newest, the whole one before it, the best of either and those kept for good: those of the past,
    damaged ones with the future that was abandoned for them, and arrays that a killed writer left without their
    manifest."""
    steps = checkpoint_steps(run.folder)
    older = [step for step in reversed(steps) if step < newest]
    before = next((whole for step in older if (whole := _whole(run, step))), None)
    kept = {newest, best, *older[:1]} if before is None else {newest, best, before.step, best_step(before.position)}
    kept |= {step for step in older if is_kept(run.folder, step, run.identity)}
    for step in sorted({*steps, *checkpoint_steps(run.folder, ".safetensors")} - kept):
        arrays, manifest = checkpoint_paths(run.folder, step)
        remove_files(manifest, arrays)  # the manifest first: no manifest, no checkpoint


def _whole(run: TrainingFolder, step: int) -> Checkpoint | None:
    with suppress(UserError):
        return read_checkpoint(run.folder, step, run.identity)
    return None

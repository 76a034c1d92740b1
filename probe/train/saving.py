"""Writing checkpoints: the newest, the one before it, and the best."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from probe.files import write_bundle, write_manifest
from probe.model.char_lstm import CharLSTM, weight_names
from probe.model.checkpoint import KIND, VERSION, Checkpoint, checkpoint_paths, checkpoint_steps
from probe.model.engine import keras, tf

GENERATIONS = 2


def save_checkpoint(run: Path, model: CharLSTM, optimizer: keras.optimizers.Optimizer, states: tf.Tensor,
                    position: Mapping[str, Any]) -> None:
    """Write a checkpoint, its manifest last, then drop those no longer needed.

    Args:
        run: the run directory.
        model, optimizer: whose variables are kept.
        states: (L, 2, B, U) carried into the next step.
        position: JSON values, with ``step`` and ``best`` among them.
    """
    weights = zip(weight_names(model), model.weights, strict=True)
    arrays = {f"weights/{name}": weight.numpy() for name, weight in weights}
    arrays |= {f"optimizer/{i}": np.asarray(variable) for i, variable in enumerate(optimizer.variables)}
    arrays["states"] = np.asarray(states)
    arrays_path, manifest_path = checkpoint_paths(run, position["step"])
    sha256 = write_bundle(arrays_path, arrays)
    write_manifest(manifest_path, KIND, VERSION, {"sha256": sha256, "position": dict(position)})
    steps = checkpoint_steps(run)
    best = (position["best"] or {}).get("step")
    for step in steps[:-GENERATIONS]:
        if step != best:
            for path in reversed(checkpoint_paths(run, step)):  # the manifest first: no manifest, no checkpoint
                path.unlink(missing_ok=True)


def restore_optimizer(optimizer: keras.optimizers.Optimizer, checkpoint: Checkpoint) -> None:
    """Set the variables of a built optimizer from ``checkpoint``."""
    for variable, array in zip(optimizer.variables, checkpoint.optimizer, strict=True):
        variable.assign(array)

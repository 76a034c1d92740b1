"""A sitting: one process's share of a training, and how fast it goes.

Where, by which kernel and in which precision a sitting computes stands in ``sittings.jsonl``, beside the log and not in
it: the log tells what was trained, and is the same however often the training was interrupted.
"""

from datetime import UTC, datetime
from typing import Any

from probe.model.training_folder import versions


def sitting_record(step: int, kernel: str, precision: str, device: str, parts: int) -> dict[str, Any]:
    """Return what is kept of a sitting, as JSON values.

    Args:
        step: updates made before it.
        kernel: what computes its LSTM layers: ``"cudnn"``, ``"fused"`` or ``"keras"``.
        precision: of the operands of their matrix products.
        device: what the devices are called.
        parts: in which a device's streams are read at once, which depends on the cores that the process may use.
    """
    return {"step": step, "started": datetime.now(UTC).isoformat(timespec="seconds"), "kernel": kernel,
            "precision": precision, "device": device, "parts": parts, "versions": versions()}


class Pace:
    """How fast a sitting goes; its first update, which compiles, does not count."""

    def __init__(self) -> None:
        self._updates, self._updating, self._seconds = -1, 0.0, 0.0

    def add(self, updating: float, seconds: float) -> None:
        """Count one update that took ``updating`` seconds, ``seconds`` with what was validated after it."""
        self._updates += 1
        if self._updates:
            self._updating += updating
            self._seconds += seconds

    @property
    def updating(self) -> float | None:
        """Mean seconds of an update alone; None before the second."""
        return self._updating / self._updates if self._updates > 0 else None

    @property
    def seconds(self) -> float | None:
        """Mean seconds of an update with what is validated in between; None before the second."""
        return self._seconds / self._updates if self._updates > 0 else None

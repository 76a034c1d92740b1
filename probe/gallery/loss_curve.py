"""The run's loss as a line drawing, computed here and drawn by the template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from probe.render.loss_curve import LossCurve

WIDTH, HEIGHT = 640.0, 200.0
LEADING = 15.0


@dataclass(frozen=True)
class Line:
    """One series: its name, its points as an SVG list, its last value in bits a character, where that stands, and the
    height of its label."""

    name: str
    points: str
    last: float
    end: tuple[float, float]
    label: float


@dataclass(frozen=True)
class LossDrawing:
    """The drawing: lines, height and label of each rule, and the last step."""

    lines: tuple[Line, ...]
    rules: tuple[tuple[float, str], ...]
    steps: int


def loss_curve(log: Sequence[Mapping[str, Any]]) -> LossDrawing | None:
    """Return the drawing of a run's log, as of :meth:`~probe.render.loss_curve.LossCurve.of`."""
    curve = LossCurve.of(log)
    if curve is None:
        return None
    low, high = curve.low, curve.high

    def place(step: float, value: float) -> tuple[float, float]:
        return round(step / max(curve.last, 1) * WIDTH, 1), round((high - value) / (high - low) * HEIGHT, 1)

    lines: list[Line] = []
    for each in sorted(curve.series, key=lambda series: -series.bits[-1]):  # from the top of the drawing down
        points = [place(float(step), float(value)) for step, value in zip(each.steps, each.bits, strict=True)]
        label = max(points[-1][1] + 4, lines[-1].label + LEADING if lines else 0.0)
        drawing = " ".join(f"{across},{down}" for across, down in points)
        lines.append(Line(each.name, drawing, float(each.bits[-1]), points[-1], label))
    values = [low + (high - low) * share for share in (0, 0.5, 1)]
    return LossDrawing(tuple(lines), tuple((place(0, value)[1], f"{value:.2f}") for value in values), curve.last)

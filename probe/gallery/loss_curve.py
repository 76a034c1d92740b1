"""The run's loss as a line drawing, computed here and drawn by the template."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 640.0, 200.0
LEADING = 15.0
SERIES = {"training": "loss", "validation": "validation_loss"}


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
class LossCurve:
    """The drawing: lines, height and label of each rule, and the last step."""

    lines: tuple[Line, ...]
    rules: tuple[tuple[float, str], ...]
    steps: int


def loss_curve(log: Sequence[Mapping[str, Any]]) -> LossCurve | None:
    """Return the drawing of a run's log, in bits a character over steps; None if fewer than two losses were logged.

    Args:
        log: records with ``step`` and ``loss`` or ``validation_loss`` in nats a character, oldest first.
    """
    series = {name: [(float(record["step"]), float(record[key]) / math.log(2)) for record in log if key in record]
              for name, key in SERIES.items()}
    drawn = {name: points for name, points in series.items() if len(points) > 1}
    if not drawn:
        return None
    steps = [step for points in drawn.values() for step, _ in points]
    bits = [value for points in drawn.values() for _, value in points]
    low, high = math.floor(min(bits) * 2) / 2, math.ceil(max(bits) * 2) / 2
    high = max(high, low + 0.5)
    last = max(steps)

    def place(step: float, value: float) -> tuple[float, float]:
        return round(step / max(last, 1) * WIDTH, 1), round((high - value) / (high - low) * HEIGHT, 1)

    lines: list[Line] = []
    for name, points in sorted(drawn.items(), key=lambda item: -item[1][-1][1]):  # from the top of the drawing down
        end = place(*points[-1])
        label = max(end[1] + 4, lines[-1].label + LEADING if lines else 0.0)
        drawing = " ".join("{},{}".format(*place(*point)) for point in points)
        lines.append(Line(name, drawing, points[-1][1], end, label))
    values = [low + (high - low) * share for share in (0, 0.5, 1)]
    return LossCurve(tuple(lines), tuple((place(0, value)[1], f"{value:.2f}") for value in values), int(last))

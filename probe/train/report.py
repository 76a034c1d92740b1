"""What a person sees of a training: a bar on a terminal, plain lines elsewhere."""

import math
import sys
from types import TracebackType
from typing import Any, Self

from tqdm import tqdm


def in_bits(nats: float) -> float:
    """Return nats a character as bits a character."""
    return nats / math.log(2)


class Report:
    """Shows how far a training has come, in percent of its plan, with loss, speed and the time left.

    Args:
        show: whether to show anything.
        done: share of the plan that is behind already, in [0, 1].
    """

    def __init__(self, show: bool, done: float) -> None:
        self._show = show
        self._bar = tqdm(total=100, initial=100 * done, disable=None if show else True, dynamic_ncols=True,
                         bar_format="{percentage:3.0f}% {bar} {elapsed}<{remaining}{postfix}")
        self._shown: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._bar.close()

    def advance(self, done: float) -> None:
        """Move the bar to the share ``done`` of the plan."""
        self._bar.update(100 * done - self._bar.n)

    def logged(self, record: dict[str, Any], done: float) -> None:
        """Show a record of the log; ``done`` is the share of the plan behind it."""
        if "validation_loss" in record:
            words = f"validation {_both(record['validation_loss'])}"
            self._shown["validation"] = words
            if self._bar.disable:
                self.say(f"{done:4.0%}  step {record['step']:,}: {words}")
        else:
            self._shown["training"] = (f"{_both(record['loss'])}, {record['characters_per_second']:,.0f} characters/s")
        self._bar.set_postfix_str("; ".join(self._shown.values()))

    def say(self, line: str) -> None:
        """Print one line without disturbing the bar."""
        if self._show:
            self._bar.write(line, file=sys.stdout)
            sys.stdout.flush()


def _both(nats: float) -> str:
    return f"{nats:.3f} nats ({in_bits(nats):.3f} bits a character)"

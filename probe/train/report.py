"""What a person sees of a training: a bar on a terminal, plain lines elsewhere."""

import math
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tqdm import tqdm

from probe.progress import bar_size
from probe.train.plan import PlanOptions

# Seconds between plain lines: from the first to the second as a training grows long.
OFTEN, SELDOM = 10.0, 60.0
# Columns of a percentage and a short bar.
BAR = 11
# Nats a character; who has so little to lose has learnt all that there is, and needs no advice.
LEARNT = 0.01


def in_bits(nats: float) -> float:
    """Return nats a character as bits a character."""
    return nats / math.log(2)


def counted(number: float, noun: str) -> str:
    """Return a number with its noun: ``"1 epoch"``, ``"0.75 minutes"``, ``"2,000,000 steps"``."""
    return f"{number:,.15g} {noun}{'s' * (number != 1)}"


def budget_words(options: PlanOptions) -> str:
    """Return the budgets of a plan: ``"30 epochs or 10 minutes"``."""
    return " or ".join(counted(value, name[:-1]) for name, value in options.budgets.items())


def plan_words(options: PlanOptions) -> str:
    """Return a plan's budgets and its patience: ``"30 epochs; patience 3"``."""
    return budget_words(options) + (f"; patience {options.patience}" if options.patience else "")


def best_words(step: int, best: Mapping[str, Any] | None, remedy: str) -> str:
    """Return the best validation, and what may help if it is more than a quarter of the updates back, and left
    something to learn.

    Args:
        step: updates made.
        best: ``step`` and ``loss``, in nats a character; None if there was no validation.
        remedy: what helps a network that learns by heart.
    """
    if best is None:
        return "best validation none"
    words = f"best validation {_both(best['loss'])} at step {best['step']:,}"
    if step - best["step"] <= step / 4 or best["loss"] < LEARNT:
        return words
    return f"{words}; it has learnt the training text by heart since: {remedy} helps"


@dataclass(frozen=True)
class Standing:
    """How a training stands.

    Attributes:
        step: updates made.
        done: share of the plan that is behind, in [0, 1].
        loss: mean over the last updates, in nats a character; None before the first.
        speed: characters a second in this sitting; None before it is known.
        left: seconds to the end of the plan at this speed; None before it is known.
    """

    step: int
    done: float
    loss: float | None = None
    speed: float | None = None
    left: float | None = None

    @property
    def words(self) -> list[str]:
        """Loss, speed and the time left, as far as they are known."""
        words = [] if self.loss is None else [_both(self.loss)]
        words += [] if self.speed is None else [f"{self.speed:,.0f} characters/s"]
        return words + ([] if self.left is None else [f"{tqdm.format_interval(self.left)} left"])


class Report:
    """Shows how far a training has come, in percent of its plan, with loss, speed and the time left: by a bar if
    standard error is a terminal, and by lines if standard output is none. When it cannot write any more, as to a pipe
    whose reader has gone, it sets ``lost`` to the reason and is silent, so that the training can save and stop.

    Args:
        show: whether to show anything.
        done: share of the plan that is behind already, in [0, 1].
        clock: seconds that pass.
    """

    def __init__(self, show: bool, done: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._show, self._lines = show, show and not sys.stdout.isatty()
        self.lost: OSError | None = None
        self._bar = tqdm(total=100, initial=100 * done, disable=None if show else True, miniters=0,
                         leave=False, bar_format="{percentage:3.0f}% {bar} {desc}", **bar_size())
        self._validation: float | None = None
        self._began = self._said = clock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Clear the bar, so that what is said from here on is the last that is seen."""
        self._bar.close()

    def advance(self, standing: Standing) -> None:
        """Show how the training stands after an update; off a terminal, a line now and then."""
        if not self._bar.disable:
            self._bar.set_description_str(self._fitted(standing), refresh=False)
            self._bar.update(100 * standing.done - self._bar.n)
        if self._lines and self._clock() - self._said >= self._pause and standing.words:
            self._line(standing, ", ".join(standing.words))

    def validated(self, record: dict[str, Any], standing: Standing) -> None:
        """Show a validation's record of the log."""
        self._validation = record["validation_loss"]
        if self._lines:
            exact = [f"{record['validation_exact']:.2%} exact"] if "validation_exact" in record else []
            self._line(standing, ", ".join([f"validation {_both(self._validation)}", *exact, *standing.words[1:]]))
        if not self._bar.disable:
            self._bar.set_description_str(self._fitted(standing))

    def say(self, line: str) -> None:
        """Print one line without disturbing the bar."""
        if not self._show:
            return
        try:
            self._bar.write(line, file=sys.stdout)
            sys.stdout.flush()
        except OSError as error:
            self.lost = error
            self._show = self._lines = False

    def _line(self, standing: Standing, words: str) -> None:
        self.say(f"{standing.done:4.0%}  step {standing.step:,}: {words}")
        self._said = self._clock()

    @property
    def _pause(self) -> float:
        return min(SELDOM, max(OFTEN, (self._said - self._began) / 10))

    def _fitted(self, standing: Standing) -> str:
        """All that is known in the terminal's width: on a narrow one in fewer words, or without the validation."""
        room = shutil.get_terminal_size().columns - BAR
        words = ", ".join(standing.words)
        ways = [words, _short(words)]
        if self._validation is not None:
            full = f"{words}; validation {_both(self._validation)}"
            ways = [full, _short(full), f"{_short(words)}; val. {in_bits(self._validation):.3f} bits", ways[1]]
        return next((way for way in ways if len(way) <= room), ways[-1])


def _both(nats: float) -> str:
    return f"{nats:.3f} nats ({in_bits(nats):.3f} bits a character)"


def _short(words: str) -> str:
    for long, short in ((" bits a character", " bits"), ("characters/s", "chars/s"), ("validation", "val.")):
        words = words.replace(long, short)
    return words

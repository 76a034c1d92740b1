"""What a translator answers to one text."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from probe.attention.translator.left_over import left_over
from probe.errors import UserError, quoted

# The most characters of a text: what is longer is no date, and would take memory for nothing.
MOST = 256
# The most prefixes that a search may keep: more than all that have ever been worth a look.
MOST_BEAMS = 1000
# The least probability, as a share of the best output's, of those that are told beside it.
RIVAL = 1 / 20


@dataclass(frozen=True)
class Translation:
    """The likeliest outputs for one text, each with the network's doubt.

    Attributes:
        text: what was asked.
        outputs: the likeliest outputs, the best first, each with the probability of all its characters and its end;
            ``""`` says that the text holds no date.
        unknown: characters of the text that the network has never seen, each once; it was told that they are hidden.
        longest: characters of the longest text that it was trained on.
    """

    text: str
    outputs: tuple[tuple[str, float], ...]
    unknown: str
    longest: int

    @property
    def output(self) -> str:
        """The likeliest output; ``""`` if it is that there is no date."""
        return self.outputs[0][0]

    @property
    def probability(self) -> float:
        """Of the likeliest output, in (0, 1]."""
        return self.outputs[0][1]

    @property
    def date(self) -> datetime.date | None:
        """The day; None if the network says that there is none, or writes what is no day."""
        return day_of(self.output)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader must know before believing the output."""
        found = []
        if self.output and self.date is None:
            found.append(f"{self.output} is no day")
        if self.date and (over := left_over(self.text, self.date)):
            found.append(f"in the text, but not in this date: {', '.join(over)}")
        if self.unknown:
            signs = " ".join(f"{character!r}" if character.isprintable() else f"U+{ord(character):04X}"
                             for character in self.unknown)
            found.append(f"never seen, and so read as hidden: {signs}")
        if len(self.text) > self.longest:
            found.append(f"{len(self.text)} characters, more than the {self.longest} of the longest date learnt")
        return tuple(found)

    @property
    def answer(self) -> str:
        """The output in words: that there is no date is one."""
        return in_words(self.output)

    @property
    def rivals(self) -> str:
        """Other outputs that are not far behind, in words; empty if there are none."""
        found = [f"{in_words(output)} {chance(likelihood)}" for output, likelihood in self.outputs[1:]
                 if likelihood > self.probability * RIVAL]
        return f"or {', '.join(found)}" if found else ""

    def __str__(self) -> str:
        """Return the output with its probability, other outputs that are not far behind, and what speaks against it."""
        return "; ".join(filter(None, (f"{self.answer}  {chance(self.probability)}", self.rivals, *self.remarks)))

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        return {"text": self.text, "date": self.date and self.output, "probability": self.probability,
                "outputs": [{"output": output, "probability": likelihood} for output, likelihood in self.outputs],
                "remarks": list(self.remarks)}


def checked(text: str) -> str:
    """Return ``text`` if it can be asked for.

    Raises:
        UserError: it is longer than any date, or no string.
    """
    if not isinstance(text, str):
        raise UserError(f"a text is a string; received {text!r:.60}")
    if len(text) > MOST:
        raise UserError(f"a date has at most {MOST} characters; received {len(text):,}, which begin with "
                        f"{quoted(text, 30)}")
    return text


def listed(texts: Sequence[str]) -> list[str]:
    """Return ``texts`` as a list if each can be asked for.

    Raises:
        UserError: it is one string, whose characters would be taken for texts, or holds what :func:`checked` refuses.
    """
    if isinstance(texts, str):
        raise UserError(f"texts must be a list of strings; for one text give [{texts!r:.60}]")
    return [checked(text) for text in texts]


def in_words(output: str) -> str:
    """Return an output as a person is told it: that there is no date is one, and so is a day of no calendar."""
    return output if day_of(output) else f"no date ({output})" if output else "no date"


def chance(probability: float) -> str:
    """Return a probability with three decimals, never as 0 or 1: ``"0.998"``, ``"<0.001"``, ``">0.999"``."""
    return "<0.001" if probability < 0.001 else ">0.999" if probability >= 0.9995 else f"{probability:.3f}"


def day_of(output: str) -> datetime.date | None:
    """Return the day that an output names; None if it names none."""
    try:
        return datetime.date.fromisoformat(output) if len(output) == 10 else None
    except ValueError:
        return None

"""Forms that write every date alike, taken together: regional variants of a language seldom differ."""

from collections.abc import Sequence
from dataclasses import dataclass

from probe.attention.dates.form import Form
from probe.attention.dates.piece import Piece


@dataclass(frozen=True, eq=False)
class Merged:
    """The different forms among many.

    Attributes:
        pieces: of each different form.
        weights: how likely each is, of all that are alike together.
        of_form: for each of the many, the number of its form among the different ones.
    """

    pieces: tuple[tuple[Piece, ...], ...]
    weights: tuple[float, ...]
    of_form: tuple[int, ...]


def merged(forms: Sequence[Form]) -> Merged:
    """Return the different forms among ``forms``, in the order in which each first comes."""
    tables: dict[tuple[str, ...], int] = {}
    numbers: dict[tuple[tuple[int, int], ...], int] = {}
    pieces: list[tuple[Piece, ...]] = []
    weights: list[float] = []
    of_form = []
    for form in forms:
        key = tuple((piece.part, tables.setdefault(piece.written, len(tables))) for piece in form.pieces)
        number = numbers.setdefault(key, len(numbers))
        if number == len(pieces):
            pieces.append(form.pieces)
            weights.append(0.0)
        weights[number] += form.weight
        of_form.append(number)
    return Merged(tuple(pieces), tuple(weights), tuple(of_form))

"""How often the best translator can be right: where texts mean several dates, nobody can know which was meant."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from probe.attention.dates.days import Days, days_of
from probe.attention.dates.form import forms_of
from probe.attention.dates.hashed import Hashed
from probe.attention.dates.merging import Merged, merged
from probe.attention.dates.options import DateOptions
from probe.attention.dates.reading import readings

# Texts that one pass compares; some 60 bytes each.
_TEXTS_IN_A_PASS = 3_000_000
_EXAMPLES = 6
# Sums of the same weights in another order differ by less.
_EQUAL = 1 - 1e-9

Ambiguous = tuple[str, tuple[tuple[datetime.date, float], ...]]


@dataclass(frozen=True)
class Ceiling:
    """The best exact-match rate that any translator can reach on texts drawn with given options.

    Attributes:
        rate: the sum, over all texts, of the largest probability of the text together with a date.
        by_style, by_locale: the share of the texts of each that the best translator gets right. Where several dates are
            equally likely it is right as often as one who guesses among them.
        ambiguous: examples, (text, ((date, its probability given the text), …)), those that cost most first, none as
            doubtful as another.
    """

    rate: float
    by_style: Mapping[str, float]
    by_locale: Mapping[str, float]
    ambiguous: tuple[Ambiguous, ...] = ()


def ceiling(options: DateOptions) -> Ceiling:
    """Return the ceiling of ``options``, of which every form writes every day.

    All texts are compared by their hashes, in passes over a part of the hashes each.
    """
    forms, days = forms_of(options), days_of(options)
    different = merged(forms)
    passes = -(-len(different.pieces) * len(days.dates) // _TEXTS_IN_A_PASS)
    wrong = np.zeros(len(different.pieces))
    costly: list[_Costly] = []
    for number in range(passes):
        costly += _pass(different, days, number, passes, wrong)
    share = wrong[list(different.of_form)] / len(days.dates)
    return Ceiling(
        1 - float(sum(form.weight * lost for form, lost in zip(forms, share.tolist(), strict=True))),
        _shares(((form.style, form.weight, lost) for form, lost in zip(forms, share.tolist(), strict=True))),
        _shares(((form.locale, form.weight, lost) for form, lost in zip(forms, share.tolist(), strict=True))),
        tuple(_examples(options, different, days, costly)))


@dataclass(frozen=True, order=True)
class _Costly:
    """A text that means several dates: minus the probability that is lost on it, its form and its day."""

    lost: float
    form: int
    day: int


def _pass(forms: Merged, days: Days, number: int, passes: int, wrong: np.ndarray) -> list[_Costly]:
    """Add to ``wrong`` (F,) on how many days each form misleads, for the texts of one pass."""
    hashes, codes = _texts(forms, days, number, passes)
    order = np.argsort(hashes)
    hashes, codes = hashes[order], codes[order]
    starts = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1]]))
    sizes = np.diff(starts, append=len(hashes))
    shared = np.repeat(sizes > 1, sizes)  # texts that several forms or days write
    groups = np.repeat(np.arange(len(starts)), sizes)[shared]
    return _compare(groups, codes[shared], np.asarray(forms.weights), len(days.dates), wrong)


def _texts(forms: Merged, days: Days, number: int, passes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the hashes of the texts of one pass, and for each its form · D + its day."""
    hashed, hashes, codes = Hashed(days.parts), [], []
    for form, pieces in enumerate(forms.pieces):
        texts = hashed.of(pieces)
        here = np.flatnonzero(texts % np.uint64(passes) == number)
        hashes.append(texts[here])
        codes.append(here + form * len(days.dates))
    return np.concatenate(hashes), np.concatenate(codes)


def _compare(groups: np.ndarray, codes: np.ndarray, weights: np.ndarray, days: int, wrong: np.ndarray) -> list[_Costly]:
    """Compare the dates of each text that is written more than once.

    Args:
        groups: (K,) number of the text of each writing, sorted.
        codes: (K,) form · D + day of each writing.
        weights: (F,) of the forms.
        days: D.
        wrong: (F,) is added to.
    """
    form, day = np.divmod(codes, days)
    order = np.lexsort((day, groups))
    groups, form, day = groups[order], form[order], day[order]
    meaning = _numbered((groups[1:] != groups[:-1]) | (day[1:] != day[:-1]))  # (K,) number of (text, date)
    if not len(meaning) or meaning[-1] == _numbered(groups[1:] != groups[:-1])[-1]:
        return []  # no text means two dates
    joint = np.bincount(meaning, weights[form])
    text = groups[np.flatnonzero(np.diff(meaning, prepend=-1))]
    firsts = np.flatnonzero(np.diff(text, prepend=-1))
    sizes = np.diff(firsts, append=len(text))
    best = np.repeat(np.maximum.reduceat(joint, firsts), sizes)
    likeliest = joint >= best * _EQUAL
    guesses = np.repeat(np.add.reduceat(likeliest.astype(float), firsts), sizes)
    right = np.where(likeliest, 1 / guesses, 0.0)  # (meanings,)
    wrong += np.bincount(form, 1 - right[meaning], len(weights))
    lost = np.add.reduceat(joint * (1 - right), firsts)
    order = np.argsort(-lost, kind="stable")
    most = firsts[order[lost[order] > 0]]
    return _different(most, meaning, form, day, np.repeat(lost, sizes))


def _numbered(changes: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(changes)])


def _different(meanings: np.ndarray, meaning: np.ndarray, form: np.ndarray, day: np.ndarray,
               lost: np.ndarray) -> list[_Costly]:
    """The costliest texts, of each form no more than one."""
    places = np.searchsorted(meaning, meanings)
    _, first = np.unique(form[places], return_index=True)
    return sorted(_Costly(-float(lost[meanings[place]]), int(form[places[place]]), int(day[places[place]]))
                  for place in np.sort(first))[:_EXAMPLES]


def _examples(options: DateOptions, forms: Merged, days: Days, costly: Sequence[_Costly]) -> Iterable[Ambiguous]:
    seen: set[tuple[float, ...]] = set()
    for one in sorted(costly):
        numbers = (*days.parts[one.day].tolist(), 0)
        text = "".join(piece.written[numbers[piece.part]] for piece in forms.pieces[one.form])
        means = tuple(readings(options, text))
        doubt = tuple(round(probability, 6) for _, probability in means)
        if doubt not in seen and len(seen) < _EXAMPLES:
            seen.add(doubt)
            yield text, means


def _shares(of_forms: Iterable[tuple[str, float, float]]) -> dict[str, float]:
    """Return for each name the share of its texts that is right, from (name, weight, share lost)."""
    weights: defaultdict[str, float] = defaultdict(float)
    losses: defaultdict[str, float] = defaultdict(float)
    for name, weight, lost in of_forms:
        weights[name] += weight
        losses[name] += weight * lost
    return {name: 1 - losses[name] / weights[name] for name in weights}

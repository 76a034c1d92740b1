"""What the last one, two and three characters tell of a pattern: the explanation that a unit must beat."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from probe.scan.kernels import kernel, on_all_cores
from probe.scan.tallies.constancy import varies

ORDERS = 3
# Weight of the shorter context, in characters. Fitted on two thirds of Alice in Wonderland, three characters have on
# the last third a median r over 33 patterns of 0.880 with 0.25, 0.882 with 1 and with 2, and 0.878 with 8.
PRIOR = 1.0
# Contexts of three characters that are told apart: with 40 patterns 84 MB of sums.
MOST = 1 << 18
# Rows of tables that wait to be joined to the whole.
WAITING = 1 << 15
# Digits of a context in front of those of the characters: whatever it be, and nothing, before the text.
ANY, BEFORE = 0, 1


class NGrams:
    """Label sums by the last three characters, that at t itself being the last; from them, predictions.

    Tables are kept of one text; :meth:`predictions` fits them, and :meth:`scored_on` scores them on another.

    With the last character as the highest digit of a context's number, contexts of two characters and of one are runs
    of neighbours in the sorted table of three, which is the only one that is kept. The estimate from n characters is

        (Σ labels + κ · estimate from n − 1) / (count + κ),

    that from none the mean label: the mean under a prior of κ characters that are as after the shorter context (MacKay
    and Peto 1995). A context that was never seen is predicted as the shorter one.

    At most ``most`` contexts of three characters are told apart, those that come first. What comes later counts for its
    last two characters, and, when there are twice as many, for its last one alone.

    Args:
        vocabulary: number V of characters, at most 65,535.
        boolean: (P,) bool, which patterns are not graded.
        prior: κ > 0, in characters.
        most: contexts of three characters.
    """

    def __init__(self, vocabulary: int, boolean: np.ndarray, *, prior: float = PRIOR, most: int = MOST) -> None:
        self.vocabulary, self.boolean = vocabulary, np.asarray(boolean, bool)
        self.prior, self.most = prior, most
        self._base = vocabulary + BEFORE + 1
        patterns = len(self.boolean)
        self._table = _Table(np.zeros(0, np.int64), np.zeros(0), np.zeros((0, patterns)))
        self._squares = np.zeros(patterns)
        self._waiting: list[_Table] = []
        self._orders: tuple[_Order, ...] | None = None

    def empty(self) -> Self:
        """Return n-grams of the same settings that have seen nothing."""
        return type(self)(self.vocabulary, self.boolean, prior=self.prior, most=self.most)

    def update(self, contexts: np.ndarray, labels: np.ndarray) -> None:
        """Take in T characters of each of S streams.

        Args:
            contexts: (S, T + 2) ids of the characters and of the two before each stream's first, −1 before the text.
            labels: (S, T, P) float32.

        Raises:
            ValueError: arrays that do not fit each other.
        """
        codes = self._codes(contexts)
        if labels.shape != (*codes.shape, len(self.boolean)):
            raise ValueError(f"labels must be {(*codes.shape, len(self.boolean))}; received {labels.shape}")
        rows = labels.reshape(codes.size, -1)
        self._squares += np.einsum("rp,rp->p", rows, rows, dtype=np.float64)
        self._take(_Table.of(codes.ravel(), np.ones(codes.size), rows))

    def merge(self, other: Self) -> None:
        """Take in all that ``other`` has seen."""
        self._squares += other._squares
        self._take(other._whole())

    def predictions(self, contexts: np.ndarray) -> np.ndarray:
        """Return the labels to expect, (3, S, T, P) float32: from the last character, the last two, and three.

        Args:
            contexts: as for :meth:`update`, of any text.
        """
        codes = self._codes(contexts)
        return self._predicted(codes.ravel()).reshape(ORDERS, *codes.shape, -1)

    def scored_on(self, held_out: Self) -> dict[str, np.ndarray]:
        """Return ``correlation`` and ``auc`` (3, P) float64 of this text's predictions on the text of ``held_out``.

        NaN where the labels of that text do not vary, and for the AUC of graded patterns.
        """
        table = held_out._whole()
        predicted = self._predicted(table.codes)
        return {"correlation": np.stack([_correlation(each.astype(np.float64), table, held_out._squares)
                                         for each in predicted]),
                "auc": np.stack([_auc(each, table, self.boolean) for each in predicted])}

    def _codes(self, contexts: np.ndarray) -> np.ndarray:
        """The numbers (S, T) int64 of the contexts of three characters."""
        digits = contexts.astype(np.int64) + (BEFORE + 1)
        return (digits[:, 2:] * self._base + digits[:, 1:-1]) * self._base + digits[:, :-2]

    def _take(self, table: "_Table") -> None:
        self._orders = None
        self._waiting.append(table)
        if sum(map(len, self._waiting)) > max(WAITING, len(self._table)):
            self._whole()

    def _whole(self) -> "_Table":
        """The table, after what waits was joined to it."""
        if self._waiting:
            before, self._table = self._table, _Table.joined([self._table, *self._waiting])
            self._waiting = []
            for limit, characters in ((self.most, 1), (2 * self.most, 2)):
                self._forget(before, limit, self._base**characters)
        return self._table

    def _forget(self, before: "_Table", limit: int, size: int) -> None:
        """Cut contexts that are not in ``before`` by the digits below ``size``, the rarest first."""
        table, surplus = self._table, len(self._table) - limit
        if surplus > 0:
            new = np.flatnonzero(~np.isin(table.codes, before.codes, assume_unique=True))
            rarest = new[np.argsort(table.counts[new], kind="stable")[:surplus]]
            codes = table.codes.copy()
            codes[rarest] -= codes[rarest] % size
            self._table = _Table.of(codes, table.counts, table.sums)

    def _predicted(self, codes: np.ndarray) -> np.ndarray:
        """The estimates (3, R, P) float32 for codes (R,) of three characters."""
        estimates = np.empty((ORDERS, len(codes), len(self.boolean)), np.float32)
        shorter = np.broadcast_to(self._mean(), estimates.shape[1:])
        for order, into in zip(self._fitted(), estimates, strict=True):
            order.estimate(codes // order.size, shorter, into)
            shorter = into
        return estimates

    def _mean(self) -> np.ndarray:
        table = self._whole()
        return table.sums.sum(axis=0) / max(table.counts.sum(), 1)

    def _fitted(self) -> "tuple[_Order, ...]":
        if self._orders is None:
            table, orders = self._whole(), []
            shorter, of_longer = self._mean()[np.newaxis], np.zeros(1, np.int64)
            for characters in range(1, ORDERS + 1):
                size = self._base ** (ORDERS - characters)
                part = _Table.of(table.codes // size, table.counts, table.sums)
                parent = np.searchsorted(of_longer, part.codes // self._base) if characters > 1 else \
                    np.zeros(len(part), np.int64)
                labels = (part.sums + self.prior * shorter[parent]) / (part.counts + self.prior)[:, np.newaxis]
                orders.append(_Order(size, part.codes, labels.astype(np.float32)))
                shorter, of_longer = labels, part.codes
            self._orders = tuple(orders)
        return self._orders


@dataclass(frozen=True)
class _Table:
    """Label sums by context.

    Attributes:
        codes: (K,) int64, ascending, each once.
        counts: (K,) float64, characters in each context.
        sums: (K, P) float64, of their labels.
    """

    codes: np.ndarray
    counts: np.ndarray
    sums: np.ndarray

    @classmethod
    def of(cls, codes: np.ndarray, counts: np.ndarray, sums: np.ndarray) -> Self:
        """Add up what has the same code: codes (R,) in any order, counts (R,) and sums (R, P)."""
        return cls._added(codes, counts, [sums])

    @classmethod
    def joined(cls, tables: "Sequence[_Table]") -> Self:
        """Add up tables."""
        return cls._added(np.concatenate([table.codes for table in tables]),
                          np.concatenate([table.counts for table in tables]), [table.sums for table in tables])

    @classmethod
    def _added(cls, codes: np.ndarray, counts: np.ndarray, sums: Sequence[np.ndarray]) -> Self:
        """Add up rows (R,) whose sums come in parts (R', P), without a copy of these."""
        order = np.argsort(codes, kind="stable")
        ordered = codes[order]
        first = np.concatenate([np.ones(min(1, len(codes)), bool), ordered[1:] != ordered[:-1]])
        place = np.empty(len(codes), np.int64)
        place[order] = np.cumsum(first) - 1
        distinct = ordered[first]
        added, start = np.zeros((len(distinct), sums[0].shape[1])), 0
        for part in sums:
            on_all_cores(_add_rows, added.shape[1], place[start:start + len(part)], part, added)
            start += len(part)
        return cls(distinct, np.bincount(place, counts, len(distinct)), added)

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True)
class _Order:
    """Estimates from contexts of one length.

    Attributes:
        size: by which a code of three characters is divided for one of this length.
        codes: (K,) int64, ascending.
        labels: (K, P) float32.
    """

    size: int
    codes: np.ndarray
    labels: np.ndarray

    def estimate(self, codes: np.ndarray, shorter: np.ndarray, into: np.ndarray) -> None:
        """Write into (R, P) the estimate for each of codes (R,), and where there is none, that of ``shorter``."""
        place = np.searchsorted(self.codes, codes)
        place[place == len(self.codes)] = 0
        known = self.codes[place] == codes if len(self.codes) else np.zeros(len(codes), bool)
        if known.all() and len(codes):
            np.take(self.labels, place, axis=0, out=into, mode="clip")
        else:
            into[:] = shorter
            into[known] = self.labels[place[known]]


@kernel
def _add_rows(place: np.ndarray, rows: np.ndarray, added: np.ndarray, first: int, last: int) -> None:
    """Add each row (P,) to the one at its place, in columns [first, last)."""
    for row in range(len(place)):
        into = place[row]
        for column in range(first, last):
            added[into, column] += np.float64(rows[row, column])


def _correlation(predicted: np.ndarray, table: _Table, squares: np.ndarray) -> np.ndarray:
    """(P,) of predictions (K, P) for the contexts of a table whose labels have these sums of squares (P,)."""
    n = table.counts.sum()
    if n == 0:
        return np.full(len(squares), np.nan)
    shares = table.counts[:, np.newaxis] / n
    mean = (shares * predicted).sum(axis=0)
    centred = predicted - mean
    covariance = (centred * table.sums).sum(axis=0) / n
    variance_x = (shares * centred**2).sum(axis=0)
    variance_y = squares / n - (table.sums.sum(axis=0) / n) ** 2
    predicts, differ = varies(variance_x, mean**2), varies(variance_y, squares / n)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = covariance / np.sqrt(variance_x * variance_y)
    # A prediction that never differs has no correlation with anything.
    return np.where(differ, np.where(predicts, r, 0.0), np.nan)


def _auc(predicted: np.ndarray, table: _Table, boolean: np.ndarray) -> np.ndarray:
    """(P,) of predictions (K, P) for the contexts of a table; Mann and Whitney's, ties counting half."""
    auc = np.full(len(boolean), np.nan)
    for p in np.flatnonzero(boolean):
        _, group = np.unique(predicted[:, p], return_inverse=True)
        inside = np.bincount(group, weights=table.sums[:, p])
        outside = np.bincount(group, weights=table.counts) - inside
        if inside.sum() > 0 and outside.sum() > 0:
            below = np.cumsum(outside) - outside
            auc[p] = (inside * (below + outside / 2)).sum() / (inside.sum() * outside.sum())
    return auc

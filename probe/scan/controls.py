"""Weaker explanations that a finding should beat."""

import numpy as np


class LastCharacter:
    """What the last character alone tells of a pattern: a prediction of its label from a table.

    Counts are kept of one text, the selection or the confirmation; :meth:`scored_on` fits the table on the one and
    scores it on the other. A character that the first never showed predicts the mean label.

    Args:
        vocabulary: number V of characters.
        boolean: (P,) bool, which patterns are not graded.
    """

    def __init__(self, vocabulary: int, boolean: np.ndarray) -> None:
        self.vocabulary, self.boolean = vocabulary, np.asarray(boolean, bool)
        self._counts = np.zeros(vocabulary)
        self._sums = np.zeros((vocabulary, len(self.boolean)))
        self._squares = np.zeros(len(self.boolean))

    def update(self, ids: np.ndarray, labels: np.ndarray) -> None:
        """Take in T characters: ids (T,), labels (T, P) float32."""
        size = len(self._counts)
        self._counts += np.bincount(ids, minlength=size)
        for p, column in enumerate(labels.T):
            self._sums[:, p] += np.bincount(ids, weights=column, minlength=size)
        self._squares += np.einsum("tp,tp->p", labels, labels, dtype=np.float64)

    def merge(self, other: "LastCharacter") -> None:
        """Take in all that ``other`` has seen."""
        self._counts += other._counts
        self._sums += other._sums
        self._squares += other._squares

    def scored_on(self, held_out: "LastCharacter") -> dict[str, np.ndarray]:
        """Return ``correlation`` and ``auc`` (P,) float64 of this text's table on the text counted by ``held_out``."""
        overall = self._sums.sum(axis=0) / max(self._counts.sum(), 1)
        seen = self._counts[:, None] > 0
        table = np.where(seen, self._sums / np.maximum(self._counts[:, None], 1), overall)
        return {"correlation": held_out._correlation(table), "auc": held_out._auc(table)}

    def _correlation(self, table: np.ndarray) -> np.ndarray:
        n = self._counts.sum()
        if n == 0:
            return np.full(len(self.boolean), np.nan)
        shares = self._counts[:, None] / n
        mean_y, mean_x = self._sums.sum(axis=0) / n, (shares * table).sum(axis=0)
        centred = table - mean_x
        covariance = (centred * self._sums).sum(axis=0) / n
        variance_x = (shares * centred**2).sum(axis=0)
        variance_y = self._squares / n - mean_y**2
        product = variance_x * variance_y
        # A table that says the same of every character has no correlation with anything; so has a constant label.
        return np.where(product > 1e-18, covariance / np.sqrt(np.where(product > 0, product, 1)),
                        np.where(variance_y > 1e-12, 0.0, np.nan))

    def _auc(self, table: np.ndarray) -> np.ndarray:
        auc = np.full(len(self.boolean), np.nan)
        for p in np.flatnonzero(self.boolean):
            _, group = np.unique(table[:, p], return_inverse=True)
            inside = np.bincount(group, weights=self._sums[:, p])
            outside = np.bincount(group, weights=self._counts) - inside
            if inside.sum() > 0 and outside.sum() > 0:
                below = np.cumsum(outside) - outside
                auc[p] = (inside * (below + outside / 2)).sum() / (inside.sum() * outside.sum())
        return auc

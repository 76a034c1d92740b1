"""A shuffle that is never held in memory: the k-th element of a random permutation, computed from k."""

import numpy as np

ROUNDS = 6


class Shuffle:
    """A permutation of 0 … size − 1 that is a pure function of its key.

    A balanced Feistel network (Luby and Rackoff 1988) permutes the next larger even power of two; values that fall
    outside are sent through again until they fall inside, so that the whole stays a permutation.

    Args:
        size: number of elements, at least 1.
        key: integers that choose the permutation, for example (seed, epoch).
    """

    def __init__(self, size: int, key: tuple[int, ...]) -> None:
        self._size = np.uint64(size)
        half_bits = max(1, (max(size - 1, 1).bit_length() + 1) // 2)
        self._shift, self._mask = np.uint64(half_bits), np.uint64((1 << half_bits) - 1)
        self._keys = np.random.SeedSequence(key).generate_state(ROUNDS, np.uint64)

    def __getitem__(self, places: np.ndarray) -> np.ndarray:
        """Return the elements (K,) int64 at ``places`` (K,), each in [0, size)."""
        values = np.asarray(places, np.uint64)
        values = self._network(values)
        while (outside := values >= self._size).any():
            values[outside] = self._network(values[outside])
        return values.astype(np.int64)

    def _network(self, values: np.ndarray) -> np.ndarray:
        left, right = values >> self._shift, values & self._mask
        for key in self._keys:
            left, right = right, left ^ (_mixed(right ^ key) & self._mask)
        return left << self._shift | right


def _mixed(x: np.ndarray) -> np.ndarray:
    """The finaliser of splitmix64 (Steele, Lea and Flood 2014): every bit of the result depends on every bit of x."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))

"""Labels in as little memory as they can be restored from exactly."""

from dataclasses import dataclass
from typing import Self

import numpy as np


@dataclass(frozen=True)
class PackedLabels:
    """The labels of one pattern on some stretch: a bit for a boolean, a byte or two for a small whole number.

    Attributes:
        values: eight booleans a byte, or (N,) uint8, uint16 or float32.
        boolean: which of the two.
    """

    values: np.ndarray
    boolean: bool

    @classmethod
    def of(cls, labels: np.ndarray) -> Self:
        """Pack ``labels`` (N,) bool or float32."""
        if labels.dtype == bool:
            return cls(np.packbits(labels), True)
        for narrow in (np.uint8, np.uint16):
            if labels.size and labels.min() >= 0 and labels.max() <= np.iinfo(narrow).max:
                whole = labels.astype(narrow)
                if (whole == labels).all():
                    return cls(whole, False)
        return cls(labels.copy(), False)

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return self.values.nbytes

    def part(self, start: int, stop: int) -> np.ndarray:
        """Return labels [start, stop), as 0 and 1 if boolean."""
        if not self.boolean:
            return self.values[start:stop]
        first = start // 8
        bits = np.unpackbits(self.values[first:-(-stop // 8)])
        return bits[start - 8 * first:stop - 8 * first]

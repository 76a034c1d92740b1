"""What a store keeps of the activations it is given."""

from dataclasses import dataclass

import numpy as np

from probe.options import Options, option

DTYPES = ("float16", "float32")


@dataclass(frozen=True)
class StoreOptions(Options):
    """One store of activations."""

    dtype: str = option("float16", "float16 rounds each number to 11 bits, to within 1/2048 of it; float32 keeps it",
                        choices=DTYPES)
    every: int = option(1, "keep each k-th character alone; a scan needs every one", minimum=1)

    @property
    def kept(self) -> np.dtype:
        """The dtype on disk."""
        return np.dtype(self.dtype)

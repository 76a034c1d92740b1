"""HDF5 files made in memory, so that they reach the disk whole or not at all as any other bytes do."""

from collections.abc import Mapping

import h5py
import numpy as np

# By how much the image grows while it is made.
STEP = 1 << 24


def hdf5_image(arrays: Mapping[str, np.ndarray], chunk: tuple[int, int], attributes: Mapping[str, str]) -> bytes:
    """Return the bytes of an HDF5 file, the same for the same arguments.

    Args:
        arrays: place, its parts divided by ``/`` → numbers of one or two axes. Each chunk carries a checksum
            (fletcher32), which the HDF5 library checks whenever it reads the chunk.
        chunk: how many rows and columns lie together at most.
        attributes: strings at the root.
    """
    with h5py.File("image", "w", driver="core", backing_store=False, block_size=STEP) as file:
        file.attrs.update(attributes)
        for place, array in arrays.items():
            shape = tuple(_even(size, most) for size, most in zip(array.shape, chunk, strict=False))
            file.create_dataset(place, data=array, chunks=shape, fletcher32=True)
        file.flush()
        image: bytes = file.id.get_file_image()
    return image


def _even(size: int, most: int) -> int:
    """The length of equal chunks of at most ``most`` that cover ``size``; the last chunk is always stored whole."""
    return -(-size // -(-size // most))

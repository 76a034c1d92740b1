"""Reading `.keras` files without running anything that they hold."""

from probe.model.keras_file.reading import read_keras_file

__all__ = ["read_keras_file"]

"""Reading `.keras` files without running anything that they hold."""

from probe.model.keras_file.reading import is_keras_file, read_keras_file

__all__ = ["is_keras_file", "read_keras_file"]

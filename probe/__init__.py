"""A microscope for recurrent networks that read text.

Data walks one way: text → corpus → model → train → activations → scan → gallery.
Importing this package imports no room, and so no TensorFlow; each room is imported by its name,
for example ``from probe.corpus import Corpus``.
"""

__version__ = "0.1.0"

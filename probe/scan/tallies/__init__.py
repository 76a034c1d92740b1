"""What is summed while a text streams by, and what measures are made of."""

from probe.scan.tallies.labels import Labels, LabelScales
from probe.scan.tallies.quantiles import BINS, Quantiser
from probe.scan.tallies.sums import Sums
from probe.scan.tallies.tallies import Tallies

__all__ = ["BINS", "LabelScales", "Labels", "Quantiser", "Sums", "Tallies"]

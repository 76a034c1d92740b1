"""What the units of a translator are looked at with: texts of held-out dates, and the labels of their parts."""

from probe.attention.units.label import Label
from probe.attention.units.lines import Lines, held_out, output_lines, source_lines, with_no_date_between

__all__ = ["Label", "Lines", "held_out", "output_lines", "source_lines", "with_no_date_between"]

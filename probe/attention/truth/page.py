"""A diagnosis as a page."""

from pathlib import Path
from typing import TYPE_CHECKING

from probe.render.map_report import ReportTable, write_report

if TYPE_CHECKING:
    from probe.attention.truth.diagnosis import Diagnosis

TITLE = "What a translator of dates reads, and what it does not"


def write_diagnosis(diagnosis: "Diagnosis", path: Path) -> Path:
    """Write one offline page with the tables of a diagnosis, and its maps, to ``path``; return it."""
    from probe.attention.truth.diagnosis import READING

    tables = [ReportTable(caption, headers, tuple(rows)) for caption, headers, rows in diagnosis.tables]
    maps = diagnosis.maps
    return write_report(path, TITLE, tables, findings=diagnosis.lines, notes=READING,
                        panels=() if maps is None else maps.panels, maps_title="" if maps is None else maps.title)

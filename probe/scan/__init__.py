"""Every unit against every pattern: measures, controls, ranking, findings."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probe.scan.evidence import Scores
from probe.scan.finding import Finding, Passage, PatternNote
from probe.scan.findings import Findings, check_folder
from probe.scan.options import ScanOptions

if TYPE_CHECKING:
    from probe.scan.local import scan

__all__ = ["Finding", "Findings", "Passage", "PatternNote", "ScanOptions", "Scores", "check_folder", "scan"]


def __getattr__(name: str) -> Any:
    if name != "scan":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module("probe.scan.local").scan

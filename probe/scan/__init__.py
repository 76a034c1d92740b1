"""Every unit against every pattern: measures, controls, ranking, findings."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probe.scan.controls.ablation import Ablation, AblationOptions
from probe.scan.controls.logistic import Probe, ProbeOptions
from probe.scan.evidence import Chance, Interval, Scores, Untrained
from probe.scan.finding import Finding, Passage, PatternNote
from probe.scan.findings import Findings, check_folder
from probe.scan.options import ScanOptions

if TYPE_CHECKING:
    from probe.scan.local import scan

__all__ = [
    "Ablation", "AblationOptions", "Chance", "Finding", "Findings", "Interval", "Passage", "PatternNote", "Probe",
    "ProbeOptions", "ScanOptions", "Scores", "Untrained", "check_folder", "scan",
]


def __getattr__(name: str) -> Any:
    if name != "scan":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module("probe.scan.local").scan

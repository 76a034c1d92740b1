"""Human ideas as labels on characters."""

from probe.patterns.labeller import DocumentSource, Labeller
from probe.patterns.pattern import Context, Pattern
from probe.patterns.preview import preview
from probe.patterns.registry import PATTERNS, parse_patterns, pattern_named, patterns_for
from probe.patterns.segments import Source

__all__ = [
    "PATTERNS", "Context", "DocumentSource", "Labeller", "Pattern", "Source", "parse_patterns", "pattern_named",
    "patterns_for", "preview",
]

"""Human ideas as labels on characters."""

from probe.patterns.labeller import DocumentParts, Labeller
from probe.patterns.pattern import Context, Pattern
from probe.patterns.preview import preview
from probe.patterns.registry import PATTERNS, parse_patterns, pattern_named, patterns_for
from probe.patterns.segments import TextParts

__all__ = [
    "PATTERNS", "Context", "DocumentParts", "Labeller", "Pattern", "TextParts", "parse_patterns", "pattern_named",
    "patterns_for", "preview",
]

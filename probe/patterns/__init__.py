"""Human ideas as labels on characters."""

from probe.patterns.expression import Expression
from probe.patterns.function import UserFunction
from probe.patterns.given import GivenLabels
from probe.patterns.labeller import DocumentParts, Labeller
from probe.patterns.network import NETWORK_PATTERNS, NetworkLabels, NetworkPattern, network_patterns
from probe.patterns.pattern import Context, Pattern
from probe.patterns.preview import preview
from probe.patterns.registry import PATTERNS, parse_pattern, parse_patterns, pattern_named, patterns_for
from probe.patterns.regular import RegularExpression
from probe.patterns.segments import TextParts

__all__ = [
    "NETWORK_PATTERNS", "PATTERNS", "Context", "DocumentParts", "Expression", "GivenLabels", "Labeller",
    "NetworkLabels", "NetworkPattern", "Pattern", "RegularExpression", "TextParts", "UserFunction",
    "network_patterns", "parse_pattern", "parse_patterns", "pattern_named", "patterns_for", "preview",
]

"""Which parts of a text made a classifier's decision: attributions, their checks and their views."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probe.explain.batch import Fitting
from probe.explain.explanation import LawKept, TextExplanation
from probe.explain.explanations import TextExplanations
from probe.explain.registry import METHODS
from probe.explain.tokenizers import CharacterTokenizer, Encoded, FunctionTokenizer, Tokenizer, WordTokenizer

if TYPE_CHECKING:
    from probe.explain.attributing import attribute
    from probe.explain.classifier import Classifier
    from probe.explain.explaining import explain, explain_all

__all__ = [
    "METHODS", "CharacterTokenizer", "Classifier", "Encoded", "Fitting", "FunctionTokenizer", "LawKept",
    "TextExplanation", "TextExplanations", "Tokenizer", "WordTokenizer", "attribute", "explain", "explain_all",
]

# What needs TensorFlow, and is imported when it is first asked for.
_MODULES = {"attribute": "attributing", "Classifier": "classifier", "explain": "explaining", "explain_all": "explaining"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)

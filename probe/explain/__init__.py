"""Which parts of a text made a classifier's decision: attributions, their checks and their views."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probe.explain.classifier.batch import Fitting
from probe.explain.classifier.examples import Examples
from probe.explain.classifier.passages import construct_passages, package_passages
from probe.explain.explanation.explanation import LawKept, TextExplanation
from probe.explain.explanation.several import TextExplanations
from probe.explain.explanation.strongest import strongest
from probe.explain.explanation.truth import with_truth
from probe.explain.methods.talentpair import talentpair_strip
from probe.explain.metrics.faithfulness import Faithfulness, MethodFaithfulness
from probe.explain.metrics.options import FaithfulnessOptions
from probe.explain.registry import METHODS
from probe.explain.tokenizers import (
    CharacterTokenizer,
    Encoded,
    FunctionTokenizer,
    Tokenizer,
    WordTokenizer,
    of_vectorization,
)

if TYPE_CHECKING:
    from probe.explain.attributing import attribute
    from probe.explain.classifier.architectures import character_convolutions, two_convolutions, two_way_lstm
    from probe.explain.classifier.classifier import Classifier
    from probe.explain.classifier.training import TeachingOptions, Trial, teach, try_out
    from probe.explain.explaining import explain, explain_all
    from probe.explain.metrics.measuring import faithfulness

__all__ = [
    "METHODS", "CharacterTokenizer", "Classifier", "Encoded", "Examples", "Faithfulness", "FaithfulnessOptions",
    "Fitting", "FunctionTokenizer", "LawKept", "MethodFaithfulness", "TeachingOptions", "TextExplanation",
    "TextExplanations", "Tokenizer", "Trial", "WordTokenizer", "attribute", "character_convolutions",
    "construct_passages", "explain", "explain_all", "faithfulness", "of_vectorization", "package_passages", "strongest",
    "talentpair_strip", "teach", "try_out", "two_convolutions", "two_way_lstm", "with_truth",
]

# What needs TensorFlow, and is imported when it is first asked for.
_MODULES = {
    "attribute": "attributing", "explain": "explaining", "explain_all": "explaining",
    "Classifier": "classifier.classifier", "faithfulness": "metrics.measuring",
    **dict.fromkeys(("character_convolutions", "two_convolutions", "two_way_lstm"), "classifier.architectures"),
    **dict.fromkeys(("TeachingOptions", "Trial", "teach", "try_out"), "classifier.training"),
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)

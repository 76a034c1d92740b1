"""Which parts of a text made a classifier's decision: attributions, their checks and their views."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probe.explain.batch import Fitting
from probe.explain.examples import Examples
from probe.explain.explanation import LawKept, TextExplanation
from probe.explain.explanations import TextExplanations
from probe.explain.metrics.faithfulness import Faithfulness, MethodFaithfulness
from probe.explain.metrics.options import FaithfulnessOptions
from probe.explain.passages import construct_passages, package_passages
from probe.explain.registry import METHODS
from probe.explain.strongest import strongest
from probe.explain.tokenizers import (
    CharacterTokenizer,
    Encoded,
    FunctionTokenizer,
    Tokenizer,
    WordTokenizer,
    of_vectorization,
)
from probe.explain.truth import with_truth

if TYPE_CHECKING:
    from probe.explain.architectures import character_convolutions, two_convolutions, two_way_lstm
    from probe.explain.attributing import attribute
    from probe.explain.classifier import Classifier
    from probe.explain.explaining import explain, explain_all
    from probe.explain.metrics.measuring import faithfulness
    from probe.explain.training import TeachingOptions, Trial, teach, try_out

__all__ = [
    "METHODS", "CharacterTokenizer", "Classifier", "Encoded", "Examples", "Faithfulness", "FaithfulnessOptions",
    "Fitting", "FunctionTokenizer", "LawKept", "MethodFaithfulness", "TeachingOptions", "TextExplanation",
    "TextExplanations", "Tokenizer", "Trial", "WordTokenizer", "attribute", "character_convolutions",
    "construct_passages", "explain", "explain_all", "faithfulness", "of_vectorization", "package_passages", "strongest",
    "teach", "try_out", "two_convolutions", "two_way_lstm", "with_truth",
]

# What needs TensorFlow, and is imported when it is first asked for.
_MODULES = {
    "attribute": "attributing", "Classifier": "classifier", "explain": "explaining", "explain_all": "explaining",
    "faithfulness": "metrics.measuring",
    "character_convolutions": "architectures", "two_convolutions": "architectures", "two_way_lstm": "architectures",
    "TeachingOptions": "training", "Trial": "training", "teach": "training", "try_out": "training",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)

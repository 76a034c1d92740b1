"""The rule of each layer."""

from collections.abc import Mapping

from probe.explain.question.step import Step
from probe.explain.rules.activation import Elementwise, Softmax
from probe.explain.rules.bidirectional import Bidirectional
from probe.explain.rules.linear import (
    AveragePooling1D,
    BatchNormalization,
    Conv1D,
    Dense,
    GlobalAveragePooling1D,
    Rescaling,
    Sum,
)
from probe.explain.rules.placement import PLACINGS, Placement
from probe.explain.rules.pooling import GlobalMaxPooling1D, MaxPooling1D
from probe.explain.rules.product import Product
from probe.explain.rules.recurrent import CELLS, Recurrent
from probe.explain.rules.rule import Rule
from probe.explain.rules.unchanged import Masking, Unchanged
from probe.model.engine import keras

UNCHANGED = ("ActivityRegularization", "AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise", "Identity",
             "SpatialDropout1D")
RULES: Mapping[str, Rule] = {
    "Dense": Dense(), "Conv1D": Conv1D(), "AveragePooling1D": AveragePooling1D(),
    "GlobalAveragePooling1D": GlobalAveragePooling1D(), "BatchNormalization": BatchNormalization(),
    "Rescaling": Rescaling(), **dict.fromkeys(("Add", "Average", "Subtract"), Sum()), "Multiply": Product(),
    "MaxPooling1D": MaxPooling1D(), "GlobalMaxPooling1D": GlobalMaxPooling1D(),
    **dict.fromkeys((kind.__name__ for kind in CELLS), Recurrent()), "Bidirectional": Bidirectional(),
    **{kind: Placement(placing) for kind, placing in PLACINGS.items()},
    "Masking": Masking(), **dict.fromkeys(UNCHANGED, Unchanged())}
_ELEMENTWISE, _SOFTMAX = Elementwise(), Softmax()
# Activations of which no entry depends on one alone, and which have no rule.
_MIXED = (keras.activations.log_softmax, keras.activations.glu, keras.activations.sparsemax)


def rule_of(step: Step) -> Rule | None:
    """Return the rule of a step; None if it has none. A subclass of a layer may do anything, and has none."""
    if step.function is keras.activations.softmax or isinstance(step.function, keras.layers.Softmax):
        return _SOFTMAX
    if step.function is not None:
        return None if step.function in _MIXED else _ELEMENTWISE
    known = type(step.layer) is getattr(keras.layers, step.kind, None)
    return RULES.get(step.kind) if known else None

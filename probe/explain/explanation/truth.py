"""What is right, beside what a classifier decided."""

from collections.abc import Iterable
from dataclasses import replace

from probe.errors import UserError
from probe.explain.classifier.examples import Examples
from probe.explain.explanation.explanation import TextExplanation
from probe.explain.explanation.several import TextExplanations
from probe.explain.explanation.verdict import NONE


def with_truth(explanations: Iterable[TextExplanation], examples: Examples) -> TextExplanations:
    """Return explanations that know the labels of their texts, and say whether the classifier was right.

    Args:
        explanations: one for each example.
        examples: in the same order.

    Raises:
        UserError: they are not of the same texts.
    """
    found = list(explanations)
    if [each.text for each in found] != list(examples.texts):
        raise UserError(f"explanations and examples must be of the same texts; received {len(found)} and "
                        f"{len(examples)}")
    truths = (", ".join(labels) or NONE for labels in examples.labels)
    return TextExplanations(replace(each, truth=truth) for each, truth in zip(found, truths, strict=True))

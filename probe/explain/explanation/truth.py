"""What is right, beside what a classifier decided."""

from collections.abc import Iterable
from dataclasses import replace

from probe.errors import UserError
from probe.explain.classifier.examples import Examples
from probe.explain.explanation.explanation import TextExplanation
from probe.explain.explanation.several import TextExplanations


def with_truth(explanations: Iterable[TextExplanation], examples: Examples) -> TextExplanations:
    """Return explanations, each with a note of the labels that its text has.

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
    told = (f"what it is: {', '.join(labels) or 'none of the labels'}" for labels in examples.labels)
    return TextExplanations(replace(each, notes=(words, *each.notes)) for each, words in zip(found, told, strict=True))

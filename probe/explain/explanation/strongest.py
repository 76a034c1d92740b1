"""Which tokens speak for a label over many texts."""

from collections import defaultdict
from collections.abc import Iterable

from probe.explain.explanation.explanation import TextExplanation


def strongest(explanations: Iterable[TextExplanation], most: int = 6) -> dict[str, list[tuple[str, float, int]]]:
    """Return for each target the tokens that speak for it most, over all of its explanations.

    Args:
        explanations: of any targets, by one method.
        most: tokens of a target.

    Returns:
        Target → (token, sum of its weights above 0, in how many of the texts it stands), the strongest first; targets
        are in the order of their names. A token that comes twice in a text counts twice in the sum.
    """
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    texts: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for number, each in enumerate(explanations):
        for token, _, weight in each.spans:
            sums[each.target][token] += max(weight, 0.0)
            texts[each.target][token].add(number)
    first = {target: sorted(found.items(), key=lambda item: (-item[1], item[0]))[:most]
             for target, found in sorted(sums.items())}
    return {target: [(token, total, len(texts[target][token])) for token, total in found if total > 0]
            for target, found in first.items()}

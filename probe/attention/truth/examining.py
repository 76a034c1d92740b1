"""A test of a translator on dates that it was never trained on."""

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from probe.attention.dates import DateTexts, WrittenDate, ceiling, readings
from probe.attention.translator.translation import Translation
from probe.attention.truth.doubt import doubt
from probe.attention.truth.estimate import Estimate, rate, rate_over
from probe.attention.truth.examination import PADDED, Examination, Mistake, Refusals, Share
from probe.attention.truth.options import DateTestOptions
from probe.attention.truth.true_maps import true_maps
from probe.progress import progress_bar

if TYPE_CHECKING:
    from probe.attention.translator.translator import Translator

# Texts translated between two movements of the bar.
PORTION = 250


def examine(translator: "Translator", options: DateTestOptions = DateTestOptions(), *, show: bool = True,
            ) -> Examination:
    """Test a translator on texts of held-out days, drawn as those that it was trained on.

    Args:
        translator: who is tested.
        options: on how many texts.
        show: whether to show progress.

    Raises:
        UserError: its years hold no day for a test.
    """
    source = DateTexts(translator.dates)
    texts = source.draw("test", (options.seed,), options.texts)
    best = translated(translator, [each.text for each in texts], options.beams, show)
    greedy = best if options.beams == 1 else translated(translator, [each.text for each in texts], 1, show)
    limit = ceiling(translator.dates)
    right = [said.output == text.iso for text, said in zip(texts, best, strict=True)]
    days = [text.iso for text in texts]
    means = [readings(translator.dates, text.text) for text in texts]
    outputs = [said.output for said in best]
    characters, padded = character_accuracy([text.iso for text in texts], outputs)
    without = source.draw_without("test", (options.seed,), options.without)
    return Examination(
        options=options, days=len(set(days)), exact=Share(rate_over(right, days), limit.rate),
        expected=sum(each[0][1] for each in means) / len(means),
        greedy=rate_over([said.output == day for day, said in zip(days, greedy, strict=True)], days),
        characters=characters, padded=padded, refused=rate_over([said.date is None for said in best], days),
        by_locale=_shares([text.locale for text in texts], right, days, limit.by_locale),
        by_style=_shares([text.style for text in texts], right, days, limit.by_style),
        mistakes=tuple(_mistake(text, said, meant)
                       for text, said, meant, hit in zip(texts, best, means, right, strict=True) if not hit),
        doubt=doubt([said.probability for said in best], right),
        without=_without(without, translated(translator, [each.text for each in without], options.beams, show))
        if without else None,
        maps=true_maps(translator, texts[:options.maps], outputs[:options.maps], options.seed, show)
        if options.maps else None, ceiling=limit)


def translated(translator: "Translator", texts: Sequence[str], beams: int, show: bool) -> list[Translation]:
    """Translate texts under a bar of progress."""
    found: list[Translation] = []
    with progress_bar(len(texts), "translating", " texts", show=show) as bar:
        for first in range(0, len(texts), PORTION):
            found += translator.translate(texts[first:first + PORTION], beams)
            bar.update(len(found) - bar.n)
    return found


def character_accuracy(wanted: Sequence[str], outputs: Sequence[str]) -> tuple[float, float]:
    """Return the share of characters that are put out where they belong.

    Outputs are those that a network wrote by itself, so that one wrong character may shift all that follow.

    Args:
        wanted: true dates.
        outputs: what was put out for each.

    Returns:
        The share of the characters of the dates and of their ends; and the same with the padding up to 50 positions,
        where nothing is to be put out, counted as characters too.
    """
    right = positions = padding = 0
    for true, output in zip(wanted, outputs, strict=True):
        # The end stands as a line feed.
        right += sum(one == other for one, other in zip(true + "\n", output + "\n", strict=False))
        positions += len(true) + 1
        padding += PADDED - max(len(true), len(output)) - 1
    return right / positions, (right + padding) / (PADDED * len(wanted))


def _shares(names: Sequence[str], right: Sequence[bool], days: Sequence[str], limits: Mapping[str, float],
            ) -> dict[str, Share]:
    found: defaultdict[str, list[tuple[bool, str]]] = defaultdict(list)
    for name, hit, day in zip(names, right, days, strict=True):
        found[name].append((hit, day))
    return {name: Share(rate_over(*zip(*found[name], strict=True)), limit) for name, limit in limits.items()
            if name in found}


def _mistake(text: WrittenDate, said: Translation, means: Sequence[tuple[datetime.date, float]]) -> Mistake:
    possible = said.date is not None and said.date in {date for date, _ in means}
    return Mistake(text.text, text.locale, text.style, text.iso, said.output, said.probability, possible)


def _without(texts: Sequence[WrittenDate], said: Sequence[Translation]) -> Refusals:
    refused: defaultdict[str, list[bool]] = defaultdict(list)
    for text, each in zip(texts, said, strict=True):
        refused[text.style].append(each.date is None)
    given = [each.probability for each in said if each.date is not None]
    by_kind: dict[str, Estimate] = {kind: rate(sum(hits), len(hits)) for kind, hits in sorted(refused.items())}
    return Refusals(rate(len(said) - len(given), len(said)), by_kind, sum(given) / len(given) if given else None,
                    sum(probability >= 0.5 for probability in given))

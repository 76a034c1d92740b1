"""Claims: what an interval must show."""

import numpy as np
import pytest

from probe.scan.controls.ngrams import NGrams
from probe.scan.evidence import Interval, beyond_ngrams


def test_a_lead_that_smoothing_makes_is_no_lead():
    assert beyond_ngrams(Interval(0.02, 0.4, 30)) is True
    assert beyond_ngrams(Interval(0.002, 0.4, 30)) is False
    assert beyond_ngrams(Interval(-0.1, 0.4, 30)) is False
    assert beyond_ngrams(Interval(blocks=6)) is None


@pytest.mark.parametrize("seed", range(5))
def test_what_the_last_character_determines_is_less_than_the_margin_away(seed):
    generator = np.random.default_rng(seed)
    ids = generator.choice(60, 20_000, p=(shares := 1.0 / np.arange(1, 61)) / shares.sum())
    labels = (ids % 6 == 1).astype(np.float32)[None, :, None]
    contexts = np.concatenate([[-1, -1], ids])[None]
    grams = [NGrams(60, np.array([True])) for _ in range(2)]
    grams[0].update(contexts[:, :10_002], labels[:, :10_000])
    grams[1].update(contexts[:, 10_000:], labels[:, 10_000:])
    lead = 1 - grams[0].scored_on(grams[1])["correlation"].max()
    assert lead > 0
    assert not beyond_ngrams(Interval(lead, lead, 30))

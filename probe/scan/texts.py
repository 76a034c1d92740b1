"""Which text ranks units, and which confirms them."""

from probe.corpus import Corpus, Segment


def selection_and_confirmation(corpus: Corpus, *, own: bool, characters: int) -> tuple[Segment, Segment]:
    """Return the two segments of a scan, each of at most ``characters`` characters next to where they meet.

    Args:
        corpus: the text scanned.
        own: whether it is the text that the network was trained on: then its training and validation splits select,
            and its test split confirms. Of a foreign text the first half selects and the second confirms.
        characters: most characters of each.
    """
    meet = corpus.splits.test.start if own else len(corpus) // 2
    return Segment(max(0, meet - characters), meet), Segment(meet, min(len(corpus), meet + characters))

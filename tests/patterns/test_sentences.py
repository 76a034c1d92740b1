import pytest

from tests.patterns.aligned import check, labels_of


@pytest.mark.parametrize("drawn", [
    """
Mr. Brown met Dr. J. K. Li, i.e. him, at 3.14 p.m. in St. Ives. He left.
^                                                               ^
""",
    """
‘Oh dear!’ said Alice. ‘I shall be late!’ (When? Now.) “So.”
 ^                      ^                  ^     ^      ^
""",
    """
Well... perhaps. Well... No!? Yes--maybe.--How odd… And then.
^                ^       ^    ^            ^        ^
""",
    """
He wrote “Mr.” And (etc.) Then he left.
^              ^          ^
""",
    """
It was his son's. The boys’. So
^                 ^          ^
""",
    """
 1. He came in 1805. 20 men, see No. 5 and Fig. 3. No. It is I. You?
 ^  ^                ^                             ^   ^        ^
""",
    """
He ran
^
Home. Yes
      ^


down we go. and on.
^
""",
    """
他来了。她走了！好。 שלום. עולם
^   ^   ^  ^     ^
""",
])
def test_starts(drawn: str) -> None:
    check("sentence_start", drawn)


def test_combining_marks_belong_to_the_first_letter() -> None:
    assert labels_of("sentence_start", "ab. E\u0301t").tolist() == [True, False, False, False, True, True, False]


def test_position() -> None:
    labels = labels_of("position_in_sentence", "‘Go on.’ No\n\n(a b")
    assert "".join(str(int(label)) for label in labels) == "01112222211" + "00" + "0112"


def test_long_runs_take_linear_time() -> None:
    for run in (".", " ", "-", ". ", "'", "!’ "):
        assert labels_of("sentence_start", "a." + run * 200_000).sum() == 1

import numpy as np
import pytest

from probe.corpus.document import Document, FileSpan
from probe.patterns import pattern_named
from tests.patterns.aligned import check, labels_of

CURLY = """
‘I don’t know,’ said Alice; ‘it’s the dogs’ tails.’
 ^^^^^^^^^^^^^               ^^^^^^^^^^^^^^^^^^^^^
"""


@pytest.mark.parametrize("drawn", [
    CURLY,
    """
"I don't know," said Alice; "it's the dogs' tails."
 ^^^^^^^^^^^^^               ^^^^^^^^^^^^^^^^^^^^^
""",
    """
'I don't know,' said Alice; 'it's the dogs' tails.'
 ^^^^^^^^^^^^^               ^^^^^^^^^^^^^^^^^^^^^
""",
    """
“I don’t know,” said Alice; “it’s the ‘dogs’ tails.”
 ^^^^^^^^^^^^^               ^^^^^^^^^^^^^^^^^^^^^^
""",
    """
«Je ne sais pas», dit-elle. „Ach so“, sagte er. 「そう」と
 ^^^^^^^^^^^^^^              ^^^^^^              ^^
""",
])
def test_kinds_of_marks(drawn: str) -> None:
    check("inside_quotes", drawn)


@pytest.mark.parametrize("drawn", [
    # beginnings of words
    """
‘’Tis so,’ said she of ’em all in ’90s style, ’twas odd.
 ^^^^^^^^
""",
    """
‘Put ‘em up,’ he cried. And ‘tis done.
 ^^^^^^^^^^^
""",
    """
'Tis so; 'twas the 'em of '90s style, quoth O'Brien o' the hill's.

""",
    # ends of words
    """
the words ‘DRINK ME’ printed, and ‘EAT ME’ were marked in the dogs’ room
           ^^^^^^^^                ^^^^^^
""",
    """
‘THAT you won’t’ thought Alice, ‘I’m afraid, sir’ said Bill.
 ^^^^^^^^^^^^^^                  ^^^^^^^^^^^^^^^
""",
    """
the dogs’ tails, James’ hat, rock ’n’ roll, the boys’.

""",
    """
the Rostovs' house and the countess' dress, at the Bergs'.

""",
    """
He saw the 'faithful slave,' the 'cat' and Boris' face.
            ^^^^^^^^^^^^^^^       ^^^
""",
    """
‘slates’ll be in before the trial’s over!’ thought Alice
 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
    """
‘the dogs’ home’ was the sign
 ^^^^^^^^^^^^^^
""",
    """
'Hobbs, said he, and left o' the hills.

""",
    # decomposed letters are letters
    "‘cafe\u0301’s mine,’ he said\n ^^^^^^^^^^^^^",
])
def test_apostrophes_are_no_quotes(drawn: str) -> None:
    check("inside_quotes", drawn)


@pytest.mark.parametrize("drawn", [
    """
‘I said “What for?”’ she cried
 ^^^^^^^^^^^^^^^^^^
""",
    """
"He says 'come, now,' you see," said she
 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
    """
‘And the moral is--“Take care--“’ and she crossed her hands
 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
    """
‘a ‘b,’ c.’ d
 ^^^^^^^^^
""",
])
def test_nested(drawn: str) -> None:
    check("inside_quotes", drawn)


def test_depth_counts_a_mark_outside_its_own_quotation() -> None:
    assert labels_of("quote_depth", "‘a “b”’ c").tolist() == [0, 1, 1, 1, 2, 1, 0, 0, 0]
    assert labels_of("quote_depth", "‘a ‘b!’ c.’").tolist() == [0, 1, 1, 1, 2, 2, 1, 1, 1, 1, 0]


def test_single_and_double() -> None:
    check("inside_double_quotes", """
‘I said “What for?”’ she cried
         ^^^^^^^^^
""")
    check("inside_single_quotes", """
“I said ‘What for?’” she cried
         ^^^^^^^^^
""")


def test_an_open_quotation_ends_with_its_paragraph() -> None:
    check("inside_quotes", """
“First I went
 ^^^^^^^^^^^^^
home.
^^^^^


“Then I slept.” And
 ^^^^^^^^^^^^^
woke.

""")


def test_a_forgotten_mark_does_not_swallow_the_next_quotation() -> None:
    check("inside_quotes", """
‘Yes, said Alice. ‘No,’ said he, and left.
 ^^^^^^^^^^^^^^^^^ ^^^
""")


def test_a_speech_from_an_earlier_paragraph_ends() -> None:
    check("inside_quotes", """
‘It was at the concert, and I had to sing
 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^


You know the song, perhaps?’ He sighed.
^^^^^^^^^^^^^^^^^^^^^^^^^^^
""")
    check("inside_quotes", """
‘Yes.’ That was 6" long, the boys’.
 ^^^^
""")


def test_files_end_quotations() -> None:
    document = Document("“one two” three", (FileSpan("a", 0, 5), FileSpan("b", 5, 15)))
    assert np.flatnonzero(pattern_named("inside_quotes").label(document)).tolist() == [1, 2, 3, 4]


def test_marks() -> None:
    check("opening_quote", """
‘’Tis “so,”’ said she, ‘don’t.
^     ^                ^
""")
    check("closing_quote", """
‘’Tis “so,”’ said she, ‘don’t.
          ^^
""")


@pytest.mark.parametrize("drawn", [
    """
‘Oh,’ said Alice softly. ‘Yes,’ she ‘No.’ Then--
     ^^^^^^^^^^^               ^^^^      ^^^^^
""",
    """
‘Oh “you”, I said,’ don’t be-have
                   ^^^^^^^^^
""",
    """
‘Oh!’ cried
     ^^^^^^^
she, and ‘Well!’
^^^
""",
    """
‘Oh!’ cried.
     ^^^^^^


she ‘Well!’...

""",
])
def test_after_quote(drawn: str) -> None:
    check("after_quote", drawn)

import pytest

from tests.patterns.aligned import check, labels_of


@pytest.mark.parametrize("drawn", [
    """
So (as well [as] she could) she a) sat :) down
    ^^^^^^^^^^^^^^^^^^^^^^
""",
    """
left (open [twice
      ^^^^^^^^^^^^
and on
^^^^^^


free (a] b) ] c
      ^^^^
""",
    """
left (a [b) c] d （全）
      ^^^^        ^
""",
])
def test_prose(drawn: str) -> None:
    check("inside_brackets", drawn)


def test_prose_depth() -> None:
    assert labels_of("bracket_depth", "a(b[c])d").tolist() == [0, 0, 1, 1, 2, 1, 0, 0]


def test_python() -> None:
    check("inside_brackets", """
x = f("(", [1, {2}])  # (
      ^^^^^^^^^^^^^
y = f'{(x)}' + (
                ^
z)
^
""", "python")
    assert labels_of("bracket_depth", "a(b[c])d", "python").tolist() == [0, 0, 1, 1, 2, 1, 0, 0]


def test_python_never_closed() -> None:
    assert labels_of("inside_brackets", "f(a, b", "python").tolist() == [False, False, True, True, True, True]
    assert labels_of("inside_brackets", "f(a]\n(b)\n", "python").tolist() == [False] * 2 + [True] + [False] * 6

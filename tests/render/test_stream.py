"""Characters that reach an output one by one."""

import pytest

from probe.render.stream import TextStream
from probe.render.terminal import RESET, nearest_of_256


def test_a_terminal_is_shown_what_it_would_obey():
    stream = TextStream(True, "none")
    sent = "".join(map(stream.piece, "a\x1b[31m\x07\u202eb\r\n\tc"))
    assert sent == "a␛[31m␇⟨U+202E⟩b␍\n\tc"


def test_a_pipe_gets_the_text_as_it_is():
    stream = TextStream(False, "none")
    text = "a\x1b[31m\x07\u202eb\r\n\tc“"
    assert "".join(stream.piece(character, 0.5) for character in text) + stream.end() == text


@pytest.mark.parametrize(("depth", "low", "high"), [("truecolor", "\x1b[48;2;95;159;214;", "\x1b[48;2;229;115;92;"),
                                                    ("256", f"\x1b[48;5;{nearest_of_256('#5f9fd6')};",
                                                     f"\x1b[48;5;{nearest_of_256('#e5735c')};")])
def test_colours_change_where_values_do_and_end_with_a_line(depth, low, high):
    stream = TextStream(True, depth)
    pieces = [stream.piece(*each) for each in (("p", None), ("a", -1.0), ("b", -1.0), ("c", 1.0), ("\n", 1.0))]
    assert pieces[0] == "p"
    assert pieces[1].startswith(low) and pieces[1].endswith("a")
    assert pieces[2] == "b"
    assert pieces[3].startswith(RESET + high)
    assert pieces[4] == RESET + "\n"
    assert stream.end() == ""
    stream.piece("d", 1.0)
    assert stream.end() == RESET

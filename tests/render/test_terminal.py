"""The terminal's view: colours, widths and nothing hostile."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import UserError
from probe.render import PALETTES, SCALINGS, ColouredText
from probe.render.alignment import PREDICTED
from probe.render.contrast import contrast
from probe.render.graphemes import clusters, columns, visible
from probe.render.terminal import colour_depth, nearest_of_256

STYLE = re.compile(r"\x1b\[[0-9;]*m")
# What is said above every text; here without a caption.
HEADING = ("colour: the activation as it is: −1 has the first colour, 0 the middle, 1 the last; blue, the first "
           "colour, is low and red, the last, is high; laid on the character just read; values on this text: −1 to 1")


def coloured(text: str, **fields) -> ColouredText:
    return ColouredText(text, np.linspace(-1, 1, len(text)), **fields)


@pytest.mark.parametrize(("environment", "depth"), [
    ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor"), ({"TERM": "xterm-direct"}, "truecolor"),
    ({"TERM": "xterm-256color"}, "256"), ({"TERM": "screen"}, "256"),
    ({"TERM": "dumb", "COLORTERM": "truecolor"}, "none"),
    ({"TERM": "linux"}, "none"), ({}, "none"), ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "none"),
    ({"TERM": "xterm-256color", "NO_COLOR": ""}, "256"),
])
def test_depth_follows_the_environment(environment, depth):
    assert colour_depth(True, environment) == depth
    assert colour_depth(False, environment) == "none"


def test_truecolor_writes_the_palette_and_the_ink():
    assert ColouredText("ab", np.array([-1.0, 1.0])).to_terminal(300, "truecolor") == (
        f"{HEADING}\n\x1b[48;2;95;159;214;38;2;17;17;17ma\x1b[48;2;229;115;92;38;2;17;17;17mb\x1b[0m"
    )


def test_lines_break_at_newlines_and_width():
    shown = coloured("one\n" + "x" * 25 + "\ttail", caption="unit 1:2").to_terminal(10, "none")
    lines = shown.split("\n")
    assert lines[0] == "unit 1:2" and " ".join(lines[1:-5]) == HEADING
    assert lines[-5:] == ["one↵", "x" * 10, "x" * 10, "xxxxx→   ", "tail"]


@pytest.mark.parametrize(("text", "lines"), [
    ("The cat sat on the mat", ["The cat ", "sat on the", " mat"]),
    ("unforgettable cats", ["unforgetta", "ble cats"]),
    ("a unforgettable", ["a ", "unforgetta", "ble"]),
    ("it is 漢字漢字", ["it is 漢字", "漢字"]),
    ("a bcdefgh漢", ["a bcdefgh", "漢"]),
    ("one thousand\nno", ["one ", "thousand↵", "no"]),
    ("a bcdefghi\u202ej", ["a bcdefghi", "⟨U+202E⟩j"]),
])
def test_lines_break_at_spaces_and_between_wide_characters(text, lines):
    for depth in ("none", "256"):
        shown = STYLE.sub("", coloured(text).to_terminal(10, depth)).split("\n")
        assert shown[-len(lines):] == lines


@given(st.text("ab  漢\t\u202e", max_size=80), st.integers(10, 20))
def test_wherever_lines_break_nothing_is_lost_and_they_fit(text, width):
    lines = coloured(text).to_terminal(width, "none").split("\n")[-1 - len(text):]
    shown = visible(text).replace("\t", "→   ")
    assert "".join(lines).endswith(shown)
    assert all(sum(columns(line[start:stop]) for start, stop in clusters(line)) <= width for line in lines)


@given(st.text(max_size=80), st.integers(10, 40), st.sampled_from(["none", "256", "truecolor"]))
def test_any_text_fits_and_only_styles_escape(text, width, depth):
    shown = coloured(text, caption=text[:9]).to_terminal(width, depth)
    bare = STYLE.sub("", shown)
    assert not set(bare) & set(map(chr, (*range(10), *range(11, 32), *range(127, 160), 0x202E, 0x2066)))
    assert (depth == "none") == ("\x1b" not in shown) or not text
    for line in bare.split("\n"):
        assert sum(columns(line[start:stop]) for start, stop in clusters(line)) <= width


def test_256_colours_stay_readable_and_near():
    for palette in PALETTES.values():
        for colour in palette.light.colours:
            number = nearest_of_256(colour)
            steps = (0, 95, 135, 175, 215, 255)
            exact = ([8 + 10 * (number - 232)] * 3 if number >= 232 else
                     [steps[(number - 16) // 36], steps[(number - 16) // 6 % 6], steps[(number - 16) % 6]])
            back = "#" + bytes(exact).hex()
            assert max(contrast(back, "#000000"), contrast(back, "#ffffff")) >= 4.5
            half_the_widest_gap = 48
            assert np.abs(np.subtract(exact, list(bytes.fromhex(colour[1:])))).max() <= half_the_widest_gap
    assert [nearest_of_256(colour) for colour in ("#ffffff", "#808080", "#ff0000")] == [231, 244, 196]


def test_text_is_recovered_from_its_colours():
    text = "He said “stop”."
    shown = coloured(text, scaling=SCALINGS["quantile"]).to_terminal(80, "256")
    assert STYLE.sub("", shown).split("\n")[-1] == text == visible(text)


def test_str_is_plain_when_nobody_watches(capsys):
    print(coloured("plain"))
    assert capsys.readouterr().out.endswith("\nplain\n")


def test_bad_requests_are_refused():
    with pytest.raises(UserError, match="none, 256, truecolor"):
        coloured("a").to_terminal(80, "16")
    with pytest.raises(UserError, match="at least 10"):
        coloured("a").to_terminal(3, "none")


def test_marked_characters_are_underlined_in_colours_and_by_a_line_below_without():
    marks = np.array([False, True, True, False, False, True, True])
    text = coloured("ab한d\nef", marks=marks, marked="second letters")
    assert text.to_terminal(40, "none").split("\n")[-4:] == ["ab한d↵", " ▔▔▔", "ef", "▔▔"]
    styled = text.to_terminal(40, "256")
    pieces = re.findall(r"((?:\x1b\[[0-9;]*m)+)([^\x1b]+)", styled)
    assert [letters for style, letters in pieces if "\x1b[4m" in style] == ["b", "한", "e", "f"]
    assert re.search("한\x1b\\[0m\x1b\\[48[^m]*md", styled)
    assert "underlined: second letters" in " ".join(styled.split())


def test_predicted_characters_wear_the_row_before_them_and_the_view_says_so():
    text = ColouredText("abc", np.array([-1.0, 1.0, 0.0]), alignment=PREDICTED, marks=np.array([True, True, False]))
    shown = text.to_terminal(300, "truecolor")
    assert "laid on the next character, the one that is being predicted; values" in shown.split("\n")[0]
    assert shown.split("\n")[1] == (
        "\x1b[48;2;95;159;214;38;2;17;17;17m\x1b[4mb\x1b[0m\x1b[48;2;229;115;92;38;2;17;17;17mc\x1b[0m"
    )

"""Whatever a text holds, each cell is that of its own characters, and all cells together are the text."""

import pytest

from probe.gallery.packing import packed_text
from probe.render.graphemes import clusters, columns, visible
from probe.render.html import cells
from probe.render.lines import text_lines
from probe.render.palette import DIVERGING
from probe.render.signs import letters_of, signed
from probe.render.terminal import UNDERLINED, terminal_style
from probe.render.visual_order import levels, visual_order
from probe.render.weighted_html import runs
from tests.hostile.pages import coloured, weighted
from tests.hostile.strings import AWKWARD, LETTERS, PAYLOADS, TEXT

# One letter, again and again: what looks for the end of a run from each of its letters would not come back.
REPEATED = [each * 5_000 for each in ("a", " ", "\t", "\n", " \n", "\u0301", "\u200d", "\u202e", "漢", "👩\u200d", "🇩",
                                       "(", "(א)", "\"", "<", "\x1b[", "\ud800", "क्", "\u1100")]
TEXTS = [*AWKWARD.values(), "".join(AWKWARD.values()), TEXT, *PAYLOADS]


@pytest.mark.parametrize("text", TEXTS, ids=[*AWKWARD, "together", "text", *range(len(PAYLOADS))])
def test_cells_of_pages_are_the_text(text):
    ranges, shown = clusters(text), coloured("", text).shown
    found = cells(shown)
    assert [cell.text for cell in found] == [text[start:stop] for start, stop in ranges]
    assert [cell.classes.split()[0] for cell in found] == [f"c{step}" for step in DIVERGING.indices(shown.scaled)[
        [stop - 1 for _, stop in ranges]]]
    assert "".join(letters for run in runs(weighted("", text)) for letters, _ in run.pieces) == text
    expected = [(start, stop, visible(text[start:stop])) for start, stop in ranges]
    assert as_the_script_reads(packed_text(text)) == expected


def as_the_script_reads(packed: dict) -> list[tuple[int, int, str]]:
    """What the gallery's script makes of a text that was packed for it: ranges, and what stands for each."""
    joined, start, found = dict(packed["joined"]), 0, []
    while start < packed["length"]:
        stop = joined.get(start, start + 1)
        found.append((start, stop, packed["spelt"].get(start, packed["text"][start:stop])))
        start = stop
    return found


@pytest.mark.parametrize("width", [10, 41])
def test_pieces_of_lines_are_the_text_and_wear_its_colours(width):
    for text in TEXTS:
        lines = text_lines(text, width)
        pieces = [piece for line in lines for piece in line]
        assert "".join(piece.letters for piece in pieces) == "".join(
            letters_of(text[start:stop], sign) for start, stop, sign in signed(text))
        assert list(dict.fromkeys(piece.place for piece in pieces)) == [stop - 1 for _, stop in clusters(text)]
        assert all(sum(piece.width for piece in line) <= width for line in lines)


def test_a_terminal_gets_each_colour_with_its_letters():
    text = "".join(AWKWARD.values())
    shown = coloured("", text).shown
    indices, shades = DIVERGING.indices(shown.scaled), DIVERGING.light
    expected = [(terminal_style(shades.colours[indices[piece.place]], shades.ink, "truecolor"),
                 shown.marked(piece.place), letter)
                for line in text_lines(text, 40) for piece in line for letter in piece.letters]
    sent = coloured("", text).to_terminal(40, "truecolor").split("\n")
    found, style = [], ""
    for line in sent[len(shown.heading(40)):]:
        for part in line.split("\x1b")[1:]:
            sequence, _, letters = f"\x1b{part}".partition("m")
            style = style + UNDERLINED if f"{sequence}m" == UNDERLINED else f"{sequence}m"
            found += [(style.removesuffix(UNDERLINED), style.endswith(UNDERLINED), letter) for letter in letters]
    assert found == expected


@pytest.mark.parametrize("text", REPEATED, ids=range(len(REPEATED)))
def test_one_letter_again_and_again(text):
    ranges = list(signed(text))
    assert sum(stop - start for start, stop, _ in ranges) == len(text)
    assert len(packed_text(text)["text"]) == len(text)
    assert sum(len(line) for line in text_lines(text, 80)) >= len(ranges)
    assert len(visual_order(text)) == len(levels(text)) == len(text)


def test_what_is_seen_by_nobody_is_spelt_out():
    for code in (0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0, 0x2065, 0xFFF0, 0xFE0F, 0xE0100, 0x034F, 0xE0000, 0xE0FFF):
        assert visible(chr(code)) == visible(f"\n{chr(code)}")[1:] == f"⟨U+{code:04X}⟩"
    assert visible("a\ufe0f葛\U000e0100ᄀ\u1160") == "a\ufe0f葛\U000e0100ᄀ\u1160"


def test_conjoining_letters_take_the_columns_of_their_syllable():
    assert columns("\u1112\u1161\u11ab") == columns("한\u11a8") == 2
    assert columns(LETTERS["keycaps"][:3]) == 2


def test_spaces_at_the_end_of_a_line_and_tabs_have_signs():
    text = " a  \t \n\t \n  b \t"
    assert [start for start, _, sign in signed(text) if sign == "blank"] == [2, 3, 5, 8]
    assert [start for start, _, sign in signed(text) if sign == "tab"] == [4, 7, 14]

"""Weighted text: what is drawn as one cell, the page, the notebook's cell and the terminal."""

import html
import html.parser
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import UserError
from probe.render.graphemes import clusters, columns, visible
from probe.render.palette import FOR_AGAINST
from probe.render.weighted_html import weighted_fragment, write_weighted
from probe.render.weighted_terminal import weighted_lines
from probe.render.weighted_text import WeightedText

HOSTILE = "<script>alert(1)</script> \"onmouseover='x' </style></pre>\u202e\u2028\x00\x1b[31m {{ 7*7 }} 👩‍👩‍👧 e\u0301"
STYLE = re.compile(r"\x1b\[[0-9;]*m")
FAMILY = "👩‍👩‍👧"


def weighted(text, tokens, weights, kinds=None, scale=1.0, **fields):
    """Tokens as (name, start, stop)."""
    given = {"head": (("asked", "pos"), ("logit", 2.5)), "method": "a method"} | fields
    return WeightedText(text, tuple(name for name, _, _ in tokens),
                        np.array([place for _, *place in tokens], np.int64).reshape(-1, 2),
                        np.array(weights, np.float64), kinds or ("",) * len(tokens), scale, **given)


def by_character(text, weights, **fields):
    return weighted(text, [(letter, place, place + 1) for place, letter in enumerate(text)], weights, **fields)


REVIEW = weighted("A dreadful, dreadful joy.\n", [("dreadful", 2, 10), ("dreadful", 12, 20), ("joy", 21, 24)],
                  [-1, -0.25, 0.5])


class Titled(html.parser.HTMLParser):
    """What a browser finds in the text: each titled span with its letters, and all letters."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.spans: list[list[str]] = []
        self.ids, self.links = [], []
        self.letters, self.names, self._in_text, self._open = "", set(), False, False
        self.feed(str(page))

    def handle_starttag(self, tag, attrs):
        fields = dict(attrs)
        assert not [name for name in fields if name.startswith("on")]
        self.ids += [fields["id"]] if "id" in fields else []
        self.links += [fields["href"]] if "href" in fields else []
        self.names.add(tag)
        self._in_text |= tag == "pre"
        if tag == "span" and self._in_text and "title" in fields:
            self.spans.append([fields.get("class", ""), fields["title"], ""])
            self._open = True

    def handle_endtag(self, tag):
        self._in_text &= tag != "pre"
        self._open &= tag != "span"

    def handle_data(self, data):
        if self._in_text:
            self.letters += data
        if self._open:
            self.spans[-1][2] += data


def test_each_occurrence_keeps_its_own_weight_and_colour():
    spans = Titled(weighted_fragment((REVIEW,))).spans
    assert spans == [["c0 against", "dreadful: −1.000", "dreadful"],
                     ["c9 against weak", "dreadful: −0.250", "dreadful"], ["c18 for", "joy: +0.500", "joy"]]
    assert FOR_AGAINST.steps == 25


def test_text_between_tokens_and_weights_near_zero_have_no_colour():
    text = weighted("ab cd", [("ab", 0, 2), ("cd", 3, 5)], [0.03, -0.03])
    assert Titled(weighted_fragment((text,))).spans == [["", "ab: +0.030", "ab"], ["", "cd: −0.030", "cd"]]
    assert text.laid.tolist() == [0.03, 0.03, 0, -0.03, -0.03]


def test_a_cluster_is_never_cut_and_wears_its_strongest_token():
    text = by_character(f"a{FAMILY}b", [0.1, 0.2, 0, -0.9, 0, 0.3, 0.1])
    assert [(cell.start, cell.stop, cell.weight) for cell in text.cells] == [(0, 1, 0.1), (1, 6, -0.9), (6, 7, 0.1)]
    spans = Titled(weighted_fragment((text,))).spans
    assert [letters for *_, letters in spans] == ["a", FAMILY, "b"]
    assert spans[1][1].count(": ") == 5 and "👩: −0.900" in spans[1][1]


def test_subwords_that_share_a_character_share_a_cell():
    text = weighted("xé", [("x", 0, 1), ("Ã", 1, 2), ("©", 1, 2)], [0.1, 0.2, -0.7])
    assert [(cell.start, cell.stop, cell.weight) for cell in text.cells] == [(0, 1, 0.1), (1, 2, -0.7)]
    assert text.cells[1].title == "é, read as Ã: +0.200; é, read as ©: −0.700"


def test_a_tooltip_says_what_a_token_was_read_as_and_what_it_is():
    text = weighted("The cat", [("<s>", -1, -1), ("the", 0, 3), ("<unk>", 4, 7), ("<pad>", -1, -1)],
                    [0.5, 0, 0.25, -0.5], ("not in the text", "", "", "pad"))
    assert [title for _, title, _ in Titled(weighted_fragment((text,))).spans] == [
        "the: 0.000", "cat, read as <unk>: +0.250"]
    assert [title for *_, title in text.aside] == ["<s> (not in the text): +0.500", "<pad> (pad): −0.500"]


def test_small_weights_are_not_rounded_away():
    text = weighted("ab", [("a", 0, 1), ("b", 1, 2)], [1e-6, -2e-6], scale=2e-6)
    assert [cell.title for cell in text.cells] == ["a: +1.00e−06", "b: −2.00e−06"]


def test_pads_are_drawn_when_asked_for_and_start_signs_always(tmp_path):
    text = weighted("cat", [("<s>", -1, -1), ("cat", 0, 3), ("<pad>", -1, -1)], [0.5, 0, -1],
                    ("not in the text", "", "pad"))
    pages = [write_weighted(tmp_path / "a.html", (text,), pads=pads).read_text("utf-8") for pads in (False, True)]
    assert all("&lt;s&gt;</span>" in page for page in pages)
    assert ["(pad): −1.000" in page and "1 pads:" in page for page in pages] == [False, True]


def test_a_newline_at_the_start_is_not_dropped_by_a_browser():
    assert '<pre dir="auto"><span>\n</span><span title=' in weighted_fragment((weighted("\na", [("a", 1, 2)], [0]),))


def test_white_space_of_a_token_is_seen():
    cell = weighted_fragment((by_character("a\n\tb ", [1, 1, 1, 1, 1]),))
    assert cell.count('<i class="newline">') == cell.count('<i class="tab">') == 1
    assert 'title="newline: +1.000"' in cell and 'title="space: +1.000"' in cell


@given(st.text(max_size=60), st.data())
def test_every_character_reaches_the_page_once_and_nothing_else(text, data):
    borders = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    tokens = [(text[start:stop], start, stop) for start, stop in zip(borders[::2], borders[1::2], strict=False)]
    shown = weighted(text, tokens, np.sin(np.arange(len(tokens))), method=text, notes=(text,) if text else ())
    found = Titled(weighted_fragment((shown,)))
    assert found.letters == visible(text)
    assert found.names <= {"style", "section", "div", "figure", "figcaption", "pre", "span", "p", "i", "b"}
    ends = {stop for _, stop in clusters(text)} | {0} if text else {0}
    assert all({cell.start, cell.stop} <= ends for cell in shown.cells)
    for name, start, stop in tokens:
        if stop > start:
            assert any(cell.start <= start and stop <= cell.stop for cell in shown.cells), name


def test_hostile_text_stays_text(tmp_path):
    text = by_character(HOSTILE, np.cos(np.arange(len(HOSTILE))), method=HOSTILE, notes=(HOSTILE,),
                        head=(("asked", HOSTILE), ("logit", 1.0)), facts=((HOSTILE, HOSTILE),))
    page = write_weighted(tmp_path / "a.html", (text, text), HOSTILE, pads=True).read_text("utf-8")
    assert "<script" not in page and page.count("<style") == page.count("</style>") == 1
    assert not set("\x00\x1b\u2028\u202e") & set(page)
    policy = html.unescape(page)
    assert "script-src 'none'" in policy and "default-src 'none'" in policy
    assert not Titled(page).names & {"script", "img", "iframe"}
    assert Titled(page).ids == ["text-1", "text-2"] and Titled(page).links == ["#text-1", "#text-2"]
    assert not Titled(weighted_fragment((text, text))).ids + Titled(weighted_fragment((text, text))).links
    for depth in ("none", "256", "truecolor"):
        shown = STYLE.sub("", weighted_lines((text, text), 40, depth, HOSTILE))
        assert not set(map(chr, (*range(10), *range(11, 32), 0x202E, 0x2028))) & set(shown)


def test_several_texts_have_a_table_and_tell_what_they_share_once():
    texts = tuple(weighted("a cat", [("cat", 2, 5)], [weight], scale=scale, notes=("shared", own),
                           head=(("asked", own), ("logit", weight)), facts=(("error", 0.5),))
                  for weight, scale, own in ((1, 1.0, "pos"), (-1, 1.0, "neg")))
    cell = weighted_fragment(texts, "two labels")
    assert cell.count("<p>Shared.</p>") == cell.count("<p>Pos.</p>") == cell.count("<p>Neg.</p>") == 1
    assert re.findall(r"<td[^>]*>([^<]*)", cell) == ["pos", "1", "0.500", "neg", "−1", "0.500"]
    assert cell.count('class="ramp"') == 1
    assert weighted_fragment((texts[0], by_character("b", [2], scale=2.0))).count('class="ramp"') == 2
    same = weighted_fragment((texts[0], texts[0]))
    assert "1. pos: logit 1" in same and "2. pos: logit 1" in same and ">text</th>" in same


def test_the_table_names_each_text_by_its_first_words_and_writes_a_column_in_one_format(tmp_path):
    texts = tuple(weighted(text, [("a", 0, 1)], [1], head=(("asked", "pos"), ("probability", "<0.1 %")),
                           facts=(("error", error), ("against", 0.5)))
                  for text, error in (("a cat\n sat on a mat and then on another one", 1e-7), ("a dog", -0.25)))
    for shown in (weighted_fragment(texts), write_weighted(tmp_path / "a.html", texts).read_text("utf-8")):
        cells = re.findall(r'<td class="([^"]*)">(?:<a [^>]*>)?([^<]*)', shown)
        assert [words for _, words in cells] == [
            "1. a cat sat on a mat and then on …", "pos", "&lt;0.1 %", "1.0e−07", "0.500",
            "2. a dog", "pos", "&lt;0.1 %", "−2.5e−01", "0.500"]
        assert [classes for classes, _ in cells[:5]] == ["", "", "number", "number more", "number more"]
    lines = weighted_lines(texts, 120, "none", "two").split("\n")[2:5]
    assert len({line.index(end) + len(end) for line, end in zip(lines, ("error", "1.0e−07", "−2.5e−01"), strict=True)}
               ) == 1


def test_the_table_of_many_is_folded_away_and_lines_of_code_get_one_column():
    cat = weighted("a cat", [("cat", 2, 5)], [1])
    assert ["<details>" in weighted_fragment((cat,) * count, "cats") for count in (2, 5, 6)] == [False, False, True]
    long = [weighted(text, [("a", 0, 1)], [1]) for text in ("a\n" + "b" * 45, "a\n" + "b" * 40, "a " * 45)]
    assert ["probe-weights-long\"" in weighted_fragment((cat, text)) for text in long] == [True, False, False]


def test_what_the_colours_mean_and_the_law_stand_above_the_text_once():
    page = weighted_fragment((weighted("a cat", [("cat", 2, 5)], [1], law="it adds up", notes=("a note",)),))
    place = page.index("<pre")
    for words in ("Green speaks for the label in the heading, red and underlined against it.", "Method: a method.",
                  "Law that it keeps: it adds up."):
        assert page.index(words) < place and page.count(words) == 1
    assert page.index("A note.") > place and "law that it keeps" not in page
    ramp = page[page.index('class="ramp"'):page.index("</span> +1.000 for")]
    assert re.findall('class="([^"]*)"></i>', ramp) == [f"c{step}" for step in range(FOR_AGAINST.steps)]


def test_a_terminal_without_colours_has_signs_below_and_a_table():
    assert weighted_lines((REVIEW,), 30, "none").split("\n") == [
        "pos: logit 2.500; a method", "",
        "A dreadful, dreadful joy.↵", "  ━━━━━━━━  -------- ╋╋╋", "",
        "strongest  token     weight  at character",
        "for        joy       +0.500            21",
        "against    dreadful  −1.000             2",
        "against    dreadful  −0.250            12", "",
        "+ for, - against; ╋ ━ from", "half of 1.000 on",
    ]


def test_a_terminal_with_colours_underlines_what_is_against_and_leaves_the_rest_alone():
    line = weighted_lines((REVIEW,), 80, "truecolor").split("\n")[2]
    red, pale, green = (";".join(map(str, bytes.fromhex(FOR_AGAINST.light.colours[step][1:]))) for step in (0, 9, 18))
    ink = "38;2;17;17;17m"
    assert line == (f"A \x1b[48;2;{red};{ink}\x1b[4mdreadful\x1b[0m, \x1b[48;2;{pale};{ink}\x1b[4mdreadful\x1b[0m "
                    f"\x1b[48;2;{green};{ink}joy\x1b[0m.↵")
    assert "red and underlined: against" in weighted_lines((REVIEW,), 80, "256")


@given(st.text(max_size=60), st.integers(10, 40), st.sampled_from(["none", "256", "truecolor"]))
def test_any_text_fits_a_terminal(text, width, depth):
    shown = by_character(text, np.sin(np.arange(len(text))), method=text)
    lines = STYLE.sub("", weighted_lines((shown,), width, depth)).split("\n")
    lines = [line for line in lines if "strongest" not in line and not line.startswith(("for ", "against "))]
    assert all(sum(columns(line[start:stop]) for start, stop in clusters(line)) <= width for line in lines)


def test_bad_requests_are_refused():
    with pytest.raises(UserError, match="none, 256, truecolor"):
        weighted_lines((REVIEW,), 80, "16")
    with pytest.raises(UserError, match="at least 10"):
        weighted_lines((REVIEW,), 3, "none")

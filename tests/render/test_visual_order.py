"""The order of scripts that run to the left: a browser's own layout is the oracle."""

import random
import unicodedata

import pytest

from probe.render.joining import _NONE, _RIGHT, joined, presented
from probe.render.visual_order import MIRRORS, base_level, levels, visual_order
from tests.render.maps import DATES

LETTERS = [*"abZאבגנوم٣٤۵1205  -/.,()[]+%$:“年«!\t", "\u200f", "\u200e", "\u061c"]
# Where each character lies from left to right, as the browser draws the text by itself.
PLACES = """texts => texts.map(text => {
    const line = document.createElement("pre");
    line.dir = "auto";
    line.textContent = text;
    document.body.append(line);
    const places = Array.from(text, (_, place) => {
        const range = document.createRange();
        range.setStart(line.firstChild, place);
        range.setEnd(line.firstChild, place + 1);
        const seen = Array.from(range.getClientRects()).find(box => box.width > 0);
        return seen ? seen.left : null;
    });
    line.remove();
    return places;
})"""


def joins_its_letter(character):
    """Whether a browser gives it the place of the letter before it."""
    return unicodedata.bidirectional(character) in ("BN", "NSM")


def test_any_text_is_ordered_as_a_browser_orders_it(browser):
    chosen = random.Random(5)
    texts = [date for name, date in DATES.items() if name not in ("Hindi", "Thai")]
    texts += ["".join(chosen.choices(LETTERS, k=chosen.randint(1, 18))) for _ in range(1500)]
    page = browser.new_page()
    page.set_content("<!doctype html><body>")
    for text, lefts in zip(texts, page.evaluate(PLACES, texts), strict=True):
        seen = [place for place, left in enumerate(lefts) if left is not None and not joins_its_letter(text[place])]
        expected = sorted(seen, key=lefts.__getitem__)
        assert [place for place in visual_order(text) if place in seen] == expected, (text, levels(text))
    page.close()


@pytest.mark.parametrize(("text", "shown"), [
    ("abc 12", "abc 12"), ("שבת 12", "12 תבש"), ("א 1/2", "1/2 א"), ("א-12:30", "12:30-א"), ("a בג 12 d", "a 12 גב d"),
    ("٥ نوفمبر ٢٠١٦", "٢٠١٦ ربمفون ٥"), ("א (ב) 5", "5 )ב( א"), ("", ""), (" ", " "),
])
def test_lines_known_by_hand(text, shown):
    assert "".join(text[place] for place in visual_order(text)) == shown


def test_what_would_embed_or_override_orders_nothing():
    for control in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u202c\u2069":
        assert visual_order(f"{control}ab1") == (0, 1, 2, 3)
        assert base_level(f"{control}ab") == 0
    assert visual_order("א\u202dב") == (2, 1, 0)


def test_a_mark_stays_with_its_letter():
    assert levels("שׁב a") == [1, 1, 1, 1, 2]


def test_mirrors_are_what_unicode_mirrors():
    assert all(unicodedata.mirrored(one) and MIRRORS[other] == one for one, other in MIRRORS.items())


def test_forms_of_arabic_letters_are_those_of_their_presentation_forms():
    """A letter of which Unicode has a final form joins the one before it, with a medial one the next one too."""
    has = {}
    for code in (*range(0xFB50, 0xFDD0), *range(0xFE70, 0xFEFD)):
        form, _, letters = unicodedata.decomposition(chr(code)).partition(" ")
        if " " not in letters and letters:
            has.setdefault(chr(int(letters, 16)), set()).add(form)
    several = {letter: forms for letter, forms in has.items() if len(forms) > 1 and letter != "ں"}
    assert len(several) > 60
    for letter, forms in several.items():
        assert ("<final>" in forms) == (letter not in _NONE), letter
        assert ("<medial>" in forms) == (letter not in _NONE and letter not in _RIGHT), letter


@pytest.mark.parametrize(("text", "shown"), [
    ("نوفمبر", "ﻧﻮﻓﻤﺒﺮ"), ("الأربعاء", "ﺍﻟﺄﺭﺑﻌﺎﺀ"), ("٥ نو", "٥ ﻧﻮ"), ("abc", "abc"), ("پنج", "ﭘﻨﺞ"),
    ("ن\u200cن", "ﻥ\u200cﻥ"), ("نَن", "ﻧَﻦ"),
])
def test_letters_join_as_in_the_word(text, shown):
    assert "".join(presented(letter, *both) for letter, both in zip(text, joined(text), strict=True)) == shown

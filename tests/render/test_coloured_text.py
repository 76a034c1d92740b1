"""The object itself, its page, its notebook view and its figure."""

import html
import html.parser
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.errors import UserError
from probe.render import PALETTES, SCALINGS, ColouredText
from probe.render.alignment import ALIGNMENTS, PREDICTED
from probe.render.fonts import MISSING
from probe.render.graphemes import clusters, visible

HOSTILE = (
    "<script>alert(1)</script> <!--<script> </style></textarea> \"onmouseover=' & \u2028\x00\u202e {{ 7*7 }} {% raw %}"
)


class Spans(html.parser.HTMLParser):
    """Collects what a browser would take for spans inside the text, and every element's name."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.spans: list[tuple[str, str, str]] = []
        self.names: list[str] = []
        self._inside = False

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        fields = dict(attrs)
        assert not [name for name in fields if name.startswith("on")]
        if tag == "span" and "title" in fields:
            self.spans.append((fields["class"], fields["title"], ""))
            self._inside = True

    def handle_endtag(self, tag):
        self._inside = False

    def handle_data(self, data):
        if self._inside:
            kind, title, text = self.spans[-1]
            self.spans[-1] = kind, title, text + data


def spans_of(page: str) -> Spans:
    parser = Spans()
    parser.feed(page)
    return parser


@pytest.mark.parametrize("values", [np.zeros(2), np.zeros((3, 1)), np.array([0, np.nan, 0]), np.array([0, 0, np.inf])])
def test_values_must_fit_the_text(values):
    with pytest.raises(UserError, match=r"one value a character|finite"):
        ColouredText("abc", values)


@given(st.text(max_size=60))
@settings(deadline=None)
def test_every_character_reaches_the_page_and_nothing_else(text):
    coloured = ColouredText(text, np.sin(np.arange(len(text))), caption=text)
    parser = spans_of(coloured._repr_html_())
    assert set(parser.names) <= {"style", "figure", "figcaption", "pre", "span", "p", "i"}
    assert [shown for *_, shown in parser.spans] == [visible(text[start:stop]) for start, stop in clusters(text)]


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
@pytest.mark.parametrize("scaling", SCALINGS.values(), ids=SCALINGS)
def test_page_has_the_colours_and_values(tmp_path, palette, scaling):
    values = np.array([-0.9, 0.0, 0.4, 0.9, 0.1])
    path = ColouredText("a \n\tb", values, scaling, palette).to_html(tmp_path / "text.html")
    page = path.read_text("utf-8")
    spans = spans_of(page).spans
    indices = palette.indices(scaling(values))
    marks = ["", " blank", " newline", " tab", ""]
    assert [kind for kind, *_ in spans] == [f"c{index}{mark}" for index, mark in zip(indices, marks, strict=True)]
    assert spans[0][1] == f"a: -0.900, scaled {scaling(values)[0]:.3f}"
    assert all(f"--c{step}:{colour}" in page for step, colour in enumerate(palette.light.colours))


def test_hostile_text_stays_text(tmp_path):
    coloured = ColouredText(HOSTILE, np.zeros(len(HOSTILE)), caption=HOSTILE)
    page = coloured.to_html(tmp_path / "hostile.html").read_text("utf-8")
    assert "<script" not in page
    assert "49" not in page.split("<body>")[1].split("<pre")[0]
    assert not set("\x00\u2028\u202e") & set(page)
    policy = html.unescape(page)
    assert "script-src 'none'" in policy
    assert "default-src 'none'" in policy


def test_empty_text_has_all_views(tmp_path):
    empty = ColouredText("", np.zeros(0))
    assert empty._repr_html_()
    assert "laid on" in empty.to_terminal(80, "256")
    assert ColouredText("a", np.zeros(1), alignment=PREDICTED).figure()
    assert empty.figure()
    assert empty.to_html(tmp_path / "empty.html").exists()


def test_figure_has_a_cell_a_character_and_its_colour():
    from matplotlib.colors import to_hex

    coloured = ColouredText("ab\n\tcd$x$", np.linspace(-1, 1, 9), caption="unit $1:2$")
    figure = coloured.figure(columns=10)
    axes, = figure.axes
    cells, = axes.collections
    assert [to_hex(colour) for colour in cells.get_facecolor()] == coloured.palette.colours(coloured.scaled)
    drawn = [text.get_text() for text in axes.texts]
    assert drawn[:10] == ["a", "b", "↵", "→   ", "c", "d", "$", "x", "$", "unit $1:2$"]
    assert drawn[-2:] == ["low", "high"]
    assert " ".join(drawn[10:-2]).endswith("laid on the character just read; values on this text: −1 to 1")
    assert "blue, the first colour, is low" in " ".join(drawn[10:])
    assert axes.texts[2].get_position()[1] < axes.texts[3].get_position()[1]


@pytest.mark.parametrize("format", ["png", "svg", "pdf"])
def test_figure_is_drawn_without_a_warning(format):
    text = "naïve שלום 한국 \U0001f469\u200d\U0001f467 \x00\u202e $\\frac$"
    figure = ColouredText(text, np.zeros(len(text)), caption=text).figure()
    figure.savefig(buffer := io.BytesIO(), format=format)
    assert len(buffer.getvalue()) > 1000
    assert MISSING in {drawn.get_text() for drawn in figure.axes[0].texts}


@pytest.mark.parametrize("alignment", ALIGNMENTS.values(), ids=ALIGNMENTS)
def test_every_view_lays_row_t_where_the_alignment_says_and_names_it(alignment, tmp_path):
    values = np.array([-0.9, 0.0, 0.4, 0.9, 0.1])
    shift = {"read": 0, "predicted": 1}[alignment.name]
    coloured = ColouredText("abcde", values, alignment=alignment, marks=np.array([0, 1, 0, 0, 1], bool), marked="vowel")
    page = coloured.to_html(tmp_path / "text.html").read_text("utf-8")
    spans = spans_of(page).spans
    assert [shown for *_, shown in spans] == list("abcde"[shift:])
    assert [title.split(":")[1].split(",")[0] for _, title, _ in spans] == [f" {v:.3f}" for v in values[:5 - shift]]
    assert ["on" in kind.split() for kind, *_ in spans] == [False, True, False, False, True][shift:]
    assert f"laid on {alignment.meaning}" in page and "underlined: vowel" in page
    assert coloured.values is values
    figure = coloured.figure()
    assert len(figure.axes[0].collections[1].get_segments()) == 2
    assert alignment.meaning.split()[-1] in " ".join(text.get_text() for text in figure.axes[0].texts)


def test_importing_the_room_loads_neither_matplotlib_nor_tensorflow():
    import subprocess
    import sys

    heavy = {"tensorflow", "keras", "matplotlib"}
    code = f"import sys, probe.render, probe.gallery; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize(("scaling", "values", "remark"), [
    ("tanh", np.linspace(-24.2, -15.5, 40),
     "all of it is one colour here (−24.2 to −15.5); --scaling stretched shows the differences"),
    ("raw", np.linspace(0.001, 0.0123, 40),
     "all of it is one colour here (0.001 to 0.0123); --scaling stretched shows the differences"),
    ("tanh", np.array([*np.linspace(10, 20, 39), 0.0]),
     "nearly all of it is one colour here (10 to 20); --scaling stretched shows the differences"),
    ("stretched", np.array([*np.linspace(10, 20, 39), 10_000]),
     "nearly all of it is one colour here (10 to 20); --scaling quantile shows the differences"),
    ("tanh", np.array([*np.linspace(10, 20, 39), -1e6]),
     "nearly all of it is one colour here (10 to 20); --scaling quantile shows the differences"),
    ("raw", np.linspace(-1, 1, 40), ""),
    ("tanh", np.array([*np.linspace(10, 20, 36), *np.zeros(4)]), ""),
    ("tanh", np.full(40, 7.0), ""),
    ("quantile", np.linspace(-1, 1, 40), ""),
    ("raw", np.zeros(0), ""),
])
def test_a_text_of_one_colour_says_so_in_every_view_and_what_would_tell_it_apart(scaling, values, remark):
    coloured = ColouredText("x" * len(values), values, SCALINGS[scaling])
    assert coloured.shown.remark == remark
    lines = coloured.to_terminal(400, "none").split("\n")
    assert (remark in lines) if remark else not any("one colour" in line for line in lines)
    drawn = [text.get_text() for text in coloured.figure(columns=400).axes[0].texts]
    assert ("one colour" in coloured._repr_html_()) == (remark in drawn and bool(remark)) == bool(remark)


def test_the_range_of_the_values_shown_is_told():
    values = np.array([0.25, 1234.5, -0.001])
    assert "values on this text: −0.001 to 1.23e+03" in ColouredText("abc", values)._repr_html_()
    assert "values on this text: 0.25 to 1.23e+03" in ColouredText("abc", values, alignment=PREDICTED)._repr_html_()

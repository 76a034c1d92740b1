"""Maps of attention as pages: what a parser finds in them, and what a browser makes of them."""

import html.parser
import re

import numpy as np
import pytest

from probe.errors import UserError
from probe.render.map_html import MOST_CELLS, maps_fragment, write_maps
from probe.render.map_panel import MapPanel
from probe.render.palette import ATTENTION, DIVERGING
from tests.gallery.browsing import opened, rgb
from tests.render.maps import DATES, HOSTILE, panel_of


class Tables(html.parser.HTMLParser):
    """The tables of a page: rows of cells, each its attributes and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[tuple[str, dict, str]]]] = []
        self.names, self.attributes = set(), set()
        self._open = False
        self.feed(str(page))

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("th", "td"):
            self.tables[-1][-1].append((tag, dict(attrs), ""))
        self._open = tag in ("th", "td") or (self._open and tag in ("bdi", "span", "small"))

    def handle_endtag(self, tag):
        self._open &= tag not in ("th", "td")

    def handle_data(self, data):
        if self._open:
            tag, attributes, words = self.tables[-1][-1][-1]
            self.tables[-1][-1][-1] = (tag, attributes, words + data)


def test_a_map_is_a_table_with_heads_numbers_and_words():
    weights = np.array([[[0.734, 0.266, 0], [0, 0.25, 0.75]]])
    panel = MapPanel(tuple("n 5"), tuple("15"), weights, np.array([0.98, 0.4]), np.array([[-2.1, 0, 0], [0, 0, 1.0]]))
    page = Tables(maps_fragment((panel,)))
    attention, effects = page.tables
    assert [words for *_, words in attention[0]] == ["", "n", "␣", "5"]
    assert [attributes.get("scope") for _, attributes, _ in attention[0]] == [None, "col", "col", "col"]
    assert [words for *_, words in attention[1]] == ["0.981", "0.73", "0.27", "0"]
    assert [words for *_, words in effects[2]] == ["5", "0.00", "0.00", "+1.00"]
    assert attention[1][0][1] == {"scope": "row", "title": "1: output 1 of 2, probability 0.98"}
    assert attention[0][2][1] == {"scope": "col", "class": "white", "title": "space: input 2 of 3"}
    assert attention[1][1][1] == {"class": "cell c18", "title": "n → 1: attention 0.73; hiding it −2.10 nats"}
    assert effects[2][3][1] == {"class": "cell c18 helps", "title": "5 → 5: attention 0.75; hiding it +1.00 nats"}
    assert 'class="doubt">0.40<' in maps_fragment((panel,)) and page.tables[0][2][3][2] == "0.75"


@pytest.mark.parametrize("name", DATES)
def test_rows_sum_to_one_as_shown_and_padding_shows_nothing(name):
    panel = panel_of(DATES[name], heads=2)
    for table in Tables(maps_fragment((panel,))).tables:
        for row in table[1:]:
            shown = [float(words.lstrip("<")) for *_, words in row[1:]]
            assert len(shown) == len(DATES[name])
            assert sum(shown) == pytest.approx(1, abs=0.005 * len(shown))
            last = next(place for place, label in enumerate(panel.columns) if label.place == len(DATES[name]) - 1)
            assert row[1 + last][2] == "0" and "c0" in row[1 + last][1]["class"].split()


def test_arabic_letters_are_joined_to_neighbours_that_are_not_there():
    heads = Tables(maps_fragment((panel_of("نور"),))).tables[0][0]
    assert [words for *_, words in heads[1:]] == ["ر", "\u200dو", "ن\u200d"]


def test_hostile_tokens_stay_text(tmp_path):
    panel = MapPanel(HOSTILE, HOSTILE, np.full((2, 10, 10), 0.1), np.full(10, 0.5), np.ones((10, 10)),
                     " ".join(HOSTILE), HOSTILE, HOSTILE[:2])
    page = write_maps(tmp_path / "a.html", (panel, panel), " ".join(HOSTILE)).read_text("utf-8")
    for made in (page, maps_fragment((panel,), HOSTILE[0])):
        found = Tables(made)
        assert not found.names & {"img", "iframe"} and made.count("<script") == (made is page)
        assert not found.attributes & {"style", "src", "href", "id"}
        assert not [name for name in found.attributes if name.startswith("on")]
        assert not set("\x00\x1b\u2028\u202e") & set(made)
        assert made.count("<style") == made.count("</style>") == 1
        assert "{{" in html.unescape(made) and "7*7" in made
    assert "innerHTML" not in page and page.count("</script>") == 1
    assert "default-src 'none'" in html.unescape(page)


def test_several_maps_are_cards_with_one_legend(tmp_path):
    panels = tuple(panel_of(text, heading=name, remarks=("agrees", name)) for name, text in DATES.items())
    page = write_maps(tmp_path / "a.html", panels, "Dates").read_text("utf-8")
    assert page.count("<figure>") == page.count("<figcaption>") == page.count("<table ") == len(DATES)
    assert page.count('class="ramp') == 1 and page.count("<h1>Dates</h1>") == 1
    assert re.findall("<figcaption>(.*?)</figcaption>", page) == list(DATES)
    assert page.count("each row sums to 1") == 1
    one = write_maps(tmp_path / "a.html", panels[:1]).read_text("utf-8")
    assert "<h1>English</h1>" in one and "<figcaption>" not in one


def test_more_cells_than_a_page_bears_are_refused_and_drawn_in_a_notebook(tmp_path):
    panel = panel_of("x" * 250, "y" * 250)
    assert panel.cells > MOST_CELLS
    with pytest.raises(UserError, match=r"at most 60,000 cells.*received 62,500"):
        write_maps(tmp_path / "a.html", (panel,))
    assert not (tmp_path / "a.html").exists()
    assert maps_fragment((panel,)).count("<img src=\"data:image/svg+xml") == 1


def test_a_map_of_nothing_is_a_page(tmp_path):
    empty = MapPanel((), (), np.zeros((1, 0, 0)))
    assert write_maps(tmp_path / "a.html", (empty,)).is_file()


@pytest.fixture
def path(tmp_path):
    return write_maps(tmp_path / "maps.html", tuple(
        panel_of(text, effects=True, heads=2 if name == "English" else 1, heading=name)
        for name, text in DATES.items()))


def test_pointing_at_a_cell_tells_its_numbers_and_marks_row_and_column_in_every_grid(browser, path):
    with opened(browser, path) as view:
        figure = view.page.locator("figure").first
        cell = figure.locator("table").nth(1).locator("td.cell").nth(24 + 5)
        cell.hover()
        assert figure.locator("output").inner_text() == cell.get_attribute("title") != ""
        assert figure.locator("th.on bdi").all_inner_texts() == ["d", "0"] * 3
        assert figure.locator("td.on").count() == 3
        view.page.mouse.move(0, 0)
        assert figure.locator("output").inner_text() == "" and view.page.locator(".on").count() == 0


def test_the_arrow_keys_go_from_cell_to_cell(browser, path):
    with opened(browser, path) as view:
        figure = view.page.locator("figure").first
        view.page.keyboard.press("Tab")
        for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowLeft", "ArrowUp", "ArrowDown"):
            view.page.keyboard.press(key)
        wanted = figure.locator("tbody tr").nth(1).locator("td.cell").first
        assert figure.locator("output").inner_text() == wanted.get_attribute("title")
        view.page.keyboard.press("Tab")
        view.page.keyboard.press("ArrowRight")
        assert "(head 1)" in figure.locator("output").inner_text()
        assert figure.get_by_role("columnheader").count() == 3 * 24
        assert figure.get_by_role("rowheader").count() == 3 * 10
        assert figure.get_by_role("table", name="effect of hiding, in nats").count() == 1


@pytest.mark.parametrize("name", ["English", "Hebrew", "mixed", "Arabic", "Persian"])
def test_columns_stand_as_the_browser_lays_out_the_text(browser, tmp_path, name):
    path = write_maps(tmp_path / "a.html", (panel_of(DATES[name]),))
    with opened(browser, path) as view:
        order = view.page.evaluate("""() => {
            const text = document.querySelector(".source").firstChild;
            const places = Array.from(text.data, (_, place) => {
                const range = document.createRange();
                range.setStart(text, place);
                range.setEnd(text, place + 1);
                return [range.getBoundingClientRect(), place];
            }).filter(([box, place]) => box.width > 0 && text.data[place] !== "\\u200d");
            return places.sort(([one], [other]) => one.left - other.left).map(([_, place]) => place);
        }""")
        heads = view.page.locator("thead th").evaluate_all("all => all.map(head => [head.title, head.offsetLeft])")
    assert [left for _, left in heads] == sorted(left for _, left in heads)
    columns = [int(re.search(r"input (\d+) of", title)[1]) - 1 for title, _ in heads]
    assert [place for place in columns if place in order] == order


@pytest.mark.parametrize("shades", ["light", "dark"])
def test_it_is_light_or_dark_as_the_reader_wants_it_and_light_on_paper(browser, tmp_path, shades):
    panel = MapPanel(("a", "b"), ("1",), np.array([[[1.0, 0.0]]]), np.array([0.2]), np.array([[-9.0, 9.0]]))
    with opened(browser, write_maps(tmp_path / "a.html", (panel,)), color_scheme=shades) as view:
        def colours():
            return view.page.locator("td.cell").evaluate_all(
                "all => all.map(one => getComputedStyle(one).backgroundColor)")

        def wanted(kind):
            return [rgb(getattr(palette, kind).colours[step])
                    for palette, step in ((ATTENTION, 24), (ATTENTION, 0), (DIVERGING, 0), (DIVERGING, 24))]

        assert colours() == wanted(shades)
        view.page.emulate_media(media="print")
        assert colours() == wanted("light")


def test_a_narrow_screen_scrolls_inside_the_card_all_grids_together(browser, path):
    with opened(browser, path, viewport={"width": 400, "height": 800}) as view:
        assert view.page.evaluate("document.documentElement.scrollWidth") == 400
        places = view.page.evaluate("""async () => {
            const [one, other] = document.querySelector("figure").querySelectorAll(".scroll");
            one.scrollLeft = 60;
            await new Promise(done => setTimeout(done, 200));
            return [one.scrollLeft, other.scrollLeft];
        }""")
        assert places == [60, 60]
        assert view.page.locator(".leftward").first.evaluate("each => each.scrollLeft") == 0
        first = view.page.locator("figure").nth(1).locator("thead th").last
        assert first.get_attribute("title").startswith("\u200eי\u200e: input 1 of")
        assert first.bounding_box()["x"] < 400


def test_what_a_finger_points_at_is_told_in_sight_however_far_down(browser, path):
    with opened(browser, path, viewport={"width": 400, "height": 500}) as view:
        figure = view.page.locator("figure").first
        cell = figure.locator("table").last.locator("td.cell").last
        cell.click()
        told = figure.locator("output")
        assert told.inner_text() == cell.get_attribute("title") != ""
        assert 0 <= told.bounding_box()["y"] < 500


def test_attention_and_effect_stand_side_by_side_on_a_screen_of_1280(browser, tmp_path):
    path = write_maps(tmp_path / "one.html", (panel_of(DATES["English"], effects=True),))
    with opened(browser, path, viewport={"width": 1280, "height": 800}) as view:
        first, second = (each.bounding_box() for each in view.page.locator("table").all())
        assert first["y"] == second["y"] and first["x"] + first["width"] < second["x"]

import numpy as np
import pytest

from probe.render.map_panel import MapPanel
from probe.render.map_report import ReportTable, write_report

HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(2)>"\'&\u202e'
PANEL = MapPanel(("a", HOSTILE), ("1", "end"), np.array([[[0.25, 0.75], [0.5, 0.5]]]), heading=HOSTILE)


@pytest.fixture
def opened(browser):
    def look(path):
        page = browser.new_page()
        said = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.goto(path.as_uri())
        return page, said
    return look


def test_a_report_shows_tables_findings_and_maps_and_runs_nothing(tmp_path, opened):
    table = ReportTable(HOSTILE, ("order", "exact"), ((HOSTILE, 0.5), ("day", None)))
    path = write_report(tmp_path / "report.html", HOSTILE, [table], findings=[HOSTILE], notes=[HOSTILE], panels=[PANEL],
                        maps_title=HOSTILE)
    page, said = opened(path)
    assert said == []
    assert page.locator("script").count() == 1 and page.locator("img").count() == 0
    assert page.locator("h1").count() == 1 and "<script>" in page.locator("h1").inner_text()
    assert page.locator(".probe-table td").all_inner_texts() == ["0.500", "–"]
    assert page.locator("figure").count() == 1 and page.locator("p.note").count() == 1
    assert page.locator("h2").count() == 1
    hidden = page.locator("td.cell > span").first  # by a rule with a sign that would be escaped in a text
    assert hidden.evaluate("each => getComputedStyle(each).clipPath") == "inset(50%)"
    assert "&" not in path.read_text("utf-8").split("<style>")[1].split("</style>")[0]
    page.locator("td.cell").first.hover()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_caption_is_read_on_a_narrow_screen_where_the_table_scrolls(tmp_path, opened):
    wide = ReportTable("what a table shows " * 4, ("column",) * 20, (("cell",) * 20,))
    page, _ = opened(write_report(tmp_path / "report.html", "title", [wide]))
    page.set_viewport_size({"width": 380, "height": 700})
    box = page.locator("caption span").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 380
    assert page.locator("table").bounding_box()["width"] > 380
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_report_without_maps_has_no_script(tmp_path, opened):
    path = write_report(tmp_path / "report.html", "title", [ReportTable("a", ("b", "c"), ((1, 2),))])
    page, said = opened(path)
    assert said == [] and page.locator("script").count() == 0 and page.locator("figure, h2").count() == 0
    assert page.locator("tbody th").inner_text() == "1" and page.locator("td").get_attribute("class") == "number"

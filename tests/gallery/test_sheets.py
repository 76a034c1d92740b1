"""A gallery that is too large for one file: an index and pages that hold everything between them."""

import html
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from probe.errors import UserError
from probe.files import FolderLock
from probe.gallery import GalleryOptions, build_gallery
from probe.gallery.sheets import sheets
from probe.gallery.sweep import Sweep
from tests.gallery.derived import CELL, two_passages

SWEEP = Sweep.of({("1", "hidden"): range(50), CELL: range(20)})


def test_what_fits_is_one_file():
    made = sheets("a.html", SWEEP, [900, 300], 70 * 1600 / 1e6, [])
    assert made.pages == ()
    assert made.unit_file(1, 7) == made.readers[1][0] == "a.html"
    assert made.index.held == dict.fromkeys([(0, 0), (0, 1), (1, 0), (1, 1)])


@pytest.mark.parametrize("largest", [0.0016, 0.011, 0.05, 0.111])
def test_every_unit_has_one_page_and_every_passage_all_units(largest):
    made = sheets("a.html", SWEEP, [900, 300], largest, [(0, 3, 1), (0, 3, 1), (1, 2, 0)])
    assert made.index.held == {(1, 0): [3], (0, 1): [2]}
    by_file = {page.file: page for page in made.pages}
    for source, each in enumerate(SWEEP.sources):
        for place in range(len(each.units)):
            page = by_file[made.unit_file(source, place)]
            assert all(place in page.held[passage, source] for passage in (0, 1))
            assert len(page.held[0, source]) * 1600 <= max(largest * 1e6, 1600)
        for passage in (0, 1):
            assert by_file[made.readers[passage][source]].held[passage, source] is None


def test_links_between_files_of_any_name():
    made = sheets("a #?&\".html", SWEEP, [900], 0.01, [])
    unit = next(page for page in made.pages if page.views == {"unit"})
    assert unquote(unit.link(made.index.file)) == "../../a #?&\".html"
    assert made.index.link(unit.file) == "a%20%23%3F%26%22-pages/1/units-1-hidden-0.html"
    assert made.index.link(made.index.file) == ""


def data_of(page: Path) -> dict:
    return json.loads(re.search(r'id="data">(.*?)</script>', page.read_text("utf-8"), re.S)[1])


@pytest.fixture(scope="module")
def divided(findings, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("page") / "large.html"
    return build_gallery(two_passages(findings), path, GalleryOptions(largest=0.06))


def test_files_lie_in_a_folder_beside_the_index_which_says_so(divided, path):
    assert "lie in the folder “large-pages” beside it" in divided.read_text("utf-8")
    assert "beside it. Send both" not in path.read_text("utf-8")
    names = sorted(each.name for each in (divided.parent / "large-pages" / "1").iterdir())
    assert names[:4] == ["passage-0-1-cell.html", "passage-0-1-hidden.html", "passage-1-1-cell.html",
                         "passage-1-1-hidden.html"]
    assert "units-1-hidden-0.html" in names


def test_all_links_lead_somewhere(divided):
    pages = [divided, *(divided.parent / "large-pages" / "1").iterdir()]
    for page in pages:
        text = page.read_text("utf-8")
        links = {html.unescape(link).partition("#")[0] for link in re.findall(r'href="([^"]*)"', text)}
        files = data_of(page)["files"]
        links |= {file for each in files["units"] for _, file in each}
        links |= {file for each in files["readers"] for file in each}
        assert all((page.parent / unquote(link)).exists() for link in links)


def test_building_again_leaves_no_page_behind(findings, tmp_path):
    path, pages = tmp_path / "large.html", tmp_path / "large-pages"
    build_gallery(two_passages(findings), path, GalleryOptions(largest=0.06))
    first = path.read_text("utf-8")
    (pages / "3").mkdir()
    (pages / "3" / "units-new.html").write_text("of a writer that was killed before its index was there")
    build_gallery(two_passages(findings), path, GalleryOptions(largest=0.06))
    assert {each.name for each in pages.iterdir()} == {".lock", "2"}
    assert path.read_text("utf-8") == first.replace("large-pages/1/", "large-pages/2/") != first
    build_gallery(two_passages(findings), path, GalleryOptions(largest=0.06))
    assert {each.name for each in pages.iterdir()} == {".lock", "1"}
    assert path.read_text("utf-8") == first


def test_a_second_writer_of_a_divided_gallery_is_refused(findings, divided):
    before = {each: each.read_bytes() for each in divided.parent.rglob("*.html")}
    held = FolderLock(divided.parent / "large-pages", "a test")
    with held, pytest.raises(UserError, match=r"in use by .* \(a test\)"):
        build_gallery(two_passages(findings), divided, GalleryOptions(largest=0.06))
    assert {each: each.read_bytes() for each in divided.parent.rglob("*.html")} == before


@pytest.mark.parametrize("name", ["thesis.tex", "thesis.html", "2"])
def test_what_is_not_a_page_is_left_alone(findings, tmp_path, name):
    (tmp_path / "large-pages").mkdir()
    (tmp_path / "large-pages" / name).write_text("mine")
    with pytest.raises(UserError, match="holds something else than pages"):
        build_gallery(two_passages(findings), tmp_path / "large.html", GalleryOptions(largest=0.06))
    assert [each.name for each in (tmp_path / "large-pages").iterdir()] == [name]
    assert not (tmp_path / "large.html").exists()


def test_every_unit_has_its_words_in_one_file(divided):
    words = [data_of(page)["units"] for page in (divided.parent / "large-pages" / "1").glob("units-*")]
    addresses = [address for each in words for address in each]
    assert sorted(addresses) == sorted(f"unit-1-{signal}-{unit}" for signal in ("hidden", "cell") for unit in range(48))
    assert all(each["opening"] for page in words for each in page.values())

"""A single file is written where there is a folder for it: no command makes one for it, and all tell so at once."""

import pytest

from probe.cli.main import main

WRITING = {
    "findings --csv": ["findings", "nowhere", "--csv"], "findings --parquet": ["findings", "nowhere", "--parquet"],
    "gallery --out": ["gallery", "nowhere", "--out"], "gates --csv": ["gates", "nowhere", "--csv"],
    "gates --html": ["gates", "nowhere", "--html"], "gates --plot": ["gates", "nowhere", "--plot"],
    "sample --html": ["sample", "nowhere", "--show", "1:0", "--html"],
    "show --html": ["show", "nowhere", "--unit", "1:0", "--html"],
    "show --plot": ["show", "nowhere", "--unit", "1:0", "--plot"],
}


@pytest.mark.parametrize("name", WRITING)
def test_a_file_without_a_folder_is_refused_and_none_is_made(name, tmp_path, capsys):
    flag = WRITING[name][-1]
    file = tmp_path / "no" / "page.svg"
    assert main([*WRITING[name], str(file)]) == 1
    assert capsys.readouterr().err == f"probe: {flag} {file}: there is no folder {file.parent}\n"
    assert main([*WRITING[name], str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"probe: {flag} must name a file; {tmp_path} is a folder\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", [name for name in WRITING if "plot" not in name])
def test_what_is_something_else_by_its_name_is_not_written_over(name, tmp_path, capsys):
    book = tmp_path / "book.json"
    book.write_text("mine")
    assert main([*WRITING[name], str(book)]) == 1
    printed = capsys.readouterr().err
    assert printed.startswith(f"probe: {WRITING[name][-1]} {book}: is there, and is something else by its name")
    assert printed.count("\n") == 1 and book.read_text() == "mine"


@pytest.mark.parametrize(("words", "flag", "ending"), [
    (["gates", "nowhere", "{}"], "--html", ".html"), (["scan", "nowhere", "{}"], "--csv", ".csv"),
    (["scan", "nowhere", "--labels", "mine={}"], "--csv", ".csv"),
    (["gates", "nowhere", "--html", "{}"], "--csv", ".csv"),
    (["explain", "model.keras", "--vocabulary", "{}"], "--html", ".html"),
])
def test_an_output_is_nothing_that_is_read(words, flag, ending, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / f"it{ending}"
    file.write_text("mine")
    (tmp_path / "other.html").symlink_to(file)
    for spelt in (f"it{ending}", str(file), f"./it{ending}"):
        given = "other.html" if words[-2] == "--html" else spelt
        assert main([*(word.format(given) for word in words), flag, str(file)]) == 1
        assert capsys.readouterr().err == (
            f"probe: {flag} {file}: is something else that this command is given; name another file\n")
    assert file.read_text() == "mine"

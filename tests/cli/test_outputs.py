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

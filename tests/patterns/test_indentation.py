from tests.patterns.aligned import labels_of


def depths(text: str, language: str) -> list[str]:
    labels = iter(labels_of("indentation_depth", text, language))  # type: ignore[arg-type]
    rows = []
    for line in text.splitlines(keepends=True):
        values = {int(next(labels)) for _ in line}
        assert len(values) == 1, (line, values)
        rows.append(f"{values.pop()} {line.rstrip()}".rstrip())
    return rows


def test_python() -> None:
    wanted = [
        "0 # top", "0 class A:", "1     # of the body", "1     def f(self, x=(", "1         1)):", "2         '''doc",
        "2 string'''", "2", "2         if x:", "3             pass", "3             # inner", "2         # middle",
        "1     # outer", "1", "1     y = 1", "1   # odd", "0 z = 2", "0 # last",
    ]
    text = "".join(row[2:] + "\n" for row in wanted)
    wanted[15] = "0   # odd"
    assert depths(text, "python") == wanted


def test_python_with_tabs_and_an_error() -> None:
    assert depths("if a:\n\tb\n\tif c:\n\t\td\ne\n", "python") == ["0 if a:", "1 \tb", "1 \tif c:", "2 \t\td", "0 e"]
    labels = labels_of("indentation_depth", "if a:\n  b\n  )\n  c\n", "python")
    assert labels.tolist() == [0] * 6 + [1] * 4 + [0] * 8


def test_prose() -> None:
    assert depths("ab\n  cd\n\te\n \tf\n   \n g", "prose") == ["0 ab", "2   cd", "8 \te", "8  \tf", "0", "1  g"]

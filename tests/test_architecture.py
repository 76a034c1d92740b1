"""What the house promises of itself: who opens files, who imports TensorFlow, what it depends on."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "probe").rglob("*.py"))
SCRIPTS = sorted((ROOT / "scripts").glob("*.py"))
TUTORIALS = sorted((ROOT / "tutorials").glob("*.ipynb"))

OPENING = {"open", "fdopen", "memmap", "read_text", "read_bytes", "write_text", "write_bytes", "savez", "fromfile",
           "tofile", "loadtxt", "savetxt", "genfromtxt", "NamedTemporaryFile", "mkstemp"}
# Constructors of our own that are called open, and functions of the files room itself.
ALLOWED = {("Run", "open"), ("Corpus", "open"), ("Store", "open"), ("ImportedNetwork", "open"), ("Classifier", "open"),
           ("cls", "open"), ("Translator", "open"), ("TranslatorRun", "open"),
           ("kind", "open"),
           ("", "read_text"), ("", "read_bytes")}
# These read what is installed with Python or with the package or what the system grants, or open the null device.
INSTALLED = {"probe/corpus/catalogue.py", "probe/corpus/embedded.py", "probe/model/engine.py", "probe/cores.py",
             "probe/cli/main.py"}


def calls(path: Path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute):
                owner = function.value.id if isinstance(function.value, ast.Name) else "…"
                yield owner, function.attr, node.lineno
            elif isinstance(function, ast.Name):
                yield "", function.id, node.lineno


def test_only_the_files_room_opens_files():
    offences = []
    for path in SOURCES:
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith("probe/files/") and name not in INSTALLED:
            offences += [f"{name}:{line}: {owner}.{called}" for owner, called, line in calls(path)
                         if called in OPENING and (owner, called) not in ALLOWED]
    assert offences == []


ROOMS = ["probe", "probe.corpus", "probe.patterns", "probe.patterns.registry", "probe.scan", "probe.scan.local",
         "probe.render", "probe.gallery", "probe.model", "probe.train", "probe.activations", "probe.cli.main",
         "probe.cli.train", "probe.cli.scan", "probe.cli.gallery", "probe.cli.demo", "probe.cli.patterns",
         "probe.cli.corpus", "probe.cli.sample", "probe.cli.runs", "probe.cli.show", "probe.cli.gates",
         "probe.activations.gates", "probe.model.run", "probe.train.status", "probe.attention",
         "probe.attention.dates", "probe.attention.translator.status", "probe.attention.truth.options",
         "probe.cli.dates", "probe.cli.dates_examples", "probe.cli.dates_train", "probe.cli.dates_translate",
         "probe.cli.dates_map", "probe.cli.dates_test", "probe.cli.dates_diagnose", "probe.cli.dates_record"]
# In one process: other people's modules are imported once, ours anew for each room, as if it were the first.
IMPORTING = """
import importlib, sys

def forget():
    for name in [name for name in sys.modules if name.split(".")[0] == "probe"]:
        del sys.modules[name]

for room in sys.argv[1:]:
    importlib.import_module(room)
    guilty = {"tensorflow", "keras"} & set(sys.modules)
    if guilty:
        sys.exit(f"{room} imports {guilty}")
    forget()
print(len(sys.argv) - 1)
"""


def test_importing_a_room_does_not_import_tensorflow():
    done = subprocess.run([sys.executable, "-c", IMPORTING, *ROOMS], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == (f"{len(ROOMS)}\n", "", 0)


def test_every_dependency_has_its_reason_written_down():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = [*project["dependencies"], *(name for extra in project["optional-dependencies"].values() for name in extra)]
    reasons = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    missing = [name for name in (n.split(">=")[0] for n in named) if f"| {name} |" not in reasons]
    assert missing == []


def check_public(code: str) -> None:
    """Raise AssertionError if a program uses a name of ours that is not public."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("probe"):
            module = __import__(node.module, fromlist=["__all__"])
            public = getattr(module, "__all__", None)
            for name in node.names:
                assert not name.name.startswith("_")
                assert public is None or name.name in public, f"{node.module}.{name.name}"
            assert node.module.count(".") <= 1


def test_public_names_take_paths_as_words_too():
    offences = []
    for room in sorted(set(ROOT.glob("probe/*/__init__.py")) - {ROOT / "probe" / "files" / "__init__.py"}):
        tree = ast.parse(room.read_text("utf-8"))
        public = {name for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"
                  for name in ast.literal_eval(node.value)}
        for path in sorted(room.parent.rglob("*.py")):
            for node in ast.parse(path.read_text("utf-8")).body:
                if getattr(node, "name", "") in public:
                    members = node.body if isinstance(node, ast.ClassDef) else [node]
                    offences += [f"{path.relative_to(ROOT)}: {node.name}: {member.name}({argument.arg})"
                                 for member in members if isinstance(member, ast.FunctionDef) and member.name[0] != "_"
                                 for argument in (*member.args.args, *member.args.kwonlyargs)
                                 if argument.annotation and takes_paths_alone(ast.unparse(argument.annotation))]
    assert offences == []


def takes_paths_alone(annotation: str) -> bool:
    kinds = annotation.split(" | ")
    return "Path" in kinds and "str" not in kinds


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_short_and_use_the_public_names_alone(path):
    text = path.read_text("utf-8")
    assert len(text.splitlines()) < 60
    check_public(text)


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.name)
def test_tutorials_use_the_public_names_alone(path):
    sources = ["".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"]
               if cell["cell_type"] == "code"]
    check_public("\n".join(line for source in sources for line in source.splitlines() if not line.startswith("%")))


def test_files_are_short_and_no_drawers_exist():
    assert [path.name for path in SOURCES if path.stem in {"utils", "util", "helpers", "common", "misc"}] == []
    assert [path.name for path in SOURCES if len(path.read_text("utf-8").splitlines()) > 300] == []


def test_documents_are_finished_and_their_links_lead_somewhere():
    for page in [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]:
        text = page.read_text("utf-8")
        assert re.findall(r"@[A-Z]+@", text) == [], page.name
        for target in re.findall(r"\]\(([^)#]+)", re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_map_names_every_room_and_no_other():
    rooms = {path.parent.name for path in (ROOT / "probe").glob("*/__init__.py")}
    table = (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("## Words")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == rooms


def test_version_is_the_same_wherever_it_stands():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    changes = re.search(r"^## ([\d.]+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    assert changes and cited and {version} == {changes[1], cited[1], __import__("probe").__version__}

"""The commands by name."""

from importlib import import_module
from types import ModuleType

from probe.options import named

# name → (module, one line of help). A command's module is imported only when the command runs.
COMMANDS = {
    "demo": ("demo", "the whole job on Python's own library or on TEXT: train, scan, gallery"),
    "train": ("train", "train a network on a text; the same line again goes on where it stopped"),
    "runs": ("runs", "list runs, or look at one: its plan, progress and loss, also in mid-training"),
    "sample": ("sample", "let a trained network write"),
    "import": ("import_", "take in a file that Keras 2 saved, or activations that another tool recorded"),
    "export": ("export", "give activations to other tools: numpy arrays, or a folder that LSTMVis serves"),
    "extract": ("extract", "record what every unit does at every character, and keep it in a folder"),
    "scan": ("scan", "hold every unit of a run or a store against every pattern"),
    "findings": ("findings", "read a findings folder again: filter it, or give it to other programs"),
    "show": ("show", "see what one unit did on a text whose activations were recorded"),
    "gates": ("gates", "how often each unit's gates are saturated, and how long it remembers"),
    "gallery": ("gallery", "make one HTML file of what a scan found"),
    "explain": ("explain", "which words or characters made a text classifier's decision"),
    "dates": ("dates", "a network that reads dates as people write them, and what it looks at while it does"),
    "corpus": ("corpus", "list known texts, or fetch one"),
    "patterns": ("patterns", "list the patterns, or see one on a text"),
    "doctor": ("doctor", "tell what this machine has, and which kernel would run"),
    "completion": ("completion", "let your shell complete commands, options, their values and files"),
}


def command_named(name: str) -> ModuleType:
    """Return the module of a command, imported now.

    Raises:
        UserError: there is no such command; a near one is suggested.
    """
    module, _ = named("command", name, COMMANDS)
    return import_module(f"probe.cli.{module}")

"""The ``probe`` command."""

import contextlib
import io
import os
import shlex
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module

import probe
from probe.cli.flags import Parser
from probe.errors import Interrupted, UserError
from probe.interrupt import StopSignals, undisturbed
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
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 done, 1 a mistake of the user's, 130 interrupted."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed before the command began
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # what its encoding lacks is spelt out, as on sys.stderr
    warnings.showwarning = lambda message, *_, **__: _tell(f"warning: {message}")
    try:
        with StopSignals("interrupted") as stop:
            status = _run(list(sys.argv[1:] if arguments is None else arguments), stop)
        sys.stdout.flush()
        return status
    except (UserError, Interrupted, KeyboardInterrupt, OSError) as error:
        with undisturbed(for_good=arguments is None):
            status = _told(error)
            _abandon_lost_outputs()
            return status


def _told(error: BaseException) -> int:
    """Tell in a line how a command ended, and return its exit status."""
    match error:
        case Interrupted() | KeyboardInterrupt():
            _tell(str(error) or "interrupted")
            return 130
        case BrokenPipeError():
            return 1  # its reader has gone; there is nobody to tell
        case OSError():
            _tell(f"{error.filename or 'output'}: {error.strerror or error}")
        case _:
            _tell(str(error))
    return 1


def _tell(message: str) -> None:
    """Print one line on the standard error output, with control characters spelt out: names may hold any. Where it is
    closed, nobody is told."""
    line = " ".join(message.split())
    with contextlib.suppress(OSError):
        print("probe:", "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line), file=sys.stderr)


def _abandon_lost_outputs() -> None:
    """Let Python's own flush at its end go nowhere where it would fail."""
    for output in (sys.stdout, sys.stderr):
        try:
            output.flush()
        except OSError:
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())


def _run(arguments: list[str], stop: StopSignals) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_overview())
        return 0
    if arguments[0] == "--version":
        print(f"probe {probe.__version__}")
        return 0
    name = arguments[0]
    module, _ = named("command", name, COMMANDS)
    with stop.deferred():  # what is loaded in C turns an interruption into errors of its own
        command = import_module(f"probe.cli.{module}")
    if stop.received:
        raise Interrupted("interrupted")
    parser = Parser(prog=f"probe {name}", description=command.__doc__)
    command.add_arguments(parser)
    parsed = parser.parse_args(arguments[1:])
    parsed.line = shlex.join(["probe", *arguments])
    return command.run(parsed) or 0


def _overview() -> str:
    lines = ["A microscope for recurrent networks that read text.", "", "usage: probe COMMAND …", ""]
    lines += [f"  {name:10}{words}" for name, (_, words) in COMMANDS.items()]
    lines += ["", "probe COMMAND --help tells more, with examples. probe --version names the version.", "",
              "Start with:  probe demo"]
    return "\n".join(lines)

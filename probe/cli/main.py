"""The ``probe`` command."""

import contextlib
import errno
import io
import os
import shlex
import sys
import warnings
from collections.abc import Sequence

import probe
from probe.cli.commands import COMMANDS, command_named
from probe.cli.encoding import ERRORS
from probe.cli.flags import Parser
from probe.errors import Interrupted, UserError
from probe.interrupt import StopSignals, undisturbed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 done, 1 a mistake of the user's, 130 interrupted."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed before the command began
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
    for output in (sys.stdout, sys.stderr):
        if isinstance(output, io.TextIOWrapper):
            output.reconfigure(errors=ERRORS)
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
        case OSError(errno=errno.EINVAL) if os.name == "nt":
            return 1  # so Windows calls it
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
    with stop.deferred():  # what is loaded in C turns an interruption into errors of its own
        command = command_named(arguments[0])
    if stop.received:
        raise Interrupted("interrupted")
    parser = Parser(prog=f"probe {arguments[0]}", description=command.__doc__)
    command.add_arguments(parser)
    parsed = parser.parse_args(arguments[1:])
    parsed.line = shlex.join(["probe", *arguments])
    return command.run(parsed) or 0


def _overview() -> str:
    lines = ["A microscope for recurrent networks that read text.", "", "usage: probe COMMAND …", ""]
    lines += [f"  {name:12}{words}" for name, (_, words) in COMMANDS.items()]
    lines += ["", "probe COMMAND --help tells more, with examples. probe --version names the version.", "",
              "Start with:  probe demo"]
    return "\n".join(lines)

"""Let a trained network write, character by character.

  probe sample runs/alice                                       in one go, from a new line
  probe sample runs/alice --prompt "The Queen " --temperature 0.7 --length 2000
  probe sample runs/alice --show 1:225                          coloured by unit 225 of layer 1
  probe sample runs/alice --show 1:225 --signal cell --alignment predicted --html page.html
  probe sample runs/alice --record acts/ --signals all          then: probe show acts/ --unit 1:225
  head -20 book.txt | probe sample runs/alice --prompt - --greedy
"""

import argparse
import sys
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from probe.activations.choice import chosen_signals
from probe.activations.signal import SIGNALS
from probe.activations.store.options import StoreOptions
from probe.cli.checkpoints import checkpoint_named
from probe.cli.flags import add_options, one_of, options_from
from probe.cli.showing import add_outputs, depth_of, tell, unit_named
from probe.cli.texts import PAGE, check_files, path_named
from probe.errors import Interrupted, UserError
from probe.model.drawing import SampleOptions
from probe.render import ViewOptions, alignment_named, palette_named
from probe.render.bounds import bounds_of
from probe.render.stream import TextStream

if TYPE_CHECKING:
    from probe.activations.recording import Recording
    from probe.model import Run
    from probe.model.sampling import Sampled


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="a run directory")
    parser.add_argument("--prompt", metavar="TEXT", help="what is read, and printed, before it writes; - reads the "
                        "standard input [a new line; for a run of windows, the first window of its text]")
    parser.add_argument("--checkpoint", default="best", metavar="best|latest|STEP", help="which weights [best]")
    parser.add_argument("--show", metavar="LAYER:UNIT", help="colour each character by what this unit does, as the "
                        "scan names units; blue is low, red is high")
    parser.add_argument("--signal", type=one_of("--signal", SIGNALS), default="hidden", metavar="|".join(SIGNALS),
                        help="of that unit [hidden]")
    parser.add_argument("--record", metavar="FOLDER", help="keep the activations of the prompt and of what is written")
    parser.add_argument("--signals", default="hidden", metavar="NAMES",
                        help="what is recorded of each unit: names with commas between them, or all [hidden]")
    add_outputs(parser)
    add_options(parser, SampleOptions, "drawing", defaults=SampleOptions())
    add_options(parser, ViewOptions, "showing", defaults=ViewOptions())
    add_options(parser, StoreOptions, "recording", defaults=StoreOptions(), skip=("every",))


def run(arguments: argparse.Namespace) -> None:
    from probe.model import Run

    check_files(arguments, html=PAGE)
    signals = chosen_signals(arguments.signals)
    opened = Run.open(path_named(arguments.run))
    options = options_from(arguments, SampleOptions())
    watched = _watched(arguments, opened) if arguments.show else None
    if arguments.html and not watched:
        raise UserError("--html writes a coloured text, and needs --show LAYER:UNIT to colour it by")
    given = _standard_input() if arguments.prompt == "-" else arguments.prompt
    prompt = _beginning(opened) if given is None else given
    recorded = signals if arguments.record else ()
    recording = _recording(arguments, opened, options, prompt) if arguments.record else None
    from probe.model import Sampler

    wanted = {*recorded, *([watched.signal] if watched else [])}
    echo = bool(recording or arguments.html or (watched and watched.shift))
    characters = Sampler.of(opened, checkpoint_named(arguments.checkpoint), kernel=options.kernel).sample(
        prompt, options, signals=tuple(wanted), echo=echo)
    stream = _stream(arguments, watched)
    try:
        _send("".join(map(stream.piece, given or "")))
        for place, each in enumerate(characters):
            value = watched.add(each) if watched else None
            if recording:
                recording.add(_of_signals(each, recorded))
            if not echo or place >= len(prompt):
                _send(stream.piece(each.character, value))
    except (KeyboardInterrupt, Interrupted):
        if options.length:
            raise
    finally:
        try:
            # A pipe gets the text and no more; a terminal a line of its own for what comes next.
            _send(stream.end() + ("\n" if sys.stdout.isatty() else ""))
        finally:
            if recording and recording.characters:
                recording.write(path_named(arguments.record), options_from(arguments, StoreOptions()))
                tell(f"activations: {arguments.record}    one unit of them: probe show {arguments.record} --unit "
                     "LAYER:UNIT")
    if watched and arguments.html:
        text = watched.view.of("".join(watched.text), np.array(watched.values), watched.signal, watched.caption)
        tell(f"page: {text.to_html(path_named(arguments.html)).resolve()}")


@dataclass
class _Watched:
    """The unit by which a text is coloured while it is written.

    Attributes:
        layer, signal, unit: which.
        view: how.
        text, values: what came, and what the unit did once each character was read.
    """

    layer: str
    signal: str
    unit: int
    view: ViewOptions
    text: list[str] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    @property
    def caption(self) -> str:
        return f"unit {self.layer}:{self.unit}, {self.signal.replace('_', ' ')}"

    @property
    def shift(self) -> int:
        """By how many characters values are laid later."""
        return alignment_named(self.view.alignment).shift

    def add(self, each: "Sampled") -> float | None:
        """Return the value that is laid on a character, None if there is none yet."""
        self.text.append(each.character)
        self.values.append(float(each.activations[self.layer, self.signal][self.unit]))
        return self.values[-1 - self.shift] if len(self.values) > self.shift else None


def _watched(arguments: argparse.Namespace, opened: "Run") -> _Watched:
    network = opened.model_options
    layer, unit = unit_named(arguments.show, "--show", [str(n) for n in range(1, network.layers + 1)],
                             range(network.units))
    view = options_from(arguments, ViewOptions())
    if not view.scaling_within(bounds_of(arguments.signal)).pointwise:
        raise UserError(f"--scaling {view.scaling} needs the whole text, and this one is coloured as it comes; record "
                        "it and use 'probe show', or take suited, raw, sigmoid or tanh")
    return _Watched(layer, arguments.signal, unit, view)


def _stream(arguments: argparse.Namespace, watched: _Watched | None) -> TextStream:
    if not watched:
        return TextStream(sys.stdout.isatty(), "none")
    scaling = watched.view.scaling_within(bounds_of(watched.signal))
    palette, alignment = palette_named(watched.view.palette), alignment_named(watched.view.alignment)
    tell(f"{watched.caption}; colour: {scaling.meaning}; {palette.ends}; laid on {alignment.meaning}")
    return TextStream(sys.stdout.isatty(), depth_of(arguments.colour), scaling, palette)


def _recording(arguments: argparse.Namespace, opened: "Run", options: SampleOptions, prompt: str) -> "Recording":
    from probe.activations.recording import Recording, check_record

    if not options.length:
        raise UserError("--record needs a --length: activations are held in memory until the text ends")
    network, most = opened.model_options, len(prompt) + options.length
    check_record(path_named(arguments.record), most,
                 network.layers * network.units * len(chosen_signals(arguments.signals)))
    window = opened.training["length"] if opened.training["objective"] == "last" else 0
    scheme = (f"windows of {window:,} characters, each from the zero state" if window
              else "one stream from the zero state")
    step = opened.checkpoint(checkpoint_named(arguments.checkpoint)).step
    provenance = {"run": opened.folder.name, "checkpoint": step, "model": asdict(network),
                  "training": dict(opened.training), "scheme": scheme,
                  "written": {**asdict(options), "prompt": len(prompt)}}
    return Recording(most, provenance)


def _of_signals(each: "Sampled", signals: tuple[str, ...]) -> "Sampled":
    """A character with only the activations that are recorded."""
    return replace(each, activations={source: values for source, values in each.activations.items()
                                      if source[1] in signals})


def _send(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _standard_input() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise UserError(f"--prompt -: the standard input is not {error.encoding} at byte {error.start:,}") from error


def _beginning(opened: "Run") -> str:
    """What a network reads if it is given no prompt."""
    if opened.training["objective"] == "last":
        return opened.corpus.document(0, min(opened.training["length"], len(opened.corpus))).text
    return "\n" if "\n" in opened.corpus.vocabulary.characters else opened.corpus.vocabulary.characters[0]

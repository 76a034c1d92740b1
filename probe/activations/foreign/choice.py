"""Which layers and signals of a network are meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from probe.activations.block import LayerSignal
from probe.activations.choice import ALL, chosen_signals, chosen_units
from probe.activations.foreign.steps import BothWays, Recurrence, Step, step_of
from probe.activations.signal import OUTPUT
from probe.errors import UserError
from probe.model.graph import Graph, Place


@dataclass(frozen=True, eq=False)
class Choice:
    """A layer whose activations are wanted.

    Attributes:
        place: the layer.
        step: how it is read.
        signals: suffix of its name and signal, those that are wanted.
    """

    place: Place
    step: Step
    signals: tuple[tuple[str, str], ...]

    @property
    def sources(self) -> tuple[LayerSignal, ...]:
        """The names of layer and signal under which they go."""
        return tuple((self.place.name + suffix, signal) for suffix, signal in self.signals)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The signals, each once."""
        return tuple(dict.fromkeys(signal for _, signal in self.signals))

    def width(self, suffix: str) -> int:
        """Return the number of units U."""
        if isinstance(self.step, BothWays):
            layer = self.place.layer
            return int((layer.forward_layer if suffix == "/forward" else layer.backward_layer).units)
        if isinstance(self.step, Recurrence):
            return int(self.place.layer.units)
        return int(self.place.output.shape[-1])


def choose(graph: Graph, layers: str, signals: str) -> tuple[Choice, ...]:
    """Return what the words of the options mean.

    Args:
        graph: the network.
        layers: ``"all"`` for every recurrent layer, or, if there is none, every layer with a time axis; or words with
            commas between them: a name, a pattern of names such as ``lstm_*``, a number from 1 on, or from −1 on
            counted from the end, or a class such as ``LSTM``.
        signals: as :func:`~probe.activations.choice.chosen_signals` takes them. Recurrent layers give those of them
            that they have, other layers their output.

    Raises:
        UserError: a word that means no layer, a layer without any of the signals, or one that is used more than once.
    """
    places = _named(graph, layers)
    twice = next((place for place in places if place.calls > 1), None)
    if twice is not None:
        raise UserError(f"{graph.name}: layer {twice.name} ({twice.kind}) is used {twice.calls} times, and its "
                        "activations are not one a character")
    asked = chosen_signals(signals)
    return tuple(_choice(graph, place, asked, strict=signals != ALL) for place in places)


def units_of(choices: Sequence[Choice], given: str) -> dict[LayerSignal, Sequence[int]]:
    """Return the indices of the units that are wanted of each layer and signal.

    Raises:
        UserError: a unit that is not there.
    """
    return {(choice.place.name + suffix, signal): chosen_units(given, choice.width(suffix))
            for choice in choices for suffix, signal in choice.signals}


def _choice(graph: Graph, place: Place, asked: Sequence[str], *, strict: bool) -> Choice:
    step = step_of(place)
    found = tuple(each for each in step.signals if each[1] in asked or each[1] == OUTPUT)
    if not found and strict:
        has = ", ".join(dict.fromkeys(signal for _, signal in step.signals))
        raise UserError(f"{graph.name}: layer {place.name} ({place.kind}) has the signals {has}; --signals asks for "
                        f"{', '.join(asked)}")
    shape = place.output.shape
    if len(shape) not in (2, 3) or shape[-1] is None:
        raise UserError(f"{graph.name}: layer {place.name} ({place.kind}) puts out arrays of the shape {shape}, which "
                        "are no units")
    return Choice(place, step, found)


def _named(graph: Graph, given: str) -> tuple[Place, ...]:
    if given == ALL:
        recurrent = tuple(place for place in graph.places if isinstance(step_of(place), Recurrence | BothWays))
        timed = tuple(place for place in graph.places if len(place.output.shape) == 3)
        if not recurrent and not timed:
            raise UserError(f"{graph.name}: has no recurrent layer and none with a time axis; --layers names others")
        return recurrent or timed
    words = [word.strip() for word in given.split(",") if word.strip()]
    found = [place for word in words for place in _meant(graph, word)]
    if not found:
        raise _unknown(graph, given)
    return tuple(place for place in graph.places if any(place is each for each in found))


def _meant(graph: Graph, word: str) -> list[Place]:
    same = [place for place in graph.places if place.name == word]
    if same:
        return same
    if word.removeprefix("-").isdecimal() and len(word) < 10:
        number, count = int(word), len(graph.places)
        if not 1 <= abs(number) <= count:
            raise UserError(f"{graph.name}: --layers counts from 1 to {count}, or from -1 to -{count}; received {word}")
        return [graph.places[number - (number > 0)]]
    found = [place for place in graph.places if place.kind == word or fnmatchcase(place.name, word)]
    if not found:
        raise _unknown(graph, word)
    return found


def _unknown(graph: Graph, word: str) -> UserError:
    names = ", ".join(f"{place.name} ({place.kind})" for place in graph.places[:30])
    return UserError(f"{graph.name}: --layers {word!r:.80} is no name, pattern, number or class of its layers {names}")

"""What keeps a network from being read as a text without end, or one row a character."""

from collections.abc import Sequence

from probe.activations.foreign.choice import Choice
from probe.activations.foreign.steps import step_of
from probe.errors import UserError
from probe.model.engine import keras
from probe.model.graph import Graph, Place

WINDOWED = "--windowed W reads the last W characters for each position"
# Steps of two trials; a layer with a row a character has as many rows as either.
TRIALS = (96, 97)


def check_streaming(graph: Graph, choices: Sequence[Choice], documents: str) -> None:
    """Refuse what cannot carry a state on, unless documents are read by themselves.

    Raises:
        UserError: a layer needs the end of the text; the message says which and why.
    """
    if documents != "none":
        return
    for choice in choices:
        for place in (*graph.before(choice.place), choice.place):
            reason = step_of(place).against_streaming
            if reason:
                raise UserError(f"{graph.name}: layer {place.name} ({place.kind}) {reason}, so it cannot stream a "
                                f"text; --documents lines, paragraphs or files reads each by itself, {WINDOWED}")


def check_documents(graph: Graph, choices: Sequence[Choice]) -> None:
    """Refuse layers that have not one row a character, in the order of the text.

    Raises:
        UserError: such a layer is chosen, or read by one that is.
    """
    for choice in choices:
        place = choice.place
        for earlier in graph.before(place):
            if getattr(earlier.layer, "go_backwards", False) and earlier.layer.return_sequences:
                raise UserError(f"{graph.name}: layer {place.name} ({place.kind}) reads what {earlier.name} puts out "
                                "from the end of the text to its beginning, so its rows are not those of characters; "
                                f"{WINDOWED}")
        recurrent = choice.signals != (("", "output"),)
        shape = _read_shapes(graph, place) if recurrent else _shapes(graph, place)
        if shape is not None and shape != TRIALS:
            rows = "one row for a whole text" if shape == (0, 0) else "another number of rows than the text has"
            raise UserError(f"{graph.name}: layer {place.name} ({place.kind}) has {rows}, not one a character; "
                            f"{WINDOWED}")


def reads_padded(graph: Graph, choices: Sequence[Choice]) -> bool:
    """Return whether texts of different lengths can be read side by side, padded behind, with no row changed."""
    before = {id(place): place for choice in choices for place in graph.before(choice.place)}
    every = [*before.values(), *(choice.place for choice in choices)]
    return all(step_of(place).padded for place in every) and all(
        len(place.output.shape) == 3 for place in before.values())


def _read_shapes(graph: Graph, place: Place) -> tuple[int, ...] | None:
    """The rows of what a recurrent layer reads: it has a row for each, whatever it gives on."""
    sources = graph.sources(place)
    return TRIALS if not sources else _shapes(graph, sources[0])


def _shapes(graph: Graph, place: Place) -> tuple[int, ...] | None:
    """The rows that a layer puts out for texts of the trials, 0 without a time axis; None if that cannot be told."""
    if len(place.output.shape) != 3:
        return (0, 0)
    steps = graph.input.shape[1]
    if steps is not None:
        return TRIALS if place.output.shape[1] == steps else (-1, -1)
    function = keras.Function(graph.input, place.output)
    try:
        shapes = [function.compute_output_shape((1, trial, *graph.input.shape[2:])) for trial in TRIALS]
    except (ValueError, TypeError, NotImplementedError):
        return None
    return tuple(shape[1] for shape in shapes)

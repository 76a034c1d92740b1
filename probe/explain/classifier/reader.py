"""How what is to be explained becomes what a network takes: texts, tokens or ids, for one input or several."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from probe.errors import UserError
from probe.explain.classifier.batch import Batch, Fitting
from probe.explain.classifier.classifier import Classifier
from probe.explain.classifier.documents import encoded_ids, encoded_tokens, joined, with_padding
from probe.explain.classifier.probabilities import probabilities
from probe.explain.question.network import Network
from probe.explain.tokenizers import Encoded, FunctionTokenizer, Tokenizer
from probe.model.engine import keras


@dataclass(frozen=True, eq=False)
class Documents:
    """What is explained.

    Attributes:
        texts: B of them.
        batch: the explained input, as the network reads it.
        inputs: all that the network takes, (B, …) each.
        notes: for each document, what a reader must know of its reading.
    """

    texts: tuple[str, ...]
    batch: Batch
    inputs: tuple[np.ndarray, ...]
    notes: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False)
class Reader:
    """A network, and how to read for it.

    Attributes:
        network: the network.
        tokenizer: text → tokens and ids, or None.
        labels: names of the outputs, or None.
        kind: as a Classifier has it; nothing for a model of which no more is known.
        fitting: how documents are cut and filled up.
        pad_value, pad_token: what padding is; None where that is not known.
        side: the side on which alone pads are looked for in ids; None is both.
    """

    network: Network
    tokenizer: Tokenizer | None
    labels: tuple[str, ...] | None
    kind: str
    fitting: Fitting
    pad_value: int | None
    pad_token: str | None
    side: str | None

    @classmethod
    def of(cls, model: "keras.Model | Classifier", tokenizer: "Tokenizer | Callable[[str], Any] | None",
           labels: Sequence[str] | None, pad_value: int | None, pad_token: str | None, padding: str | None) -> Self:
        """Return the reader of a model.

        Args:
            model: a Classifier, which knows all that follows, or a Sequential or functional Keras model.
            tokenizer: text → tokens and ids, a Tokenizer or a function; None for the Classifier's, or none.
            labels: names of the outputs; None for the Classifier's, or none.
            pad_value: the id of padding; None for the Classifier's, or 0 if an embedding masks it.
            pad_token: the token of padding, or None.
            padding: ``"pre"`` or ``"post"``, where documents are filled up and pads are looked for; None for where the
                Classifier fills up (``"post"`` without one) and pads at both ends.

        Raises:
            UserError: the model begins with strings or cannot be taken apart, the tokenizer is none, or padding or
                pad_value is out of bounds.
        """
        if isinstance(model, Classifier):
            fitting, network = model.fitting, Network.of(model.model)
            known = None if fitting.padding == "none" else fitting.pad_value
            known = known if pad_value is None else pad_value
            return cls(network, tokenizer_of(tokenizer) or model.tokenizer,
                       tuple(labels) if labels is not None else model.labels, model.kind,
                       replace(fitting, padding=padding or fitting.padding, pad_value=known or 0), known, pad_token,
                       padding)
        network = _of_ids(Network.of(model))
        masks = any(step.kind == "Embedding" and step.layer.mask_zero for step in network.steps)
        known = 0 if masks and pad_value is None else pad_value
        fitting = Fitting(_steps(network), padding or "post", "start" if padding == "pre" else "end", known or 0)
        return cls(network, tokenizer_of(tokenizer), None if labels is None else tuple(labels), "", fitting, known,
                   pad_token, padding)

    def read(self, given: Sequence[Any], which: int = 0, tokens: Sequence[str] | None = None,
             text: str | None = None) -> Documents:
        """Return documents as the network takes them.

        Args:
            given: B documents: texts, lists of tokens, ids (T,), or numbers (T, D) for a network without an embedding;
                for a network with several inputs, as many of these for each document.
            which: the input that is explained.
            tokens: words to show for the ids of a single document.
            text: the text they came from.

        Raises:
            UserError: a document is none of these, or does not fit the network.
        """
        count = len(self.network.inputs)
        if not 0 <= which < count:
            raise UserError(f"input must be from 0 to {count - 1}; received {which}")
        if not given:
            raise UserError("at least one document is needed; received none")
        parts = [[document] if count == 1 else _parts(document, count) for document in given]
        read = [self._input(number, [part[number] for part in parts], *((tokens, text) if number == which else
                                                                       (None, None))) for number in range(count)]
        texts, batch, _ = read[which]
        notes = tuple(self._notes(text, batch, row) for row, text in enumerate(texts))
        return Documents(texts, batch, tuple(array for *_, array in read), notes)

    def _notes(self, text: str, batch: Batch, row: int) -> tuple[str, ...]:
        """Tell what of a text the network did not read."""
        unread, steps = int(batch.unread[row]), batch.ids.shape[1]
        if not unread:
            return ()
        read = batch.offsets[row][batch.offsets[row, :, 0] >= 0]
        begins = self.fitting.truncation == "start"
        place = "" if not len(read) else (f", up to character {read[0, 0]:,} of {len(text):,}," if begins
                                          else f", from character {read[-1, 1]:,} of {len(text):,} on,")
        side = "first" if begins else "last"
        return (f"the network reads {steps:,} tokens: the {side} {unread:,} of the text{place} were not read",)

    def predictions(self, outputs: np.ndarray) -> list[dict[str, float]] | None:
        """Return the probability of each label for each document; None if the outputs are no probabilities.

        Args:
            outputs: (B, C) what the network put out.
        """
        flat = outputs.reshape(len(outputs), -1)
        if not self.network.squashing and not self.kind:
            return None
        found = probabilities(flat, self.kind, bool(self.network.squashing), self.labels)
        names = self.labels or [f"output {number}" for number in range(found.shape[1])]
        return [dict(zip(names, row.tolist(), strict=True)) for row in found]

    def _input(self, number: int, given: Sequence[Any], tokens: Sequence[str] | None, text: str | None,
               ) -> tuple[tuple[str, ...], Batch, np.ndarray]:
        """Texts, rows and array of one of the inputs."""
        if len(self.network.shape(self.network.inputs[number])) != 2 or not self._reads_ids(number):
            return self._numbers(number, given, tokens, text)
        known = [self._encoded(document, tokens, text) for document in given]
        length = self.fitting.length if self.fitting.length and len(self.network.inputs) == 1 else \
            self.network.shape(self.network.inputs[number])[1]
        lengths = {len(each) for each in known} | ({length} if length else set())
        if self.pad_value is None and len(lengths) > 1 and min(lengths) < (length or max(lengths)):
            raise UserError(f"{self.network.name}: documents of {min(lengths):,} tokens must be filled up to "
                            f"{length or max(lengths):,}; pad_value tells with which id")
        batch = replace(self.fitting, length=length).fit(known)
        batch = with_padding(batch, self.pad_value, self.pad_token, self.side)
        return (*self._texts(batch, given, text), batch.ids)

    def _reads_ids(self, number: int) -> bool:
        """Whether an input is read by embeddings, or by a layer that takes whole numbers."""
        return bool(self.network.embeddings(self.network.inputs[number]))

    def _encoded(self, document: Any, tokens: Sequence[str] | None, text: str | None) -> Encoded:
        if isinstance(document, str):
            if self.tokenizer is None:
                raise UserError("a text needs the tokenizer of the network: tokenizer=…, or a Classifier, which holds "
                                "one; ids need none")
            return self.tokenizer.encode(document)
        if isinstance(document, Sequence) and document and all(isinstance(each, str) for each in document):
            return encoded_tokens(document, text, self.tokenizer)
        ids = np.asarray(document)
        if ids.ndim != 1 or ids.dtype.kind not in "iu":
            raise UserError(f"a document must be a text, a list of tokens, or ids of the shape (T,); received "
                            f"{ids.dtype} of the shape {ids.shape}")
        return encoded_ids(ids, tokens, text, self.tokenizer)

    def _texts(self, batch: Batch, given: Sequence[Any], text: str | None) -> tuple[tuple[str, ...], Batch]:
        """The texts of a batch; those of documents that came without one are joined from their tokens."""
        texts, offsets = [], batch.offsets.copy()
        for row, document in enumerate(given):
            if isinstance(document, str) or text is not None:
                texts.append(document if isinstance(document, str) else str(text))
            else:
                whole, offsets[row] = joined(batch.tokens[row], batch.pads[row])
                texts.append(whole)
        return tuple(texts), replace(batch, offsets=offsets)

    def _numbers(self, number: int, given: Sequence[Any], tokens: Sequence[str] | None, text: str | None,
                 ) -> tuple[tuple[str, ...], Batch, np.ndarray]:
        """As :meth:`_input`, of an input without an embedding: a vector a token, or a number a feature."""
        rank = len(self.network.shape(self.network.inputs[number])) - 1
        arrays = [np.asarray(document) for document in given]
        shapes = {array.shape for array in arrays}
        if len(shapes) > 1 or arrays[0].ndim != rank or arrays[0].dtype.kind not in "biuf":
            raise UserError(f"{self.network.name}: a document must be numbers of rank {rank}, all of one shape; "
                            f"received {', '.join(map(str, shapes))}")
        count = arrays[0].shape[0]
        one = encoded_ids(np.arange(count), tokens or [str(place) for place in range(count)], text, None)
        batch = Fitting(None, "none").fit([one] * len(arrays))
        return (*self._texts(batch, arrays, text), np.stack(arrays))


def tokenizer_of(given: "Tokenizer | Callable[[str], Any] | None") -> Tokenizer | None:
    """Return a tokenizer; a function becomes one.

    Raises:
        UserError: it is neither.
    """
    if given is None or isinstance(given, Tokenizer):
        return given
    if not callable(given):
        raise UserError(f"a tokenizer must have encode and token_of, or be a function; received {type(given).__name__}")
    return FunctionTokenizer(given)


def _of_ids(network: Network) -> Network:
    """Return ``network``, unless it reads strings."""
    for value in network.inputs:
        if network.symbols[value].dtype == "string":
            reading = ", ".join(f"{step.name} ({step.kind})" for step in network.readers[value])
            raise UserError(f"{network.name}: begins with strings, which have no gradient: leave out the layer that "
                            f"reads them, {reading}, and give explain the rest, with "
                            "tokenizer=of_vectorization(layer)")
    return network


def _steps(network: Network) -> int | None:
    """The number of tokens that the first input takes, if it is fixed."""
    shape = network.shape(network.inputs[0])
    return shape[1] if len(shape) > 1 else None


def _parts(document: Any, count: int) -> Sequence[Any]:
    if not isinstance(document, list | tuple) or len(document) != count:
        raise UserError(f"a network with {count} inputs needs a list of as many documents; received "
                        f"{type(document).__name__}")
    return document

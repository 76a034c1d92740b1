"""The question and its answer in one call: which parts of a text made a classifier's decision."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from probe.errors import UserError
from probe.explain.attribution import Attribution
from probe.explain.classifier.classifier import Classifier
from probe.explain.classifier.reader import Documents, Reader
from probe.explain.explanation.explanation import LawKept, TextExplanation
from probe.explain.explanation.several import TextExplanations
from probe.explain.method import Method
from probe.explain.options import PADS
from probe.explain.question.question import Question, ask
from probe.explain.question.target import Asked, target_of
from probe.explain.registry import method_class, method_of
from probe.explain.tokenizers import Tokenizer
from probe.model.engine import keras

ALL = "all"
# Settings of the maps that are arguments of their own, and what they are unless said otherwise.
USUAL = {"relu": True, "counterfactual": False, "interpolation": "receptive_field"}


class Several(tuple[Any, ...]):
    """Documents of a batch, each in any of the ways in which :func:`explain` takes one."""


def explain(model: "keras.Model | Classifier", tokens_or_text: Any, *, method: str | Method = "grad_cam",
            target: Any = None, layer: Any = None, relu: bool = True, counterfactual: bool = False,
            pad_value: int | None = None, pad_token: str | None = None, padding: str | None = None,
            interpolation: str = "receptive_field", baseline: str | np.ndarray | None = None,
            tokenizer: "Tokenizer | Callable[[str], Any] | None" = None, labels: Sequence[str] | None = None,
            tokens: Sequence[str] | None = None, text: str | None = None, output: str = "logits",
            pads: str = "report", input: int = 0, seed: int = 0, one_scale: bool = True, **settings: Any,
            ) -> TextExplanation | TextExplanations:
    """Return which tokens of a text spoke for a decision of a classifier, and which against it.

    Example::

        explain(classifier, "a film that never comes alive", method="integrated_gradients").to_html("why.html")
        explain(model, ids, tokens=words, pad_value=0, layer="conv1d", target=[0, 3])

    Args:
        model: a Classifier, or a Sequential or functional Keras model.
        tokens_or_text: a text, or its tokens (a list of strings), both for a tokenizer; ids (T,), or a batch of them
            (B, T). For a model with several inputs, one of these for each. :func:`explain_all` takes several texts.
        method: its name, with its settings behind, or the method itself.
        target: a label, the number of an output, a function that makes (B,) of the outputs; a list of them, or
            ``"all"``, for several with one scale of colours; None is the label that is predicted.
        layer: name, index or instance, for the methods that look at one; None for the last that such a method can use.
        relu, counterfactual, interpolation: of the maps, see :class:`~probe.explain.methods.grad_cam.GradCam`.
        pad_value: the id of padding; known of a Classifier and of an embedding with ``mask_zero``.
        pad_token: the token of padding.
        padding: ``"pre"`` or ``"post"``, the side on which ids are filled up and where pads are looked for; None is
            both (and filling up behind).
        baseline: what stands for nothing: None or ``"zero"`` for vectors of zeros, ``"pad"`` for the vector of the pad,
            or numbers on the shape of what the embedding puts out.
        tokenizer: text → tokens and ids, for a model that is no Classifier: a
            :class:`~probe.explain.tokenizers.Tokenizer`, or a function as ``FunctionTokenizer`` takes it.
        labels: names of the outputs; of a single sigmoid its two sides.
        tokens: words to show for ids.
        text: the text that ids or tokens came from, in which tokens are searched.
        output: ``"logits"``, what goes into a softmax or sigmoid that ends the network, or ``"probabilities"``.
        pads: what becomes of weight on padding: ``"report"`` leaves it and names its share, ``"mask"`` also sets it to
            zero.
        input: which of several inputs is explained; the others stay as they are.
        seed: of methods that draw.
        one_scale: whether several explanations share one scale of colours.
        settings: of the method.

    Returns:
        A TextExplanation; TextExplanations for several targets, or for a batch of ids, target by target.

    Raises:
        UserError: any of them does not fit the model, or the method does not support a layer, which is named.
    """
    if pads not in PADS:
        raise UserError(f"pads must be one of {', '.join(PADS)}; received {pads!r:.40}")
    reader = Reader.of(model, tokenizer, labels, pad_value, pad_token, padding)
    documents = reader.read(_documents(reader, tokens_or_text), input, tokens, text)
    chosen = method_of(method, _settings(method, settings, relu, counterfactual, interpolation), layer)
    question = ask(reader.network, documents.inputs, labels=reader.labels, output=output, layer=layer,
                   baseline=baseline, pad_value=reader.pad_value, pads=documents.batch.pads, which=input, seed=seed)
    outputs = question.outputs
    every = isinstance(target, str) and target == ALL
    one = target is None or callable(target) or (np.ndim(target) == 0 and not every)
    found = []
    for asked in [target] if one else _targets(reader, outputs, target):
        about = question.about(target_of(reader.network, outputs, asked, reader.labels, output))
        found += _explanations(reader, documents, about, chosen, chosen.attribute(about), pads == "mask")
    return found[0] if one and len(found) == 1 else TextExplanations(found, one_scale=one_scale)


def explain_all(model: "keras.Model | Classifier", documents: Sequence[Any], **options: Any) -> TextExplanations:
    """Return the explanations of several documents, with one scale of colours.

    Args:
        model: as :func:`explain` takes it.
        documents: texts, lists of tokens, or ids.
        options: as :func:`explain` takes them.

    Returns:
        In the order of the documents; for several targets, all documents of the first target, then of the second.
    """
    found = explain(model, Several(documents), **options)
    return found if isinstance(found, TextExplanations) else TextExplanations([found])


def _documents(reader: Reader, given: Any) -> Sequence[Any]:
    """The documents in what was given: one of them, a batch of ids, or :class:`Several`."""
    if isinstance(given, Several):
        return given
    given = given.numpy() if hasattr(given, "numpy") else given
    if len(reader.network.inputs) == 1:
        rank = len(reader.network.shape(reader.network.inputs[0]))
        batch = given.ndim == rank if isinstance(given, np.ndarray) else (
            isinstance(given, list) and bool(given) and all(isinstance(each, list | np.ndarray) for each in given)
            and reader.network.embeddings(reader.network.inputs[0]) != ())
        return list(given) if batch else [given]
    ranks = [len(reader.network.shape(number)) for number in reader.network.inputs]
    if isinstance(given, list | tuple) and [getattr(each, "ndim", 0) for each in given] == ranks:
        return list(zip(*given, strict=True))
    return [given]


def _settings(method: str | Method, settings: dict[str, Any], relu: bool, counterfactual: bool, interpolation: str,
              ) -> dict[str, Any]:
    """The settings of a method that is chosen by name, those among them that are arguments of their own."""
    own = {"relu": relu, "counterfactual": counterfactual, "interpolation": interpolation}
    given = {name for name, value in own.items() if value != USUAL[name]}
    if isinstance(method, Method):
        return {**settings, **{name: own[name] for name in given}}  # of which it wants to know nothing
    strange = sorted(given - {field.name for field in fields(method_class(method))})
    if strange:
        raise UserError(f"{method} has no setting {strange[0]!r}; grad_cam has")
    return {**settings, **{name: own[name] for name in given}}


def _targets(reader: Reader, outputs: np.ndarray, target: Any) -> list[Asked]:
    if isinstance(target, str) and target == ALL:
        width = outputs.reshape(len(outputs), -1).shape[1]
        return list(reader.labels) if reader.labels is not None else list(range(width))
    target = target.tolist() if isinstance(target, np.ndarray) else target
    if not isinstance(target, Sequence) or not target:
        raise UserError(f"target must be a label, a number, a function, a list of these, or 'all'; received "
                        f"{target!r:.80}")
    return list(target)


def _explanations(reader: Reader, documents: Documents, question: Question, method: Method, found: Attribution,
                  mask: bool) -> list[TextExplanation]:
    """One explanation for each document, of one target."""
    batch, target, check = documents.batch, question.target, found.check
    layer = method.layer_of(question)
    predicted = reader.predictions(question.outputs)
    explained = []
    for row, text in enumerate(documents.texts):
        weights, pads = found.tokens[row], batch.pads[row]
        total = float(np.abs(weights).sum())
        share = float(np.abs(weights[pads]).sum()) / total if total > 0 else 0.0
        law = None if check is None else LawKept(check.law, float(check.expected[row]), float(check.found[row]))
        told = () if check is None else check.told(row)
        names = reader.labels or tuple(predicted[row] if predicted is not None else ())
        label = names[target.predicted[row]] if names and target.predicted[row] >= 0 else ""
        explained.append(TextExplanation(
            text=text, tokens=batch.tokens[row], offsets=batch.offsets[row],
            weights=np.where(pads, 0.0, weights) if mask else weights, pads=pads,
            target=found.about or target.names[row],
            score=float(found.scores[row]), scored=found.scored or target.kind, label=label, method=method.words,
            probabilities={} if predicted is None else predicted[row],
            layer=None if layer is None else reader.network.writer[layer].name,
            norms=None if found.norms is None else found.norms[row],
            heatmap=None if found.heatmap is None else found.heatmap[row], check=law, pad_share=share,
            pads_masked=mask, notes=documents.notes[row] + found.notes + told))
    return explained

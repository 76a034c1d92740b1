"""How faithful methods are to a network, in one call."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from probe.errors import UserError
from probe.explain.attribution import Attribution
from probe.explain.classifier.classifier import Classifier
from probe.explain.classifier.reader import Reader
from probe.explain.method import Method
from probe.explain.metrics.curves import chance, counted, deletion, insertion, ranks_of
from probe.explain.metrics.faithfulness import Faithfulness, MethodFaithfulness
from probe.explain.metrics.infidelity import Changes, changes, infidelity
from probe.explain.metrics.options import FaithfulnessOptions
from probe.explain.metrics.randomisation import Twin, randomisation
from probe.explain.metrics.sensitivity import max_sensitivity
from probe.explain.question.network import Network
from probe.explain.question.question import Question, ask
from probe.explain.question.target import Asked, target_of
from probe.explain.registry import method_of, methods_where
from probe.explain.tokenizers import Tokenizer
from probe.model.engine import keras
from probe.progress import progress_bar

# Methods that are measured unless some are named: all but those that are asked of units of a layer.
USUAL = methods_where(lambda kind: not kind.of_units)


def faithfulness(model: "keras.Model | Classifier", documents: Sequence[Any], *,
                 methods: Sequence[str | Method] | None = None, target: Asked = None, layer: Any = None,
                 baseline: str | np.ndarray | None = None, pad_value: int | None = None, pad_token: str | None = None,
                 padding: str | None = None, tokenizer: "Tokenizer | Callable[[str], Any] | None" = None,
                 labels: Sequence[str] | None = None, output: str = "logits", input: int = 0, seed: int = 0,
                 options: FaithfulnessOptions | None = None, show: bool = True) -> Faithfulness:
    """Measure how faithful the explanations of several methods are to a network.

    Example::

        print(faithfulness(classifier, texts, methods=["integrated_gradients", "lrp_epsilon", "occlusion"]))

    Padding is neither deleted nor moved, and its weights do not count. Curves are drawn of the probability where the
    network ends in a softmax or sigmoid; all else is asked of what the methods explain.

    Args:
        model: a Classifier, or a Sequential or functional Keras model; it is left as it is.
        documents: texts, lists of tokens, or ids (T,).
        methods: names, or methods with their settings; None for all but those that are asked of units of
            a layer.
        target: a label, the number of an output, or a function that makes (B,) of the outputs; None is the label
            that is predicted for each document.
        layer: for the methods that look at one.
        baseline: what replaces a deleted token, and what methods with a baseline measure from; as in
            :func:`~probe.explain.explain`.
        pad_value, pad_token, padding, tokenizer, labels, output, input: as in :func:`~probe.explain.explain`.
        seed: of the samples, of the random weights and of methods that draw.
        options: sizes of the samples.
        show: whether to show a bar.

    Raises:
        UserError: something does not fit the model, or no method supports all of its layers.
    """
    options = options or FaithfulnessOptions()
    chosen = _chosen(methods)
    reader = Reader.of(model, tokenizer, labels, pad_value, pad_token, padding)
    read = reader.read(list(documents), input)

    def posed(network: Network) -> Question:
        return ask(network, read.inputs, baseline=baseline, pad_value=reader.pad_value, pads=read.batch.pads,
                   which=input, seed=seed)

    question = posed(reader.network)
    question = replace(question, target=target_of(reader.network, question.outputs, target, reader.labels, output),
                       layer=None if layer is None else reader.network.value_of(layer))
    scored = question.about(target_of(reader.network, question.outputs, target, reader.labels, "probabilities"))
    there, made = counted(question), changes(question, options)
    deletions, insertions = chance(scored, options.steps, options.orders)
    twin = Twin.of(reader.network, seed) if options.randomise else None
    found, refused = [], {}
    with progress_bar(len(chosen), "faithfulness", " methods", show=show) as bar:
        for name, method in chosen.items():
            bar.set_postfix_str(name)
            try:
                found.append(_measured(name, method, question, scored, made, options, twin,
                                       lambda network: replace(posed(network), target=question.target,
                                                               layer=question.layer)))
            except UserError as error:
                refused[name] = str(error)
            bar.update(1)
    if not found:
        raise UserError(next(iter(refused.values())))
    return Faithfulness(tuple(found), tuple(deletions), tuple(insertions), there.sum(axis=1), question.target.kind,
                        scored.target.kind, options, refused)


def _measured(name: str, method: Method, question: Question, scored: Question, made: Changes,
              options: FaithfulnessOptions, twin: Twin | None, asked: Callable[[Network], Question],
              ) -> MethodFaithfulness:
    def explained(about: Question) -> np.ndarray:
        return method.attribute(about).tokens

    answer = method.attribute(question)
    weights, there = answer.tokens, counted(question)
    ranks = ranks_of(weights, there)
    return MethodFaithfulness(
        name, deletion(scored, ranks, options.steps), insertion(scored, ranks, options.steps),
        infidelity(weights, made),
        max_sensitivity(question, explained, weights, options) if options.neighbours else None,
        None if twin is None else randomisation(question, explained, weights, twin, asked),
        None if answer.check is None else answer.check.error, _pad_share(answer, there))


def _pad_share(answer: Attribution, there: np.ndarray) -> np.ndarray:
    sizes = np.abs(answer.tokens)
    total = sizes.sum(axis=1)
    return np.divide(np.where(there, 0.0, sizes).sum(axis=1), total, out=np.zeros_like(total), where=total > 0)


def _chosen(methods: Sequence[str | Method] | None) -> dict[str, Method]:
    """Methods by what they are called in the table: their name, and the settings that are not as usual."""
    if isinstance(methods, str) or (methods is not None and not methods):
        raise UserError(f"methods must be a list of names or methods; received {methods!r:.80}")
    found = {}
    for method in (method_of(each, {}) for each in (USUAL if methods is None else methods)):
        unusual = [f"{each.name}={getattr(method, each.name)}" for each in fields(method)
                   if getattr(method, each.name) != each.default]
        found[f"{method.name} ({', '.join(unusual)})" if unusual else method.name] = method
    return found

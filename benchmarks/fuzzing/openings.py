"""Ways in which a user has what lies in a folder opened; each returns all that was read, or a command's exit status."""

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from probe.cli.main import main
from probe.errors import UserError


def read_run(folder: Path) -> Any:
    """Read all that a run holds."""
    from probe.model import Run
    from probe.train.status import RunStatus

    run = Run.open(folder / "run")
    status = RunStatus.of(folder / "run")
    return [run.model_options, dict(run.training), dict(run.versions), run.identity, run.corpus.document().text,
            np.asarray(run.corpus.ids), run.corpus.splits, run.log, run.sittings, run.checkpoint("best"),
            run.checkpoint("latest"), status.step, status.best, run._repr_html_()]


def list_runs(folder: Path) -> int:
    """List runs; one that cannot be read is told of in the list."""
    listed = io.StringIO()
    with redirect_stdout(listed):
        status = main(["runs", "list", str(folder), "--json"])
    for found in json.loads(listed.getvalue()) if status == 0 else ():
        if "error" in found:
            raise UserError(found["error"])
    print(listed.getvalue())
    return status


def network_of_run(folder: Path) -> Any:
    """Make a run's network and give it the weights of its best checkpoint."""
    from probe.model import Run
    from probe.model.engine import keras

    keras.backend.clear_session()
    model = Run.open(folder / "run").model()
    return [weight.numpy() for weight in model.weights]


@cache
def _compiled_once() -> None:
    from tests.crash.quick import compile_once

    compile_once(pytest.MonkeyPatch())


def go_on(folder: Path) -> Any:
    """Train two steps further."""
    from probe.model import Run
    from tests.crash.quick import arguments

    _compiled_once()
    status = main(arguments(folder / "text.txt", folder / "run"))
    return status or [Run.open(folder / "run").checkpoint("latest").weights]


def read_store(folder: Path) -> Any:
    """Read all that a store holds, in every way."""
    from probe.activations import Store
    from probe.cli.kept_labels import kept_labels

    store = Store.open(folder / "acts")
    blocks = [[block.starts, dict(block.activations), block.losses] for block in store]
    store.verify()
    document = store.corpus.document()
    return [blocks, [array[:] for array in store.signals.values()], store.provenance, store.log, document.text,
            [each.label(document) for each in kept_labels(store)]]


def read_signals(folder: Path) -> Any:
    """Read some rows and columns, for which no part is looked at as a whole."""
    from probe.activations import Store

    return [[array[::7, 2:5], array[130:150]] for array in Store.open(folder / "acts").signals.values()]


def finish_store(folder: Path) -> Any:
    """Go on with an unfinished store, and read it."""
    from benchmarks.fuzzing.samples import small_parts, streams_of
    from probe.activations import Store, write_store
    from probe.activations.store import part

    with small_parts(part):
        write_store(streams_of(folder / "corpus"), folder / "acts", show=False)
    return [array[:] for array in Store.open(folder / "acts").signals.values()]


def read_findings(folder: Path) -> Any:
    """Read findings and show them in every form."""
    from probe.scan import Findings

    found = Findings.load(folder / "findings")
    return [found, str(found), list(found.rows()), list(found.all_rows()), found._repr_html_()]


def read_translator(folder: Path) -> Any:
    """Open a translator that was saved, or a run of one."""
    from probe.attention import Translator
    from probe.model.engine import keras

    keras.backend.clear_session()
    place = folder / "translator" if (folder / "translator").is_dir() else folder / "run"
    translator = Translator.open(place)
    return [[weight.numpy() for weight in translator.model.weights], translator.symbols.characters, translator.dates,
            translator.options, dict(translator.origin)]


def read_translator_run(folder: Path) -> Any:
    """Read all that a translator's run holds, without making its network."""
    from probe.attention.translator.run import TranslatorRun
    from probe.attention.translator.status import TranslatorStatus

    run, status = TranslatorRun.open(folder / "run"), TranslatorStatus.of(folder / "run")
    return [run.dates, run.model_options, dict(run.training), run.symbols.characters, run.log, run.checkpoint("best"),
            run.checkpoint("latest"), run.sittings, status.step, status.best]


def open_network(name: str) -> Callable[[Path], Any]:
    """Return what opens a network that others made as ``probe extract`` does."""

    def opening(folder: Path) -> Any:
        from probe.activations.foreign import open_model
        from probe.model.engine import keras

        keras.backend.clear_session()
        model = open_model(folder / name)
        return [[(note.number, note.name, note.kind, note.units) for note in model.layers],
                [weight.numpy() for weight in model.model.weights]]

    return opening


def read_imported(folder: Path) -> Any:
    """Open an imported network's folder."""
    from probe.model.engine import keras
    from probe.model.imported import ImportedNetwork

    keras.backend.clear_session()
    network = ImportedNetwork.open(folder / "network")
    return [network.architecture.to_json(), dict(network.weights), dict(network.origin),
            [weight.numpy() for weight in network.model().weights]]


def read_classifier(folder: Path) -> Any:
    """Open a classifier and ask it."""
    from probe.explain import Classifier
    from probe.model.engine import keras

    keras.backend.clear_session()
    classifier = Classifier.open(folder / "classifier")
    return [classifier.labels, classifier.kind, classifier.fitting, classifier.notes,
            classifier.predict(["a bad film"])]


def read_mapping(folder: Path) -> Any:
    """Read the ids of characters and give them to a text."""
    from probe.activations.foreign import CharacterMapping
    from probe.corpus import Corpus

    mapping = CharacterMapping.read(folder / "mapping.json")
    return mapping.table(Corpus.of("abc abc", folder=folder / "aside"), " " if " " in mapping.ids else None)


def read_indices(folder: Path) -> Any:
    """Read both forms of a table of tokens and take a text apart by each."""
    from probe.explain import CharacterTokenizer, WordTokenizer
    from probe.explain.tokenizers.index import read_index

    found = []
    for name in ("words.json", "words.txt"):
        index = read_index(folder / name)
        for made in (WordTokenizer, CharacterTokenizer):
            encoded = made.from_index(index).encode("a bad film") if index else None
            found.append([index, encoded])
    return found


def read_examples(folder: Path) -> Any:
    """Read texts with labels, packed and not."""
    from probe.explain import Examples

    found = [Examples.read(folder / name) for name in ("plain.jsonl", "packed.jsonl.gz")]
    return [[each.texts, each.labels, each.splits, each.targets(each.names), str(each)] for each in found]


def read_labels(folder: Path) -> Any:
    """Read every form of labels and lay them on the text."""
    from benchmarks.fuzzing.samples import LINES
    from probe.corpus import Corpus
    from probe.patterns import GivenLabels

    corpus = Corpus.of(LINES, folder=folder.parent / "aside")
    found = [GivenLabels.of("mine", path, len(corpus)) for path in sorted(folder.glob("labels*.*"))]
    return [[each.kind, each.meaning, each.label(corpus.document())] for each in found]


def read_catalogue(folder: Path) -> Any:
    """Read a catalogue of texts."""
    from probe.corpus.catalogue import entries_in
    from probe.files import read_text

    return list(entries_in(read_text(folder / "catalogue.toml"), "catalogue.toml").values())


def read_cache(folder: Path) -> Any:
    """Take a text that was fetched before; where it is not whole it would be fetched again."""
    from probe.corpus.catalogue import _is_whole, receipt
    from probe.corpus.download import Download

    known, path = receipt("shakespeare", cache=folder), folder / "shakespeare" / "shakespeare.txt"
    cut = Download(folder / "shakespeare" / "shakespeare.part", ("http://x/",), "shakespeare")._state("http://x/")
    if not _is_whole(path, known):
        raise UserError("would be fetched again")
    return [known, path.read_bytes(), cut]


def unpack(folder: Path) -> Any:
    """Take a text out of an archive that was fetched, as an entry of the catalogue says."""
    from probe.corpus.catalogue import Entry, unpack_into

    entry = Entry("x", "x", "x", (), "utf-8", member="text.txt", member_bytes=20_000)
    unpack_into(folder / "text.zip", entry, folder / "x.txt")
    return (folder / "x.txt").read_bytes()


def read_texts(folder: Path) -> Any:
    """Read texts of several encodings."""
    from probe.corpus import Corpus, CorpusOptions

    found = []
    for path in sorted(folder.glob("text-*")):
        corpus = Corpus.read(path, CorpusOptions(encoding=path.suffix[1:]), folder=folder / "aside" / path.name)
        found.append([corpus.document().text, np.asarray(corpus.ids), corpus.splits])
    return found

"""Which text ranks units, and which confirms them."""

from probe.activations.extract import Extraction
from probe.activations.options import ExtractOptions
from probe.corpus import Corpus, Segment
from probe.model.run import Run


def selection_and_confirmation(run: Run, corpus: Corpus | None = None, *, checkpoint: str | int = "best",
                               options: ExtractOptions = ExtractOptions()) -> tuple[Extraction, Extraction]:
    """Return the two extractions of a scan, each of at most ``options.characters`` next to where they meet.

    Of the text that the run was trained on, its training and validation splits select and its test split confirms,
    whichever copy of that text is given. Of a foreign text the first half selects and the second confirms.

    Args:
        run: whose network reads.
        corpus: the text, read with ``vocabulary=run.corpus.vocabulary``. Defaults to the run's own.
        checkpoint: ``"best"``, ``"latest"`` or a step.
        options: how to compute.

    Raises:
        UserError: as :meth:`Extraction.of` does.
    """
    own = corpus is None or corpus.source["sha256"] == run.corpus.source["sha256"]
    text = run.corpus if own or corpus is None else corpus
    meet = run.corpus.splits.test.start if own else len(text) // 2
    segments = (Segment(max(0, meet - options.characters), meet),
                Segment(meet, min(len(text), meet + options.characters)))
    weights = run.checkpoint(checkpoint)  # read once: a training that goes on meanwhile may replace it
    selection, confirmation = (Extraction.of(run, segment, corpus=text, checkpoint=weights, options=options)
                               for segment in segments)
    return selection, confirmation

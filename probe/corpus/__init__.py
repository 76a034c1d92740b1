"""From text to ids: reading, vocabulary, splits, the embedded corpus, and the catalogue of known corpora."""

from probe.corpus.catalogue import Entry, Receipt, cache_folder, catalogue, get, receipt
from probe.corpus.corpus import Corpus
from probe.corpus.document import Document, FileSpan, Language
from probe.corpus.options import CorpusOptions
from probe.corpus.splits import Segment, Splits
from probe.corpus.vocabulary import Vocabulary

__all__ = [
    "Corpus", "CorpusOptions", "Document", "Entry", "FileSpan", "Language", "Receipt", "Segment", "Splits",
    "Vocabulary", "cache_folder", "catalogue", "get", "receipt",
]

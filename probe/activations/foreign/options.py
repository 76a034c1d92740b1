"""How a text enters somebody's own network."""

from dataclasses import dataclass

from probe.options import Options, option

KINDS = ("ids", "one-hot", "scalar")
DOCUMENTS = ("lines", "paragraphs", "files")


@dataclass(frozen=True)
class ForeignOptions(Options):
    """What the file of a network does not tell."""

    mapping: str | None = option(None, "which id each character has: a JSON file, or 'sorted' for the text's distinct "
                                 "characters from 0 in their order")
    stand_in: str | None = option(None, "a character or word of the mapping whose id characters without one get")
    input: str = option("auto", "what the network reads: ids, one-hot vectors, or numbers id/scale",
                        choices=("auto", *KINDS))
    scale: int | None = option(None, "what ids are divided by for a scalar input; by default the largest id + 1",
                               minimum=1)
    documents: str = option("none", "what is read by itself from the zero state; none reads the text as one",
                            choices=("none", *DOCUMENTS))

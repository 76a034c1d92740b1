"""Which of several sources is a passage from, letter by letter? Three convolutions over characters.

    python scripts/train_characters.py                          packages of Python's standard library
    python scripts/train_characters.py passages.jsonl           {"text": …, "label": …} a line: languages, authors …
"""

import sys
from pathlib import Path

from probe.errors import UserError
from probe.explain import (
    CharacterTokenizer,
    Examples,
    TeachingOptions,
    character_convolutions,
    explain_all,
    package_passages,
    teach,
    try_out,
    with_truth,
)
from probe.render import save_figure


def main(file: str | None, folder: Path) -> None:
    examples = Examples.read(file) if file else package_passages()
    print(examples)
    tokenizer = CharacterTokenizer.from_texts(examples.of("train").texts, 200)

    classifier = teach(character_convolutions, tokenizer, examples, length=400, options=TeachingOptions(epochs=12))
    print(try_out(classifier, examples.of("test")))
    print(f"classifier: {classifier.save(folder / 'classifier')}")

    # What each single character contributed …
    held_out = examples.of("test").sample(8)
    shown = with_truth(explain_all(classifier, held_out.texts, method="integrated_gradients"), held_out)
    # … and a map of the last convolution, laid on the characters that each of its positions sees.
    maps = with_truth(explain_all(classifier, held_out.texts, method="grad_cam", layer="convolution_3"), held_out)
    print(shown[0])
    print(f"page: {shown.to_html(folder / 'characters.html').resolve()}")
    print(f"page: {maps.to_html(folder / 'maps.html').resolve()}")
    save_figure(shown[0].figure(), folder / "passage.svg")
    save_figure(maps[0].strip(), folder / "strip.png")


if __name__ == "__main__":
    if len(sys.argv) > 2 or "--help" in sys.argv:
        sys.exit(__doc__)
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else None, Path("runs/characters"))
    except UserError as mistake:
        sys.exit(str(mistake))

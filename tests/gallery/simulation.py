"""Findings as a scan would give them, on a small text of our own with simulated units."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from probe.scan.evidence import Scores
from probe.scan.finding import Finding, Passage, PatternNote
from probe.scan.findings import Findings
from tests.gallery.simulated_evidence import (
    ROLL,
    UNITS,
    ablation_of,
    chance_of,
    correlation,
    largest_by_roll,
    ngram_guesses,
    probes_of,
    resampled,
    untrained_of,
)
from tests.gallery.simulated_portraits import alphabet_of, expected_of, gates_of, portrait_of

SELECTION = """The lamp in the workshop burned late that week. Ida had taken the clock apart
for the third time, and its wheels lay in rows on a towel, smallest to the
left, like a sentence waiting for its verb.

“You will never find it that way,” said her uncle from the door. “A clock is
not ill in its parts. It is ill in the way they meet.”

“Then show me where they meet,” said Ida, and she held the tweezers out to
him across the table. He laughed, and came in, and sat down, and for a while
neither of them said anything at all.

“Listen,” he said at last. “What do you hear?”

“Nothing. You stopped it on Tuesday.”

“Exactly. And what did you hear on Monday?”

She thought about it. On Monday there had been the rain, and the cart of the
baker, and under both a small limping sound that she had not noticed until
this moment, when it came back to her as clearly as a voice in the next room.

“It was late,” she said slowly, “but only every second time.”
"""

CONFIRMATION = """In the morning the square was white. Nobody had swept the steps of the town
hall, and the pigeons had printed the snow with small careful letters that
no one could read.

“It goes,” said Ida. She had carried the clock under her coat all the way
from the workshop, and she set it on the counter as one sets down a cat that
might not stay.

The clerk bent over it. “So it does,” he said. “And who, may I ask, has told
it the time?”

“I did.”

“And who told you?”

Ida looked at the tower, whose hands had stood at ten to four for longer
than she had been alive. “Nobody told me,” she said. “I listened to the
trains. They are late every day, but they are late by the same amount, and
if you know by how much, then being late is as good as being right.”

The clerk wrote this down. He wrote slowly, with his tongue between his
teeth, and when he had finished he blotted the page and turned it around so
that she could see it. It was her name, and after it, in brackets, a word
that she had to ask him about.

“It means,” he said, “that you may go up.”

There were a hundred and twelve steps. She counted them aloud, as her uncle
had taught her, since a number said aloud is harder to lose. Half way up she
stopped to breathe, and heard, above her, a sound like someone turning over
in bed. “I am coming,” she called. “Do not get up.”

Behind the last door the great wheels stood in the dust, taller than she
was. She put down her bag, and took off her gloves, and laid one hand flat
upon the cold iron. “Now then,” said Ida, as one says it to a horse. “Where
do you and I meet?”
"""

TWINS = 19
# Characters in a block of the bootstrap; a column keeps its memory for a line, and the text is too short for that.
BLOCK, LONG_BLOCK = 60, 600

PATTERNS: dict[str, tuple[PatternNote, Callable[[str], np.ndarray]]] = {}


def pattern(name: str, meaning: str, group: str, kind: str = "boolean") -> Callable[..., None]:
    def register(label: Callable[[str], np.ndarray]) -> None:
        PATTERNS[name] = PatternNote(name, meaning, group, kind), label
    return register


@pattern("inside_quotes", "Between an opening quotation mark and its closing mark; the marks are outside.", "dialogue")
def inside_quotes(text: str) -> np.ndarray:
    letters = np.array(list(text))
    opened, closed = np.cumsum(letters == "“"), np.cumsum(letters == "”")
    return (opened > closed) & (letters != "“")


@pattern("whitespace", "Spaces, tabs and newlines.", "typography")
def whitespace(text: str) -> np.ndarray:
    return np.array([character.isspace() for character in text])


@pattern("vowel", "One of a, e, i, o, u.", "typography")
def vowel(text: str) -> np.ndarray:
    return np.array([character in "aeiouAEIOU" for character in text])


@pattern("digit", "A digit 0 to 9.", "typography")
def digit(text: str) -> np.ndarray:
    return np.array([character.isdigit() for character in text])


@pattern("position_in_word", "Letters of its word up to and with this one; 0 between words.", "words", "graded")
def position_in_word(text: str) -> np.ndarray:
    counts, count = [], 0
    for character in text:
        count = count + 1 if character.isalpha() else 0
        counts.append(count)
    return np.array(counts)


@pattern("column_in_line", "Characters since the last newline.", "lines", "graded")
def column_in_line(text: str) -> np.ndarray:
    columns, column = [], 0
    for character in text:
        columns.append(column)
        column = 0 if character == "\n" else column + 1
    return np.array(columns)


LISTENED_TO = tuple(PATTERNS)


@pattern("odd_line", "The first line, the third, the fifth and so on.", "lines")
def odd_line(text: str) -> np.ndarray:
    return np.cumsum([0, *(character == "\n" for character in text[:-1])]) % 2 == 0


def simulated_activations(text: str, seed: int, twin: int = 0) -> np.ndarray:
    """Return (T, UNITS) float32 in (−1, 1): each unit leans on a pattern, some hardly, with memory and noise.

    A twin leans on other patterns, and hardly: what an untrained network does by accident.
    """
    random = np.random.default_rng([seed, twin])
    drive = random.normal(0, 0.7, (len(text), UNITS))
    fixed = np.random.default_rng([7, twin])  # what the units listen to is the same on every text
    for unit in range(UNITS):
        name = LISTENED_TO[(unit + twin) % 8 % len(LISTENED_TO)]
        labels = PATTERNS[name][1](text).astype(np.float64)
        spread = labels.std() or 1.0
        drive[:, unit] += fixed.normal(0, 0.06 if twin else 1.1) * (labels - labels.mean()) / spread
    activations = np.empty_like(drive)
    state = np.zeros(UNITS)
    for place, row in enumerate(drive):
        state = 0.45 * state + 0.55 * row
        activations[place] = np.tanh(1.3 * state)
    return activations.astype(np.float32)


def simulated_findings(selection: str = SELECTION, confirmation: str = CONFIRMATION, *, ranked: int = 5) -> Findings:
    """Return findings whose every score is computed from the simulation, by formulas that share nothing with probe."""
    notes = tuple(note for note, _ in PATTERNS.values())
    texts = {"selection": selection, "confirmation": confirmation}
    activations = {name: simulated_activations(text, seed) for seed, (name, text) in enumerate(texts.items())}
    labels = {name: np.stack([label(text) for _, label in PATTERNS.values()], 1).astype(np.float32)
              for name, text in texts.items()}
    scores = {name: [[scores_of(activations[name][:, u], labels[name][:, p], note.kind) for p, note in enumerate(notes)]
                     for u in range(UNITS)] for name in texts}
    values, truth, key = activations["confirmation"], labels["confirmation"], ("1", "hidden")
    present = [p for p in range(len(notes)) if np.ptp(truth[:, p])]
    largest = np.full((len(truth) // ROLL, len(notes)), np.nan)
    largest[:, present] = largest_by_roll(values, truth[:, present])
    twins = [simulated_activations(confirmation, 1, twin) for twin in range(1, TWINS + 1)]
    findings, controls = [], {f"ngram_{order}/correlation": np.full(len(notes), np.nan) for order in (1, 2, 3)}
    for p, note in enumerate(notes):
        guesses = [ngram_guesses(selection, labels["selection"][:, p], confirmation, order) for order in (1, 2, 3)]
        ngrams = tuple(scores_of(guess, truth[:, p], note.kind) for guess in guesses)
        for order, reached in enumerate(ngrams, start=1):
            controls[f"ngram_{order}/correlation"][p] = reached.correlation
        if note.name == "digit":
            continue
        best = guesses[int(np.argmax([abs(np.nan_to_num(reached.correlation)) for reached in ngrams]))]
        strength = [abs(np.nan_to_num(scores["selection"][u][p].correlation)) for u in range(UNITS)]
        for rank, u in enumerate(np.argsort(strength)[::-1][:ranked].tolist(), 1):
            confirmed = scores["confirmation"][u][p]
            length = LONG_BLOCK if note.name == "column_in_line" else BLOCK
            tried = note.name == "inside_quotes" and rank == 1
            interval, margin = resampled(values[:, u], truth[:, p], best, length)
            findings.append(Finding(
                note.name, rank, *key, u, scores["selection"][u][p], confirmed, 0, raw=confirmed, interval=interval,
                chance=chance_of(confirmed.correlation, largest, p), ngrams=ngrams, margin=margin,
                untrained=untrained_of(confirmed.correlation, twins, truth[:, p]),
                ablation=ablation_of("1", u, note.name, len(truth)) if tried else None,
                probes=probes_of(u, confirmed.correlation) if tried else ()))
    alphabet, gates = alphabet_of(selection + confirmation), gates_of(UNITS)
    passage = replace(packed(confirmation, truth, values),
                      **dict(zip(("expected", "chances"), expected_of(selection, confirmation, alphabet), strict=True)))
    portraits = tuple(portrait_of(u, confirmation, values, truth, notes, alphabet, float(gates.half_life[u]))
                      for u in dict.fromkeys(finding.unit for finding in findings))
    measures = {f"{name}/{measure}": np.array([[cell[measure] for cell in row] for row in scores[name]])
                for name in texts for measure in ("correlation", "auc")}
    log = [{"step": step, "loss": 1.9 + 2.2 * 0.97 ** (step / 20)} for step in range(50, 2001, 50)]
    log += [{"step": step, "validation_loss": 2.0 + 2.1 * 0.97 ** (step / 20)} for step in range(250, 2001, 250)]
    provenance = {"corpus": {"name": "the clock.txt", "characters": len(selection) + len(confirmation)}, "seed": 1}
    return Findings(notes, {key: tuple(range(UNITS))}, tuple(findings), measures, controls, (passage,), provenance,
                    tuple(log), portraits=portraits, saturation={"1": gates}, alphabet=alphabet)


def packed(text: str, labels: np.ndarray, activations: np.ndarray) -> Passage:
    low, high = float(activations.min()), float(activations.max())
    levels = np.rint((activations - low) / (high - low) * 255).astype(np.uint8)
    return Passage(0, text, labels, {("1", "hidden"): levels}, {("1", "hidden"): (low, high)},
                   {("1", "hidden"): range(levels.shape[1])})


def scores_of(values: np.ndarray, labels: np.ndarray, kind: str) -> Scores:
    if np.ptp(labels) == 0 or np.ptp(values) == 0:
        return Scores.of(correlation=float("nan"), auc=float("nan"))
    auc = float("nan")
    if kind == "boolean":
        inside, outside = values[labels > 0.5], np.sort(values[labels <= 0.5])
        below = np.searchsorted(outside, inside, "left") + np.searchsorted(outside, inside, "right")
        auc = float(below.mean() / 2 / len(outside))
    return Scores.of(correlation=correlation(values, labels), auc=auc)

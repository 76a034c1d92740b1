// Coloured text. A state is what a text shows: { text, values, scaled, shift, labels, pattern, passage, spans, linked }.
const texts = new WeakMap(); // element -> its state

const MARKS = { "\n": " newline", "\t": " tab" };
const IN_LINE = { "\n": "↵", "\t": "→" }; // what stands for characters that would end or stretch a single line

function spanOf(state, { stop, shown, blank }) {
  const span = document.createElement("span"), level = state.labels?.level[stop - 1], row = stop - 1 - state.shift;
  span.className = `${row < 0 ? "" : colourOf(state.scaled[row])}${level ? ` on${level}` : ""}${state.inLine ? "" : MARKS[shown] ?? ""}`
    + (blank ? " blank" : "");
  span.textContent = state.inLine ? IN_LINE[shown] ?? shown : shown;
  span.shown = shown;
  span.position = stop - 1;
  span.row = row;
  span.order = state.spans.length;
  state.spans.push(span);
  return span;
}

// Fills an element with the characters of a state, from one place to another.
function fillText(element, state, from, to) {
  const fragment = document.createDocumentFragment();
  state.spans = [];
  for (const cluster of clustersOf(state.text)) {
    if (cluster.start >= from && cluster.start < to) fragment.append(spanOf(state, cluster));
  }
  texts.set(element, state);
  element.replaceChildren(fragment);
}

const shiftNow = () => data.alignments[root.dataset.alignment]; // row t lies on text[t + shift]

// What is laid on a passage: by a unit, with the labels of a pattern under it.
function stateOf(unit, passage, pattern) {
  const source = data.sources[unit.source], shift = shiftNow();
  const values = valuesOf(levelsOf(unit, passage), source.scales[passage]);
  const laid = values.subarray(0, values.length - shift);
  return {
    text: data.passages[passage], passage: data.passages[passage], values, shift,
    scaled: scaled(laid, source, ownRange(laid)), labels: labelsOf(data.passages[passage], pattern),
    pattern: data.patterns[pattern].name,
  };
}

function drawPassage(element, unit, passage, pattern, from = 0, to = Infinity) {
  draw(element, () => {
    fillText(element, stateOf(unit, passage, pattern), from, to);
    element.setAttribute("aria-label",
      `Text coloured by unit ${labelOf(unit)}; the arrow keys read it character by character`);
  });
}

// A context of a unit in one line, the character that was chosen in the middle.
function drawContext(element, unit, portrait, context) {
  draw(element, () => {
    const source = data.sources[unit.source], shift = shiftNow();
    const values = valuesOf(bytesOf(context.levels), [portrait.low, portrait.high]);
    const state = { text: context, values, shift, spans: [], inLine: true };
    state.scaled = scaled(values, source, portraitRange(portrait));
    const parts = ["before", "chosen", "after"].map(className => make("span", { className }));
    for (const cluster of clustersOf(context)) {
      const part = cluster.stop <= context.at ? 0 : cluster.start <= context.at ? 1 : 2;
      parts[part].append(spanOf(state, cluster));
    }
    texts.set(element, state);
    element.replaceChildren(make("span", { className: "cut" }, parts[0]), ...parts.slice(1));
  });
}

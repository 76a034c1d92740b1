// The note that tells the numbers of one character, by mouse or by keyboard.
const reading = document.getElementById("reading");
const NAMES = { "\n": "newline", "\t": "tab", " ": "space", "\u00a0": "no-break space" };

function numbersOf(state, span) {
  const { position, row } = span, before = row < position ? ", before it was read" : "";
  const value = row < 0 ? "no activation yet"
    : `raw ${state.values[row].toFixed(3)}${before} · scaled ${state.scaled[row].toFixed(3)}`;
  const label = state.labels ? ` · ${state.pattern}: ${state.labels.words[position]}` : "";
  return `${NAMES[span.shown] ?? `‘${span.shown}’`} · ${value}${label}`;
}

function expectationOf(state, span) {
  const guesses = expectedAfter(state.passage, span.row);
  if (!guesses.length) return "";
  const told = guesses.map(([name, chance]) => `${name.length === 1 ? `‘${name}’` : name} ${chance.toFixed(chance < 10 ? 1 : 0)} %`);
  return `${span.row < span.position ? "expected here" : "then expects"} ${told.join(" · ")}`;
}

function mark(span) {
  for (const former of document.querySelectorAll(".at")) former.classList.remove("at");
  span?.classList.add("at");
}

function read(element, span) {
  const state = texts.get(element);
  mark(span);
  for (const other of state.linked ?? []) if (other !== element) texts.get(other)?.spans[span.order]?.classList.add("at");
  state.at = span.order;
  const lines = [numbersOf(state, span), expectationOf(state, span)].filter(Boolean);
  reading.replaceChildren(...lines.map(line => make("div", { textContent: line })));
  tellAt(span.getClientRects()[0] ?? span.getBoundingClientRect());
}

// Puts the note beside a box on the screen.
function tellAt(box) {
  reading.hidden = false;
  const note = reading.getBoundingClientRect(), above = box.top - note.height - 8;
  reading.style.left = `${Math.max(8, Math.min(box.left, root.clientWidth - note.width - 8))}px`;
  reading.style.top = `${above > 44 ? above : box.bottom + 8}px`;
}

function stopReading() {
  reading.hidden = true;
  mark(null);
}

// The character a line above or below: the first in that direction on another line that is nearest to this column.
function onNextLine(spans, at, direction) {
  const here = spans[at].getBoundingClientRect();
  let best = at, distance = Infinity, line = null;
  for (let next = at + direction; next >= 0 && next < spans.length; next += direction) {
    const box = spans[next].getBoundingClientRect();
    if (Math.abs(box.bottom - here.bottom) < here.height / 2) continue;
    line ??= box.bottom;
    if (Math.abs(box.bottom - line) > here.height / 2) break;
    if (Math.abs(box.left - here.left) < distance) { best = next; distance = Math.abs(box.left - here.left); }
  }
  return best;
}

function walk(event, element) {
  const state = texts.get(element);
  if (!state?.spans.length || event.ctrlKey || event.metaKey || event.altKey) return;
  const last = state.spans.length - 1, at = Math.min(state.at ?? -1, last), start = Math.max(0, at);
  const steps = {
    ArrowRight: () => at + 1, ArrowLeft: () => at - 1, Home: () => 0, End: () => last,
    ArrowDown: () => onNextLine(state.spans, start, 1), ArrowUp: () => onNextLine(state.spans, start, -1),
  };
  if (event.key === "Escape") return stopReading();
  if (!(event.key in steps)) return;
  event.preventDefault();
  if (state.inLine && /Up|Down/.test(event.key)) return toNextContext(element, event.key === "ArrowDown" ? 1 : -1);
  const span = state.spans[Math.min(last, Math.max(0, steps[event.key]()))];
  span.scrollIntoView({ block: "nearest" });
  read(element, span);
}

// Contexts are one stop of the keyboard together.
function toNextContext(element, direction) {
  const rows = Array.from(document.querySelectorAll(".context")), next = rows[rows.indexOf(element) + direction];
  if (!next) return;
  element.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

const textAt = target => target instanceof Element ? target.closest(".text") : null;

function point(event) {
  const element = textAt(event.target);
  if (element && texts.has(element) && event.target.position !== undefined) read(element, event.target);
}

function startReading() {
  document.addEventListener("mouseover", point);
  document.addEventListener("click", point);
  document.addEventListener("mouseout", event => {
    if (textAt(event.target) && textAt(event.relatedTarget) !== textAt(event.target)) stopReading();
  });
  document.addEventListener("focusout", event => { if (textAt(event.target)) stopReading(); });
  document.addEventListener("keydown", event => {
    const element = textAt(event.target);
    if (element) walk(event, element);
  });
  addEventListener("scroll", () => { if (!textAt(document.activeElement)) stopReading(); }, { passive: true });
}

// The live box: a text field over a coloured text of the same size. Its letters are seen through the field, which shows
// the caret and the selection alone; both break their lines alike.
const BREATH = 12; // milliseconds of reading between two looks at the keyboard
const AMONG = ["stretched", "quantile"]; // scalings by which a colour depends on all of the text
// No letter to show: controls, and what reorders a line.
const UNSEEN = /[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

function openLive(works, live) {
  const part = name => works.querySelector(`.live-${name}`);
  const field = part("field"), shown = part("shown"), told = part("told"), next = part("next");
  const idea = part("idea"), layer = part("layer"), unit = part("unit"), signal = part("signal");
  const network = new LiveNetwork(live);
  // A cell is one visible character; values and shares hold the unit's activation after each character read, as it is
  // and scaled.
  let lines = [], cells = [], values = [], shares = [], chosen = null, waiting = 0, pointed = null, at = null;

  // What is drawn as one character, as far as the browser can tell.
  const segmenter = "Segmenter" in Intl ? new Intl.Segmenter("en", { granularity: "grapheme" }) : null;
  const clustersIn = text => segmenter && !/^[\0-\x7f]*$/.test(text)
    ? Array.from(segmenter.segment(text), ({ segment }) => segment) : Array.from(text);

  function cellOf(cluster) {
    const cell = make("span", { textContent: cluster }), points = Array.from(meant(cluster));
    cell.shown = cluster;
    cell.points = points.length;
    cell.kind = `${points.every(point => network.known.has(point)) ? "" : " strange"}${MARKS[cluster] ?? (UNSEEN.test(meant(cluster)) ? " control" : "")}`;
    return cell;
  }

  // How many of the first and of the last entries stay as they are.
  function staying(former, wanted, same) {
    const least = Math.min(former.length, wanted.length);
    let head = 0, tail = 0;
    while (head < least && same(former[head], wanted[head])) head++;
    while (tail < least - head && same(former[former.length - 1 - tail], wanted[wanted.length - 1 - tail])) tail++;
    return [head, tail];
  }

  function fillLine({ element, cells }, clusters) {
    const [head, tail] = staying(cells, clusters, (cell, cluster) => cell.shown === cluster);
    const fresh = clusters.slice(head, clusters.length - tail).map(cellOf), kept = cells.slice(cells.length - tail);
    for (const cell of cells.slice(head, cells.length - tail)) cell.remove();
    if (kept.length) kept[0].before(...fresh); else element.append(...fresh);
    return { element, cells: cells.slice(0, head).concat(fresh, kept) };
  }

  // Bring the cells to a text. Each line is a block of its own, so that a key lays out a line and not the whole text.
  function lay(clusters) {
    const wanted = [[]];
    for (const cluster of clusters) {
      wanted[wanted.length - 1].push(cluster);
      if (cluster === "\n") wanted.push([]);
    }
    const [head, tail] = staying(lines, wanted, ({ cells }, line) =>
      cells.length === line.length && cells.every(({ shown }, place) => shown === line[place]));
    const former = lines.slice(head, lines.length - tail), kept = lines.slice(lines.length - tail);
    const fresh = wanted.slice(head, wanted.length - tail)
      .map((line, place) => fillLine(former[place] ?? { element: make("div"), cells: [] }, line));
    for (const { element } of former.slice(fresh.length)) element.remove();
    for (const { element } of fresh.slice(former.length)) shown.insertBefore(element, kept[0]?.element ?? null);
    lines = lines.slice(0, head).concat(fresh, kept);
    cells = lines.flatMap(line => line.cells);
    let place = -1;
    for (const cell of cells) cell.row = place += cell.points; // of its last character
  }

  // Forget what is known of the unit from a character on.
  function forget(from) {
    values.length = Math.min(values.length, from);
    shares.length = Math.min(shares.length, from);
    for (const cell of cells) if (cell.row >= from) cell.className = "";
  }

  // Colour what has been read since.
  function colour() {
    const shift = shiftNow(), view = live.signals[chosen.signal];
    const scaling = root.dataset.scaling === "by_signal" ? view.by_signal : root.dataset.scaling;
    while (values.length < network.done) values.push(network.value(chosen.layer, chosen.signal, chosen.unit, values.length));
    const from = AMONG.includes(scaling) ? 0 : shares.length;
    const rows = values.slice(from, Math.max(from, network.points.length - shift)), read = rows.filter(Number.isFinite);
    const scale = scalings[scaling](Float64Array.from(read), view.ends, ownRange(read));
    let count = 0;
    shares = shares.slice(0, from).concat(rows.map(value => Number.isFinite(value) ? scale[count++] : NaN));
    for (const cell of cells) {
      const row = cell.row - shift;
      if (row < from && cell.className) continue;
      const kind = (Number.isFinite(shares[row]) ? colourOf(shares[row]) : "") + cell.kind;
      if (cell.className !== kind) cell.className = kind;
    }
  }

  // Say what is known of the character before the caret, or under the pointer.
  function tell() {
    const caret = Array.from(field.value.slice(0, field.selectionStart)).length - 1;
    const cell = pointed ?? (caret < 0 ? null : cells.find(({ row }) => row >= caret));
    at?.classList.remove("at");
    at = cell?.row < network.done ? cell : null;
    next.replaceChildren();
    told.textContent = cell ? "Reading…" : "Nothing is read before this.";
    if (!at) return;
    at.classList.add("at");
    const { row } = at, character = network.points[row], place = row - shiftNow();
    const value = place < 0 ? "no activation yet" : Number.isNaN(values[place]) ? "not read"
      : `${values[place].toFixed(3).replace("-", "−")}, scaled ${shares[place].toFixed(3)}`;
    const strange = network.known.has(character) ? ""
      : network.other < 0 ? " · the network does not know it" : " · read as another character";
    told.textContent = `${nameOf(character)} · unit ${chosen.layer.name}:${chosen.unit}: ${value}${strange}`;
    next.append(...network.expected(row, 5).map(({ id, probability }) => make("li", {},
      make("bdi", { textContent: live.names[id] }), ` ${(100 * probability).toFixed(probability < 0.1 ? 1 : 0)} %`)));
  }

  function nameOf(point) {
    const name = live.names[network.known.get(point)];
    if (name !== undefined) return name.length > 2 ? name : `‘${name}’`;
    const code = `U+${point.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    return UNSEEN.test(point) ? code : `‘${point}’ ${code}`;
  }

  // Read for a moment, show what there is, and go on when keyboard and screen have had their turn.
  function goOn() {
    const all = network.read(BREATH);
    colour();
    tell();
    works.setAttribute("aria-busy", String(!all));
    if (!all) waiting = setTimeout(goOn);
  }

  function take() {
    clearTimeout(waiting);
    tame(field);
    forget(network.change(Array.from(meant(field.value))));
    lay(clustersIn(field.value));
    pointed = null;
    goOn();
  }

  function show() {
    forget(0);
    colour();
    tell();
  }

  function choose() {
    const wanted = network.layers.find(({ name }) => name === layer.value), number = Number(unit.value);
    unit.max = wanted.units - 1;
    const wrong = unit.value === "" || !Number.isInteger(number) || number < 0 || number >= wanted.units;
    unit.setAttribute("aria-invalid", String(wrong));
    part("wrong").textContent = wrong ? `no such unit: take 0 to ${wanted.units - 1}` : "";
    if (wrong) return;
    chosen = { layer: wanted, unit: number, signal: signal.value };
    const is = one => one?.[0] === wanted.name && one[1] === chosen.signal && one[2] === number;
    const place = live.ideas.findIndex(is);
    if (!is(live.ideas[idea.selectedIndex])) idea.selectedIndex = place < 0 ? live.ideas.length : place;
    draw(shown, show);
  }

  function chooseIdea() {
    if (idea.selectedIndex < live.ideas.length) [layer.value, signal.value, unit.value] = live.ideas[idea.selectedIndex];
    choose();
  }

  // Cells lie under the field, which takes the pointer.
  function point({ clientX, clientY }) {
    const under = document.elementsFromPoint(clientX, clientY).find(({ row }) => row !== undefined) ?? null;
    if (under !== pointed) { pointed = under; tell(); }
  }

  idea.addEventListener("change", chooseIdea);
  for (const control of [layer, signal]) control.addEventListener("change", choose);
  unit.addEventListener("input", choose);
  field.addEventListener("input", take);
  for (const happening of ["copy", "cut"]) field.addEventListener(happening, event => copyMeant(field, event, take));
  field.addEventListener("pointermove", point);
  field.addEventListener("pointerleave", () => { pointed = null; tell(); });
  document.addEventListener("selectionchange", () => { if (document.activeElement === field) tell(); });

  field.maxLength = network.room;
  field.value = live.text;
  idea.selectedIndex = live.first;
  chooseIdea();
  take();
}

// The weights are unpacked when the box comes on the screen.
for (const works of document.querySelectorAll(".live-works")) {
  works.hidden = false;
  new IntersectionObserver((entries, seen) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    seen.disconnect();
    openLive(works, JSON.parse(works.querySelector(".live-data").textContent));
  }).observe(works);
}

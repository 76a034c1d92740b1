// Any unit on any passage, up to three side by side. What is shown stands in the address: passage/unit~pattern/…
const MOST_COLUMNS = 3;
let columns = [], passageRead = 0;

const heldHere = (unit, passage) => data.held[`${passage}-${unit.source}`] !== undefined;

function showReader(parts) {
  const [named, ...asked] = parts, passage = named || data.specimens[data.specimens.length - 1]?.passage;
  passageRead = data.passages[passage]?.text === undefined ? data.passages.findIndex(each => each.text !== undefined)
    : Number(passage);
  columns = asked.slice(0, MOST_COLUMNS).map(each => {
    const [name, pattern] = each.split("~"), unit = unitAt(name);
    return unit && heldHere(unit, passageRead) ? { unit, pattern: Number(pattern) in data.patterns ? Number(pattern) : 0 } : null;
  }).filter(Boolean);
  if (!columns.length) columns = [firstColumn()];
  fillOptions(document.getElementById("read-passage"),
    data.passages.map(({ where, length }, index) => [index, `from character ${where}, ${length.toLocaleString("en")} long`]),
    passageRead);
  document.getElementById("read-units").replaceChildren(...unitsHere().map(value => make("option", { value })));
  drawColumns();
}

// The unit that opens the gallery if it is here, else the first.
function firstColumn() {
  const opening = data.specimens[data.specimens.length - 1];
  const source = data.sources.findIndex((_, index) => data.held[`${passageRead}-${index}`] !== undefined);
  const known = opening && heldHere(opening, passageRead);
  return known ? { unit: { source: opening.source, place: opening.place }, pattern: opening.pattern }
    : { unit: { source, place: 0 }, pattern: 0 };
}

function unitsHere() {
  return data.sources.flatMap((source, index) => data.held[`${passageRead}-${index}`] === undefined ? []
    : source.units.map((_, place) => labelOf({ source: index, place })));
}

// The unit that a reader has typed; null if there is none of that name here.
function unitTyped(typed) {
  const here = unitsHere(), sought = typed.trim(), exact = here.indexOf(sought);
  const index = exact < 0 && sought ? here.findIndex(label => named(label, sought)) : exact;
  if (index < 0) return null;
  let first = 0;
  for (const [source, { units }] of data.sources.entries()) {
    if (data.held[`${passageRead}-${source}`] === undefined) continue;
    if (index < first + units.length) return { source, place: index - first };
    first += units.length;
  }
  return null;
}

function drawColumns() {
  const place = document.getElementById("read-columns");
  place.replaceChildren(...columns.map(columnOf));
  place.className = `columns of${columns.length}`;
  const linked = Array.from(place.querySelectorAll(".text"));
  for (const [index, text] of linked.entries()) {
    const { unit, pattern } = columns[index];
    drawPassage(text, unit, passageRead, pattern);
    const how = drawings.get(text);
    draw(text, () => { how(); texts.get(text).linked = linked; });
  }
  document.getElementById("read-more").hidden = columns.length >= MOST_COLUMNS;
}

function columnOf(column, index) {
  const name = make("input", { value: labelOf(column.unit), size: 12, autocomplete: "off" });
  name.setAttribute("list", "read-units");
  name.addEventListener("change", () => {
    const unit = unitTyped(name.value);
    name.setCustomValidity(unit ? "" : `There is no unit ${name.value} here; an example is ${labelOf(column.unit)}.`);
    if (name.reportValidity()) { column.unit = unit; keep(); }
  });
  name.addEventListener("blur", () => {
    name.value = labelOf(column.unit);
    name.setCustomValidity("");
  });
  const marks = make("select");
  fillOptions(marks, data.patterns.map((pattern, p) => [p, pattern.name]), column.pattern);
  marks.addEventListener("change", () => { column.pattern = Number(marks.value); keep(); });
  const own = make("a", { href: unitHref(column.unit), textContent: "its own page" });
  const sift = make("p", { className: "sift" }, make("label", {}, "unit ", name), make("label", {}, "line ", marks), own);
  if (columns.length > 1) {
    const away = make("button", { type: "button", textContent: "away" });
    away.addEventListener("click", () => { columns.splice(index, 1); keep(); });
    sift.append(away);
  }
  const text = make("div", { className: "text", tabIndex: 0, role: "group", dir: "auto" });
  return make("figure", { className: "specimen" }, sift, text);
}

// Draws what is chosen now, and puts it into the address, so that it can be sent.
function keep() {
  history.replaceState(history.state, "", readHref(passageRead, columns).replace(/^[^#]*/, ""));
  drawColumns();
}

// A unit to stand beside the last: the one most like it, else that of the next finding.
function oneMore() {
  const last = columns[columns.length - 1], alike = data.portraits[addressOf(last.unit)]?.similar ?? [];
  const shown = new Set(columns.map(({ unit }) => addressOf(unit)));
  return [...alike.map(([source, place]) => ({ unit: { source, place }, pattern: last.pattern })),
    ...data.specimens.map(({ source, place, pattern }) => ({ unit: { source, place }, pattern }))]
    .find(({ unit }) => heldHere(unit, passageRead) && !shown.has(addressOf(unit))) ?? { ...last };
}

function startReader() {
  const passage = document.getElementById("read-passage");
  passage?.addEventListener("change", () => { location.href = carried(readHref(Number(passage.value), columns)); });
  document.getElementById("read-more")?.addEventListener("click", () => {
    columns.push(oneMore());
    keep();
    document.querySelector(".columns .specimen:last-child input").select();
  });
}

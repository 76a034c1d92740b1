// The page of one unit, filled anew for each.
const part = name => document.getElementById(`unit-${name}`);

function showUnit(unit) {
  const address = addressOf(unit), words = data.units[address], portrait = data.portraits[address];
  part("title").textContent = words.title;
  part("opening").textContent = words.opening;
  const patterns = byStrength(unit);
  fillOptions(part("pattern"), patterns.map(p => [p, `${data.patterns[p].name} ${hundredths(toldBy(unit, p))}`]),
    words.evidence[0]?.pattern ?? patterns[0]);
  fillOptions(part("passage"), data.passages.map(({ where }, index) =>
    [index, `from character ${where}${index === words.passage ? ", where it shows most" : ""}`]), words.passage);
  const drawText = () => showChosen(unit, portrait);
  part("pattern").onchange = drawText;
  part("passage").onchange = drawText;
  drawText();
  showPortrait(unit, portrait);
  part("bare").hidden = !words.bare;
  showMemory(portrait?.memory ?? words.bare ?? []);
  showEvidence(words.evidence);
  showScores(unit, patterns);
  return words.title;
}

const toldBy = (unit, pattern) => scoreOf("confirmed", unit, pattern) ?? scoreOf("chosen", unit, pattern);

// All patterns, those first with which the unit goes most.
function byStrength(unit) {
  const strengths = data.patterns.map((_, p) => toldBy(unit, p)).map(score => score === null ? -1 : Math.abs(score));
  return Array.from(strengths.keys()).sort((one, other) => strengths[other] - strengths[one]);
}

// The text and the histogram, for the passage and the pattern that are chosen.
function showChosen(unit, portrait) {
  const pattern = Number(part("pattern").value), passage = Number(part("passage").value);
  const figure = document.querySelector("#unit .specimen");
  drawPassage(figure.querySelector(".text"), unit, passage, pattern);
  figure.querySelector(".marked").textContent = data.patterns[pattern].name;
  part("read").href = readHref(passage, [{ unit, pattern }]);
  if (portrait) {
    drawHistogram(document.querySelector("#unit-values .histogram"), unit, pattern);
    document.querySelector("#unit-values .split").textContent = `${told(portrait.low)} to ${told(portrait.high)}`
      + (data.patterns[pattern].kind === "boolean"
        ? `; upwards inside “${data.patterns[pattern].name}”, downwards elsewhere` : "; of all characters");
  }
}

function showPortrait(unit, portrait) {
  for (const name of ["values", "contexts", "pushes", "relations"]) part(name).hidden = !portrait;
  if (!portrait) return;
  document.querySelector("#unit-contexts .characters").textContent = portrait.characters;
  document.querySelector(".contexts").replaceChildren(...portrait.bands.map(([name, contexts]) =>
    make("section", {}, make("h3", { textContent: name }), ...contexts.map(context => {
      const row = make("div", { className: "text context", tabIndex: -1, role: "group", dir: "auto" });
      row.setAttribute("aria-label", `${name}, at character ${context.where}`);
      drawContext(row, unit, portrait, context);
      return row;
    }))));
  document.querySelector(".context")?.setAttribute("tabindex", 0); // the arrow keys lead from one to the next
  for (const name of ["written", "measured"]) {
    part(name).hidden = !portrait[name].length;
    part(name).querySelector("tbody").replaceChildren(...portrait[name].map(([character, change, share]) =>
      make("tr", { className: share < 0 ? "away" : "towards" }, make("th", { scope: "row", textContent: character }),
        make("td", { textContent: change }), make("td", {}, barOf(share)))));
  }
  part("pushes").hidden = !portrait.written.length && !portrait.measured.length;
  for (const name of ["similar", "opposite"]) {
    part(name).querySelector("ul").replaceChildren(...portrait[name].map(([source, place, correlation]) =>
      make("li", {}, make("a", { href: unitHref({ source, place }), textContent: `unit ${labelOf({ source, place })}` }),
        ` ${correlation}`)));
    part(name).hidden = !portrait[name].length;
  }
  part("relations").hidden = !portrait.similar.length && !portrait.opposite.length;
}

function showMemory(told) {
  part("memory").hidden = !told.length;
  part("memory").querySelector("ul").replaceChildren(...told.map(said => make("li", { textContent: said })));
}

// A line from the middle, to the right for what is positive.
function barOf(share) {
  const svg = makeDrawn("svg", { class: "scale", viewBox: "0 0 120 12", "aria-hidden": "true" });
  svg.append(makeDrawn("line", { x1: 60, x2: 60, y1: 0, y2: 12 }),
    makeDrawn("line", { class: "interval", x1: 60, x2: 60 + 58 * share, y1: 6, y2: 6 }));
  return svg;
}

// What the columns of a table of scores are called in the list of words; all others are n-grams.
const ASKED = { chosen: "selection", confirmed: "confirmation", unquantised: "raw" };

function showEvidence(found) {
  part("evidence").hidden = !found.length;
  part("evidence").querySelector("div").replaceChildren(...found.map(each => {
    const told = [["ablation", "Is it used?", each.used], ["probe", "Together,", each.together
      && `what units of its layer tell as a correlation: ${each.together}`], ["p", "Chance:", each.null && `${each.null}.`]];
    const heads = [ask("measures", "measure"), ...each.heads.map(name => ask(ASKED[name] ?? "ngram", name))];
    const rows = each.rows.map(([name, ...values]) => make("tr", {}, make("th", { scope: "row", textContent: name }),
      ...values.map(value => make("td", { textContent: value }))));
    return make("section", {},
      make("h3", { textContent: data.patterns[each.pattern].name }),
      make("p", {}, `Number ${each.rank} for this pattern. ${each.claimed} `, ask("interval", "Interval"),
        ` ${each.interval}; lead over the `, ask("ngram", "n-grams"), ` ${each.margin}; best `,
        ask("untrained", "untrained"), ` unit ${each.untrained}.`),
      ...told.filter(([, , said]) => said).map(([name, label, said]) =>
        make("p", { className: "modest" }, ask(name, label), ` ${said}`)),
      make("details", { className: "scores" }, make("summary", { textContent: "every score" }),
        make("div", { className: "sheet" }, make("table", {},
          make("thead", {}, make("tr", {}, ...heads.map(head => make("th", { scope: "col" }, head)))),
          make("tbody", {}, ...rows)))));
  }));
}

function showScores(unit, patterns) {
  const scored = patterns.filter(p => toldBy(unit, p) !== null);
  part("scores").hidden = !scored.length;
  part("scores").querySelector("tbody").replaceChildren(...scored.map(p => make("tr", {},
    make("th", { scope: "row", textContent: data.patterns[p].name, title: data.patterns[p].meaning }),
    ...["chosen", "confirmed"].map(table => make("td", { textContent: hundredths(scoreOf(table, unit, p)) })),
    make("td", { className: "wide" }, barOf(toldBy(unit, p) / 100)))));
}

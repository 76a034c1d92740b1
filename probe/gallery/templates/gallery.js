"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const reading = document.getElementById("reading");
  const drawn = new Map(); // figure -> its state, once its colours have been drawn

  // Each takes the raw values of one unit on one passage (Float64Array), and the values at the ends of the colours, to
  // [0, 1]; as in probe/render/scaling.py.
  const scalings = {
    sigmoid: values => values.map(value => (1 + Math.tanh(value / 2)) / 2),
    raw: (values, [low, high]) => values.map(value => Math.min(1, Math.max(0, (value - low) / (high - low)))),
    tanh: values => values.map(value => (Math.tanh(value) + 1) / 2),
    stretched: values => {
      let low = Infinity, high = -Infinity;
      for (const value of values) { low = Math.min(low, value); high = Math.max(high, value); }
      return values.map(value => high > low ? (value - low) / (high - low) : 0.5);
    },
    quantile: values => {
      const sorted = Float64Array.from(values).sort(), middle = new Map();
      for (let first = 0, next; first < sorted.length; first = next) {
        for (next = first + 1; next < sorted.length && sorted[next] === sorted[first];) next++;
        middle.set(sorted[first], (first + next) / 2 / sorted.length);
      }
      return values.map(value => middle.get(value));
    },
  };

  const bytesOf = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));

  // In single precision and in this order, as Passage.values computes them.
  const valuesOf = ({ bytes, low, high }) => {
    const step = Math.fround((high - low) / 255), base = Math.fround(low);
    return Float64Array.from(bytesOf(bytes), byte => Math.fround(base + Math.fround(byte * step)));
  };

  const labelsOf = (track, length) => {
    if ("bits" in track) {
      const bits = bytesOf(track.bits);
      const on = Array.from({ length }, (_, place) => (bits[place >> 3] >> (7 - (place & 7))) & 1);
      return { level: on.map(label => 4 * label), words: on.map(label => label ? "yes" : "no") };
    }
    const shares = Array.from(bytesOf(track.bytes), byte => byte / 255);
    return {
      level: shares.map(share => Math.round(4 * share)),
      words: shares.map(share => String(Math.round(100 * (track.low + share * (track.high - track.low))) / 100)),
    };
  };

  const clustersOf = passage => {
    if (!passage.clusters) {
      const points = Array.from(passage.text), joined = new Map(passage.joined);
      passage.points = points;
      passage.clusters = [];
      for (let start = 0, stop; start < points.length; start = stop) {
        stop = joined.get(start) ?? start + 1;
        passage.clusters.push({ start, stop, shown: passage.spelt[start] ?? points.slice(start, stop).join("") });
      }
    }
    return passage.clusters;
  };

  const indexOf = (scaled, steps) => Math.min(steps - 1, Math.max(0, Math.floor(scaled * 100 / (100 / steps))));

  const MARKS = { "\n": " newline", "\t": " tab" };

  function draw(figure) {
    const specimen = data.specimens[figure.dataset.specimen];
    const state = drawn.get(figure) ?? { choice: 0, whole: false };
    drawn.set(figure, state);
    const choice = specimen.choices[state.choice], passage = data.passages[choice.passage];
    const clusters = clustersOf(passage), steps = data.palettes[root.dataset.palette];
    const trace = data.traces[choice.trace], shift = data.alignments[root.dataset.alignment];
    state.values = valuesOf(trace);
    const laid = state.values.subarray(0, state.values.length - shift); // row t lies on text[t + shift]
    state.scaled = scalings[root.dataset.scaling === "by_signal" ? trace.by_signal : root.dataset.scaling](laid, trace.ends);
    state.labels = labelsOf(data.tracks[choice.track], passage.points.length);
    state.pattern = specimen.pattern;
    state.spans = [];
    const [from, to] = state.whole ? [0, Infinity] : choice.excerpt;
    const fragment = document.createDocumentFragment();
    for (const { start, stop, shown } of clusters) {
      if (start < from || start >= to) continue;
      const span = document.createElement("span"), level = state.labels.level[stop - 1], row = stop - 1 - shift;
      span.className = `${row < 0 ? "" : `c${indexOf(state.scaled[row], steps)}`}${level ? ` on${level}` : ""}${MARKS[shown] ?? ""}`;
      span.textContent = shown;
      span.position = stop - 1;
      span.row = row;
      span.order = state.spans.length;
      state.spans.push(span);
      fragment.append(span);
    }
    const text = figure.querySelector(".text");
    text.replaceChildren(fragment);
    text.setAttribute("aria-label",
      `Text coloured by unit ${choice.unit}; the arrow keys read it character by character`);
    figure.querySelector(".shown").textContent = choice.unit;
    const button = figure.querySelector(".whole");
    button.hidden = choice.excerpt[1] - choice.excerpt[0] >= passage.points.length;
    button.textContent = state.whole ? "the excerpt alone"
      : `the whole passage, ${passage.points.length.toLocaleString("en")} characters`;
  }

  const NAMES = { "\n": "newline", "\t": "tab", " ": "space", "\u00a0": "no-break space" };

  function read(state, span) {
    for (const former of document.querySelectorAll(".at")) former.classList.remove("at");
    span.classList.add("at");
    state.at = span.order;
    const { position, row } = span, shown = span.textContent, before = row < position ? ", before it was read" : "";
    const value = row < 0 ? "no activation yet"
      : `raw ${state.values[row].toFixed(3)}${before} · scaled ${state.scaled[row].toFixed(3)}`;
    reading.textContent = `${NAMES[shown] ?? `‘${shown}’`} · ${value} · ${state.pattern}: ${state.labels.words[position]}`;
    reading.hidden = false;
    const box = span.getClientRects()[0] ?? span.getBoundingClientRect(), note = reading.getBoundingClientRect();
    const left = Math.min(box.left, root.clientWidth - note.width - 8);
    const above = box.top - note.height - 8;
    reading.style.left = `${Math.max(8, left)}px`;
    reading.style.top = `${above > 44 ? above : box.bottom + 8}px`;
  }

  function stopReading() {
    reading.hidden = true;
    for (const former of document.querySelectorAll(".at")) former.classList.remove("at");
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

  function move(event, figure) {
    const state = drawn.get(figure);
    if (!state || !state.spans.length || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = Math.min(state.at ?? -1, state.spans.length - 1), start = Math.max(0, at);
    const steps = {
      ArrowRight: () => at + 1, ArrowLeft: () => at - 1, Home: () => 0, End: () => state.spans.length - 1,
      ArrowDown: () => onNextLine(state.spans, start, 1), ArrowUp: () => onNextLine(state.spans, start, -1),
    };
    if (event.key === "Escape") return stopReading();
    if (!(event.key in steps)) return;
    event.preventDefault();
    const span = state.spans[Math.min(state.spans.length - 1, Math.max(0, steps[event.key]()))];
    span.scrollIntoView({ block: "nearest" });
    read(state, span);
  }

  function drawLegend() {
    const { palette, scaling } = root.dataset, [first, last] = data.reach[scaling][palette];
    document.getElementById("ramp").replaceChildren(...Array.from({ length: data.palettes[palette] }, (_, step) => {
      const cell = document.createElement("i");
      cell.className = `c${step}${step < first || step > last ? " beyond" : ""}`;
      return cell;
    }));
    document.getElementById("legend").title = data.scalings[scaling];
  }

  const figures = Array.from(document.querySelectorAll(".specimen"));
  const nearby = new IntersectionObserver(entries => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) { nearby.unobserve(target); if (!drawn.has(target)) draw(target); }
    }
  }, { rootMargin: "600px" });

  for (const figure of figures) {
    const text = figure.querySelector(".text");
    const point = event => {
      const state = drawn.get(figure);
      if (state && event.target.position !== undefined) read(state, event.target);
    };
    text.addEventListener("mouseover", point);
    text.addEventListener("click", point);
    text.addEventListener("mouseleave", stopReading);
    text.addEventListener("blur", stopReading);
    text.addEventListener("keydown", event => move(event, figure));
    figure.querySelector(".whole").addEventListener("click", () => {
      const state = drawn.get(figure);
      state.whole = !state.whole;
      draw(figure);
    });
    nearby.observe(figure);
  }

  for (const table of document.querySelectorAll(".units")) {
    const figure = table.parentElement.querySelector(".specimen");
    const heads = Array.from(table.querySelectorAll("[data-choice]"));
    for (const head of heads) {
      const button = document.createElement("button"), row = head.parentElement;
      button.type = "button";
      button.textContent = head.textContent;
      button.setAttribute("aria-pressed", String(head.dataset.choice === "0"));
      row.classList.toggle("chosen", head.dataset.choice === "0");
      button.addEventListener("click", () => {
        if (!drawn.has(figure)) draw(figure);
        drawn.get(figure).choice = Number(head.dataset.choice);
        draw(figure);
        for (const other of heads) {
          other.parentElement.classList.toggle("chosen", other === head);
          other.firstChild.setAttribute("aria-pressed", String(other === head));
        }
      });
      head.replaceChildren(button);
    }
  }

  const ONCE = { read: "once it has read that character", predicted: "before it reads that character, when it predicts it" };

  function nameAlignment() {
    const { alignment } = root.dataset, once = document.getElementById("once");
    const chosen = document.querySelector(`#alignment option[value=${alignment}]`).textContent;
    for (const place of document.querySelectorAll(".laid")) place.textContent = chosen;
    if (once) once.textContent = ONCE[alignment];
  }

  for (const name of ["palette", "scaling", "alignment"]) {
    const choice = document.getElementById(name);
    choice.value = root.dataset[name]; // a reload may have kept another
    choice.addEventListener("change", () => {
      root.dataset[name] = choice.value;
      stopReading();
      drawLegend();
      nameAlignment();
      for (const figure of drawn.keys()) draw(figure);
    });
  }

  addEventListener("scroll", () => { if (document.activeElement?.className !== "text") stopReading(); }, { passive: true });
  addEventListener("beforeprint", () => { for (const figure of figures) if (!drawn.has(figure)) draw(figure); });
  drawLegend();
  document.getElementById("legend").hidden = false;
  document.getElementById("unscripted").remove(); // not a noscript element: that stays silent where a script is blocked
})();

// The cards of the findings: their order, and which of them are shown.
const FILTERS = ["outcome", "pattern", "layer", "signal"];

// What a card draws when it comes near the screen, or onto paper: its text or its histogram.
function drawNear(element) {
  nearby.unobserve(element);
  if (drawings.has(element)) return drawAgain(element);
  if (element.dataset.histogram) {
    return drawHistogram(element, unitAt(element.dataset.histogram.slice(5)), Number(element.dataset.pattern));
  }
  const { source, place, passage, pattern, from, to } = data.specimens[element.dataset.specimen];
  drawPassage(element, { source, place }, passage, pattern, from, to);
}

const NEAR = "[data-specimen], [data-histogram]";
const nearby = new IntersectionObserver(entries => {
  for (const { target, isIntersecting } of entries) if (isIntersecting) drawNear(target);
}, { rootMargin: "600px" });

function startCards() {
  const sift = document.getElementById("sift");
  if (!sift) return;
  const cards = Array.from(document.querySelectorAll(".card"));
  const groups = Array.from(document.querySelectorAll("[data-group]"));
  const list = groups[0].parentElement, search = document.getElementById("search");
  const filters = FILTERS.map(name => document.getElementById(name)).filter(Boolean);
  const sifted = document.getElementById("sifted"), order = document.getElementById("order");

  const found = card => filters.every(({ id, value }) => !value || card.dataset[id] === value)
    && named(card.dataset.unit, search.value.trim());

  function show() {
    for (const card of cards) card.hidden = !found(card);
    for (const group of groups) group.hidden = !group.querySelector(".card:not([hidden])");
    const shown = cards.filter(card => !card.hidden).length;
    sifted.textContent = `${shown} of ${cards.length} findings`;
    if (shown < cards.length) {
      const all = make("button", { type: "button", textContent: "show all" });
      all.addEventListener("click", () => { showAll(); order.focus(); });
      sifted.append(" · ", all);
    }
  }

  function showAll() {
    for (const filter of filters) filter.value = "";
    search.value = "";
    show();
  }

  function sort() {
    const key = card => data.cards[card.dataset.card][order.value] ?? -Infinity;
    const largest = group => Math.max(...Array.from(group.querySelectorAll(".card"), key));
    for (const group of groups) {
      group.append(...Array.from(group.querySelectorAll(".card")).sort((one, other) => key(other) - key(one)));
    }
    list.append(...groups.sort((one, other) => largest(other) - largest(one)));
  }

  for (const filter of filters) filter.addEventListener("change", show);
  search.addEventListener("input", show);
  order.addEventListener("change", sort);
  startCards.reveal = group => { if (group.hidden) showAll(); };

  const outcome = document.getElementById("outcome");
  outcome.value = outcome.options[1].value; // the strongest verdict that any finding has
  sift.hidden = false;
  show();
  for (const element of document.querySelectorAll(NEAR)) nearby.observe(element);
  for (const asked of document.querySelectorAll("[data-ask]")) asked.title = data.glossary[asked.dataset.ask];
  startOpening();
}

// "189" finds units of that number in every layer, "2:189" the one of layer 2, with whatever follows.
function named(label, sought) {
  return !sought || label === sought || label.startsWith(`${sought} `) || label.split(" ")[0].endsWith(`:${sought}`);
}

// The text that opens the page can be read whole.
function startOpening() {
  const button = document.querySelector(".hero .whole"), text = document.querySelector(".hero .text");
  if (!button) return;
  const { source, place, passage, pattern, from, to } = data.specimens[text.dataset.specimen];
  const { length } = data.passages[passage];
  let whole = false;
  const name = () => {
    button.textContent = whole ? "the excerpt alone" : `the whole passage, ${length.toLocaleString("en")} characters`;
  };
  button.hidden = to - from >= length;
  button.addEventListener("click", () => {
    whole = !whole;
    drawPassage(text, { source, place }, passage, pattern, whole ? 0 : from, whole ? Infinity : to);
    name();
  });
  name();
}

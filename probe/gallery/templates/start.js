// Which view is shown follows from the address, so that every view can be sent, and left by the way one came.
const views = Array.from(document.querySelectorAll(".view")), ownTitle = document.title;
// Number of a step in the history -> how far down its view was, and where the keyboard was.
const scrolls = new Map(), focused = new Map();
let step = history.state?.step ?? 0, shown = null; // the view that is shown

// What the address asks for; nothing if it cannot be read.
function nameAsked() {
  try { return decodeURIComponent(location.hash.slice(1)); } catch { return ""; }
}

// What is shown where the address asks for nothing that is here. Of a page with units alone, its first.
function opening() {
  const view = views.find(({ id }) => id !== "unit");
  if (view) return [view.id, () => ownTitle];
  return ["unit", () => showUnit(unitAt(Object.keys(data.units)[0].slice(5)))];
}

// A view and what to show in it; null for addresses inside the view that is shown.
function asked() {
  const name = nameAsked();
  if (name.startsWith("unit-")) {
    const unit = unitAt(name.slice(5));
    if (unit && data.units[addressOf(unit)]) return ["unit", () => showUnit(unit)];
    return opening();
  }
  const reader = views.some(({ id }) => id === "read"); // of a divided gallery only some pages have it
  if (reader && /^read(-|$)/.test(name)) return ["read", () => { showReader(name.slice(5).split("/")); return `Reader · ${ownTitle}`; }];
  const element = document.getElementById(name), view = element?.closest(".view");
  if (element && !view && shown) return null; // beside the views
  return view && !["unit", "read"].includes(view.id) ? [view.id, () => ownTitle] : opening();
}

function route(cameBack) {
  const found = asked();
  if (!found) return;
  stopReading();
  const name = nameAsked();
  let show;
  [shown, show] = found;
  for (const view of views) view.hidden = view.id !== shown;
  document.title = show();
  document.getElementById("missing").hidden = !name.startsWith("unit-") || Boolean(data.units[name]);
  for (const link of document.querySelectorAll(".contents a")) {
    if (link.dataset.part === shown) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  drawWaiting();
  const target = name === shown ? null : document.getElementById(name);
  if (cameBack) return scrollTo(0, scrolls.get(step) ?? 0);
  if (target?.dataset.group) startCards.reveal(target);
  if (target) return target.scrollIntoView();
  scrollTo(0, 0);
}

function focusHeading() {
  document.querySelector(".view:not([hidden]) h1")?.focus({ preventScroll: true });
}

addEventListener("popstate", event => {
  const back = event.state !== null;
  step = back ? event.state.step : Math.max(step, ...scrolls.keys()) + 1;
  if (!back) history.replaceState({ step }, "");
  route(back);
  const former = back ? focused.get(step) : null;
  if (former?.isConnected) former.focus({ preventScroll: true }); else focusHeading();
});
document.addEventListener("focusin", ({ target }) => focused.set(step, target));
document.getElementById("skip").addEventListener("click", event => {
  event.preventDefault();
  focusHeading();
});
addEventListener("scroll", () => scrolls.set(step, scrollY), { passive: true });
addEventListener("beforeprint", () => {
  for (const element of document.querySelectorAll(NEAR)) if (!element.closest("[hidden]")) drawNear(element);
});

history.replaceState({ step }, "");
startLegend();
startReading();
startCards();
startReader();
for (const box of document.querySelectorAll(".heat-map")) startMap(box);
document.getElementById("unscripted")?.remove(); // not a noscript element: that stays silent where a script is blocked
route(false);

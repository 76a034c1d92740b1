// Making elements: a tag with properties, and children that are elements or text, never markup.
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value; else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function makeDrawn(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// A word or a number that can be asked what it means.
function ask(name, label) {
  return make("a", { className: "ask", href: `#what-${name}`, title: data.glossary[name], textContent: label });
}

function fillOptions(select, options, chosen) {
  select.replaceChildren(...options.map(([value, label]) => make("option", { value, textContent: label })));
  select.value = chosen;
}

// What is drawn with colours, and how: element -> a function that draws it anew. What cannot be seen waits until it can:
// what is on cards until it comes near the screen, all else until its view is shown.
const drawings = new Map(), waiting = new Set();

function draw(element, how) {
  drawings.set(element, how);
  how();
}

function redraw() {
  for (const [element, how] of drawings) {
    if (!element.isConnected) drawings.delete(element);
    else if (onScreen(element)) how();
    else if (element.matches(NEAR)) { waiting.add(element); nearby.observe(element); }
    else if (element.closest("[hidden]")) waiting.add(element);
    else how();
  }
}

function onScreen(element) {
  const { top, bottom, width } = element.getBoundingClientRect();
  return width > 0 && bottom > 0 && top < innerHeight;
}

function drawAgain(element) {
  if (waiting.delete(element)) drawings.get(element)?.();
}

function drawWaiting() {
  for (const element of waiting) if (!element.closest("[hidden]") && !element.matches(NEAR)) drawAgain(element);
}

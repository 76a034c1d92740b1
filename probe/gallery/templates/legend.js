// The switches of palette, scaling and alignment, and the ramp that shows which colours can be reached.
function drawLegend() {
  const { palette, scaling } = root.dataset, [first, last] = data.reach[scaling][palette];
  const { steps, first: low, last: high } = data.palettes[palette];
  document.getElementById("ramp").replaceChildren(...Array.from({ length: steps }, (_, step) =>
    make("i", { className: `c${step}${step < first || step > last ? " beyond" : ""}` })));
  document.getElementById("legend").title = data.scalings[scaling];
  for (const place of document.querySelectorAll(".first")) place.textContent = low;
  for (const place of document.querySelectorAll(".last")) place.textContent = high;
}

function nameAlignment() {
  const { textContent, dataset } = document.querySelector(`#alignment option[value=${root.dataset.alignment}]`);
  for (const place of document.querySelectorAll(".laid")) place.textContent = textContent;
  for (const place of document.querySelectorAll(".once")) place.textContent = dataset.once;
}

const SWITCHES = ["palette", "scaling", "alignment"], preset = { ...root.dataset };

// An address in another file of the gallery, with what was switched.
function carried(href) {
  const [, file, fragment] = /^([^?#]*)[^#]*(.*)$/.exec(href), switched = SWITCHES.filter(name => root.dataset[name] !== preset[name]);
  const query = new URLSearchParams(switched.map(name => [name, root.dataset[name]]));
  return `${file}${file && switched.length ? `?${query}` : ""}${fragment}`;
}

function startLegend() {
  const brought = new URLSearchParams(location.search);
  for (const name of SWITCHES) {
    const choice = document.getElementById(name);
    if (Array.from(choice.options, ({ value }) => value).includes(brought.get(name))) root.dataset[name] = brought.get(name);
    choice.value = root.dataset[name]; // a reload may have kept another
    choice.addEventListener("change", () => {
      root.dataset[name] = choice.value;
      stopReading();
      drawLegend();
      nameAlignment();
      redraw();
    });
  }
  for (const happening of ["pointerdown", "click"]) {
    document.addEventListener(happening, ({ target }) => {
      const link = data.files && target.closest?.("a[href]");
      if (link) link.setAttribute("href", carried(link.getAttribute("href")));
    }, { capture: true });
  }
  drawLegend();
  nameAlignment();
  document.getElementById("legend").hidden = false;
}

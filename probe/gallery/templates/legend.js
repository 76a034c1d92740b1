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

function startLegend() {
  for (const name of ["palette", "scaling", "alignment"]) {
    const choice = document.getElementById(name);
    choice.value = root.dataset[name]; // a reload may have kept another
    choice.addEventListener("change", () => {
      root.dataset[name] = choice.value;
      stopReading();
      drawLegend();
      nameAlignment();
      redraw();
    });
  }
  drawLegend();
  document.getElementById("legend").hidden = false;
}

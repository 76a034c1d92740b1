"use strict";
// Names the cell under the pointer or reached by the arrow keys, and marks its row and column in every grid of its map.
for (const figure of document.querySelectorAll(".probe-map figure")) {
  const readout = figure.querySelector("output");
  const tables = Array.from(figure.querySelectorAll("table"));
  let marked = [];

  const clear = () => {
    for (const each of marked) each.classList.remove("on");
    marked = [];
    readout.textContent = "";
  };

  const show = cell => {
    clear();
    const line = cell.parentElement;
    for (const table of tables) {
      const row = table.tBodies[0].rows[line.sectionRowIndex];
      marked.push(table.tHead.rows[0].cells[cell.cellIndex], row.cells[0], row.cells[cell.cellIndex]);
    }
    for (const each of marked) each.classList.add("on");
    readout.textContent = cell.title;
  };

  const cellOf = event => event.target.closest("td.cell");

  figure.addEventListener("pointerover", event => {
    const cell = cellOf(event);
    if (cell) show(cell);
  });
  figure.addEventListener("click", event => {
    const cell = cellOf(event);
    if (cell) show(cell);
  });
  figure.addEventListener("pointerleave", event => {
    if (event.pointerType === "mouse") clear();
  });
  figure.addEventListener("focusout", clear);

  // Grids that are wider than the screen are moved together: the same column of each stays in sight.
  for (const table of tables) {
    table.parentElement.addEventListener("scroll", event => {
      for (const other of tables) other.parentElement.scrollLeft = event.target.scrollLeft;
    });
  }

  for (const table of tables) {
    let row = 0;
    let column = 0;
    table.parentElement.addEventListener("keydown", event => {
      const step = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
      const rows = table.tBodies[0].rows;
      if (!step || event.altKey || event.ctrlKey || event.metaKey || !rows.length) return;
      event.preventDefault();
      const current = table.querySelector("td.cell.on");
      if (current) {
        row = Math.min(Math.max(current.parentElement.sectionRowIndex + step[0], 0), rows.length - 1);
        column = Math.min(Math.max(current.cellIndex - 1 + step[1], 0), rows[row].cells.length - 2);
      }
      const cell = rows[row].cells[column + 1];
      show(cell);
      cell.scrollIntoView({block: "nearest", inline: "nearest"});
    });
  }
}

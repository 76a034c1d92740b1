// How often a unit takes each value: inside a pattern upwards, elsewhere downwards, each bin in the colour of its value.
const WIDE = 200, TALL = 62, AXIS = 31;

function drawHistogram(svg, unit, pattern) {
  const portrait = data.portraits[addressOf(unit)];
  draw(svg, () => {
    const bins = portrait.counts.length, source = data.sources[unit.source], kind = data.patterns[pattern]?.kind;
    portrait.shares ??= bytesOf(portrait.inside);
    const inside = portrait.counts.map((count, bin) => count * portrait.shares[pattern * bins + bin] / 255);
    const split = kind === "boolean" && inside.some(count => count > 0);
    const up = split ? shareOf(inside) : shareOf(portrait.counts);
    const down = split ? shareOf(portrait.counts.map((count, bin) => count - inside[bin])) : [];
    const most = Math.max(...up, ...down) || 1, tall = split ? AXIS - 1 : TALL - 2, axis = split ? AXIS : TALL - 1;
    const width = (portrait.high - portrait.low) / bins;
    const centres = Float64Array.from({ length: bins }, (_, bin) => portrait.low + (bin + 0.5) * width);
    const colours = Array.from(scaled(centres, source, portraitRange(portrait)), colourOf);
    const bar = (bin, share, top) => makeDrawn("rect", {
      class: colours[bin], x: bin * WIDE / bins, width: WIDE / bins, y: top ? axis - share * tall / most : axis,
      height: share * tall / most,
    });
    svg.replaceChildren(
      ...up.map((share, bin) => bar(bin, share, true)), ...down.map((share, bin) => bar(bin, share, false)),
      makeDrawn("line", { x1: 0, x2: WIDE, y1: axis, y2: axis }));
    const said = split ? `inside “${data.patterns[pattern].name}” upwards, elsewhere downwards` : "all characters";
    svg.setAttribute("aria-label", `How often unit ${labelOf(unit)} takes each value from ${told(portrait.low)} to `
      + `${told(portrait.high)}: ${said}`);
  });
}

// Square roots of shares: a unit that rests at one value most of the time still shows what it does else.
function shareOf(counts) {
  const all = counts.reduce((sum, count) => sum + count, 0) || 1;
  return counts.map(count => Math.sqrt(count / all));
}

const told = value => value.toFixed(2).replace("-", "−");

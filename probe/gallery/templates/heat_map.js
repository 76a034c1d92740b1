// Units × patterns as a picture, a point a pair; what is pointed at is told, and leads to the unit's page.
function startMap(box) {
  const { source, across, down, most } = data.maps[box.dataset.map], canvas = box.querySelector("canvas");
  const score = (x, y) => scoreOf("confirmed", { source, place: across[x] }, down[y]);
  let at = [0, 0];
  canvas.width = across.length;
  canvas.height = down.length;
  canvas.style.height = `calc(var(--row) * ${down.length})`;

  function paint() {
    const style = getComputedStyle(root), context = canvas.getContext("2d");
    for (let x = 0; x < across.length; x++) for (let y = 0; y < down.length; y++) {
      const value = score(x, y);
      const share = (1 + Math.max(-1, Math.min(1, value / 100 / most))) / 2;
      context.fillStyle = style.getPropertyValue(value === null ? "--rule" : `--${colourOf(share)}`);
      context.fillRect(x, y, 1, 1);
    }
  }

  function tell(x, y) {
    at = [x, y];
    const frame = canvas.getBoundingClientRect(), wide = frame.width / across.length, tall = frame.height / down.length;
    reading.replaceChildren(make("div", { textContent: `unit ${labelOf({ source, place: across[x] })} · `
      + `${data.patterns[down[y]].name} · correlation ${hundredths(score(x, y))}` }));
    tellAt(new DOMRect(frame.left + x * wide, frame.top + y * tall, wide, tall));
  }

  const pointed = ({ offsetX, offsetY }) => [
    Math.min(across.length - 1, Math.max(0, Math.floor(offsetX / canvas.clientWidth * across.length))),
    Math.min(down.length - 1, Math.max(0, Math.floor(offsetY / canvas.clientHeight * down.length)))];
  const open = x => { stopReading(); location.href = carried(unitHref({ source, place: across[x] })); };
  canvas.addEventListener("mousemove", event => tell(...pointed(event)));
  canvas.addEventListener("mouseleave", stopReading);
  canvas.addEventListener("blur", stopReading);
  canvas.addEventListener("click", event => open(pointed(event)[0]));
  canvas.addEventListener("keydown", event => {
    const [x, y] = at;
    const steps = { ArrowRight: [x + 1, y], ArrowLeft: [x - 1, y], ArrowDown: [x, y + 1], ArrowUp: [x, y - 1] };
    if (event.key === "Enter") return open(x);
    if (event.key === "Escape") return stopReading();
    if (!(event.key in steps)) return;
    event.preventDefault();
    const [right, below] = steps[event.key];
    tell(Math.min(across.length - 1, Math.max(0, right)), Math.min(down.length - 1, Math.max(0, below)));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  draw(canvas, paint);
}

// From raw values to [0, 1], as in probe/render/scaling.py. Each takes values (Float64Array), the values at the ends of the
// colours, and what the values are a part of: { low, high, below }, below(value) being the share that is lower.
const scalings = {
  sigmoid: values => values.map(value => (1 + Math.tanh(value / 2)) / 2),
  raw: (values, [low, high]) => values.map(value => Math.min(1, Math.max(0, (value - low) / (high - low)))),
  tanh: values => values.map(value => (Math.tanh(value) + 1) / 2),
  stretched: (values, ends, { low, high }) => values.map(value => high > low ? (value - low) / (high - low) : 0.5),
  quantile: (values, ends, { below }) => values.map(below),
};

// The whole that values on a passage are a part of: themselves.
function ownRange(values) {
  let low = Infinity, high = -Infinity;
  for (const value of values) { low = Math.min(low, value); high = Math.max(high, value); }
  let middle = null;
  const below = value => {
    if (!middle) {
      middle = new Map();
      const sorted = Float64Array.from(values).sort();
      for (let first = 0, next; first < sorted.length; first = next) {
        for (next = first + 1; next < sorted.length && sorted[next] === sorted[first];) next++;
        middle.set(sorted[first], (first + next) / 2 / sorted.length);
      }
    }
    return middle.get(value);
  };
  return { low, high, below };
}

// The whole that the contexts of a unit are a part of: all that was read for its portrait, known by its histogram.
function portraitRange({ low, high, counts }) {
  const all = counts.reduce((sum, count) => sum + count, 0), bin = (high - low) / counts.length || 1;
  const below = value => {
    const place = Math.min(counts.length, Math.max(0, (value - low) / bin)), whole = Math.floor(place);
    const lower = counts.slice(0, whole).reduce((sum, count) => sum + count, 0);
    return (lower + (place - whole) * (counts[whole] ?? 0)) / (all || 1);
  };
  return { low, high, below };
}

function scaled(values, source, range) {
  const name = root.dataset.scaling === "by_signal" ? source.by_signal : root.dataset.scaling;
  return scalings[name](values, source.ends, range);
}

function colourOf(share) {
  const { steps } = data.palettes[root.dataset.palette];
  return `c${Math.min(steps - 1, Math.max(0, Math.floor(share * 100 / (100 / steps))))}`;
}

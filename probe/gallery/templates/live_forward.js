// The network that was scanned, run on what is typed: the equations of probe/model/kernels/fused.py, gates in the order
// i, f, g, o, sums in double precision and states in single. The states after every character are kept.
class LiveNetwork {
  // Bytes of states that are kept at most, and characters.
  static MOST = 1 << 27;
  static LONGEST = 20000;
  static GATES = ["input_gate", "forget_gate", "candidate", "output_gate"];

  constructor({ gate, layers, characters, other, output }) {
    this.open = gate === "hard_sigmoid"
      ? sum => Math.min(1, Math.max(0, 0.2 * sum + 0.5)) : sum => 1 / (1 + Math.exp(-sum));
    this.known = new Map(characters.map((character, id) => [character, id]));
    this.other = other ?? -1; // the id of characters outside the vocabulary; -1: they are not read
    this.layers = [];
    for (const { name, units, depth, start, weights } of layers) {
      this.layers.push({
        name, units, depth, start: LiveNetwork.matrix(start), weights: LiveNetwork.matrix(weights),
        below: this.layers[this.layers.length - 1] ?? null,
        hidden: new Float32Array(units), cell: new Float32Array(units), // row t + 1 is the state after character t
      });
    }
    this.bias = LiveNetwork.matrix(output.start);
    this.output = LiveNetwork.matrix(output.weights);
    this.gates = new Float64Array(4);
    this.points = []; // the characters of the text
    this.ids = new Int32Array(0); // -1: not read
    this.done = 0; // how many of them have been read
    const bytes = this.layers.reduce((sum, { units }) => sum + 8 * units, 0);
    this.room = Math.min(LiveNetwork.LONGEST, Math.ceil(LiveNetwork.MOST / bytes));
  }

  static matrix(packed) {
    const letters = atob(packed), bytes = new Uint8Array(letters.length);
    for (let place = 0; place < letters.length; place++) bytes[place] = letters.charCodeAt(place);
    return new Float32Array(bytes.buffer);
  }

  // Take another text; what has been read of it up to its first change stays read. Returns how many characters that is.
  change(points) {
    let same = 0;
    while (same < points.length && points[same] === this.points[same]) same++;
    this.done = Math.min(this.done, same);
    if (points.length > this.ids.length) this.grow(points.length);
    for (let place = same; place < points.length; place++) {
      this.ids[place] = this.known.get(points[place]) ?? this.other;
    }
    this.points = points;
    return this.done;
  }

  grow(length) {
    const rows = Math.max(256, 2 ** Math.ceil(Math.log2(length)));
    const larger = (array, size) => { const grown = new array.constructor(size); grown.set(array); return grown; };
    this.ids = larger(this.ids, rows);
    for (const layer of this.layers) {
      layer.hidden = larger(layer.hidden, (rows + 1) * layer.units);
      layer.cell = larger(layer.cell, (rows + 1) * layer.units);
    }
  }

  // Read on, for so many milliseconds at most but one character at least. Returns whether all has been read.
  read(milliseconds) {
    const until = performance.now() + milliseconds;
    while (this.done < this.points.length) {
      for (const layer of this.layers) this.step(layer, this.done);
      this.done++;
      if (performance.now() >= until) break;
    }
    return this.done >= this.points.length;
  }

  step(layer, row) {
    const { hidden, cell, units } = layer, { gates } = this;
    const before = row * units, after = before + units;
    if (this.ids[row] < 0) {
      hidden.copyWithin(after, before, after);
      cell.copyWithin(after, before, after);
      return;
    }
    for (let unit = 0; unit < units; unit++) {
      this.reckon(layer, unit, row);
      const value = gates[1] * cell[before + unit] + gates[0] * gates[2];
      cell[after + unit] = value;
      hidden[after + unit] = gates[3] * Math.tanh(value);
    }
  }

  // Leave in this.gates what one unit makes of one character.
  reckon(layer, unit, row) {
    const { start, weights, hidden, units, below } = layer, { gates, open } = this;
    let place = 4 * ((below ? 0 : this.ids[row] * units) + unit);
    let i = start[place], f = start[place + 1], g = start[place + 2], o = start[place + 3];
    place = 4 * layer.depth * unit;
    if (below) {
      const end = (row + 2) * below.units;
      for (let at = end - below.units; at < end; at++, place += 4) {
        const h = below.hidden[at];
        i += h * weights[place]; f += h * weights[place + 1]; g += h * weights[place + 2]; o += h * weights[place + 3];
      }
    }
    const end = (row + 1) * units;
    for (let at = end - units; at < end; at++, place += 4) {
      const h = hidden[at];
      i += h * weights[place]; f += h * weights[place + 1]; g += h * weights[place + 2]; o += h * weights[place + 3];
    }
    gates[0] = open(i); gates[1] = open(f); gates[2] = Math.tanh(g); gates[3] = open(o);
  }

  // A signal of one unit after one character that has been read; NaN if the network passed it over.
  value(layer, signal, unit, row) {
    if (this.ids[row] < 0) return NaN;
    if (signal === "hidden" || signal === "cell") return layer[signal][(row + 1) * layer.units + unit];
    this.reckon(layer, unit, row);
    return this.gates[LiveNetwork.GATES.indexOf(signal)];
  }

  // The ids of the most probable next characters after one that has been read, with their probabilities.
  expected(row, most) {
    const { hidden, units } = this.layers[this.layers.length - 1], from = (row + 1) * units;
    const logits = Float64Array.from(this.bias, (logit, id) => {
      for (let at = from, place = id * units; at < from + units; at++, place++) logit += hidden[at] * this.output[place];
      return logit;
    });
    const highest = logits.reduce((one, other) => Math.max(one, other));
    const weights = logits.map(logit => Math.exp(logit - highest)), all = weights.reduce((one, other) => one + other);
    const order = Array.from(weights.keys()).sort((one, other) => weights[other] - weights[one]);
    return order.slice(0, most).map(id => ({ id, probability: weights[id] / all }));
  }
}

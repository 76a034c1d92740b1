// What the page carries, unpacked when it is asked for. A unit is { source, place }: place is its column in the source.
const data = JSON.parse(document.getElementById("data").textContent);
const root = document.documentElement;

const bytesOf = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
const packed = new Map(); // name of a passage and source -> their activations as text

// The bytes of a unit on a passage, or null if they lie in another file.
function levelsOf({ source, place }, passage) {
  const name = `${passage}-${source}`, held = data.held[name];
  if (held === undefined) return null;
  const row = held ? held.indexOf(place) : place;
  if (row < 0) return null;
  if (!packed.has(name)) packed.set(name, document.getElementById(`bytes-${name}`).textContent);
  const { length } = data.passages[passage], wide = 4 * Math.ceil(length / 3);
  return bytesOf(packed.get(name).slice(row * wide, (row + 1) * wide)).subarray(0, length);
}

// In single precision and in this order, as Passage.values computes them.
function valuesOf(levels, [low, high]) {
  const step = Math.fround((high - low) / 255), base = Math.fround(low);
  return Float64Array.from(levels, byte => Math.fround(base + Math.fround(byte * step)));
}

function labelsOf(passage, pattern) {
  const track = passage.tracks[pattern];
  if ("bits" in track) {
    const bits = bytesOf(track.bits);
    const on = Array.from({ length: passage.length }, (_, place) => (bits[place >> 3] >> (7 - (place & 7))) & 1);
    return { level: on.map(label => 4 * label), words: on.map(label => label ? "yes" : "no") };
  }
  const shares = Array.from(bytesOf(track.bytes), byte => byte / 255);
  return {
    level: shares.map(share => Math.round(4 * share)),
    words: shares.map(share => String(Math.round(100 * (track.low + share * (track.high - track.low))) / 100)),
  };
}

// What is drawn as one character, and how: of a passage or of a context.
function clustersOf(text) {
  if (!text.clusters) {
    const points = Array.from(text.text), joined = new Map(text.joined), blanks = new Set(text.blanks);
    text.clusters = [];
    for (let start = 0, stop; start < points.length; start = stop) {
      stop = joined.get(start) ?? start + 1;
      text.clusters.push({
        start, stop, shown: text.spelt[start] ?? points.slice(start, stop).join(""), blank: blanks.has(start),
      });
    }
  }
  return text.clusters;
}

const uint16Of = text => new DataView(bytesOf(text).buffer);

// The most probable next characters once the passage has been read up to and with a row: [name, percent].
function expectedAfter(passage, row) {
  if (!passage?.expected || row < 0) return [];
  passage.expectations ??= { names: uint16Of(passage.expected), chances: uint16Of(passage.chances) };
  const { names, chances } = passage.expectations;
  return Array.from({ length: passage.guesses }, (_, guess) => {
    const at = 2 * (row * passage.guesses + guess);
    return [data.alphabet[names.getUint16(at, true)], 100 * chances.getUint16(at, true) / 65535];
  });
}

const signedBytes = text => new Int8Array(bytesOf(text).buffer);
const tables = {};

// The correlation of a unit with a pattern on a text, "chosen" or "confirmed", in hundredths; null if there is none.
function scoreOf(table, { source, place }, pattern) {
  tables[table] ??= signedBytes(data[table]);
  const score = tables[table][(data.sources[source].first + place) * data.patterns.length + pattern];
  return score === -128 ? null : score;
}

const hundredths = score => score === null ? "–" : `${score < 0 ? "−" : ""}${(Math.abs(score) / 100).toFixed(2)}`;

const unitOf = ({ source, place }) => data.sources[source].units[place];
const labelOf = unit => `${data.sources[unit.source].layer}:${unitOf(unit)}${data.sources[unit.source].suffix}`;
const addressOf = unit => `unit-${data.sources[unit.source].slug}-${unitOf(unit)}`;

// The unit of an address without its "unit-", such as "1-hidden-189"; null if there is none.
function unitAt(name) {
  const [, slug, number] = /^(.*)-(\d+)$/.exec(name) ?? [];
  const source = data.sources.findIndex(each => each.slug === slug);
  const place = source < 0 ? -1 : data.sources[source].units.indexOf(Number(number));
  return place < 0 ? null : { source, place };
}

// Where a unit's own page is: here, or in another file of the gallery.
function unitHref(unit) {
  const files = data.files?.units[unit.source].filter(([first]) => first <= unit.place);
  return `${files ? files[files.length - 1][1] : ""}#${addressOf(unit)}`;
}

// Where a passage is read with units, each beside a pattern's number.
function readHref(passage, columns) {
  const file = data.files ? data.files.readers[passage][columns[0]?.unit.source ?? 0] : "";
  return `${file}#read-${[passage, ...columns.map(({ unit, pattern }) =>
    `${addressOf(unit).slice(5)}~${pattern}`)].join("/")}`;
}

"use strict";
// Charts drawn by Vega-Lite, with what makes those of one table work together: what is selected in one
// is kept in all of them and the rest faded. Selections are read off parameters added here, and told to
// each chart by the parameter `nf_rows`: for each field of its data that holds a column, what is selected.

const NUMBERS = ["integer", "float", "date", "datetime"];
const FADES = ["point", "circle", "square", "bar", "tick", "rect", "rule", "text", "arc"];
const ZOOMS = ["point", "circle", "square", "line", "trail", "tick", "rule", "area"];
const MANY = 2000;
const charts = [];

const ARRAYS = { u1: Uint8Array, u2: Uint16Array, i4: Int32Array, f4: Float32Array };

/** The numbers of a column that came as bytes; see nodeflow.report.packing. */
function decoded(column) {
  const bytes = Uint8Array.from(atob(column.bytes), letter => letter.charCodeAt(0));
  const numbers = Array.from(new ARRAYS[column.type](bytes.buffer));
  return column.type === "f4" ? numbers.map(one => Number.isNaN(one) ? null : Number(one.toPrecision(6))) : numbers;
}

function columnOf(column) {
  if (Array.isArray(column)) return column;
  if (column.bytes) return decoded(column);
  return columnOf(column.places).map(place => column.texts[place]);
}

/** The rows of a chart, from their columns. */
function unpacked(rows) {
  const columns = rows.columns.map(columnOf);
  return Array.from({ length: rows.height }, (_, row) =>
    Object.fromEntries(rows.names.map((name, index) => [name, columns[index][row]])));
}

const copied = value =>
  Array.isArray(value) ? value.map(copied)
    : value !== null && typeof value === "object"
      ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, name === "values" || name === "datasets" ? part : copied(part)]))
      : value;

const TEXTS = ["values", "datasets", "domain", "sort", "title", "text", "tooltip", "field", "usermeta"];

/** The specification in the colours of a theme: those that nodeflow's views use have a counterpart there. */
function coloured(value, swaps, inConfig = false) {
  if (typeof value === "string") return swaps.get(value.toLowerCase()) || value;
  if (Array.isArray(value)) return value.map(one => coloured(one, swaps, inConfig));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) =>
    [name, TEXTS.includes(name) && !inConfig ? part : coloured(part, swaps, inConfig || name === "config")]));
}

/** Shades that start where they can be told from a dark ground. */
function brightened(value) {
  if (Array.isArray(value)) return value.map(brightened);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) =>
    [name, TEXTS.includes(name) ? part : name === "scheme" && part === "viridis" ? { name: part, extent: [0.25, 1] } : brightened(part)]));
}

/** The parts of a specification that draw the chart's own rows, with the encoding each has in effect. */
function units(specification, above = {}, path = {}) {
  const found = [];
  const encoding = { ...above, ...specification.encoding };
  const inner = (part, more) => { if (!part.data) found.push(...units(part, encoding, { ...path, ...more })); };
  if (specification.mark) return [{ unit: specification, encoding, ...path }];
  for (const part of specification.layer || []) inner(part, { layered: true });
  for (const name of ["concat", "hconcat", "vconcat"])
    for (const part of specification[name] || []) inner(part, { several: true });
  if (specification.spec) inner(specification.spec, specification.repeat ? { several: true } : { faceted: true });
  return found;
}

const markOf = unit => typeof unit.mark === "string" ? unit.mark : unit.mark.type;
const plain = channel => channel && typeof channel.field === "string" && !channel.aggregate && !channel.timeUnit;

const isMoment = kind => kind === "date" || kind === "datetime";

/** The test that a row is not selected by the columns a chart knows, as a Vega expression. */
function fading(fields) {
  const tests = [];
  fields.forEach(([name, [, kind]], index) => {
    const datum = `datum[${JSON.stringify(name)}]`;
    const place = isMoment(kind) ? `time(toDate(${datum}))` : `toNumber(${datum})`;
    const wanted = `nf_rows[${index}]`;
    tests.push(`(isValid(${wanted}) && isValid(${wanted}.range) && (!isValid(${datum}) || !isValid(${place}) || !(${place} >= ${wanted}.range[0]) || !(${place} <= ${wanted}.range[1])))`);
    tests.push(`(isValid(${wanted}) && isValid(${wanted}.labels) && indexof(${wanted}.labels, isValid(${datum}) ? toString(${datum}) : "(missing)") < 0)`);
  });
  return tests.join(" || ");
}

/** A value as it can be compared between a chart, which has labels and fewer digits, and its table. */
function comparable(value, kind) {
  if (value === null || value === undefined || value === "(missing)") return "(missing)";
  if (value === "others") return value;
  if (kind === "text" || kind === "boolean") return label(value);
  const place = placed(value, kind);
  return Number.isNaN(place) ? String(value) : String(isMoment(kind) ? place : Number(place.toPrecision(6)));
}

/** For each row of a chart, by its key, the rows of the table that it shows; null if that cannot be told. */
function linkOf(chart) {
  const { rows } = chart;
  const table = chart.group === null ? null : data.groups[chart.group].rows;
  if (!table || !Array.isArray(rows) || !rows.length || !chart.shown.length) return null;
  const known = chart.shown.map(([name, [, kind]]) => new Set(rows.map(row => comparable(row[name], kind))));
  const found = new Map();
  tableRows(chart.group).forEach((row, index) => {
    const key = chart.shown.map(([, [column, kind]], at) => {
      const value = comparable(row[column], kind);
      return !known[at].has(value) && known[at].has("others") ? "others" : value;
    }).join("\n");
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(index);
  });
  const keys = rows.map(row => chart.shown.map(([name, [, kind]]) => comparable(row[name], kind)).join("\n"));
  if (keys.filter(key => !found.has(key)).length > rows.length / 20) return null;
  rows.forEach((row, index) => { row.nf_key = `k${keys[index]}`; });
  return new Map(keys.map(key => [`k${key}`, found.get(key) || []]));
}

const unpackedTables = new Map();

function tableRows(group) {
  if (!unpackedTables.has(group)) unpackedTables.set(group, unpacked(data.groups[group].rows));
  return unpackedTables.get(group);
}

/** How strongly a mark is drawn of whose rows at most this share is selected. */
const SHARES = [[0, 0.12], [0.25, 0.3], [0.5, 0.5], [0.999, 0.75]];

/** The chart's specification with parameters to select by, and the fading of what is not selected. */
function linked(chart) {
  const specification = copied(chart.specification);
  const fields = chart.fields;
  const all = units(specification);
  const listeners = [];
  const column = channel => plain(channel) ? chart.columns[channel.field] : undefined;
  let done = {};
  all.slice(0, 16).forEach(({ unit, encoding, several, faceted }, index) => {
    if (!several && done.brush) return;
    const axes = ["x", "y"].filter(axis => {
      const found = column(encoding[axis]);
      return found && NUMBERS.includes(found[1]) && ["quantitative", "temporal"].includes(encoding[axis].type);
    });
    const names = ["x", "y"].filter(axis => column(encoding[axis]) && ["nominal", "ordinal"].includes(encoding[axis].type));
    const add = (name, select, more = {}) => {
      unit.params = [...(unit.params || []), { name, select, ...more }];
    };
    if (axes.length) {
      add(`nf_brush_${index}`, { type: "interval", encodings: axes, on: "[pointerdown[!event.shiftKey], window:pointerup] > window:pointermove!" });
      listeners.push([`nf_brush_${index}`, axes.map(axis => encoding[axis].field)]);
      done.brush = true;
    } else if (names.length) {
      const field = encoding[names[0]].field;
      add(`nf_point_${index}`, { type: "point", fields: [field] });
      listeners.push([`nf_point_${index}`, [field]]);
      done.brush = true;
    }
    const colour = encoding.color;
    if (column(colour) && colour.type === "nominal" && colour.legend !== null && !several) {
      add(`nf_legend_${index}`, { type: "point", fields: [colour.field] }, { bind: "legend" });
      listeners.push([`nf_legend_${index}`, [colour.field]]);
    }
  });
  const first = all[0];
  if (first && !first.several && !first.faceted && ZOOMS.includes(markOf(first.unit)) && !specification.encoding?.facet) {
    const free = ["x", "y"].filter(axis => plain(first.encoding[axis]) && ["quantitative", "temporal"].includes(first.encoding[axis].type));
    const facets = ["row", "column", "facet"].some(name => first.encoding[name]);
    if (free.length && !facets) {
      const move = "[pointerdown[event.shiftKey], window:pointerup] > window:pointermove!";
      first.unit.params = [...(first.unit.params || []), {
        name: "nf_zoom", bind: "scales",
        select: { type: "interval", encodings: free, on: move, translate: move, zoom: "wheel![event.ctrlKey]" },
      }];
      chart.zooms = true;
    }
  }
  const ends = new Set(all.flatMap(({ encoding }) => ["x2", "y2"].map(name => encoding[name]?.field)));
  chart.shown = fields.filter(([name]) => !ends.has(name));
  if (chart.shown.length) {
    chart.link ??= linkOf(chart);
    specification.params = [...(specification.params || []), { name: "nf_rows", value: [] }, { name: "nf_on", value: false }, { name: "nf_kept", value: {} }];
    for (const { unit, encoding } of all) {
      if (!FADES.includes(markOf(unit)) || encoding.opacity) continue;
      const mark = typeof unit.mark === "string" ? { type: unit.mark } : unit.mark;
      const usual = mark.opacity ?? (["point", "circle", "square", "tick"].includes(mark.type) ? 0.7 : 1);
      const condition = chart.link
        ? SHARES.map(([share, strength]) => ({ test: `nf_on && isValid(datum.nf_key) && !(nf_kept[datum.nf_key] > ${share})`, value: usual * strength }))
        : { test: fading(chart.shown), value: usual * 0.12 };
      unit.encoding = { ...unit.encoding, opacity: { condition, value: usual } };
    }
  }
  const panels = all.some(one => one.several || one.faceted || ["row", "column", "facet"].some(name => one.encoding[name]));
  // a drawing without axes, such as a tree, is made for its size and only shrunk as a whole
  chart.drawing = all.length > 0 && all.every(({ encoding }) => !encoding.x || encoding.x.axis === null);
  if (typeof specification.width === "number" && !panels && !chart.drawing) {
    const room = Math.max(240, chart.place.clientWidth);
    // a height that follows from the number of bars cannot be combined with a width that is fitted
    const fitted = typeof specification.height === "number";
    specification.width = fitted ? room : room - 140;
    if (fitted) specification.autosize = { type: "fit-x", contains: "padding" };
  }
  return { specification, listeners };
}

/** The specification with all panels less wide. */
function narrowed(specification, factor) {
  const made = { ...specification };
  if (typeof made.width === "number" && made.autosize === undefined) made.width = Math.round(made.width * factor);
  for (const name of ["layer", "concat", "hconcat", "vconcat"]) if (made[name]) made[name] = made[name].map(part => narrowed(part, factor));
  if (made.spec) made.spec = narrowed(made.spec, factor);
  return made;
}

/** What a selection parameter says, as tests of columns. */
function testsOf(chart, value, wanted) {
  const tests = [];
  for (const [name, found] of Object.entries(value || {})) {
    const field = name.replace(/\\(.)/g, "$1");
    if (!wanted.includes(field) || !Array.isArray(found) || !chart.columns[field]) continue;
    const [column, kind] = chart.columns[field];
    const isRange = found.length === 2 && found.every(one => typeof one === "number" || one instanceof Date);
    if (isRange && NUMBERS.includes(kind) && chart.ranges.has(field)) tests.push(range(column, kind, +found[0], +found[1]));
    else {
      const values = found.filter(one => one !== "others").map(one => valued(one, kind));
      if (values.length) tests.push({ column, kind, values: [...new Set(values)] });
    }
  }
  return tests;
}

/** The value of a column that a chart shows under this label. */
function valued(label, kind) {
  if (label === null || label === undefined || label === "(missing)") return null;
  if (kind === "integer" || kind === "float") return Number(label);
  if (kind === "boolean") return String(label) === "true";
  if (label instanceof Date) return label.toISOString();
  const bare = String(label).replace(/\u200b$/, "");
  return bare in {} ? bare : String(label);
}

/** How a chart shows a value; see `drawable` in nodeflow.values.chart. */
function label(value) {
  if (value === null) return "(missing)";
  return String(value) in {} && value !== "__proto__" ? `${value}\u200b` : String(value);
}

/** Tell a chart what is selected, and the reader how much of it the chart knows. */
function applySelection(chart) {
  if (!chart.view || chart.group === null || !chart.shown.length) return;
  const tests = selected(chart.group);
  let unknown = [];
  if (chart.link) {
    const kept = tableRows(chart.group).map(row => tests.every(test => holds(test, row[test.column])));
    const shares = {};
    for (const [name, within] of chart.link) shares[name] = within.length ? within.filter(row => kept[row]).length / within.length : 0;
    chart.view.signal("nf_on", tests.length > 0).signal("nf_kept", shares);
  } else {
    const known = new Set(chart.shown.map(([, [column]]) => column));
    unknown = tests.map(test => test.column).filter(column => !known.has(column));
    chart.view.signal("nf_rows", chart.shown.map(([, [column]]) => {
      const found = {};
      for (const test of tests.filter(one => one.column === column)) {
        if ("low" in test) found.range = [test.low, test.high]; else found.labels = test.values.map(label);
      }
      return Object.keys(found).length ? found : null;
    }));
  }
  chart.view.runAsync();
  chart.told.textContent = unknown.length ? `The selection by ${[...new Set(unknown)].map(name => `“${name}”`).join(" and ")} cannot be shown here.` : "";
}

function clearSelection(group) {
  const owners = [...(selections.get(group) || new Map()).keys()];
  selections.set(group, new Map());
  for (const chart of charts.filter(one => owners.includes(one))) draw(chart);
  for (const watch of watchers) watch(group, null);
}

const tip = element("div", { class: "tip", role: "tooltip", hidden: "" });

/** The text under the mouse, made of text alone. */
function showTip(handler, event, item, value) {
  tip.hidden = value === null || value === undefined || value === "";
  if (tip.hidden) return;
  tip.replaceChildren();
  if (typeof value === "object")
    for (const [name, one] of Object.entries(value)) {
      const line = element("div");
      line.append(element("span", {}, name), element("b", {}, one === null ? "–" : String(one)));
      tip.append(line);
    }
  else tip.textContent = String(value);
  const left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
  const top = event.clientY + 18 + tip.offsetHeight > window.innerHeight ? event.clientY - tip.offsetHeight - 10 : event.clientY + 18;
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${top}px`;
}

const refused = () => Promise.reject(new Error("a report fetches nothing"));
const loader = { load: refused, sanitize: refused, http: refused, file: refused };

/** What Vega-Lite warns of is meant for who wrote the specification, not for who reads the report. */
async function quietly(work) {
  const { warn } = console;
  console.warn = () => {};
  try { return await work(); } finally { console.warn = warn; }
}

async function draw(chart) {
  const theme = themeShown();
  const { specification, listeners } = linked(chart);
  const { swaps, config } = data.looks[theme];
  const drawnFor = Object.keys(data.looks).find(one => data.looks[one].config.background === specification.config?.background);
  const themed = drawnFor === undefined || drawnFor === theme ? { ...specification }
    : brightened(coloured(specification, new Map(Object.entries(swaps))));
  themed.config = { ...config, ...themed.config };
  if (chart.rows) themed.data = { ...themed.data, values: chart.rows };
  chart.ranges = new Set();
  for (const { encoding } of units(specification))
    for (const axis of ["x", "y"])
      if (["quantitative", "temporal"].includes(encoding[axis]?.type)) chart.ranges.add(encoding[axis].field);
  const embedded = given => quietly(() => vegaEmbed(chart.place, given, {
      mode: "vega-lite", ast: true, logLevel: 1, renderer: (chart.rows || []).length > MANY ? "canvas" : "svg", loader,
      tooltip: showTip, actions: { export: true, source: false, compiled: false, editor: false },
    }));
  try {
    let drawn = await embedded(themed);
    const room = chart.place.clientWidth;
    const wide = () => chart.place.querySelector("svg, canvas").getBoundingClientRect().width;
    const first = wide();
    if (chart.drawing) Object.assign(chart.place.querySelector("svg, canvas").style, { maxWidth: "100%", height: "auto" });
    else if (first > room + 1) {  // panels do not fit themselves into the room there is; what surrounds them stays as wide
      const factor = room / first;
      drawn.view.finalize();
      drawn = await embedded(narrowed(themed, factor));
      const second = wide();
      if (second > room + 1 && second < first) {
        drawn.view.finalize();
        drawn = await embedded(narrowed(themed, Math.max(0.2, 1 - (first - room + 2) * (1 - factor) / (first - second))));
      }
    }
    chart.view?.finalize();
    chart.view = drawn.view;
    for (const [name, wanted] of listeners)
      drawn.view.addSignalListener(name, (_, value) => {
        chart.said = { ...chart.said, [name]: testsOf(chart, value, wanted) };
        select(chart.group, chart, Object.values(chart.said).flat());
      });
    chart.said = {};
    applySelection(chart);
  } catch (error) {
    chart.place.textContent = `This chart cannot be drawn: ${error.message}`;
  }
}

function showChart(place) {
  const given = data.charts[Number(place.dataset.chart)];
  if (given.picture) {
    place.append(element("img", { src: given.picture, alt: place.getAttribute("aria-label") }));
    place.append(element("p", { class: "quiet" }, "Shown as a picture: its data are too many to explore here."));
    return;
  }
  const columns = new Map(Object.entries(given.columns || {}));
  const chart = {
    place, specification: given.specification, rows: given.rows ? unpacked(given.rows) : null, group: given.group,
    columns: Object.assign(Object.create(null), given.columns), fields: [...columns], shown: [], link: undefined, view: null, said: {},
    told: element("p", { class: "quiet" }),
  };
  place.after(chart.told);
  charts.push(chart);
}

async function drawAll() {
  for (const chart of charts) {
    await draw(chart);
    await new Promise(resolve => setTimeout(resolve));
  }
  document.documentElement.dataset.drawn = String(charts.length);
}

function startCharts() {
  document.body.append(tip);
  document.querySelectorAll("[data-chart]").forEach(showChart);
  let waiting = false;
  watchers.push(() => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => { waiting = false; charts.forEach(applySelection); }, 30);
  });
  showSelections(document.getElementById("selections"), data.groups);
  drawAll();
}

"use strict";
// Charts drawn by Vega-Lite, in the room they have and the colours of the theme.

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

/** Give a chart the width of the room there is. */
function widen(chart, specification) {
  const all = units(specification);
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
}

/** The specification with all panels less wide. */
function narrowed(specification, factor) {
  const made = { ...specification };
  if (typeof made.width === "number" && made.autosize === undefined) made.width = Math.round(made.width * factor);
  for (const name of ["layer", "concat", "hconcat", "vconcat"]) if (made[name]) made[name] = made[name].map(part => narrowed(part, factor));
  if (made.spec) made.spec = narrowed(made.spec, factor);
  return made;
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

/** Draw a chart; as its author wrote it if it cannot be drawn with what is added for selecting. */
async function draw(chart, bare = false) {
  const theme = themeShown();
  const { specification, listeners } = bare ? { specification: copied(chart.specification), listeners: [] } : linked(chart);
  widen(chart, specification);
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
    if (!bare) applySelection(chart);
  } catch (error) {
    if (!bare) return draw(chart, true);
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

"use strict";
// What makes the charts of one table work together: what is selected in one is kept in all of them, and the
// rest faded. Selections are read off parameters added to the specification. A chart whose rows can be found
// in the table is told by `nf_kept` which share of each row is selected; another by `nf_rows`, for each field
// of its data that holds a column, what is selected of it.

const NUMBERS = ["integer", "float", "date", "datetime"];
const FADES = ["point", "circle", "square", "bar", "tick", "rect", "rule", "text", "arc"];
const ZOOMS = ["point", "circle", "square", "line", "trail", "tick", "rule", "area"];

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
  let selects = false;
  all.slice(0, 16).forEach(({ unit, encoding, several, faceted }, index) => {
    if (!several && selects) return;
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
      selects = true;
    } else if (names.length) {
      const field = encoding[names[0]].field;
      add(`nf_point_${index}`, { type: "point", fields: [field] });
      listeners.push([`nf_point_${index}`, [field]]);
      selects = true;
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
  return { specification, listeners };
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

"use strict";
// What is selected: by table, by the chart it was selected in, a list of tests of columns. A test is
// {column, kind, low, high} or {column, kind, values}; the same as nodeflow.values.selection.Selection.

const selections = new Map();
const watchers = [];

function select(group, owner, tests) {
  if (!selections.has(group)) selections.set(group, new Map());
  const found = selections.get(group);
  if (tests.length) found.set(owner, tests); else found.delete(owner);
  for (const watch of watchers) watch(group, owner);
}

/** The tests of all charts of a table, of each column at most one range and one list. */
function selected(group) {
  const found = [];
  for (const tests of (selections.get(group) || new Map()).values())
    for (const test of tests) {
      const held = found.find(other => other.column === test.column && ("low" in other) === ("low" in test));
      if (!held) found.push({ ...test });
      else if ("low" in test) {
        held.low = Math.max(held.low, test.low);
        held.high = Math.min(held.high, test.high);
      } else held.values = held.values.filter(value => test.values.includes(value));
    }
  return found.sort((a, b) => ("low" in b) - ("low" in a));
}

/** A value of a table as a number on the axis of a chart. */
function placed(value, kind) {
  if (value === null || value === undefined) return NaN;
  if (kind === "date" || kind === "datetime") {
    if (typeof value === "number") return value;
    const text = String(value).replace(" ", "T");
    return Date.parse(text.includes("T") && !text.endsWith("Z") ? `${text}Z` : text);
  }
  return Number(value);
}

function holds(test, value) {
  if ("low" in test) {
    const place = placed(value, test.kind);
    return place >= test.low && place <= test.high;
  }
  return test.values.some(one => one === null ? value === null : value !== null && String(one) === String(value));
}

const quoted = name => "`" + name.replaceAll("`", "``") + "`";

function moment(milliseconds, kind) {
  const text = new Date(milliseconds).toISOString();
  return kind === "date" ? `date("${text.slice(0, 10)}")` : `datetime("${text.slice(0, 19).replace("T", " ")}")`;
}

function written(value, kind) {
  if (kind === "date" || kind === "datetime") return moment(placed(value, kind), kind);
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function among(column, test) {
  const values = test.values.filter(value => value !== null).map(value => written(value, test.kind));
  if (!test.values.length) return "false";
  const listed = test.kind !== "date" && test.kind !== "datetime" && test.kind !== "boolean";
  const parts = listed && values.length > 1 ? [`${column} in [${values.join(", ")}]`] : values.map(value => `${column} == ${value}`);
  if (test.values.includes(null)) parts.push(`is_missing(${column})`);
  return parts.length === 1 ? parts[0] : `(${parts.join(" or ")})`;
}

/** The selection in nodeflow's formula language. */
function formula(tests) {
  return tests.map(test => {
    const column = quoted(test.column);
    if (!("low" in test)) return among(column, test);
    if (test.low > test.high) return "false";
    return `between(${column}, ${written(test.low, test.kind)}, ${written(test.high, test.kind)})`;
  }).join(" and ");
}

/** A range as it is told: whole numbers for whole numbers, moments outwards, no more digits than a pixel can mean. */
function range(column, kind, one, other) {
  let low = Math.min(one, other);
  let high = Math.max(one, other);
  if (kind === "integer") { low = Math.ceil(low); high = Math.floor(high); }
  else if (kind === "date") { low = Math.ceil(low / 864e5) * 864e5; high = Math.floor(high / 864e5) * 864e5; }
  else if (kind === "datetime") { low = Math.floor(low / 1000) * 1000; high = Math.ceil(high / 1000) * 1000; }
  else {
    const digits = Math.max(0, Math.min(12, 3 - Math.floor(Math.log10(high - low || 1))));
    low = Number(low.toFixed(digits));
    high = Number(high.toFixed(digits));
  }
  return { column, kind, low, high };
}

function showSelections(bar, groups) {
  watchers.push(() => {
    bar.replaceChildren();
    for (const group of selections.keys()) {
      const tests = selected(group);
      if (!tests.length) continue;
      const line = element("div", { class: "selected" });
      const text = element("input", { type: "text", readonly: "", "aria-label": "The selection as a filter" });
      text.value = formula(tests);
      const copy = element("button", { type: "button" }, "Copy");
      copy.addEventListener("click", async () => {
        text.select();
        try { await navigator.clipboard.writeText(text.value); } catch { document.execCommand("copy"); }
        copy.textContent = "Copied";
      });
      const clear = element("button", { type: "button" }, "Clear");
      clear.addEventListener("click", () => clearSelection(group));
      line.append(element("span", {}, `Selected in ${groups[group].name}`), text, copy, clear);
      line.title = "The condition of a Row Filter that keeps these rows";
      bar.append(line);
    }
    bar.hidden = !bar.children.length;
  });
}

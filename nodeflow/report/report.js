"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const PAGE = 25;
const FEW = 12;
const LONG = 50;

function element(name, attributes = {}, text = null) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== null) made.textContent = text;
  return made;
}

const precise = new Intl.NumberFormat("en", { maximumSignificantDigits: 7 });
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

function shown(value) {
  if (typeof value === "number") return Number.isInteger(value) ? whole.format(value) : precise.format(value);
  return String(value);
}

/** Smaller, equal or larger; missing values last whichever way. */
function compared(a, b, down) {
  if (a === null || b === null) return (a === null) - (b === null);
  const order = typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : a === b ? 0 : 1;
  return down ? -order : order;
}

function showTable(place) {
  const { columns, rows, height, width, group } = data.tables[Number(place.dataset.table)];
  const words = rows.map(row => row.map(value => value === null ? "" : shown(value)).join("\u0001").toLowerCase());
  const order = rows.map((_, index) => index);
  let sorted = null;
  let down = false;
  let page = 0;
  const search = element("input", { type: "search", placeholder: "Search", "aria-label": "Search the table" });
  const said = element("span", { "aria-live": "polite" });
  const back = element("button", { type: "button", "aria-label": "Page before" }, "‹");
  const forth = element("button", { type: "button", "aria-label": "Next page" }, "›");
  const bar = element("div", { class: "bar" });
  if (rows.length > FEW) bar.append(search);
  bar.append(element("span", { class: "space" }), said, back, forth);
  const table = element("table");
  const head = element("tr");
  const body = element("tbody");
  columns.forEach((column, index) => {
    const cell = element("th", { tabindex: "0", class: column.right ? "right" : "", "aria-sort": "none", scope: "col" }, column.name);
    const sort = () => {
      down = sorted === index && !down;
      sorted = index;
      page = 0;
      for (const [at, other] of [...head.children].entries()) {
        other.setAttribute("aria-sort", at !== index ? "none" : down ? "descending" : "ascending");
        other.textContent = columns[at].name + (at !== index ? "" : down ? " ↓" : " ↑");
      }
      draw();
    };
    cell.addEventListener("click", sort);
    cell.addEventListener("keydown", event => { if (event.key === "Enter") sort(); });
    head.append(cell);
  });
  const top = element("thead");
  top.append(head);
  table.append(top, body);
  const wrap = element("div", { class: "wrap" });
  wrap.append(table);
  place.append(bar, wrap);

  function draw() {
    const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const tests = group === null ? [] : selected(group)
      .map(test => [test, columns.findIndex(column => column.name === test.column)]).filter(([, index]) => index >= 0);
    let found = order;
    if (asked.length) found = found.filter(row => asked.every(word => words[row].includes(word)));
    if (tests.length) found = found.filter(row => tests.every(([test, index]) => holds(test, rows[row][index])));
    if (sorted !== null) found = [...found].sort((a, b) => compared(rows[a][sorted], rows[b][sorted], down));
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    page = Math.min(page, pages - 1);
    body.replaceChildren(...found.slice(page * PAGE, (page + 1) * PAGE).map(row => {
      const line = element("tr");
      rows[row].forEach((value, index) => {
        const kind = value === null ? "missing" : columns[index].right ? "right" : "";
        const cell = element("td", { class: kind }, value === null ? "–" : shown(value));
        if (typeof value === "string" && value.length > LONG) cell.title = value;
        line.append(cell);
      });
      return line;
    }));
    const parts = [];
    if (tests.length || asked.length) parts.push(`${whole.format(found.length)} ${tests.length ? "selected" : "found"}`);
    else parts.push(`${whole.format(height)} row${height === 1 ? "" : "s"}`);
    if (rows.length < height) parts.push(`the first ${whole.format(rows.length)} of ${whole.format(height)} are here`);
    if (columns.length < width) parts.push(`${columns.length} of ${whole.format(width)} columns`);
    if (pages > 1) parts.push(`page ${page + 1} of ${pages}`);
    said.textContent = parts.join(" · ");
    back.disabled = page === 0;
    forth.disabled = page >= pages - 1;
    back.hidden = forth.hidden = pages === 1;
  }

  search.addEventListener("input", () => { page = 0; draw(); });
  back.addEventListener("click", () => { page -= 1; draw(); });
  forth.addEventListener("click", () => { page += 1; draw(); });
  if (group !== null) watchers.push(changed => { if (changed === group) { page = 0; draw(); } });
  draw();
}

const dark = window.matchMedia("(prefers-color-scheme: dark)");

function themeShown() {
  return document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");
}

function startTheme() {
  const button = document.getElementById("theme");
  const changed = () => {
    button.textContent = themeShown() === "dark" ? "☀ Light" : "☾ Dark";
    if (typeof drawAll === "function") drawAll();
  };
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = themeShown() === "dark" ? "light" : "dark";
    changed();
  });
  dark.addEventListener("change", changed);
  button.textContent = themeShown() === "dark" ? "☀ Light" : "☾ Dark";
}

function start() {
  startTheme();
  document.querySelectorAll("[data-table]").forEach(showTable);
  if (typeof startCharts === "function") startCharts();
}

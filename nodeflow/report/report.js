"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const PAGE = 25;

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
  const { columns, rows } = data.tables[Number(place.dataset.table)];
  const all = Number(place.dataset.rows);
  const width = Number(place.dataset.width);
  let sorted = null;
  let down = false;
  let page = 0;
  const search = element("input", { type: "search", placeholder: "Search", "aria-label": "Search the table" });
  const said = element("span");
  const back = element("button", { type: "button", "aria-label": "Page before" }, "‹");
  const forth = element("button", { type: "button", "aria-label": "Next page" }, "›");
  const bar = element("div", { class: "bar" });
  bar.append(search, element("span", { class: "space" }), said, back, forth);
  const table = element("table");
  const head = element("tr");
  const body = element("tbody");
  columns.forEach((column, index) => {
    const cell = element("th", { tabindex: "0", class: column.right ? "right" : "" }, column.name);
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
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = rows;
    if (words.length)
      found = rows.filter(row => {
        const text = row.map(value => value === null ? "" : shown(value)).join("\u0001").toLowerCase();
        return words.every(word => text.includes(word));
      });
    if (sorted !== null) found = [...found].sort((a, b) => compared(a[sorted], b[sorted], down));
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    page = Math.min(page, pages - 1);
    body.replaceChildren(...found.slice(page * PAGE, (page + 1) * PAGE).map(row => {
      const line = element("tr");
      row.forEach((value, index) => {
        const kind = value === null ? "missing" : columns[index].right ? "right" : "";
        line.append(element("td", { class: kind }, value === null ? "–" : shown(value)));
      });
      return line;
    }));
    const parts = [words.length ? `${whole.format(found.length)} found` : `${whole.format(all)} rows`];
    if (rows.length < all) parts.push(`the first ${whole.format(rows.length)} are here`);
    if (columns.length < width) parts.push(`${columns.length} of ${whole.format(width)} columns`);
    if (pages > 1) parts.push(`page ${page + 1} of ${pages}`);
    said.textContent = parts.join(" · ");
    back.disabled = page === 0;
    forth.disabled = page >= pages - 1;
  }

  search.addEventListener("input", () => { page = 0; draw(); });
  back.addEventListener("click", () => { page -= 1; draw(); });
  forth.addEventListener("click", () => { page += 1; draw(); });
  draw();
}

function showChart(place) {
  const loader = { load: () => Promise.reject(new Error("a report fetches nothing")) };
  vegaEmbed(place, data.charts[Number(place.dataset.chart)], {
    mode: "vega-lite", ast: true, renderer: "svg", loader, actions: { export: true, source: false, compiled: false, editor: false },
  }).catch(error => { place.textContent = `This chart cannot be drawn: ${error.message}`; });
}

document.querySelectorAll("[data-table]").forEach(showTable);
document.querySelectorAll("[data-chart]").forEach(showChart);

"""The report in a browser: drawn without a complaint, sorted, searched, selected in, light and dark, harmless."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import random
import re
import shutil
import subprocess
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import nodeflow as nf
from nodeflow.report.collecting import content_of
from nodeflow.report.content import Content
from nodeflow.report.page import page_of, report_page
from nodeflow.values import Chart
from nodeflow.values.selection import Selection

pytest.importorskip("vl_convert")

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium here")

TOWNS = ["Bern", "Oslo", None, 'a "b" \\ `c`']
BAD = [
    "<script>alert(1)</script>", "</script><script>alert(2)</script>", "<img src=x onerror=alert(3)>",
    '=HYPERLINK("http://evil.example")', "{{constructor.constructor('alert(4)')()}}", "javascript:alert(5)",
    "__proto__", "constructor", "\u202egnp.exe", "\u2028", "\"&amp;'`",
]  # fmt: skip


class People(nf.Node):
    """Give people."""

    category = "Test"

    def run(self) -> pl.DataFrame:
        some = random.Random(1)
        first = datetime.date(2024, 1, 1)
        return pl.DataFrame(
            {
                "points": [some.randint(290, 340) for _ in range(200)],
                "^grade$": [some.uniform(6, 10) for _ in range(200)],
                "town": [some.choice(TOWNS) for _ in range(200)],
                "day": [first + datetime.timedelta(some.randint(0, 300)) for _ in range(200)],
            }
        )


class Points(nf.Node):
    """Draw points."""

    category = "Test"
    x: str = nf.parameter()
    theme: str = nf.parameter(default="light")

    def run(self, table: pl.DataFrame) -> Chart:
        import polars.selectors as cs

        rows = table.select(
            cs.by_name(self.x).as_expr().cast(pl.String if self.x == "day" else pl.Float64).alias("x"),
            cs.by_name("^grade$").as_expr().alias("y"),
            pl.col("town").fill_null("(missing)").alias("colour"),
        )
        kind = "temporal" if self.x == "day" else "quantitative"
        return Chart(
            {
                "title": self.x, "width": 400, "height": 300, "data": {"values": rows.to_dicts()},
                "usermeta": {"nodeflow": {"columns": {"x": self.x, "y": "^grade$", "colour": "town"}}},
                "mark": {"type": "point", "filled": True},
                "encoding": {
                    "x": {"field": "x", "type": kind, "scale": {"type": "utc"} if self.x == "day" else {"zero": False}},
                    "y": {"field": "y", "type": "quantitative", "scale": {"zero": False}},
                    "color": {"field": "colour", "type": "nominal"},
                    "tooltip": [{"field": "x", "title": "image"}, {"field": "colour", "title": "<b>"}],
                },
                "config": {"background": "#1b1f24"} if self.theme == "dark" else {"background": "#ffffff"},
            }
        )  # fmt: skip


class Bars(nf.Node):
    """Count by town."""

    category = "Test"

    def run(self, table: pl.DataFrame) -> Chart:
        rows = table.group_by(pl.col("town").fill_null("(missing)")).len().sort("town").to_dicts()
        return Chart(
            {
                "title": "towns", "width": 300, "height": 200, "data": {"values": rows}, "mark": "bar",
                "usermeta": {"nodeflow": {"columns": {"town": "town"}}},
                "encoding": {"x": {"field": "town", "type": "nominal"}, "y": {"field": "len", "type": "quantitative"}},
            }
        )  # fmt: skip


class Hostile(nf.Node):
    """Give hostile texts."""

    category = "Test"

    def run(self) -> pl.DataFrame:
        return pl.DataFrame(dict.fromkeys(BAD, BAD) | {"image": ["http://evil.example/x.png"] * len(BAD)})


class HostileChart(nf.Node):
    """Draw hostile texts, in titles, tips, links and fields."""

    category = "Test"

    def run(self, table: pl.DataFrame) -> Chart:
        rows = [{"x": i, "__proto__": bad, "constructor": bad, "bad": bad} for i, bad in enumerate(BAD)]
        return Chart(
            {
                "title": {"text": BAD[0], "subtitle": BAD}, "width": 300, "height": 200, "data": {"values": rows},
                "usermeta": {"nodeflow": {"columns": {"bad": BAD[0], "__proto__": "__proto__", "constructor": "x"}}},
                "mark": "point",
                "encoding": {
                    "x": {"field": "x", "type": "quantitative", "title": BAD[1]},
                    "color": {"field": "bad", "type": "nominal", "title": BAD[2]},
                    "href": {"value": "javascript:alert(6)"},
                    "tooltip": [{"field": "bad", "title": "image"}, {"field": "__proto__", "title": BAD[0]}],
                },
            }
        )  # fmt: skip


def opened(page: str, probe: str, folder: Path) -> tuple[dict[str, Any], str]:
    """What the probe found in the page, opened in a browser whose console stays empty; and the page as it became."""
    script = f"""(async () => {{
      const wait = ms => new Promise(done => setTimeout(done, ms));
      while (document.querySelector("[data-chart]") && !document.documentElement.dataset.drawn) await wait(20);
      {TOOLS}
      const found = await (async () => {{ {probe} }})();
      document.body.append(element("pre", {{ id: "probe" }}, JSON.stringify(found)));
    }})();"""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = page.replace("script-src ", f"script-src 'sha256-{digest}' ", 1)
    path = folder / "report.html"
    path.write_text(
        page.replace("</main></body>", f"<script>{script}</script></main></body>"), encoding="utf-8"
    )
    command = [str(BROWSER), "--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=15000"]
    command += [f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr", "--window-size=1300,1500"]
    done = subprocess.run(
        [*command, "--dump-dom", path.as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert not complaints
    found = re.search(r'<pre id="probe">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found is not None, "the probe did not end"
    return json.loads(unescape(found[1])), done.stdout


TOOLS = """
const settled = async () => {
  await wait(200);
  for (const chart of charts) await chart.view.runAsync();
};
const said = () => [...document.querySelectorAll(".bar span[aria-live]")].map(one => one.textContent);
const cells = () => [...document.querySelectorAll("[data-table] tbody tr")].map(row => [...row.children].map(cell => cell.textContent));
const pointer = (type, x, y, target) => target.dispatchEvent(new PointerEvent(type,
  { clientX: x, clientY: y, bubbles: true, pointerId: 1, isPrimary: true, buttons: 1 }));
const drag = async (chart, from, to) => {
  const box = chart.place.querySelector("svg").getBoundingClientRect();
  const at = share => [box.left + box.width * share[0], box.top + box.height * share[1]];
  pointer("pointerdown", ...at(from), document.elementFromPoint(...at(from)));
  pointer("pointermove", at(from)[0] + 5, at(from)[1] + 5, window);
  pointer("pointermove", ...at(to), window);
  pointer("pointerup", ...at(to), window);
  await settled();
};
const click = async target => {
  const box = target.getBoundingClientRect();
  const at = [box.left + box.width / 2, box.top + box.height / 2];
  for (const type of ["pointerdown", "pointerup"]) pointer(type, ...at, target);
  target.dispatchEvent(new MouseEvent("click", { clientX: at[0], clientY: at[1], bubbles: true }));
  await settled();
};
const marks = chart => [...chart.place.querySelectorAll("g[class*='role-mark'][class*='marks'] path")];
const full = chart => marks(chart).filter(mark => Number(mark.getAttribute("opacity") ?? 1) > 0.5).length;
const text = () => document.querySelector("#selections input")?.value ?? "";
"""


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Content:
    workflow = nf.Workflow("Linked", folder=tmp_path_factory.mktemp("linked"))
    people = workflow.add(People, label="people")
    for x in ("points", "day"):
        workflow.add(Points, people, x=x)
    workflow.add(Bars, people)
    return content_of(workflow.run(cache=False))


@pytest.fixture(scope="module")
def linked(content: Content) -> str:
    return page_of(content)


def rows_of(selection: Selection) -> pl.DataFrame:
    return People().run().filter(selection.expression())


DRAG = """
  await drag(charts[0], [.3, .3], [.6, .6]);
  return { text: text(), tests: selected(0), said: said(), full: charts.map(full),
           told: charts.map(chart => chart.told.textContent),
           bars: marks(charts[2]).map(mark => Number(mark.getAttribute("opacity"))) };"""


def test_a_range_drawn_in_one_chart_is_kept_in_all_charts_and_tables(linked: str, tmp_path: Path) -> None:
    found, _ = opened(linked, DRAG, tmp_path)
    ranges = {test["column"]: (test["low"], test["high"]) for test in found["tests"]}
    selection = Selection(ranges)
    assert set(ranges) == {"points", "^grade$"}
    assert found["text"] == selection.as_formula()
    kept = rows_of(selection)
    assert 0 < kept.height < 200
    assert found["said"] == [f"{kept.height} selected"]
    # points are the rows themselves, a bar is drawn the fainter the fewer of its rows are selected
    assert found["full"][:2] == [kept.height, kept.height]
    everybody = People().run()["town"].to_list()
    for bar, town in zip(found["bars"], ["(missing)", *sorted(filter(None, TOWNS))], strict=True):
        name = None if town == "(missing)" else town
        share = kept["town"].to_list().count(name) / everybody.count(name)
        assert bar == pytest.approx(
            0.12 if share == 0 else 0.3 if share <= 0.25 else 0.5 if share <= 0.5 else 0.75
        )
    assert found["told"] == ["", "", ""]


def test_charts_of_a_large_table_keep_what_they_know_and_tell_what_they_do_not(
    content: Content, tmp_path: Path
) -> None:
    found, _ = opened(page_of(replace(content, links={})), DRAG, tmp_path)
    ranges = {test["column"]: (test["low"], test["high"]) for test in found["tests"]}
    grades = rows_of(Selection({"^grade$": ranges["^grade$"]})).height
    assert found["full"] == [rows_of(Selection(ranges)).height, grades, 4]
    assert found["told"][0] == ""
    assert "“points”" in found["told"][1]
    assert "“^grade$”" not in found["told"][1]
    assert "“points” and “^grade$”" in found["told"][2]


def test_a_range_of_days_is_told_as_days(linked: str, tmp_path: Path) -> None:
    probe = "await drag(charts[1], [.3, .15], [.6, .85]); return { tests: selected(0), text: text(), said: said() };"
    found, _ = opened(linked, probe, tmp_path)
    days = [
        datetime.datetime.fromtimestamp(found["tests"][0][end] / 1000, datetime.UTC).date()
        for end in ("low", "high")
    ]
    grades = (found["tests"][1]["low"], found["tests"][1]["high"])
    selection = Selection({"day": (days[0], days[1]), "^grade$": grades})
    assert found["text"] == selection.as_formula()
    assert found["said"][0].startswith(f"{rows_of(selection).height} selected")


def test_a_bar_that_is_clicked_picks_its_group_and_clearing_forgets_it(linked: str, tmp_path: Path) -> None:
    probe = """
      await click(marks(charts[2])[0]);
      const picked = { text: text(), tests: selected(0), full: charts.map(full), said: said() };
      document.querySelector("#selections button:last-child").click();
      await wait(1000);
      return { picked, text: text(), hidden: document.getElementById("selections").hidden, full: charts.map(full), said: said() };"""
    found, _ = opened(linked, probe, tmp_path)
    picked = found["picked"]
    (test,) = picked["tests"]
    selection = Selection(sets={"town": test["values"]})
    assert picked["text"] == selection.as_formula()
    kept = rows_of(selection).height
    assert 0 < kept < 200
    assert picked["full"] == [kept, kept, 1]
    assert picked["said"][0].startswith(f"{kept} selected")
    assert (found["text"], found["hidden"], found["full"]) == ("", True, [200, 200, 4])
    assert found["said"][0].startswith("200 rows")


def test_every_group_can_be_picked_whatever_it_is_called(linked: str, tmp_path: Path) -> None:
    probe = """
      const found = [];
      for (const place of [0, 1, 2, 3]) {
        await click(marks(charts[2])[place]);
        found.push({ tests: selected(0), text: text(), said: said() });
      }
      return { found };"""
    found, _ = opened(linked, probe, tmp_path)
    towns = People().run()["town"].to_list()
    for place, town in enumerate([None, *sorted(filter(None, TOWNS))]):
        picked = found["found"][place]
        assert [test["values"] for test in picked["tests"]] == [[town]]
        assert picked["text"] == Selection(sets={"town": [town]}).as_formula()
        assert picked["said"][0].startswith(f"{towns.count(town)} selected")


def test_tables_are_sorted_searched_and_paged(linked: str, tmp_path: Path) -> None:
    probe = """
      const heads = () => document.querySelectorAll("[data-table] th");
      heads()[0].click();
      const up = cells().map(row => row[0]);
      heads()[0].click();
      const down = cells().map(row => row[0]);
      document.querySelector(".bar button:last-child").click();
      const page = said()[0];
      const search = document.querySelector(".bar input");
      search.value = "BERN";
      search.dispatchEvent(new Event("input"));
      return { up, down, page, found: cells(), said: said()[0] };"""
    found, _ = opened(linked, probe, tmp_path)
    table = People().run()
    points = sorted(table["points"].to_list())
    assert found["up"] == [str(value) for value in points[:25]]
    assert found["down"] == [str(value) for value in points[::-1][:25]]
    assert found["page"] == "200 rows · page 2 of 8"
    assert [row[2] for row in found["found"]] == ["Bern"] * 25
    assert found["said"].startswith(f"{table.filter(town='Bern').height} found")


def test_the_switch_turns_page_charts_and_picture_dark(linked: str, tmp_path: Path) -> None:
    probe = """
      const look = () => [getComputedStyle(document.body).backgroundColor,
        getComputedStyle(charts[0].place.querySelector("svg")).backgroundColor,
        [...document.querySelectorAll(".picture img")].filter(one => one.offsetWidth).length];
      const light = look();
      document.getElementById("theme").click();
      await wait(1500);
      return { light, dark: look() };"""
    found, _ = opened(linked, probe, tmp_path)
    assert found["light"] == ["rgb(247, 248, 250)", "rgb(255, 255, 255)", 1]
    assert found["dark"] == ["rgb(20, 23, 27)", "rgb(27, 31, 36)", 1]


class Panels(nf.Node):
    """Draw panels wider than a column."""

    category = "Test"

    def run(self, table: pl.DataFrame) -> Chart:
        rows = [{"x": row, "y": row} for row in range(9)]
        axes = {name: {"field": name, "type": "quantitative"} for name in ("x", "y")}
        panel = {"mark": "point", "encoding": axes, "width": 300, "height": 200}
        return Chart({"data": {"values": rows}, "hconcat": [panel, panel, panel]})


def test_charts_fit_into_the_columns_they_stand_in(tmp_path: Path) -> None:
    workflow = nf.Workflow("fits", folder=tmp_path)
    people = workflow.add(People)
    report = workflow.add("report", columns=2)
    for chart in (
        workflow.add(Panels, people),
        workflow.add(Bars, people),
        workflow.add(Points, people, x="day"),
    ):
        workflow.connect(chart, f"{report.id}.charts")
    probe = """return charts.map(chart =>
      [chart.place.clientWidth, chart.place.querySelector("svg").getBoundingClientRect().width]);"""
    found, _ = opened(report_page(workflow.run(cache=False)), probe, tmp_path)
    for room, wide in found:
        assert room * 0.9 < wide <= room + 1


class Many(nf.Node):
    """Draw many points."""

    category = "Test"

    def run(self, table: pl.DataFrame) -> Chart:
        rows = [
            {"x": row % 7, "y": None if row % 5 == 0 else row / 8, "c": "ab"[row % 2]} for row in range(4_000)
        ]
        axes = {name: {"field": name, "type": "quantitative"} for name in ("x", "y")}
        colour = {"field": "c", "type": "nominal"}
        return Chart({"data": {"values": rows}, "mark": "point", "encoding": {**axes, "color": colour}})


def test_many_rows_are_drawn_as_they_were(tmp_path: Path) -> None:
    workflow = nf.Workflow("many", folder=tmp_path)
    workflow.add(Many, workflow.add(People))
    probe = """return { rows: charts[0].rows.slice(0, 12), count: charts[0].rows.length,
      canvas: charts[0].place.querySelectorAll("canvas").length };"""
    found, _ = opened(report_page(workflow.run(cache=False)), probe, tmp_path)
    assert found["canvas"] == 1
    assert found["count"] == 4_000
    assert found["rows"] == [
        {"x": row % 7, "y": None if row % 5 == 0 else row / 8, "c": "ab"[row % 2]} for row in range(12)
    ]


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    workflow = nf.Workflow(BAD[0], BAD[1], folder=tmp_path)
    given = workflow.add(Hostile, label=BAD[2])
    chart = workflow.add(HostileChart, given, label=BAD[0])
    links = "\n\n".join(f"[link]({bad}) ![image]({bad}) <{bad}>" for bad in [*BAD, "data:text/html,x"])
    text = workflow.add("report_text", text=f"# {BAD[0]}\n\n{links}\n\n[good](https://example.org)")
    report = workflow.add("report", title=BAD[2], order=["chart", "text"])
    for source, port in ((chart, "charts"), (text, "texts"), (given, "tables")):
        workflow.connect(source, f"{report.id}.{port}")
    probe = """
      const mark = marks(charts[0])[2];
      const box = mark.getBoundingClientRect();
      const target = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      pointer("pointermove", box.left + box.width / 2, box.top + box.height / 2, target);
      await wait(200);
      await click(mark);
      return { polluted: ({}).bad !== undefined, tip: tip.textContent, images: tip.querySelectorAll("img").length,
               heads: [...document.querySelectorAll("th")].map(one => one.textContent),
               links: [...document.querySelectorAll("a[href]")].map(one => one.getAttribute("href")),
               handlers: [...document.querySelectorAll("*")].filter(one => one.getAttributeNames().some(name => name.startsWith("on"))).length,
               scripts: document.scripts.length, marks: marks(charts[0]).length, cells: cells()[0] };"""
    found, _ = opened(report_page(workflow.run(cache=False)), probe, tmp_path)
    assert not found["polluted"]
    assert found["tip"].startswith(f"image{BAD[2]}")
    assert found["images"] == 0
    assert set(BAD) <= set(found["heads"])
    assert [link for link in found["links"] if not link.startswith(("#", "data:", "blob:"))] == [
        "https://example.org"
    ]
    assert found["handlers"] == 0
    assert found["scripts"] == 4  # the data, Vega, ours, and the probe
    assert found["marks"] == len(BAD)
    assert found["cells"][: len(BAD)] == [BAD[0]] * len(BAD)

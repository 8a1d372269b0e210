"""`nodeflow nodes`: find node types, or read the help page of one."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from nodeflow.cli import names, options


@click.command()
@click.argument("text", nargs=-1, shell_complete=names.node_types)
@options.nodes_path
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@click.option(
    "--html",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the reference of all node types as one page.",
)
def command(text: tuple[str, ...], nodes_path: tuple[Path, ...], as_json: bool, html: Path | None) -> None:
    """Find node types by name, keyword or help text; the id or name of one shows its help page.

    \b
    nodeflow nodes                 all node types
    nodeflow nodes group           those that have to do with grouping
    nodeflow nodes row_filter      the help page of one
    nodeflow nodes formula         a node; its page ends with the formula language
    nodeflow nodes --html all.html the help pages of all, to read and search in a browser
    """
    registry = options.registry_of(nodes_path)
    words = " ".join(text)
    exact = registry.get(words) or next((one for one in registry if one.declaration["name"] == words), None)
    for fault in registry.faults:
        click.echo(f"! {fault}", err=True)
    if html is not None:
        from nodeflow.files import atomic_write
        from nodeflow.report.reference import reference_page

        with atomic_write(html, "w") as file:
            file.write(reference_page(one.declaration for one in registry))
        click.echo(f"Wrote {html}.")
        return
    if exact is not None:
        click.echo(json.dumps(exact.declaration, indent=1) if as_json else page(exact.declaration))
        return
    found = registry.search(words) if words else list(registry)
    if as_json:
        click.echo(json.dumps([dict(one.declaration) for one in found], indent=1))
        return
    if not found:
        click.echo(f'No node type fits "{words}"; `nodeflow nodes` lists them all.', err=True)
        sys.exit(2)
    width = max(len(one.id) for one in found)
    category = ""
    for one in found:
        told = one.declaration
        if not words and told["category"] != category:
            category = told["category"]
            click.echo(f"\n{click.style(category, bold=True)}" if category else "")
        click.echo(f"  {one.id:<{width}}  {told['summary']}")
    click.echo("\n`nodeflow nodes ID` shows the help page of one.")


def page(told: Mapping[str, Any]) -> str:
    """The help page of a node type as text."""
    lines = [
        click.style(told["name"], bold=True) + f"   {told['id']}, {told['category']}",
        "",
        told["summary"],
    ]
    if told["help"]:
        lines += ["", told["help"]]
    for title, ports in (("Inputs", told["inputs"]), ("Outputs", told["outputs"])):
        if ports:
            lines += ["", click.style(title, bold=True)]
        for port in ports:
            extra = (
                " (may be left open)" if port["optional"] else " (takes several)" if port["variadic"] else ""
            )
            lines.append(f"  {port['name']}: {port['type']}{extra}. {port['help']}")
    if told["parameters"]:
        lines += ["", click.style("Parameters", bold=True)]
    for one in told["parameters"]:
        default = (
            "must be given"
            if one["required"]
            else f"default {json.dumps(one['default'], ensure_ascii=False)}"
        )
        lines.append(f"  {click.style(one['name'], bold=True)}: {one['accepts']}; {default}")
        if one["help"]:
            lines += textwrap.wrap(one["help"], 100, initial_indent="      ", subsequent_indent="      ")
        lines += _fields(one)
    lines += ["", click.style("In a workflow file", bold=True), textwrap.indent(_example(told), "  ")]
    if any(_speaks_formula(one) for one in told["parameters"]):
        from nodeflow.expressions import reference_text

        lines += ["", click.style("Formulas", bold=True), "", reference_text()]
    return "\n".join(lines)


def _speaks_formula(parameter: Mapping[str, Any]) -> bool:
    return parameter["kind"] == "formula" or any(map(_speaks_formula, parameter.get("fields", ())))


def _fields(parameter: Mapping[str, Any]) -> list[str]:
    return [
        line
        for field in parameter.get("fields", ())
        for line in textwrap.wrap(
            f"{field['name']}: {field['help']} ({field['accepts']})",
            100,
            initial_indent="        ",
            subsequent_indent="          ",
        )
    ]


def _example(told: Mapping[str, Any]) -> str:
    shown = {
        one["name"]: one.get("default", "…") if not one["required"] else "…"
        for one in told["parameters"]
        if one["required"] or not one.get("advanced")
    }
    return f'"my_{told["id"]}": ' + json.dumps(
        {"type": told["id"], "parameters": shown}, indent=2, ensure_ascii=False
    )

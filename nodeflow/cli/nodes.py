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
def command(text: tuple[str, ...], nodes_path: tuple[Path, ...], as_json: bool) -> None:
    """Find node types by name, keyword or help text; the id or name of one shows its help page.

    \b
    nodeflow nodes                 all node types
    nodeflow nodes group           those that have to do with grouping
    nodeflow nodes row_filter      the help page of one
    nodeflow nodes formula         a node; its page ends with the formula language
    """
    registry = options.registry_of(nodes_path)
    words = " ".join(text)
    exact = registry.get(words) or next((one for one in registry if one.declaration["name"] == words), None)
    for fault in registry.faults:
        click.echo(f"! {fault}", err=True)
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
    return parameter["kind"] == "formula" or any(
        field.get("format") == "formula" for field in _record_fields(parameter).values()
    )


def _record_fields(parameter: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of a list-of-records parameter, from its schema."""
    for choice in parameter["schema"].get("anyOf", ()):
        items = choice.get("items", {})
        if isinstance(items, dict) and items.get("type") == "object":
            fields: Mapping[str, Any] = items.get("properties", {})
            return fields
    return {}


def _fields(parameter: Mapping[str, Any]) -> list[str]:
    return [
        line
        for name, field in _record_fields(parameter).items()
        for line in textwrap.wrap(
            f"{name}: {field.get('description', '')}",
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

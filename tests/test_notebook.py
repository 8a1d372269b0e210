"""In a notebook a table shows as a table and a workflow as its picture, whatever is in them."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import polars as pl

import nodeflow as nf


def test_a_table_shows_its_first_rows_with_types_and_count() -> None:
    table = nf.Table(pl.DataFrame({"name": ["Ada"] * 30, "age": [36.5] * 29 + [None]}))
    shown = table._repr_html_()
    assert "30 rows, the first 10 shown, 2 columns" in shown
    assert shown.count("<tr>") == 11
    assert "Float64" in shown


def test_what_a_table_holds_is_only_text() -> None:
    table = nf.Table(pl.DataFrame({"<script>": ["<img src=x onerror=alert(1)>", None, "a" * 500]}))
    shown = table._repr_html_()
    assert "<script" not in shown
    assert "<img" not in shown
    assert len(shown) < 2000


def test_a_workflow_shows_as_its_picture() -> None:
    workflow = nf.Workflow("picture")
    table = workflow.add(
        "table_creator", label="<b>", columns=[{"name": "a", "type": "integer", "cells": ["1"]}]
    )
    workflow.add("statistics", table)
    picture = ElementTree.fromstring(workflow._repr_svg_())
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(list(picture.iter("{http://www.w3.org/2000/svg}g"))) == 2

"""Table Creator."""

from __future__ import annotations

import datetime

import polars as pl
import pytest
from nodeflow_nodes.io.table_creator import TableCreator

from nodeflow.errors import ParameterError


def test_values_are_read_in_their_types(apply) -> None:
    columns = [
        {"name": "t", "type": "text", "cells": ["a", "", 5, True]},
        {"name": "i", "type": "integer", "cells": [1, "2", None, 4.0]},
        {"name": "n", "type": "number", "cells": ["1.5", 2, " ", "1e3"]},
        {"name": "b", "type": "boolean", "cells": [True, "false", "TRUE"]},
        {"name": "d", "type": "date", "cells": ["2024-12-31"]},
        {"name": "m", "type": "datetime", "cells": ["2024-12-31T08:30:00", "2024-12-31 08:30+02:00"]},
        {"name": "c", "type": "time", "cells": ["08:30"]},
    ]
    result = apply(TableCreator(columns=columns))
    assert result.dtypes == [
        pl.String,
        pl.Int64,
        pl.Float64,
        pl.Boolean,
        pl.Date,
        pl.Datetime("us"),
        pl.Time,
    ]
    assert result.to_dict(as_series=False) == {
        "t": ["a", None, "5", "true"],
        "i": [1, 2, None, 4],
        "n": [1.5, 2.0, None, 1000.0],
        "b": [True, False, True, None],
        "d": [datetime.date(2024, 12, 31), None, None, None],
        "m": [datetime.datetime(2024, 12, 31, 8, 30), datetime.datetime(2024, 12, 31, 6, 30), None, None],
        "c": [datetime.time(8, 30), None, None, None],
    }


def test_a_new_node_gives_an_empty_table(apply) -> None:
    assert apply(TableCreator()).shape == (0, 0)


def test_hostile_names(apply, hostile_names) -> None:
    columns = [{"name": name, "type": "integer", "cells": [1]} for name in hostile_names if name]
    assert apply(TableCreator(columns=columns)).columns == [name for name in hostile_names if name]


@pytest.mark.parametrize(
    ("column", "words", "place"),
    [
        ({"name": "a", "type": "integer", "cells": [1, "x"]}, 'row 2: "x" is not a whole number', "cells[1]"),
        ({"name": "a", "type": "integer", "cells": [1.5]}, 'row 1: "1.5" is not a whole number', "cells[0]"),
        ({"name": "a", "type": "integer", "cells": [2**63]}, "is not a whole number", "cells[0]"),
        ({"name": "a", "type": "date", "cells": ["31.12.2024"]}, "a date such as 2024-12-31", "cells[0]"),
        ({"name": "a", "type": "boolean", "cells": ["maybe"]}, "true or false", "cells[0]"),
        ({"name": "a", "type": "number", "cells": [True]}, "a number such as", "cells[0]"),
        ({"name": "b"}, 'two columns are named "b"', "name"),
    ],
)
def test_faults_name_column_and_row(column, words, place) -> None:
    with pytest.raises(ParameterError) as caught:
        TableCreator(columns=[{"name": "b"}, column])
    assert words in str(caught.value)
    assert caught.value.parameter == f"columns[1].{place}"

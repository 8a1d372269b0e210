"""SPSS/SAS/Stata Reader."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import InputPath, parameter

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from nodeflow.export.python import PythonScript

_MOST_BYTES = 8 << 30
_STATA_STARTS = (b"<stata_dta>", b"\x72\x01", b"\x72\x02", b"\x73\x01", b"\x73\x02", b"\x71\x01", b"\x71\x02")
_SAS_START = bytes(12) + b"\xc2\xea\x81\x60"


class StatisticalFileReader(Node):
    """Read a table from a file of SPSS (.sav, .zsav), SAS (.sas7bdat, .xpt) or Stata (.dta).

    Which of them it is, is seen from the file itself. Numbers, texts, dates and times become what they
    are. Values with labels, such as 1 for "male", come as their labels (categories) unless the codes
    are wanted. Values that are missing by the system or by the user's declaration are missing. Rows
    keep their order. Files of SPSS, and SAS transport files of version 8, need the extra `spss`.

    Outputs:
        table: The rows of the file.
    """

    name = "SPSS/SAS/Stata Reader"
    category = "Input / Output"
    keywords = (
        "read_spss",
        "read_sas",
        "read_stata",
        "sav",
        "sas7bdat",
        "xport",
        "dta",
        "import",
        "load",
        "survey",
    )

    path: InputPath = parameter(
        help="The file, or a pattern with * for many.",
        suffixes=(".sav", ".zsav", ".sas7bdat", ".xpt", ".dta"),
    )
    labels: bool = parameter(
        default=True,
        label="Labels instead of codes",
        help="Give the labels of values where there are some (SPSS, Stata); otherwise their codes.",
    )
    encoding: str = parameter(
        default="",
        help="How characters are stored in old SAS files, such as latin-1; empty for what the file says.",
        advanced=True,
    )

    def run(self) -> pl.LazyFrame:
        from nodeflow_nodes.io._many import tables_of

        return tables_of(self, ".sav", self._read).lazy()

    def _read(self, path: str) -> pl.DataFrame:
        import warnings

        import polars as pl

        from nodeflow_nodes.io._formats import start_of, wrong_format

        start = start_of(path, 80)
        if os.path.getsize(path) > _MOST_BYTES:
            raise NodeFailed(
                f"{path} is larger than {_MOST_BYTES >> 30} GB, which is read as a whole; split it"
            )
        with warnings.catch_warnings():
            # pandas speaks of its own speed and of codes without labels
            warnings.simplefilter("ignore")
            try:
                if start.startswith((b"$FL2", b"$FL3")):
                    frame = self._by_pyreadstat(path, "read_sav")
                elif start.startswith(_STATA_STARTS):
                    frame = self._stata(path)
                elif start.startswith(_SAS_START):
                    frame = self._sas(path, "sas7bdat")
                elif start.startswith(b"HEADER RECORD*******LIBV8"):
                    frame = self._by_pyreadstat(path, "read_xport")  # pandas knows the older form only
                elif start.startswith(b"HEADER RECORD*******"):
                    frame = self._sas(path, "xport")
                else:
                    raise wrong_format(path, "a file of SPSS, SAS or Stata")
                frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
                return _tidy(pl.from_pandas(frame, nan_to_null=True))
            except NodeFailed:
                raise
            except Exception as error:  # each of the parsers fails in its own ways on a damaged file
                raise NodeFailed(
                    f"{path} cannot be read ({shorten(str(error) or type(error).__name__, 160)}); the file is damaged or "
                    "incomplete, or its characters need another encoding"
                ) from None

    def _by_pyreadstat(self, path: str, function: str) -> pd.DataFrame:
        try:
            import pyreadstat
        except ImportError:
            raise NodeFailed(f"{path} needs the package pyreadstat: pip install 'nodeflow[spss]'") from None
        read = getattr(pyreadstat, function)
        options = {"apply_value_formats": self.labels} if function == "read_sav" else {}
        found: pd.DataFrame = read(path, **options)[0]
        return found

    def _stata(self, path: str) -> pd.DataFrame:
        import pandas as pd

        return pd.read_stata(path, convert_categoricals=self.labels)

    def _sas(self, path: str, form: Literal["sas7bdat", "xport"]) -> pd.DataFrame:
        import pandas as pd

        return pd.read_sas(
            path, format=form, encoding=self.encoding or ("infer" if form == "sas7bdat" else "latin-1")
        )

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("a file of SPSS, SAS or Stata")


def _tidy(table: pl.DataFrame) -> pl.DataFrame:
    """Datetimes in microseconds; the ordered categories of pandas as plain ones."""
    import polars as pl
    import polars.selectors as cs

    return table.with_columns(
        cs.datetime().cast(pl.Datetime("us")),
        cs.enum().cast(pl.String).cast(pl.Categorical),
        cs.by_dtype(pl.Null).cast(pl.String),
    )

"""Any exception as a sentence for the user: what the data libraries throw, in plain words."""

from __future__ import annotations

import errno
import re

from nodeflow.errors import NodeflowError, shorten

_OS_REASONS = {
    errno.ENOENT: "is not there",
    errno.EACCES: "may not be opened (permission denied)",
    errno.EPERM: "may not be changed (not permitted)",
    errno.EISDIR: "is a folder",
    errno.ENOTDIR: "lies below something that is not a folder",
    errno.ENOSPC: "cannot be written: the disk is full; free some space or choose another folder",
    errno.EDQUOT: "cannot be written: the disk quota is used up",
    errno.EROFS: "cannot be written: the file system is read-only",
    errno.EMFILE: "cannot be opened: too many files are open",
    errno.EIO: "cannot be read or written: the device reports an error",
}

NODE_ERRORS = (Exception, MemoryError, RecursionError, SystemExit)
"""What a node may throw without ending the run; polars.PanicException is added where polars is loaded."""


def explain(error: BaseException) -> str:
    """One or two sentences on what went wrong."""
    if isinstance(error, NodeflowError):
        return str(error)
    if isinstance(error, OSError):
        reason = _OS_REASONS.get(error.errno or 0, error.strerror or str(error))
        return f"{error.filename} {reason}" if error.filename else reason
    if isinstance(error, MemoryError):
        return "not enough memory; give it fewer rows or columns, or run it on a larger machine"
    if isinstance(error, RecursionError):
        return "something is nested too deeply"
    if isinstance(error, SystemExit):
        return f"the node tried to end the program (exit code {error.code})"
    name = type(error).__name__
    text = _first_part(str(error))
    if name in _POLARS or type(error).__module__.startswith("polars"):
        return _POLARS.get(name, lambda told: f"the query failed: {told}")(text)
    if type(error).__module__.startswith("narwhals"):
        return text
    return f"{name}: {text}" if text else name


def where_it_happened(error: BaseException) -> str:
    """File and line of the innermost frame, for errors that are bugs of a node."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"


def _first_part(text: str) -> str:
    """The message without the query plan and hints that libraries append."""
    text = re.split(
        r"\n\s*(?:Resolved plan until failure|This error occurred|LogicalPlan|Hint|Error originated)", text
    )[0]
    return shorten(" ".join(text.split()), 400)


_POLARS = {
    "ColumnNotFoundError": lambda text: f"a column is not there: {text}",
    "DuplicateError": lambda text: f"two columns would have the same name: {text}",
    "SchemaError": lambda text: f"the types do not fit: {text}",
    "InvalidOperationError": lambda text: f"the values do not fit: {text}",
    "ComputeError": lambda text: f"the query failed: {text}",
    "PanicException": lambda text: f"the data library failed inside: {text}",
    "NoDataError": lambda text: f"there is no data: {text}",
    "ShapeError": lambda text: f"the lengths do not fit: {text}",
}

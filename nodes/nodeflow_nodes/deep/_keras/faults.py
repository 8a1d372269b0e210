"""Faults of a job that are the user's to mend, and telling those of memory apart from others."""

from __future__ import annotations


class Fault(Exception):  # noqa: N818 - says what is at fault
    """A job cannot be done; the text is a sentence for the user."""


_MEMORY_NAMES = ("OutOfMemoryError", "ResourceExhaustedError", "MemoryError")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of any backend says that memory ran out."""
    if type(error).__name__ in _MEMORY_NAMES:
        return True
    text = str(error)
    return "RESOURCE_EXHAUSTED" in text or "CUDA out of memory" in text or "OOM when allocating" in text

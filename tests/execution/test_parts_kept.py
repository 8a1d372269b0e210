"""Parts of a node's work are kept in the result store, so that a run that was stopped goes on from there."""

from __future__ import annotations

from pathlib import Path

import polars as pl

import nodeflow as nf

WORKED: list[int] = []


class InParts(nf.Node):
    """Add up numbers, one part after the other."""

    category = "Test"
    parts: int = nf.parameter(default=5, help="How many parts.")
    stop: int = nf.parameter(default=99, help="At which part it fails.")

    def run(self, context: nf.Context) -> pl.DataFrame:
        total = 0
        for part in range(self.parts):
            found = context.kept(f"part {part}")
            if found is None:
                if part == self.stop:
                    raise nf.NodeFailed("stopped on purpose")
                WORKED.append(part)
                found = str(part * 10).encode() * (1 if part else 100_000)
                context.keep(f"part {part}", found, seconds=0.5)
            total += len(found)
        return pl.DataFrame({"total": [total]})


def run(folder: Path | None, **parameters: int) -> nf.Result:
    WORKED.clear()
    workflow = nf.Workflow("parts")
    workflow.add(InParts, id="work", **parameters)
    options = {"cache": False} if folder is None else {"cache_folder": folder}
    return workflow.run(executor="inline", check=False, **options)


def test_a_run_goes_on_where_the_last_one_stopped(tmp_path: Path) -> None:
    run(tmp_path, stop=3)
    assert WORKED == [0, 1, 2]
    assert run(tmp_path)["work"].table.to_polars()["total"][0] == 100_008
    assert WORKED == [3, 4]
    run(tmp_path, parts=7)
    assert WORKED == [5, 6]


def test_without_a_store_nothing_is_kept() -> None:
    run(None, stop=3)
    assert run(None)["work"].table.rows == 1
    assert WORKED == [0, 1, 2, 3, 4]


def test_a_damaged_part_is_done_again(tmp_path: Path) -> None:
    run(tmp_path, stop=2)
    large = max(
        (path for path in tmp_path.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size
    )
    large.chmod(0o600)
    large.write_bytes(b"damaged")
    run(tmp_path, parts=2)
    assert WORKED == [0]

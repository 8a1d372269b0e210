"""What code may run is kept by digest, and only this user can add to it."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from nodeflow.trusted_code import TrustedCode

DIGEST = "ab" * 32


def test_code_that_was_let_run_is_known_again(tmp_path: Path) -> None:
    TrustedCode(tmp_path).add(DIGEST)
    assert TrustedCode(tmp_path).holds(DIGEST)
    assert not TrustedCode(tmp_path).holds("ac" + DIGEST[2:])
    TrustedCode(tmp_path).add("cd" * 32)
    assert TrustedCode(tmp_path).holds(DIGEST)


def test_an_entry_without_the_key_of_the_user_counts_nothing(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    TrustedCode(mine).add("cd" * 32)
    TrustedCode(theirs).add(DIGEST)
    TrustedCode(mine).path.write_bytes(TrustedCode(theirs).path.read_bytes())
    assert not TrustedCode(mine).holds(DIGEST)
    TrustedCode(mine).path.write_text(json.dumps({DIGEST: ""}))
    assert not TrustedCode(mine).holds(DIGEST)


@pytest.mark.skipif(os.name == "nt", reason="rights of files are other ones there")
def test_nobody_else_may_read_the_key(tmp_path: Path) -> None:
    TrustedCode(tmp_path).add(DIGEST)
    assert stat.S_IMODE((tmp_path / "trusted_code.key").stat().st_mode) == 0o600


def test_a_damaged_file_trusts_nothing_and_can_be_written_again(tmp_path: Path) -> None:
    code = TrustedCode(tmp_path)
    code.add(DIGEST)
    code.path.write_bytes(b"\xff{")
    assert not TrustedCode(tmp_path).holds(DIGEST)
    TrustedCode(tmp_path).add(DIGEST)
    assert TrustedCode(tmp_path).holds(DIGEST)


def test_what_cannot_be_written_counts_for_this_session_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code = TrustedCode(tmp_path / "file")
    code.add(DIGEST)
    assert code.holds(DIGEST)
    assert code.fault


def test_trust_can_be_taken_back(tmp_path: Path) -> None:
    trusted = TrustedCode(tmp_path)
    trusted.add(DIGEST)
    trusted.remove(DIGEST)
    assert not trusted.holds(DIGEST)
    assert not TrustedCode(tmp_path).holds(DIGEST)
    trusted.remove(DIGEST)

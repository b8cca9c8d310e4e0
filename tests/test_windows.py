"""What Windows is like, as far as another system can show it: line ends and backslashes.

Not shown here: drive letters and case-insensitive names, which need its file system.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tracklint import cli
from tracklint import manifest as m
from tracklint.policy import PolicyError, load, with_slashes

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "tests" / "fixtures" / "clinic-site"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The clinic's site with CRLF in each file, as the current folder."""
    folder = tmp_path / "site"
    shutil.copytree(SITE, folder)
    for path in folder.rglob("*.*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TRACKLINT_TODAY", "2026-06-01")
    return folder


def report(capfd: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    cli.main(["--format", "json", *arguments])
    found: dict[str, Any] = json.loads(capfd.readouterr().out)
    return {key: found[key] for key in ("services", "detections", "findings", "skipped")}


def ends(path: Path) -> tuple[int, int]:
    """(lines that end in CRLF, all lines)"""
    data = path.read_bytes()
    return data.count(b"\r\n"), data.count(b"\n")


def test_line_ends_change_no_finding_no_place_and_no_id(
    site: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = report(capfd)
    monkeypatch.chdir(SITE)
    assert found == report(capfd)
    assert found["findings"]


def test_suppressions_hold_and_reasons_end_with_their_line(site: Path, capfd: pytest.CaptureFixture[str]) -> None:
    page = site / "templates" / "pages" / "index.njk"
    lines = page.read_bytes().split(b"\r\n")
    at = next(number for number, line in enumerate(lines) if b"powerbi" in line)
    comment = b"<!-- tracklint: ignore[TL202] the board asked for it -->"
    page.write_bytes(b"\r\n".join([*lines[:at], comment, *lines[at:]]))
    codes = {one["code"] for one in report(capfd, "templates/pages/index.njk")["findings"]}
    assert not codes & {"TL202", "TL108"}
    page.write_bytes(b"\r\n".join([*lines[:at], comment.replace(b"the board asked for it ", b""), *lines[at:]]))
    codes = {one["code"] for one in report(capfd, "templates/pages/index.njk")["findings"]}
    assert codes >= {"TL202", "TL108"}


def test_fixes_keep_line_ends_and_their_diff_applies(site: Path, capfd: pytest.CaptureFixture[str]) -> None:
    page = site / "templates" / "pages" / "index.njk"
    before = page.read_bytes()
    assert cli.main(["--fix", "--diff"]) == 1
    diff = capfd.readouterr().out
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(site.parent), "GIT_CONFIG_GLOBAL": os.devnull}
    command = ["git", "apply", "--whitespace=nowarn", "-"]
    subprocess.run(command, cwd=site, input=diff.encode(), env=environment, check=True)
    applied = page.read_bytes()
    page.write_bytes(before)
    cli.main(["--fix"])
    assert page.read_bytes() == applied != before
    assert ends(page) == (applied.count(b"\n"),) * 2


def test_the_manifest_keeps_line_ends(site: Path, capfd: pytest.CaptureFixture[str]) -> None:
    manifest = site / "tracker-approvals.toml"
    lines = ends(manifest)[1]
    assert cli.main(["--fix-manifest"]) == 0
    crlf, every = ends(manifest)
    assert crlf == every > lines
    assert cli.main(["reject", "facebook-pixel", "--by", "ig-lead", "--reason", "It tells what a person reads"]) == 0
    crlf, now = ends(manifest)
    assert crlf == now > every


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("templates\\old\\**", "templates/old/**"),
        ("templates\\old.html", "templates/old.html"),
        ("templates/**", "templates/**"),
        ("odd\\*name.html", "odd\\*name.html"),  # a star of the name
        ("odd\\\\name.html", "odd\\\\name.html"),  # a backslash of the name
        ("\\#old", "\\#old"),
    ],
)
def test_a_backslash_between_folders_is_told_from_an_escape(pattern: str, meant: str) -> None:
    assert with_slashes(pattern) == meant
    assert with_slashes(meant) == meant


@pytest.mark.parametrize("key", ["exclude", "include", "sensitive_pages"])
def test_backslashes_in_the_configuration_are_refused_with_what_to_write(tmp_path: Path, key: str) -> None:
    (tmp_path / "tracklint.toml").write_bytes(f"{key} = ['templates\\old\\**']\r\n".encode())
    with pytest.raises(PolicyError, match='"templates/old/\\*\\*"'):
        load(tmp_path)


@pytest.mark.parametrize("key", ["paths", "pages"])
def test_backslashes_in_the_manifest_are_refused_with_what_to_write(key: str) -> None:
    text = f"version = 1\r\n[[tracker]]\r\nservice = 'hotjar'\r\nstatus = 'pending'\r\n{key} = ['templates\\base.html']\r\n"
    with pytest.raises(m.ManifestError) as caught:
        m.load(text)
    (problem,) = caught.value.problems
    assert problem.line == 5
    assert 'write "templates/base.html"' in problem.message

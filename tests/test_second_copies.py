"""A second copy of a library is fetched only where the page's first is missing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tracklint import ruleset, scan, source

RULES = ruleset.load()
CDN = "https://cdnjs.cloudflare.com/ajax/libs/jquery/3.7.1/jquery.min.js"
WRITE = f"document.write('<script src=\"{CDN}\"><\\/script>')"
FIRST = '<script src="/js/jquery-3.7.1.min.js?v=4"></script>'
LOCAL = {"js/jquery-3.7.1.min.js": "window.jQuery = {};"}


def states(folder: Path, page: str, files: Mapping[str, str] = LOCAL) -> set[tuple[str, str]]:
    for path, text in {"index.html": f"<!doctype html><html><head>{page}</head></html>", **files}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    found = scan.scan(source.working_tree(folder), RULES).detections
    return {(one.consent.state, one.consent.mechanism) for one in found if one.host == "cdnjs.cloudflare.com"}


@pytest.mark.parametrize(
    "question",
    [
        f"window.jQuery || {WRITE}",
        f"!window.jQuery && {WRITE}",
        f"if (!window.jQuery) {{ {WRITE} }}",
        f"if (typeof jQuery === 'undefined') {WRITE}",
        f"if (typeof(jQuery) == 'undefined') {WRITE}",
        f"window.jQuery === undefined || 1; jQuery || {WRITE}",
    ],
)
def test_a_second_copy_waits_for_the_first_to_fail(tmp_path: Path, question: str) -> None:
    assert states(tmp_path, f"{FIRST}<script>{question}</script>") == {("gated", "fallback")}


@pytest.mark.parametrize(
    ("page", "files"),
    [
        (f"{FIRST}<script>window.jQuery || {WRITE}</script>", {}),  # the first copy is not there
        (f"<script>window.jQuery || {WRITE}</script>{FIRST}", LOCAL),  # it comes too late
        (f"{FIRST.replace('<script', '<script async')}<script>window.jQuery || {WRITE}</script>", LOCAL),
        (f"{FIRST}<script>{WRITE}</script>", LOCAL),  # nothing is asked
        (f"{FIRST}<script>window.jQuery && {WRITE}</script>", LOCAL),
        (f"{FIRST}<script>if (window.jQuery) {WRITE}</script>", LOCAL),
        (f"{FIRST}<script>window.wanted || {WRITE}</script>", LOCAL),  # something else is asked
        (f'<script src="/js/app.js"></script><script>window.jQuery || {WRITE}</script>', {"js/app.js": "1"}),
    ],
)
def test_any_other_copy_is_fetched(tmp_path: Path, page: str, files: Mapping[str, str]) -> None:
    assert states(tmp_path, page, files) == {("ungated", "none")}


def test_the_second_way_of_a_tracker_is_for_browsers_that_block_the_first(tmp_path: Path) -> None:
    page = (
        '<script src="https://www.google-analytics.com/analytics.js"></script>'
        "<script>window.analytics || document.write('<script src=\"https://static.hotjar.com/analytics.js\"><\\/script>')</script>"
    )
    (tmp_path / "index.html").write_text(f"<!doctype html><html>{page}</html>", "utf-8")
    found = scan.scan(source.working_tree(tmp_path), RULES).detections
    assert {one.consent.state for one in found} == {"ungated"}


def test_what_is_fetched_when_a_file_of_the_site_fails(tmp_path: Path) -> None:
    page = f'<script src="/js/jquery-3.7.1.min.js" onerror="{WRITE.replace(chr(34), "")}"></script>'
    assert states(tmp_path, page) == {("gated", "fallback")}

"""Verdicts held against a real browser: pages of our own, each with one mechanism, which Chromium opens without a network."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HERE = Path(__file__).parent
PAGES = HERE / "fixtures" / "visited-pages"
NAMES = sorted(path.name for path in PAGES.glob("*.html"))


def harness() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pages", HERE.parent / "benchmarks" / "pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def visited() -> dict[str, Any]:
    pages = harness()
    program = pages.chromium()
    if (
        program is None
        or not shutil.which("node")
        or not (HERE / "browser" / "node_modules" / "playwright-core").is_dir()
    ):
        reason = "needs Chromium, Node and the packages of tests/browser; `make test` gets them"
        if os.environ.get("TRACKLINT_BROWSER") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    return {visit.page: visit for visit in pages.visits(PAGES, NAMES, program)}


@pytest.mark.parametrize("name", NAMES)
def test_a_page_asks_before_a_choice_whom_tracklint_calls_ungated(visited: dict[str, Any], name: str) -> None:
    visit = visited[name]
    assert visit.open == visit.before


@pytest.mark.parametrize("name", NAMES)
def test_whom_a_page_asks_on_agreement_tracklint_calls_gated(visited: dict[str, Any], name: str) -> None:
    visit = visited[name]
    assert visit.after - visit.before <= visit.gated


def test_the_pages_show_both_sides(visited: dict[str, Any]) -> None:
    visits = list(visited.values())
    assert sum(len(visit.before) for visit in visits) >= 20
    assert sum(len(visit.after) for visit in visits) >= 5

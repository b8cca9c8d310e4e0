"""The audit page in a real browser: it asks for nothing, logs nothing, and axe-core finds no barrier in it.

`make test` sets up Chromium and the packages of tests/browser and then insists on them (TRACKLINT_BROWSER=required).
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

HERE = Path(__file__).parent
SITE = HERE / "fixtures" / "clinic-site"
BROWSER = HERE / "browser"


def chromium() -> str:
    found = os.environ.get("CHROMIUM") or next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    if found and shutil.which("node") and (BROWSER / "node_modules" / "axe-core").is_dir():
        return found
    reason = "needs Chromium, Node and the packages of tests/browser; `make test` gets them"
    if os.environ.get("TRACKLINT_BROWSER") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the browser found on the page of the fixture site, with something new, skipped and hostile in it."""
    program = chromium()
    folder = tmp_path_factory.mktemp("browser")
    site, page, earlier = folder / "clinic-site", folder / "audit.html", folder / "earlier.json"
    shutil.copytree(SITE, site)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(site)
        patch.setenv("TRACKLINT_TODAY", "2026-06-01")
        cli.main(["--format", "json", "--output", str(earlier), "--exit-zero"])
        (site / "templates" / "pages" / "find-us.njk").unlink()
        hostile = (
            '<script src="https://h.example/\'%22%3E%3Cscript%3Ealert(1)%3C/script%3E.js"></script><!-- </script> -->\n'
        )
        (site / "templates" / "pages" / '"><img src=x onerror=alert(1)>.html').write_text(hostile * 14)
        (site / "public" / "js" / "broken.js").write_text("function ( { ]] `" * 20)
        cli.main(["--format", "html", "--output", str(page), "--compare", str(earlier), "--exit-zero"])
    command = ["node", str(BROWSER / "check.mjs"), program, str(page)]
    screenshots = os.environ.get("SCREENSHOTS")
    if screenshots:
        command.append(screenshots)
    run = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=240, check=False)
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_the_page_opens_without_an_error(seen: dict[str, Any]) -> None:
    assert seen["title"] == "Third parties on clinic-site"
    assert seen["console"] == []


def test_the_page_asks_for_nothing(seen: dict[str, Any]) -> None:
    assert seen["requests"] == []


@pytest.mark.parametrize("view", ["light", "dark", "narrow"])
def test_axe_finds_no_barrier(seen: dict[str, Any], view: str) -> None:
    assert seen["violations"][view] == []


@pytest.mark.parametrize("view", ["light", "dark", "narrow", "print"])
def test_nothing_has_to_be_scrolled_sideways_but_tables(seen: dict[str, Any], view: str) -> None:
    assert seen["overflow"][view] <= 0


def test_the_keyboard_reaches_the_skip_link_and_the_contents_first(seen: dict[str, Any]) -> None:
    assert seen["focus"] == ["Skip to the summary", "Summary", "What runs before consent"]


def test_it_can_be_printed(seen: dict[str, Any]) -> None:
    assert seen["printed"] > 10_000

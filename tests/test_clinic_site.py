"""The fixture site end to end, against goldens that `make update` writes."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tracklint import cli

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "tests" / "fixtures" / "clinic-site"
GOLDENS = ROOT / "tests" / "fixtures" / "clinic-site-expected"
UPDATE = bool(os.environ.get("UPDATE_GOLDENS"))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy outside of any repository, as the current folder."""
    copy = tmp_path / "clinic-site"
    shutil.copytree(SITE, copy)
    monkeypatch.chdir(copy)
    monkeypatch.setenv("TRACKLINT_TODAY", "2026-06-01")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return copy


def output(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    cli.main(arguments)
    out, err = capfd.readouterr()
    assert err == ""
    return out


def document(capfd: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(output(capfd, "--format", "json", *arguments))
    return found


def compare(name: str, text: str) -> None:
    golden = GOLDENS / name
    if UPDATE:
        GOLDENS.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == text, f"{name} differs; if it is right, run make update"


@pytest.mark.parametrize("format", ["text", "markdown"])
def test_the_report(site: Path, capfd: pytest.CaptureFixture[str], format: str) -> None:
    compare(f"report.{ {'text': 'txt', 'markdown': 'md'}[format] }", output(capfd, "--format", format))


def test_the_loads_and_their_verdicts(site: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rows = [
        f"{one['path']}:{one['line']}  {one['service']}  {','.join(one['ids']) or '-'}  {one['technique']}  "
        f"{one['consent']['state']}  {one['consent']['mechanism']}"
        for one in document(capfd)["detections"]
    ]
    compare("loads.txt", "\n".join(rows) + "\n")


def test_the_manifest_that_it_would_get(site: Path, capfd: pytest.CaptureFixture[str]) -> None:
    compare("fix-manifest.diff", output(capfd, "--fix-manifest", "--diff"))


# What the site was made to show, whatever the goldens say: (path, service) -> state before a choice.
WRONG = {
    ("templates/partials/tag-manager.njk", "google-tag-manager"),
    ("templates/layouts/base.njk", "google-tag-manager"),  # in <noscript>
    ("templates/pages/conditions/asthma.njk", "youtube"),
    ("templates/pages/index.njk", "power-bi"),
    ("templates/partials/footer.njk", "host:widget.patient-pulse-feedback.co.uk"),
    ("templates/emails/appointment-reminder.html", "mailchimp"),
    ("public/js/cookies.js", "facebook-pixel"),  # consent !== 'denied'
    ("public/js/app.min.js", "microsoft-clarity"),
}
RIGHT = {
    ("templates/partials/analytics.njk", "hotjar"),  # text/plain until Cookiebot
    ("templates/partials/analytics.njk", "google-ads"),  # {% if cookies.marketing == "yes" %}
    ("templates/pages/find-us.njk", "google-maps"),
    ("public/js/cookies.js", "youtube"),  # a click on its placeholder
    ("public/js/cookies.js", "google-analytics"),  # consent.analytics === true
}


def test_what_runs_before_consent_and_what_waits(site: Path, capfd: pytest.CaptureFixture[str]) -> None:
    states: dict[tuple[str, str], set[str]] = {}
    for one in document(capfd, "--manifest", "none.toml")["detections"]:
        states.setdefault((one["path"], one["service"]), set()).add(one["consent"]["state"])
    assert {key: states.get(key) for key in WRONG} == {key: {"ungated"} for key in WRONG}
    assert {key: states.get(key) for key in RIGHT} == {key: {"gated"} for key in RIGHT}


def test_words_that_load_nothing_are_no_loads(site: Path, capfd: pytest.CaptureFixture[str]) -> None:
    paths = {one["path"] for one in document(capfd)["detections"]}
    for path in ("templates/pages/cookies.njk", "_headers", "tests/layout.test.js", "templates/partials/header.njk"):
        assert path not in paths
    services = {one["service"] for one in document(capfd)["detections"]}
    assert "addtoany" not in services  # commented out


def test_it_shows_every_stage_of_an_approval(site: Path, capfd: pytest.CaptureFixture[str]) -> None:
    codes = {one["code"] for one in document(capfd)["findings"]}
    assert codes >= {"TL101", "TL102", "TL104", "TL105", "TL106", "TL201", "TL202", "TL205", "TL206", "TL301", "TL303"}

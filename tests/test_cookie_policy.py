"""The tables for the site's cookie page."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html

from tracklint import cli, ruleset
from tracklint import manifest as m
from tracklint.model import Consent, Detection, Report
from tracklint.report import FORMATS, Context

RULES = ruleset.load(()).all_services
ENTRY = """\
version = 1

[approvers.ig-lead]
name = "Head of Information Governance"
email = "ig@trust.example"

[[tracker]]
service = "{service}"
status = "approved"
category = "{category}"
purpose = "{purpose}"
owner = "Digital team"
consent = "{consent}"
approved_by = "ig-lead"
approved_on = 2026-02-10
review_by = 2027-02-10
"""


def entry(service: str, category: str, purpose: str, consent: str = "required", more: str = "") -> m.Manifest:
    return m.load(ENTRY.format(service=service, category=category, purpose=purpose, consent=consent) + more)


def detection(service: str, state: Any = "gated", **changes: Any) -> Detection:
    rule = RULES.get(service)
    values: dict[str, Any] = {
        "service": service,
        "name": rule.name if rule else service.removeprefix("host:"),
        "company": rule.company if rule else None,
        "category": rule.category if rule else None,
        "kind": rule.kind if rule else "unknown",
        "technique": "script-src",
        "path": "base.html",
        "line": 1,
        "column": 1,
        "end_line": 1,
        "end_column": 9,
        "start": 0,
        "end": 9,
        "host": "w.example",
        "url": None,
        "ids": (),
        "consent": Consent(state),
        "excerpt": "<script>",
        "content": "<script>",
    }
    return Detection(**{**values, **changes})


def render(*detections: Detection, statuses: dict[str, str] | None = None, **context: Any) -> str:
    report = Report("site", 1, 10, 0.1, "x", detections, (), statuses=statuses or {})
    return FORMATS["cookie-policy"](report, Context(**{"rules": RULES, "today": datetime.date(2026, 6, 1), **context}))


def rows(text: str) -> dict[str, list[str]]:
    found = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in text.splitlines() if line[:1] == "|"]
    return {row[0]: row[1:] for row in found}


def test_it_tells_who_what_why_and_how_long() -> None:
    text = render(
        detection("google-analytics"),
        manifest=entry("google-analytics", "analytics", "Which pages are read"),
        statuses={"google-analytics": "approved"},
    )
    assert "## Analytics" in text and "## Marketing" not in text
    assert rows(text)["Google Analytics"] == [
        "Google",
        "Which pages are read",
        "Yes: only after you have agreed",
        "[Google Analytics: privacy notice](<https://business.safety.google/privacy/>)",
    ]
    assert rows(text)["`_ga`"][0] == "Google Analytics" and rows(text)["`_ga`"][2] == "2 years"


def test_cookies_of_the_manifest_are_the_real_ones() -> None:
    more = 'cookies = [{ name = "_ga", lifetime = "13 months", purpose = "Counts" }]\n'
    manifest = entry("google-analytics", "analytics", "Which pages are read", more=more)
    text = render(detection("google-analytics"), manifest=manifest, statuses={"google-analytics": "approved"})
    assert rows(text)["`_ga`"] == ["Google Analytics", "Counts", "13 months"]
    assert "`_gid`" not in text and "Look at these" not in text


def test_the_groups_come_in_order_and_the_manifest_decides_the_category() -> None:
    text = render(
        detection("facebook-pixel"),
        detection("hotjar"),
        detection("host:w.example"),
        detection("cmp:cookiebot", "not-required"),
        detection("google-maps"),
        detection("mailchimp", "ungated", email=True),
        manifest=entry("hotjar", "functional", "A survey that visitors open"),
    )
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert titles == ["Essential", "Functional", "Marketing", "Other services", "In our e-mails"]
    assert text.index("Hotjar") < text.index("## Marketing")
    assert "CookieConsent" in text  # where the choice itself is kept


@pytest.mark.parametrize(
    ("states", "asked"),
    [
        (["gated"], "Yes: only after you have agreed"),
        (["ungated"], "No: it is there from the start"),
        (["gated", "ungated"], "Only in part: on some pages it is there from the start"),
        (["gated", "unknown"], "On most pages; not confirmed for all"),
        (["gated", "not-required"], "Yes, where it is needed"),
        (["not-required"], "No"),
    ],
)
def test_it_says_what_the_site_does_and_not_what_it_should(states: list[str], asked: str) -> None:
    text = render(*(detection("hotjar", state, line=line) for line, state in enumerate(states, 1)))
    assert rows(text)["Hotjar"][2] == asked


def test_who_is_not_asked_is_told_why() -> None:
    more = 'consent_reason = "Statistics on our own server"\n'
    manifest = entry("matomo", "analytics", "Counts visits", "opt-out", more)
    text = render(detection("matomo", "not-required", first_party=True), manifest=manifest)
    assert rows(text)["Matomo"][:3] == [
        "Ourselves (software by InnoCraft)",
        "Counts visits",
        "No, but you can object: Statistics on our own server",
    ]


def test_what_should_be_put_right_first_is_said_in_a_comment() -> None:
    text = render(
        detection("hotjar", "ungated"),
        detection("host:w.example", name="x --> <b>"),
        statuses={"hotjar": "outside-scope"},
    )
    comment, _, rest = text.partition("-->")
    assert "* Hotjar: it is outside its approval; it can run before consent" in comment
    assert "nobody has written down what it is for" in comment
    assert comment.startswith("<!--") and "-->" not in rest and "<b>" not in text


def test_a_package_alone_is_nothing_for_the_public() -> None:
    text = render(detection("sentry", technique="dependency"))
    assert "This website loads nothing from other organisations." in text


@pytest.mark.parametrize(
    "bad", ["a|b", "`a`|", "<script>alert(1)</script>", "](javascript:alert(1))", "\x1b[31m\udcff", "--><b>"]
)
def test_no_text_breaks_out_of_a_table(bad: str) -> None:
    subject = detection("host:w.example", name=bad, company=bad)
    lines = [line for line in render(subject).splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1
    assert "<script" not in render(subject) and "<b>" not in render(subject)
    fragment = lxml_html.fragment_fromstring(render(subject, fragment=True), create_parent="div")
    assert {one.tag for one in fragment.iter() if isinstance(one.tag, str)} <= set(
        "div h2 p table caption thead tbody tr th td a code".split()
    )
    render(subject).encode()


def test_a_privacy_notice_that_is_no_web_address_is_no_link() -> None:
    import dataclasses

    bad = dataclasses.replace(RULES["hotjar"], privacy_url="javascript:alert(1)")
    for fragment in (False, True):
        assert "javascript:" not in render(detection("hotjar"), rules={"hotjar": bad}, fragment=fragment)


def test_an_output_file_of_html_gets_a_fragment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index.html").write_text('<script src="https://static.hotjar.com/c/hotjar-1847362.js"></script>')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRACKLINT_TODAY", "2026-06-01")
    cli.main(["--format", "cookie-policy", "--output", "cookies.html", "--exit-zero"])
    document = lxml_html.fragment_fromstring((tmp_path / "cookies.html").read_text("utf-8"), create_parent="div")
    assert document.xpath("h2/text()") == ["Analytics"]
    assert document.xpath("//th[@scope='row']/text()")[0] == "Hotjar"
    assert "cookies" in document.xpath("//caption/text()")[1]
    cli.main(["--format", "cookie-policy", "--output", "cookies.md", "--exit-zero"])
    assert "| Hotjar |" in (tmp_path / "cookies.md").read_text("utf-8")


@pytest.mark.parametrize(
    "consent",
    [
        Consent("gated", "absent"),
        Consent("gated", "fallback"),
        Consent("unknown", "unused"),
        Consent("ungated", "off"),
    ],
    ids=lambda consent: consent.mechanism,
)
def test_what_no_page_runs_is_said_to_be_in_no_use(consent: Consent) -> None:
    idle = detection("youtube", consent=consent)
    assert "It is not in use on any page" in render(idle)
    assert rows(render(idle, detection("youtube", "ungated")))["YouTube"][2] == "No: it is there from the start"
    waiting = detection("youtube", consent=Consent("gated", "condition"))
    assert rows(render(idle, waiting))["YouTube"][2] == "Yes: only after you have agreed"

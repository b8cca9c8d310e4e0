"""The formats: what a reader sees of one report, to the letter; and that no text from a file can break out of it."""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tracklint import manifest as m
from tracklint import rules
from tracklint.model import Consent, Detection, Finding, Hop, Related, Report, Skipped
from tracklint.report import FORMATS, Change, Context, github, json_report, markdown, text
from tracklint.report.fingerprint import fingerprints
from tracklint.report.wording import clean, one_line

FIXTURES = Path(__file__).parent / "fixtures" / "report"
MANIFEST = """\
version = 1

[approvers.ig-lead]
name = "Head of Information Governance"
email = "ig@trust.example"

[[tracker]]
service = "youtube"
status = "approved"
category = "marketing"
purpose = "Films about our clinics"
owner = "Digital team"
consent = "required"
approved_by = "ig-lead"
approved_on = 2026-05-01
review_by = 2027-04-01
"""


def detection(service: str, line: int, excerpt: str, column: int = 1, **changes: Any) -> Detection:
    end = changes.pop("end_column", len(excerpt) + 1)
    values: dict[str, Any] = {
        "service": service,
        "name": {"google-analytics": "Google Analytics", "youtube": "YouTube"}.get(service, service[5:]),
        "company": None if service.startswith("host:") else "Google",
        "category": {"google-analytics": "analytics", "youtube": "marketing"}.get(service),
        "kind": {"google-analytics": "analytics", "youtube": "video"}.get(service, "unknown"),
        "technique": "script-src",
        "path": "templates/base.html",
        "line": line,
        "column": column,
        "end_line": line,
        "end_column": end,
        "start": line * 100,
        "end": line * 100 + 10,
        "host": "www.googletagmanager.com" if service == "google-analytics" else "www.youtube.com",
        "url": None,
        "ids": ("G-ABC1234567",) if service == "google-analytics" else (),
        "consent": Consent("ungated"),
        "excerpt": excerpt,
        "content": excerpt.replace(" ", ""),
    }
    return Detection(**{**values, **changes})


def sample(seconds: float = 0.5) -> Report:
    """A site with a tracker without an entry, an embed that loads at once, and an unknown script in many places."""
    tag = '<script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>'
    why = Consent(
        "ungated",
        at=("templates/base.html", 4),
        why="site.analytics is a setting, not a choice",
        chain=(Hop("templates/base.html", 4, "only if site.analytics"),),
    )
    frame = '<iframe src="https://www.youtube-nocookie.com/embed/x"></iframe>'
    found = [
        detection("google-analytics", 5, f"\t{tag}", 2, consent=why),
        detection("youtube", 12, frame, technique="iframe", path="pages/visit.md", consent=Consent("ungated", why="")),
    ]
    for line in (3, 8, 9):
        script = '<script src="//w.vendor.example/w.js">'
        path = f"pages/{line}.html"
        found.append(detection("host:w.vendor.example", line, script, path=path, host="w.vendor.example"))
    manifest = m.load(MANIFEST)
    verdicts = m.judge(manifest, found, today=datetime.date(2026, 5, 7), full_scan=True)
    outcome = rules.findings(
        found,
        verdicts,
        manifest,
        rules.Policy(),
        line_text=lambda path, line: "{% if site.analytics %}" if path == "templates/base.html" else "",
        extra=[rules.finding("TL304", "js/a.js", "The cookie `uid` is set", "set it later", line=n) for n in (4, 7, 9)],
    )
    skipped = (Skipped("vendor/a.js", "vendored"), Skipped("vendor/b.js", "vendored"), Skipped("x.map", "source-map"))
    return Report(
        root="site",
        files=12,
        bytes=3456,
        seconds=seconds,
        ruleset="2026.05",
        detections=tuple(found),
        findings=outcome.findings,
        suppressed=((rules.finding("TL402", "a.html", "x", "y", line=3), "agreed in DPIA-12"),),
        skipped=skipped,
        blocking=rules.blocking(outcome.findings),
        statuses=outcome.statuses,
    )


EMPTY = Report(root="site", files=3, bytes=10, seconds=0.1, ruleset="1", detections=(), findings=())

TEXT = """\
js/a.js:4:1: warning TL304 identifier-stored-before-consent
  The cookie `uid` is set
    the same at 7:1, 9:1
  help: set it later

pages/3.html:3:1: error TL301 unknown-third-party-script
  A script from w.vendor.example, which no rule knows and tracker-approvals.toml does not list
  3 | <script src="//w.vendor.example/w.js">
    | ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  help: find out what w.vendor.example is: if it is your own, add it to first_party in tracklint.toml; if it must \
stay, run `tracklint --fix-manifest` and ask an approver (ig-lead); else take it out

pages/8.html:8:1: error TL301 unknown-third-party-script
  A script from w.vendor.example, which no rule knows and tracker-approvals.toml does not list
  8 | <script src="//w.vendor.example/w.js">
    | ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  help: find out what w.vendor.example is: if it is your own, add it to first_party in tracklint.toml; if it must \
stay, run `tracklint --fix-manifest` and ask an approver (ig-lead); else take it out

pages/9.html:9:1: error TL301 unknown-third-party-script
  A script from w.vendor.example, which no rule knows and tracker-approvals.toml does not list
  9 | <script src="//w.vendor.example/w.js">
    | ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  help: find out what w.vendor.example is: if it is your own, add it to first_party in tracklint.toml; if it must \
stay, run `tracklint --fix-manifest` and ask an approver (ig-lead); else take it out

pages/visit.md:12:1: error TL202 embed-loads-before-consent
  YouTube is embedded and contacts www.youtube.com before the visitor has agreed
  12 | <iframe src="https://www.youtube-nocookie.com/embed/x"></iframe>
     | ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  help: show a placeholder and load it on a click, or put it behind the site's consent manager, so that it waits for a \
yes to marketing cookies; `tracklint --fix --diff` shows the edit, where it knows one

templates/base.html:5:2: error TL101 tracker-not-in-manifest
  Google Analytics (G-ABC1234567) is loaded here but has no entry in tracker-approvals.toml
  5 | <script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>
    | ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  help: run `tracklint --fix-manifest`, then ask an approver (ig-lead) to approve the entry; or take it out if it is \
not needed

templates/base.html:5:2: error TL201 tracker-runs-before-consent
  Google Analytics (G-ABC1234567) can run before the visitor has consented: site.analytics is a setting, not a choice
  5 | <script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>
    | ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
    templates/base.html:4: decided here: {% if site.analytics %}
  help: put it behind the site's consent manager, so that it waits for a yes to analytics cookies; \
`tracklint --fix --diff` shows the edit, where it knows one; `tracklint explain templates/base.html:5` shows the whole \
chain

12 files checked, 3 skipped (2 vendored, 1 source map); 3 services found: 1 approved, 2 not in the manifest; 6 errors, \
3 warnings, 1 suppressed.
Blocked: 6 findings must be mended or approved first.
"""


def test_text() -> None:
    assert text.render(sample()) == TEXT


def test_text_without_findings_is_two_lines() -> None:
    assert text.render(EMPTY) == "3 files checked; no third party found; no findings.\nNothing blocks.\n"


def test_colours_are_there_when_asked_for_and_change_nothing_else() -> None:
    coloured = text.render(sample(), Context(color=True))
    assert "\x1b[1;31merror TL201\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == TEXT


def place(column: int, excerpt: str, **changes: Any) -> list[str]:
    finding = rules.finding("TL304", "a.js", "m", "h", line=3, column=column, excerpt=excerpt, **changes)
    return text.render(dataclasses.replace(EMPTY, findings=(finding,))).splitlines()[2:4]


def test_the_caret_is_under_the_load_whatever_stands_before_it() -> None:
    for excerpt in ("\tif (x)\tload()", "  日本語 load()", "x́ load()", "a " * 120 + "load() " + "b " * 120):
        column = excerpt.index("load()") + 1
        shown, marker = place(column, excerpt, end_line=3, end_column=column + 6)
        cells = text._columns(shown[: shown.index("load()")])
        assert marker.index("^") == cells and marker.endswith("^~~~~~")
        assert len(shown) < 140


def test_a_column_beyond_what_is_known_of_the_line_has_no_caret() -> None:
    assert "^" not in "".join(place(5000, "short"))


GITHUB = """\
::error file=pages/3.html,line=3,col=1,endLine=3,endColumn=39,title=TL301 unknown-third-party-script::A script from \
w.vendor.example, which no rule knows and tracker-approvals.toml does not list%0Ahelp: find out what w.vendor.example \
is: if it is your own, add it to first_party in tracklint.toml; if it must stay, run `tracklint --fix-manifest` and \
ask an approver (ig-lead); else take it out
"""


def test_github_shows_errors_first_and_their_place() -> None:
    lines = github.render(sample()).splitlines(keepends=True)
    assert lines[0] == GITHUB
    levels = [line.split(" ")[0] for line in lines if line.startswith("::")]
    assert levels == ["::error"] * 6 + ["::warning"] * 3
    assert lines[-1] == "Blocked: 6 findings must be mended or approved first.\n"
    decided = next(line for line in lines if "title=TL201" in line)
    assert decided.rstrip().endswith("%0Atemplates/base.html:4: decided here: {%25 if site.analytics %25}")


def test_github_puts_what_it_would_not_annotate_into_the_log() -> None:
    many = tuple(rules.finding("TL301", "a.html", f"m{n}", "h", line=n) for n in range(1, 31))
    lines = github.render(dataclasses.replace(EMPTY, findings=many)).splitlines()
    assert sum(line.startswith("::error") for line in lines) == 10
    assert "error TL301 a.html:11:1 m11; help: h" in lines and len(lines) == 10 + 1 + 20 + 2


def test_markdown() -> None:
    changes = (
        Change("added", "Google Analytics (G-ABC1234567)", "templates/base.html:5", "analytics, before consent"),
    )
    shown = markdown.render(sample(), Context(manifest=m.load(MANIFEST), changes=changes))
    assert shown == (FIXTURES / "summary.md").read_text("utf-8")


def test_markdown_says_that_a_change_does_nothing() -> None:
    assert "It adds, alters and removes no third party." in markdown.render(EMPTY, Context(changes=()))
    assert "What this change does" not in markdown.render(EMPTY)


def test_markdown_stays_below_the_limit_and_counts_what_is_left_out() -> None:
    many = tuple(rules.finding("TL301", f"{'a' * 200}{n}.html", f"{n} {'m' * 400}", "h" * 300) for n in range(5000))
    shown = markdown.render(dataclasses.replace(EMPTY, findings=many))
    assert len(shown.encode()) < markdown.LIMIT
    rows = sum(line.startswith("| 🛑") for line in shown.splitlines())
    assert f"{5000 - rows:,} more rows did not fit" in shown


def test_markdown_tells_equal_findings_once() -> None:
    many = tuple(rules.finding("TL301", f"{n}.html", "m", "h") for n in range(1, 9))
    shown = markdown.render(dataclasses.replace(EMPTY, findings=many))
    assert "| `1.html:1`<br>`2.html:1`<br>`3.html:1`<br>`4.html:1`<br>`5.html:1`<br>3 more | m | H |" in shown


def test_json_is_version_1_as_designed() -> None:
    report = json.loads(json_report.render(sample()))
    assert list(report) == ["version", "tool", "root", "summary", "services", "detections", "findings", "skipped"]
    assert list(report["tool"]) == ["name", "version", "ruleset"]
    assert report["summary"] == {
        "files": 12,
        "bytes": 3456,
        "seconds": 0.5,
        "detections": 5,
        "findings": 9,
        "blocking": 6,
    }
    services = "service name company category kind status detections ungated"
    detections = "id service name category kind technique path line column end_line end_column host ids loader consent"
    findings = "code name severity path line column message service detection help"
    for key, names in (("services", services), ("detections", detections), ("findings", findings)):
        assert all(" ".join(item) == names for item in report[key])
    assert [(s["service"], s["status"], s["detections"], s["ungated"]) for s in report["services"]] == [
        ("google-analytics", "not-in-manifest", 1, 1),
        ("host:w.vendor.example", "not-in-manifest", 3, 3),
        ("youtube", "approved", 1, 1),
    ]
    consent = next(d for d in report["detections"] if d["service"] == "google-analytics")["consent"]
    assert consent == {
        "state": "ungated",
        "mechanism": "none",
        "category": None,
        "at": "templates/base.html:4",
        "why": "site.analytics is a setting, not a choice",
    }
    assert report["skipped"][0] == {"path": "vendor/a.js", "reason": "vendored"}


@pytest.mark.parametrize("name", FORMATS)
def test_equal_reports_give_equal_output(name: str) -> None:
    first, second = FORMATS[name](sample(), Context()), FORMATS[name](sample(9.9), Context())
    if name == "json":
        second = second.replace('"seconds": 9.9', '"seconds": 0.5')
    assert first == second and first.endswith("\n")


def test_junit_fails_for_errors_alone() -> None:
    root = etree.fromstring(FORMATS["junit"](sample(), Context()).encode())
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("11", "6", "1")
    cases = root.findall("testsuite/testcase")
    assert len(cases) == 11 and sum(case.find("failure") is not None for case in cases) == 6
    body = next(case.find("failure").text for case in cases if "TL201" in case.get("name"))
    assert "decided here" in body and "help: put it behind" in body


def test_gitlab_names_place_severity_and_a_fingerprint_that_survives_moving_lines() -> None:
    issues = json.loads(FORMATS["gitlab"](sample(), Context()))
    assert {issue["severity"] for issue in issues} == {"critical", "minor"}
    assert issues[-1]["location"] == {"path": "templates/base.html", "lines": {"begin": 5, "end": 5}}
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    moved = tuple(dataclasses.replace(f, line=f.line + 7, end_line=f.end_line + 7) for f in sample().findings)
    assert fingerprints(dataclasses.replace(sample(), findings=moved)) == fingerprints(sample())


# --- no text from a file can break out

NASTY = st.text(
    alphabet=st.one_of(
        st.sampled_from(list("|`*_[]()<>&\"'\\:,%#{}~@!\n\r\t\x1b\x00\x85\u2028\u202e\ud800\ufffe\x7f日́")),
        st.characters(),
    ),
    max_size=30,
)
PATHS = NASTY.filter(bool)


def nasty(path: str, message: str, excerpt: str, column: int) -> Report:
    finding = Finding(
        code="TL201",
        name=rules.RULES["TL201"].name,
        severity="error",
        path=path,
        line=1,
        column=column,
        message=message,
        help=message,
        service=message,
        excerpt=excerpt,
        end_line=1,
        end_column=column + 3,
        related=(Related(path, 1, message),),
    )
    found = detection("google-analytics", 1, excerpt, path=path, name=message, company=message, ids=(message,))
    return dataclasses.replace(
        EMPTY,
        detections=(found,),
        findings=(finding, dataclasses.replace(finding, line=2)),
        suppressed=((finding, message),),
        skipped=(Skipped(path, "syntax-error", message),),
        blocking=2,
    )


@settings(max_examples=60)
@given(PATHS, NASTY, NASTY, st.integers(1, 40))
def test_every_format_takes_any_text(path: str, message: str, excerpt: str, column: int) -> None:
    report = nasty(path, message, excerpt, column)
    changes = (Change("added", message, path, message),)
    for name, render in FORMATS.items():
        output = render(report, Context(changes=changes))
        output.encode("utf-8")
        if name != "json" and name != "sarif":
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", output), name
    json.loads(json_report.render(report))
    root = etree.fromstring(FORMATS["junit"](report, Context()).encode())
    assert len(root.findall("testsuite/testcase")) == 4
    lines = github.render(report).splitlines()
    assert [line[:8] for line in lines if line.startswith("::")] == ["::error "] * 2
    assert len(lines) == 4


@given(NASTY)
def test_github_escapes_as_the_runner_unescapes(word: str) -> None:
    def unescape(text: str, pairs: list[tuple[str, str]]) -> str:
        for raw, escaped in pairs:
            text = text.replace(escaped, raw)
        return text

    message = [("\r", "%0D"), ("\n", "%0A"), ("%", "%25")]
    seen = clean(word.replace("\r\n", "\n").replace("\r", "\n"))
    assert unescape(github.data(word), message) == seen
    assert not set(github.value(word)) & set("\r\n:,")
    assert unescape(github.value(word), [(":", "%3A"), (",", "%2C"), *message]) == seen


@given(NASTY)
def test_a_log_line_is_never_a_command(word: str) -> None:
    for line in (word, "::" + word, " ::" + word, "##[group]" + word):
        shown = github.log_line(line)
        assert not shown.lstrip().startswith("::") and "##[" not in shown and "\n" not in shown


@given(NASTY, NASTY)
def test_a_cell_never_ends_its_row(word: str, other: str) -> None:
    row = f"| {markdown.escape(word)} | {markdown.code(word)} | {markdown.rich(other)} |"
    assert "\n" not in row
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 4
    assert "<" not in markdown.escape(word)
    shown = markdown.escape(word)
    assert re.sub(r"\\(.)", r"\1", shown).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == one_line(
        word
    )


@given(NASTY)
def test_text_steers_no_terminal(word: str) -> None:
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text.render(nasty("a", word, word, 1))
    )

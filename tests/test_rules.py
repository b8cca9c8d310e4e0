"""The finding rules: which findings a detection gets, what they say, and what policy, manifest and comments change."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracklint import manifest as m
from tracklint import rules
from tracklint.approval_proof import ProofProblem
from tracklint.consent.pairs import pair_up
from tracklint.model import Consent, Detection, Finding, Pages, Skipped, SourceFile
from tracklint.policy import Policy
from tracklint.suppressions import Suppression, find

TODAY = datetime.date(2026, 5, 7)
APPROVER = """\
version = 1

[approvers.ig-lead]
name = "Head of Information Governance"
email = "ig@trust.example"
"""
APPROVED = """
[[tracker]]
service = "google-analytics"
status = "approved"
category = "analytics"
purpose = "Which pages are read"
owner = "Digital team"
consent = "required"
ids = ["G-ABC1234567"]
paths = ["templates/**"]
approved_by = "ig-lead"
approved_on = 2026-05-01
review_by = 2027-04-01
"""


def load(service: str = "google-analytics", **changes: Any) -> Detection:
    """One load; `state`, `mechanism`, `why`, `at`, `asked`, `broken` and `chain` make its consent."""
    consent = Consent(
        state=changes.pop("state", "gated"),
        mechanism=changes.pop("mechanism", "none"),
        category=changes.pop("asked", None),
        at=changes.pop("at", None),
        why=changes.pop("why", ""),
        chain=changes.pop("chain", ()),
        broken=changes.pop("broken", None),
    )
    line = changes.get("line", 3)
    ours = service == "google-analytics"
    host = service[5:] if service.startswith("host:") else "www.vendor.example"
    values: dict[str, Any] = {
        "service": service,
        "name": "Google Analytics" if ours else host if service.startswith("host:") else service.title(),
        "company": None if service.startswith("host:") else "Vendor",
        "category": None if service.startswith("host:") else "analytics",
        "kind": "unknown" if service.startswith("host:") else "analytics",
        "technique": "script-src",
        "path": "templates/base.html",
        "line": line,
        "column": 5,
        "end_line": line,
        "end_column": 20,
        "start": line * 100,
        "end": line * 100 + 15,
        "host": host,
        "url": None,
        "ids": ("G-ABC1234567",) if ours else (),
        "consent": consent,
        "excerpt": f"    <script {line}>",
        "content": f"script{line}",
    }
    return Detection(**{**values, **changes})


def check(
    detections: Sequence[Detection], manifest: str | None = None, policy: Policy | None = None, **options: Any
) -> rules.Outcome:
    policy = policy or Policy()
    known = m.load(manifest, "tracker-approvals.toml") if manifest is not None else None
    verdicts = m.judge(known, detections, today=TODAY, full_scan=options.pop("full_scan", False))
    skipped = options.pop("skipped", ())
    judged = rules.with_manifest(detections, verdicts, policy)
    return rules.findings(judged, verdicts, known, policy, skipped, **options)


def codes(outcome: rules.Outcome) -> list[str]:
    return [finding.code for finding in outcome.findings]


def only(outcome: rules.Outcome, code: str) -> Finding:
    found = [finding for finding in outcome.findings if finding.code == code]
    assert len(found) == 1, [finding.code for finding in outcome.findings]
    return found[0]


def allowed(*services: str, **keys: str) -> str:
    """A manifest that approves the services for anything."""
    entries = []
    for service in services:
        subject = f'host = "{service[5:]}"' if service.startswith("host:") else f'service = "{service}"'
        more = {"category": '"marketing"', "consent": '"required"', **keys}
        lines = "\n".join(f"{key} = {value}" for key, value in more.items())
        entries.append(
            f'[[tracker]]\n{subject}\nstatus = "approved"\npurpose = "It is needed"\nowner = "Digital team"\n{lines}\n'
            'approved_by = "ig-lead"\napproved_on = 2026-05-01\nreview_by = 2027-04-01\n'
        )
    return APPROVER + "\n" + "\n".join(entries)


# --- the register


def test_the_register_is_the_designs_table() -> None:
    table = """TL101 tracker-not-in-manifest error
TL102 approval-pending warning
TL103 approval-incomplete error
TL104 approval-expired error
TL105 outside-approved-scope error
TL106 removed-without-approval error
TL107 approver-not-authorised error
TL108 suppression-without-reason error
TL109 container-not-in-repository warning
TL201 tracker-runs-before-consent error
TL202 embed-loads-before-consent error
TL203 wrong-consent-category error
TL204 consent-mode-only warning
TL205 noscript-bypasses-consent error
TL206 connection-hint-before-consent warning
TL207 consent-not-provable warning
TL208 implied-consent error
TL301 unknown-third-party-script error
TL302 unknown-third-party-resource warning
TL303 tracking-pixel error
TL304 identifier-stored-before-consent warning
TL401 visitor-input-sent-to-tracker error
TL402 tracker-on-sensitive-page warning
TL403 session-replay-on-form error
TL501 not-disclosed warning
TL502 disclosed-but-absent note
TL901 not-fully-analysed warning"""
    assert "\n".join(f"{rule.code} {rule.name} {rule.severity}" for rule in rules.RULES.values()) == table
    assert [rule.code for rule in rules.RULES.values() if not rule.default] == ["TL109"]
    assert len({rule.name for rule in rules.RULES.values()}) == len(rules.RULES)


@pytest.mark.parametrize("rule", rules.RULES.values(), ids=list(rules.RULES))
def test_each_rule_says_what_why_and_how_in_sentences(rule: rules.Rule) -> None:
    for text in (rule.summary, rule.why, rule.fix):
        assert text.endswith(".") and "  " not in text
    assert "\n" not in rule.summary and len(rule.why) > 100 and len(rule.fix) > 60


# --- the manifest


def test_a_load_without_an_entry_is_told_once_for_each_file_with_its_other_places() -> None:
    found = [
        load(line=3),
        load(line=9),
        load(line=20, ids=("G-OTHER12345",)),
        load(line=3, path="templates/other.html"),
    ]
    outcome = check(found)
    assert [(f.path, f.line) for f in outcome.findings] == [
        ("templates/base.html", 3),
        ("templates/base.html", 20),
        ("templates/other.html", 3),
    ]
    first = outcome.findings[0]
    expected = "Google Analytics (G-ABC1234567) is loaded here but has no entry in tracker-approvals.toml"
    assert (first.code, first.message) == ("TL101", expected)
    assert "tracklint --fix-manifest" in first.help
    assert [(r.path, r.line) for r in first.related] == [("templates/base.html", 9)]
    assert outcome.statuses == {"google-analytics": "not-in-manifest"}


def test_what_stands_in_an_unused_file_is_not_said_to_be_loaded() -> None:
    unused = load(state="unknown", mechanism="unused")
    used = load(line=9)
    expected = "Google Analytics (G-ABC1234567) stands in code that no page is seen to use, but has no entry in tracker-approvals.toml"
    assert only(check([unused]), "TL101").message == expected
    assert "is loaded here but" in only(check([unused, used]), "TL101").message
    listed = load(path="package.json", technique="dependency", state="unknown", mechanism="unused")
    for others, severity in (([], "note"), ([used], "note")):
        finding = next(one for one in check([listed, *others]).findings if one.path == "package.json")
        assert finding.message.startswith(
            "Google Analytics (G-ABC1234567) is a dependency that no file is seen to use, but"
        )
        assert finding.severity == severity
    foreign = load(service="host:a.example", host="a.example", category=None, state="unknown", mechanism="unused")
    assert only(check([foreign]), "TL301").message.endswith("does not list; no page is seen to use this code")


def test_an_approved_load_is_silent() -> None:
    outcome = check([load()], APPROVER + APPROVED)
    assert outcome.findings == () and outcome.statuses == {"google-analytics": "approved"}


def test_the_next_step_names_the_approvers() -> None:
    assert "an approver (ig-lead)" in check([load()], APPROVER).findings[0].help


def test_pending_warns_at_the_entry_and_blocks_where_approval_is_required() -> None:
    text = APPROVER + '\n[[tracker]]\nservice = "google-analytics"\nstatus = "pending"\nids = ["G-ABC1234567"]\n'
    finding = only(check([load(), load(line=9)], text), "TL102")
    assert (finding.severity, finding.path, finding.line) == ("warning", "tracker-approvals.toml", 9)
    assert [(r.path, r.line) for r in finding.related] == [("templates/base.html", 3), ("templates/base.html", 9)]
    strict = Policy(require_approval=True, severity={"TL102": "note"})
    assert only(check([load()], text, strict), "TL102").severity == "error"


def test_legacy_warns_until_its_date_even_where_approval_is_required() -> None:
    text = APPROVER + '\n[[tracker]]\nservice = "google-analytics"\nstatus = "legacy"\nids = ["G-ABC1234567"]\n'
    policy = Policy(require_approval=True)
    outcome = check([load()], text + "review_by = 2026-06-01\n", policy)
    assert [(f.code, f.severity) for f in outcome.findings] == [("TL102", "warning")]
    assert "2026-06-01" in outcome.findings[0].message
    assert codes(check([load()], text + "review_by = 2026-05-01\n", policy)) == ["TL104"]


@pytest.mark.parametrize(
    ("edit", "code", "words"),
    [
        (('owner = "Digital team"', 'owner = "tbd"'), "TL103", "owner is a placeholder"),
        (("review_by = 2027-04-01", "review_by = 2026-05-06"), "TL104", "2026-05-06"),
        (('ids = ["G-ABC1234567"]', 'ids = ["G-OLD1234567"]'), "TL105", "account id G-ABC1234567 is not in ids"),
        (('paths = ["templates/**"]', 'paths = ["news/**"]'), "TL105", "templates/base.html is not in paths"),
        (('status = "approved"', 'status = "rejected"'), "TL105", "was rejected"),
        (('status = "approved"', 'status = "removed"\nremoved_on = 2026-01-02'), "TL101", "retired on 2026-01-02"),
    ],
)
def test_an_entry_that_does_not_hold_is_named_with_the_reason(edit: tuple[str, str], code: str, words: str) -> None:
    outcome = check([load()], APPROVER + APPROVED.replace(*edit))
    finding = only(outcome, code)
    assert words in finding.message and finding.severity == "error" and finding.help


def test_a_review_that_is_due_is_a_note() -> None:
    soon = APPROVED.replace("review_by = 2027-04-01", "review_by = 2026-05-20")
    assert [(f.code, f.severity) for f in check([load()], APPROVER + soon).findings] == [("TL104", "note")]


def test_what_is_gone_needs_an_approver() -> None:
    finding = only(check([], APPROVER + APPROVED, full_scan=True), "TL106")
    assert (finding.path, finding.severity) == ("tracker-approvals.toml", "error")
    assert "tracklint retire google-analytics" in finding.help


def test_an_approval_by_somebody_whose_time_is_over_does_not_count() -> None:
    text = APPROVER + "until = 2026-04-01\n" + APPROVED
    assert "ig-lead could approve until 2026-04-01 only" in only(check([load()], text), "TL107").message


def test_decisions_without_proof_are_findings_at_their_entry() -> None:
    manifest = m.load(APPROVER + APPROVED)
    problems = [
        ProofProblem("unsigned", manifest.approvals[0], "it is not signed", "sign it"),
        ProofProblem("wrong-author", None, "somebody else changed it", "ask"),
    ]
    first, second = rules.unproven(problems, manifest)
    assert (first.code, first.line, second.line) == ("TL107", manifest.approvals[0].line, 3)


def test_a_dependency_is_a_note_unless_something_uses_it() -> None:
    package = load(technique="dependency", path="package.json", state="unknown")
    assert [(f.code, f.severity) for f in check([package]).findings] == [("TL101", "note")]
    outcome = check([package, load(technique="import", path="src/app.js")])
    assert [f.severity for f in outcome.findings if f.code == "TL101"] == ["error", "error"]


def test_containers_are_asked_for_only_on_request() -> None:
    tag = load("google-tag-manager", kind="tag-manager", category="marketing", ids=("GTM-ABC1234",))
    text = allowed("google-tag-manager", ids='["GTM-ABC1234"]')
    assert codes(check([tag], text)) == []
    policy = Policy(severity={"TL109": "warning"})
    assert codes(check([tag], text, policy)) == ["TL109"]
    assert codes(check([tag], text, policy, containers={"GTM-ABC1234"})) == []
    assert codes(check([tag], text, Policy(select=("TL109",)))) == ["TL109"]


def test_verdicts_must_be_about_the_detections() -> None:
    with pytest.raises(ValueError):
        rules.findings([load()], [], None, Policy())


# --- consent


@pytest.mark.parametrize("category", ["functional", "marketing"])
def test_what_an_embed_is_made_of_is_no_second_embed(category: str) -> None:
    video = {"service": "youtube", "category": category, "kind": "video", "state": "ungated", "path": "Film.jsx"}
    made = load(**video, technique="import", line=1)
    shown = load(**video, technique="iframe", line=40)
    elsewhere = load(**video | {"path": "Other.jsx"}, technique="iframe", line=40)
    about = [
        [one.line for one in check(loads).findings if one.code in ("TL201", "TL202") and one.path == "Film.jsx"]
        for loads in ([made, shown], [made], [made, elsewhere])
    ]
    assert about == [[40], [1], [1]]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": "ungated"}, "TL201"),
        ({"state": "ungated", "category": "marketing", "kind": "social", "technique": "script-src"}, "TL201"),
        ({"state": "ungated", "category": "marketing", "kind": "video", "technique": "iframe"}, "TL202"),
        ({"state": "ungated", "category": "marketing", "kind": "video", "technique": "config"}, "TL202"),
        ({"state": "ungated", "category": "functional", "kind": "chat", "technique": "script-src"}, "TL202"),
        ({"state": "ungated", "category": "functional", "kind": "widget", "technique": "iframe"}, "TL202"),
        ({"state": "ungated", "category": "functional", "kind": "widget", "technique": "script-src"}, None),
        ({"state": "ungated", "category": "functional", "kind": "cdn", "technique": "script-src"}, None),
        ({"state": "ungated", "category": "functional", "kind": "font", "technique": "css"}, None),
        ({"state": "ungated", "category": "functional", "kind": "font", "mechanism": "hint"}, None),
        ({"state": "ungated", "category": "essential", "kind": "consent"}, None),
        ({"state": "ungated", "category": None, "kind": "advertising"}, "TL201"),
        ({"state": "gated", "asked": "functional"}, "TL203"),
        ({"state": "gated", "asked": "analytics"}, None),
        ({"state": "gated", "asked": "marketing"}, None),
        ({"state": "gated", "category": "marketing", "asked": "analytics"}, "TL203"),
        ({"state": "gated", "category": "marketing", "asked": "analytics", "kind": "tag-manager"}, None),
        ({"state": "gated"}, None),
        ({"state": "ungated", "mechanism": "consent-mode"}, "TL204"),
        ({"state": "ungated", "mechanism": "noscript", "technique": "image"}, "TL205"),
        ({"state": "ungated", "mechanism": "hint", "technique": "link"}, "TL206"),
        ({"state": "unknown"}, "TL207"),
        ({"state": "ungated", "mechanism": "implied"}, "TL208"),
        ({"state": "not-required"}, None),
        ({"state": "ungated", "technique": "dependency"}, None),
        ({"state": "ungated", "email": True}, None),
    ],
)
def test_each_state_has_its_rule(changes: dict[str, Any], code: str | None) -> None:
    outcome = check([load("vendor", **changes)], allowed("vendor", category='"marketing"'))
    # The entry's category is the detection's, so that only consent is in question.
    category = changes.get("category", "analytics")
    if category is not None:
        outcome = check([load("vendor", **changes)], allowed("vendor", category=f'"{category}"'))
    assert codes(outcome) == ([code] if code else [])


def test_a_consent_finding_says_why_and_shows_where_it_was_decided() -> None:
    tracker = load(state="ungated", why="the condition tests a feature toggle", at=("src/app.js", 12))
    finding = only(check([tracker], APPROVER + APPROVED, line_text=lambda path, line: f"  if ({path}:{line})"), "TL201")
    assert finding.message == (
        "Google Analytics (G-ABC1234567) can run before the visitor has consented: the condition tests a feature toggle"
    )
    assert [(r.path, r.line, r.text) for r in finding.related] == [
        ("src/app.js", 12, "decided here: if (src/app.js:12)")
    ]
    assert finding.detection == tracker.id


def test_an_embed_where_staff_work_is_told_in_the_same_words() -> None:
    consent = Consent("ungated", "staff", why="no visitor's page has it")
    embed = load("mapbox", consent=consent, kind="map", category="functional", technique="iframe")
    item = next(one for one in check([embed]).findings if one.code.startswith("TL2"))
    assert (item.code, item.severity) == ("TL202", "warning")
    assert "where staff work" in item.message


def test_what_runs_where_staff_work_is_a_warning_of_its_own_words() -> None:
    consent = Consent("ungated", "staff", why="no visitor's page has it")
    item = only(check([load(consent=consent)]), "TL201")
    assert item.severity == "warning"
    assert "where staff work" in item.message
    assert "before the visitor" not in item.message


def test_a_broken_gate_has_its_own_words() -> None:
    tracker = load(state="ungated", why="x", broken='has data-cookieconsent but no type="text/plain"')
    finding = only(check([tracker], APPROVER + APPROVED), "TL201")
    assert 'before the visitor has consented: has data-cookieconsent but no type="text/plain"' in finding.message
    assert "mend the gate" in finding.help


def test_a_tracker_that_waits_elsewhere_names_that_place() -> None:
    gated = load(path="templates/article.html", line=7, mechanism="cookiebot")
    finding = only(check(pair_up([gated, load(state="ungated")]), APPROVER + APPROVED), "TL201")
    assert finding.message.endswith("it waits for consent at templates/article.html:7, but not here")
    assert ("templates/article.html", 7) in [(r.path, r.line) for r in finding.related]
    other = load(path="templates/article.html", line=7, ids=("G-OTHER12345",))
    outcome = check(pair_up([other, load(state="ungated")]), APPROVER + APPROVED)
    assert "but not here" not in only(outcome, "TL201").message


@pytest.mark.parametrize(
    ("user", "codes_then"),
    [
        ({"ids": ()}, ["TL201"]),
        ({}, ["TL201"]),
        ({"ids": (), "state": "gated"}, []),
        ({"ids": ("G-OTHER12345",)}, ["TL201", "TL207"]),
        ({"ids": (), "technique": "dependency"}, ["TL207"]),
        ({"ids": (), "state": "unknown"}, ["TL207", "TL207"]),
        ({"ids": (), "mechanism": "hint"}, ["TL206", "TL207"]),
    ],
)
def test_a_setting_is_judged_where_it_is_used(user: dict[str, Any], codes_then: list[str]) -> None:
    setting = load(
        "vendor", path="_data/site.yml", technique="config", state="unknown", mechanism="config", ids=("V-1",)
    )
    used = load("vendor", **{"state": "ungated", "ids": ("V-1",), **user})
    entry = allowed("vendor", category='"analytics"')
    assert [code for code in codes(check([setting], entry)) if code.startswith("TL2")] == ["TL207"]
    assert sorted(code for code in codes(check([setting, used], entry)) if code.startswith("TL2")) == codes_then


def test_what_loads_a_service_is_named_and_not_the_hint_above_it() -> None:
    hint = load("vendor", mechanism="hint", technique="link", state="ungated", line=3)
    used = load("vendor", technique="css", state="ungated", line=7)
    item = only(check([hint, used]), "TL101")
    assert (item.line, "is loaded here" in item.message) == (7, True)
    assert "is named by a connection hint" in only(check([hint]), "TL101").message


def test_the_parts_of_one_snippet_are_one_finding() -> None:
    parts = [
        load(line=3, state="ungated"),
        load(line=4, end_line=9, technique="inline-script", state="ungated"),
        load(line=40, state="ungated"),
    ]
    outcome = check(parts, APPROVER + APPROVED)
    assert [(f.line, [r.line for r in f.related]) for f in outcome.findings] == [(3, [4]), (40, [])]


def test_the_sites_consent_manager_is_named_in_the_help() -> None:
    policy = Policy(cmp="cookiebot")
    finding = only(check([load(state="ungated")], APPROVER + APPROVED, policy), "TL201")
    assert "cookiebot" in finding.help and "analytics" in finding.help


def test_exemptions_need_no_consent_and_say_on_what_ground() -> None:
    tracker = load(state="ungated")
    by_policy = Policy(consent={"analytics": "opt-out"}, consent_reason="statistics only")
    verdicts = m.judge(None, [tracker], today=TODAY, full_scan=False)
    (seen,) = rules.with_manifest([tracker], verdicts, by_policy)
    assert (seen.consent.state, seen.consent.mechanism) == ("not-required", "opt-out")
    assert "statistics only" in seen.consent.why
    exempt = APPROVED.replace('consent = "required"', 'consent = "exempt"\nconsent_reason = "no device storage"')
    assert codes(check([tracker], APPROVER + exempt)) == []
    # An entry that asks for consent is stricter than the policy for its category, and a pending one changes nothing.
    assert codes(check([tracker], APPROVER + APPROVED, by_policy)) == ["TL201"]
    assert codes(check([tracker], APPROVER + exempt.replace('"approved"', '"pending"'))) == ["TL201", "TL102"]


def test_a_gated_load_stays_gated_where_consent_is_not_required() -> None:
    tracker = load(state="gated")
    policy = Policy(consent={"analytics": "exempt"}, consent_reason="statistics only")
    (seen,) = rules.with_manifest([tracker], m.judge(None, [tracker], today=TODAY, full_scan=False), policy)
    assert seen.consent.state == "gated"


def test_an_approved_category_decides() -> None:
    text = allowed("host:w.vendor.example", category='"analytics"')
    assert codes(check([load("host:w.vendor.example", state="ungated")], text)) == ["TL201"]
    milder = allowed("vendor", category='"essential"', category_reason='"fraud prevention of the payment"')
    assert codes(check([load("vendor", state="ungated")], milder)) == []


# --- third parties


@pytest.mark.parametrize(
    ("technique", "code", "severity"),
    [
        ("script-src", "TL301", "error"),
        ("iframe", "TL301", "error"),
        ("dynamic", "TL301", "error"),
        ("image", "TL302", "warning"),
        ("css", "TL302", "warning"),
        ("api-call", "TL302", "warning"),
    ],
)
def test_unknown_hosts(technique: str, code: str, severity: str) -> None:
    finding = only(check([load("host:w.vendor.example", technique=technique, state="ungated")]), code)
    assert finding.severity == severity
    assert "w.vendor.example" in finding.message and "first_party" in finding.help


def test_an_unknown_host_with_an_entry_is_known() -> None:
    text = allowed("host:w.vendor.example", category='"functional"')
    assert codes(check([load("host:w.vendor.example", state="ungated")], text)) == []


@pytest.mark.parametrize(
    ("changes", "pixel"),
    [
        ({"content": 'imgheight="1"src="https://t.example/x"width="1"'}, True),
        ({"content": "imgheight=1src=/xwidth=1"}, True),
        ({"content": 'imgheight="100"src="/x"width="100"'}, False),
        ({"content": 'imgsrc="https://t.example/logo.png"'}, False),
        ({"content": 'imgsrc="https://t.example/pixel.gif?id=1"'}, True),
        ({"content": 'imgheight="1"width="1"', "mechanism": "noscript"}, False),
        ({"content": 'imgheight="1"width="1"', "state": "gated"}, False),
        ({"content": 'imgsrc="https://t.example/logo.png"', "email": True}, True),
    ],
)
def test_pixels_of_trackers(changes: dict[str, Any], pixel: bool) -> None:
    outcome = check([load("vendor", technique="image", **{"state": "ungated", **changes})], allowed("vendor"))
    assert ("TL303" in codes(outcome)) == pixel
    assert not pixel or "TL201" not in codes(outcome)


def test_an_unknown_image_in_an_email_is_an_open_pixel_only_if_it_is_tiny() -> None:
    logo = load("host:cdn.vendor.example", technique="image", email=True, content="imgsrc=/logo.png", state="ungated")
    assert codes(check([logo])) == ["TL302"]
    pixel = load(
        "host:cdn.vendor.example", technique="image", email=True, content="imgheight=1width=1", state="ungated"
    )
    assert codes(check([pixel])) == ["TL302", "TL303"]


def test_sensitive_pages_by_file_and_by_page() -> None:
    policy = Policy(sensitive_pages=("conditions/**",))
    text = allowed("vendor", category='"analytics"')
    assert codes(check([load("vendor", path="conditions/asthma.html")], text, policy)) == ["TL402"]
    layout = load("vendor", path="layouts/base.html")
    assert codes(check([layout], text, policy)) == []
    pages = {"layouts/base.html": Pages(("index.html", "conditions/asthma.html"))}.__getitem__
    assert "conditions/asthma.html" in only(check([layout], text, policy, pages_of=pages), "TL402").message
    functional = load("vendor", path="conditions/asthma.html", category="functional", kind="cdn")
    assert codes(check([functional], allowed("vendor", category='"functional"'), policy)) == []


def test_files_that_were_not_analysed_are_findings_and_others_are_not() -> None:
    left_out = [Skipped("a.js", "syntax-error", "line 3", 3), Skipped("b.js", "vendored"), Skipped("c.js", "encoding")]
    outcome = check([], skipped=left_out)
    assert [(f.code, f.path, f.line) for f in outcome.findings] == [("TL901", "a.js", 3), ("TL901", "c.js", 1)]


# --- selection and severity


def test_select_ignore_and_severity() -> None:
    found = [load(state="ungated")]
    assert codes(check(found)) == ["TL101", "TL201"]
    assert codes(check(found, policy=Policy(select=("TL2",)))) == ["TL201"]
    assert codes(check(found, policy=Policy(ignore=("TL101",)))) == ["TL201"]
    outcome = check(found, policy=Policy(severity={"TL201": "warning", "TL101": "off"}))
    assert [(f.code, f.severity) for f in outcome.findings] == [("TL201", "warning")]
    assert rules.blocking(outcome.findings) == 0 and rules.blocking(check(found).findings) == 2


def test_a_configured_severity_does_not_raise_what_is_only_a_note() -> None:
    package = load(technique="dependency")
    assert check([package], policy=Policy(severity={"TL101": "error"})).findings[0].severity == "note"


def test_findings_of_other_modules_take_part() -> None:
    extra = [rules.finding("TL304", "src/app.js", "A cookie is set", "set it later", line=4)]
    assert codes(check([], extra=extra)) == ["TL304"]
    assert codes(check([], extra=[*extra, *extra])) == ["TL304"]
    assert codes(check([], extra=extra, policy=Policy(ignore=("TL3",)))) == []
    assert codes(check([], extra=extra, suppressions=[comment("TL304", line=4, path="src/app.js")])) == []


@given(st.permutations([load(line=n, path=f"t/{n % 3}.html", state="ungated") for n in range(1, 7)]))
def test_the_order_of_detections_does_not_matter_to_the_order_of_findings(found: list[Detection]) -> None:
    keys = [(f.path, f.line, f.column, f.code) for f in check(found).findings]
    assert keys == sorted(keys)


STATES = st.sampled_from(["gated", "ungated", "unknown", "not-required"])
ANY = st.builds(
    load,
    st.sampled_from(["google-analytics", "vendor", "host:w.vendor.example", "host:dynamic"]),
    state=STATES,
    mechanism=st.sampled_from(["none", "hint", "noscript", "consent-mode", "implied", "cookiebot"]),
    asked=st.sampled_from([None, "essential", "functional", "analytics", "marketing"]),
    technique=st.sampled_from(["script-src", "iframe", "image", "dependency", "markdown", "css", "dynamic"]),
    category=st.sampled_from([None, "essential", "functional", "analytics", "marketing"]),
    kind=st.sampled_from(["analytics", "video", "cdn", "widget", "tag-manager", "unknown"]),
    line=st.integers(1, 30),
    host=st.sampled_from([None, "w.vendor.example"]),
    email=st.booleans(),
    ids=st.sampled_from([(), ("A",), ("A", "B")]),
    at=st.sampled_from([None, ("x.js", 3)]),
)


@given(st.lists(ANY, max_size=8), st.sampled_from([None, APPROVER + APPROVED, allowed("vendor")]), st.booleans())
def test_whatever_is_found_every_finding_is_complete_and_said_once(
    found: list[Detection], text: str | None, full: bool
) -> None:
    outcome = check(found, text, full_scan=full)
    assert len(set(outcome.findings)) == len(outcome.findings)
    ids = {detection.id for detection in found}
    for finding in outcome.findings:
        assert finding.message and finding.help and finding.line >= 1 and finding.column >= 1
        assert finding.name == rules.RULES[finding.code].name
        assert finding.detection is None or finding.detection in ids
    assert set(outcome.statuses) == {detection.service for detection in found}
    for detection in found:
        waits = detection.consent.state != "ungated" or detection.email or detection.technique == "dependency"
        if detection.category == "marketing" and not waits:
            about = [f for f in outcome.findings if re.match("TL2|TL303", f.code)]
            places = {(f.path, f.line) for f in about}
            places |= {(r.path, r.line) for f in about for r in f.related}
            assert (detection.path, detection.line) in places


# --- suppressions


def comment(codes: str, line: int = 3, reason: str = "measured by the trust itself", **changes: Any) -> Suppression:
    values: dict[str, Any] = {
        "path": "templates/base.html",
        "line": line,
        "column": 6,
        "last_line": line,
        "codes": tuple(codes.split(",")) if codes else (),
        "reason": reason,
        "alone": False,
        "excerpt": "",
    }
    return Suppression(**{**values, **changes})


def suppressed(*comments: Suppression, policy: Policy | None = None, **changes: Any) -> rules.Outcome:
    found = [load(**{"state": "ungated", **changes})]
    return check(found, APPROVER + APPROVED, policy, suppressions=comments)


def test_a_comment_with_a_reason_suppresses_and_is_kept() -> None:
    outcome = suppressed(comment("TL201"))
    assert outcome.findings == ()
    assert [(f.code, reason) for f, reason in outcome.suppressed] == [("TL201", "measured by the trust itself")]


@pytest.mark.parametrize(
    ("place", "holds"),
    [
        ({"line": 3}, True),
        ({"line": 2, "alone": True}, True),
        ({"line": 2, "alone": False}, False),
        ({"line": 1, "alone": True}, False),
        ({"line": 1, "last_line": 2, "alone": True}, True),
        ({"line": 6}, True),
        ({"line": 8}, False),
        ({"line": 3, "path": "templates/other.html"}, False),
    ],
)
def test_a_comment_is_about_its_own_lines_and_alone_about_the_next(place: dict[str, Any], holds: bool) -> None:
    outcome = suppressed(comment("TL201", **{"last_line": place["line"], **place}), end_line=7)
    assert codes(outcome) == ([] if holds else ["TL108", "TL201"] if place["line"] < 3 else ["TL201", "TL108"])


def test_comments_above_each_other_are_about_the_same_line() -> None:
    first = comment("TL201", line=1, last_line=1, alone=True)
    second = comment("TL402", line=2, last_line=2, alone=True)
    policy = Policy(sensitive_pages=("templates/**",))
    assert suppressed(first, second, policy=policy).findings == ()


@pytest.mark.parametrize("reason", ["", "todo", "n/a", "-", "xxx"])
def test_without_a_reason_nothing_is_suppressed(reason: str) -> None:
    outcome = suppressed(comment("TL201", reason=reason))
    assert sorted(codes(outcome)) == ["TL108", "TL201"]
    assert "has no effect" in only(outcome, "TL108").message


def test_unused_unknown_and_empty_suppressions_are_findings() -> None:
    assert "suppresses nothing" in only(suppressed(comment("TL201,TL202")), "TL108").message
    assert "TL999, which is no rule" in only(suppressed(comment("TL201,TL999")), "TL108").message
    assert "names no rule" in only(suppressed(comment("")), "TL108").message
    quiet = Policy(report_unused_suppressions=False)
    assert codes(suppressed(comment("TL201,TL202"), policy=quiet)) == []
    assert codes(suppressed(comment("TL201,TL202"), policy=Policy(ignore=("TL202",)))) == []


def test_approvals_cannot_be_given_in_a_comment_unless_the_policy_says_so() -> None:
    found = [load()]
    outcome = check(found, suppressions=[comment("TL101")])
    assert sorted(codes(outcome)) == ["TL101", "TL108"]
    assert "only the organisation can" in only(outcome, "TL108").message
    lax = check(found, policy=Policy(allow_inline_approval=True), suppressions=[comment("TL101")])
    assert codes(lax) == [] and len(lax.suppressed) == 1
    unknown = [load("host:w.vendor.example")]
    assert sorted(codes(check(unknown, suppressions=[comment("TL301")]))) == ["TL108", "TL301"]


def source(text: str, language: Any = "html", dialect: str = "", path: str = "page.html") -> SourceFile:
    return SourceFile(path, text, language, dialect)


REASON = "the trust measures this itself"
BODY = f"tracklint: ignore[TL201] {REASON}"


@pytest.mark.parametrize(
    ("text", "language", "dialect"),
    [
        (f"<!-- {BODY} -->\n<p>", "html", ""),
        (f"<!--\n  {BODY}\n-->\n<p>", "html", ""),
        (f"<p>\n{{# {BODY} #}}\n</p>", "html", "jinja"),
        (f"{{% comment %}} {BODY} {{% endcomment %}}\n<p>", "html", "liquid"),
        (f"{{{{!-- {BODY} --}}}}\n<p>", "html", "handlebars"),
        (f"<%# {BODY} %>\n<p>", "html", "erb"),
        (f"<%-- {BODY} --%>\n<p>", "html", "jsp"),
        (f"@* {BODY} *@\n<p>", "html", "razor"),
        (f"{{{{-- {BODY} --}}}}\n<p>", "html", "blade"),
        (f"{{{{/* {BODY} */}}}}\n<p>", "html", "go"),
        (f"<#-- {BODY} -->\n<p>", "html", "freemarker"),
        (f"<?php // {BODY} ?>\n<p>", "html", "php"),
        (f"<?php\n# {BODY}\necho 1;", "html", "php"),
        (f"<script>\n// {BODY}\nload()\n</script>", "html", ""),
        (f"<script>\nload() /* {BODY} */\n</script>", "html", ""),
        (f"<style>\n/* {BODY} */\np {{}}\n</style>", "html", ""),
        (f"// {BODY}\nload()", "script", "js"),
        (f"load() // {BODY}", "script", "ts"),
        (f"/*\n * {BODY}\n */\nload()", "script", "js"),
        (f"const a = <div>{{/* {BODY} */}}<b/></div>", "script", "tsx"),
        (f"/* {BODY} */ p {{}}", "style", "css"),
        (f"// {BODY}\np {{}}", "style", "scss"),
        (f"# {BODY}\nload", "code", "ruby"),
        (f"x = 1  # {BODY}", "code", "python"),
        (f"// {BODY}\nvar x = 1;", "code", "csharp"),
        (f"-- {BODY}\nlocal x = 1", "code", "lua"),
        (f"a: 1 # {BODY}", "data", "yaml"),
        (f"Words.\n\n<!-- {BODY} -->\n<iframe>", "markdown", "markdown"),
    ],
)
def test_comments_of_every_language(text: str, language: Any, dialect: str) -> None:
    (found,) = find(source(text, language, dialect))
    assert (found.codes, found.reason) == (("TL201",), REASON)


@pytest.mark.parametrize(
    ("text", "language", "dialect"),
    [
        (f"<p>{BODY}</p>", "html", ""),
        (f"<p># {BODY}</p>", "html", ""),
        (f'<a title="{BODY}">x</a>', "html", ""),
        (f"<script>\nshow('// {BODY}')\n</script>", "html", ""),
        (f"const text = '// {BODY}'", "script", "js"),
        (f"const text = `\n// {BODY}\n`", "script", "js"),
        (f'p::after {{ content: "/* {BODY} */" }}', "style", "css"),
        (f'x = "# {BODY}"', "code", "python"),
        (f'a: "# {BODY}"', "data", "yaml"),
        (f'{{"a": "// {BODY}"}}', "data", "json"),
        (f"Write {BODY} in the code.", "markdown", "markdown"),
        (f"Write this:\n\n```html\n<!-- {BODY} -->\n<iframe>\n```\n", "markdown", "markdown"),
        (f"Write `<!-- {BODY} -->` there.", "markdown", "markdown"),
    ],
)
def test_only_comments_count(text: str, language: Any, dialect: str) -> None:
    assert find(source(text, language, dialect)) == ()


def test_a_comment_alone_on_its_line_is_about_the_next_one_and_one_behind_code_is_not() -> None:
    (alone,) = find(source(f"<div>\n  <!-- {BODY} -->\n  <script>"))
    (behind,) = find(source(f"load(); // {BODY}", "script", "js"))
    (before,) = find(source(f"<!-- {BODY} --><script src=x></script>"))
    assert (alone.alone, behind.alone, before.alone) == (True, False, False)
    assert (alone.line, alone.last_line) == (2, 2)


def test_several_codes_and_several_marks_in_one_comment() -> None:
    first, second = find(
        source("/* tracklint: ignore[tl201, TL202]: one reason\n tracklint:ignore[TL402] another */", "style")
    )
    assert (first.codes, first.reason) == (("TL201", "TL202"), "one reason")
    assert (second.codes, second.reason) == (("TL402",), "another")


def test_a_missing_bracket_names_no_code() -> None:
    (found,) = find(source("<!-- tracklint: ignore because I say so -->"))
    assert found.codes == () and found.reason == "because I say so"


@given(
    st.text(max_size=200),
    st.sampled_from([("html", "jinja"), ("script", "js"), ("style", "css"), ("code", "php"), ("data", "yaml")]),
)
def test_reading_suppressions_never_raises(text: str, kind: tuple[Any, str]) -> None:
    for found in find(source(f"{text} tracklint: ignore[TL201] x {text}", *kind)):
        assert found.line <= found.last_line and found.codes == ("TL201",)

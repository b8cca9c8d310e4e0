"""The manifest: every error has its line and its edit; a verdict for each load; edits keep what people wrote."""

from __future__ import annotations

import datetime
import os
import re
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracklint import manifest as m
from tracklint.model import CATEGORIES, TECHNIQUES, Consent, Detection, Pages
from tracklint.ruleset import Cookie, Service

TODAY = datetime.date(2026, 5, 7)
ROOT = Path(__file__).resolve().parent.parent


def found(service: str = "google-analytics", **changes: Any) -> Detection:
    state = changes.pop("state", "gated")
    values: dict[str, Any] = {
        "service": service,
        "name": "Google Analytics" if service == "google-analytics" else service,
        "company": "Google",
        "category": None if service.startswith("host:") else "analytics",
        "kind": "analytics",
        "technique": "script-src",
        "path": "templates/base.html",
        "line": 3,
        "column": 1,
        "end_line": 3,
        "end_column": 20,
        "start": 30,
        "end": 50,
        "host": service[5:] if service.startswith("host:") else "www.example.com",
        "url": None,
        "ids": ("G-ABC1234567",) if service == "google-analytics" else (),
        "consent": Consent(state),
        "excerpt": "<script>",
        "content": "<script>",
    }
    return Detection(**{**values, **changes})


HEAD = """\
version = 1

[approvers.ig-lead]
name = "Head of Information Governance"
email = "ig@trust.example"
"""
APPROVED = """\
[[tracker]]
service = "google-analytics"
status = "approved"
category = "analytics"
purpose = "Which pages are read"
owner = "Digital team"
consent = "required"
gated = true
ids = ["G-ABC1234567"]
paths = ["templates/**"]
techniques = ["script-src"]
approved_by = "ig-lead"
approved_on = 2026-05-07
review_by = 2027-05-07
"""
GOOD = HEAD + "\n" + APPROVED


def edited(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def problems(text: str) -> list[str]:
    with pytest.raises(m.ManifestError) as caught:
        m.load(text, "m.toml")
    return [str(problem) for problem in caught.value.problems]


def judge(text: str, *detections: Detection, **options: Any) -> list[m.Verdict]:
    options = {"today": TODAY, "full_scan": True, **options}
    return m.judge(m.load(text), detections, **options)


def verdict(text: str, detection: Detection, **options: Any) -> m.Verdict:
    return judge(text, detection, **options)[0]


def kinds(text: str, *detections: Detection, **options: Any) -> list[str]:
    return [v.kind for v in judge(text, *detections, **options)]


# --- load -------------------------------------------------------------------------------------------------------------


def test_a_good_manifest_is_read_with_the_line_of_each_key() -> None:
    manifest = m.load(GOOD, "m.toml")
    assert manifest.approvers["ig-lead"] == m.Approver("ig-lead", "Head of Information Governance", "ig@trust.example")
    (approval,) = manifest.approvals
    assert (approval.service, approval.status, approval.ids) == ("google-analytics", "approved", ("G-ABC1234567",))
    assert approval.review_by == datetime.date(2027, 5, 7)
    lines = GOOD.splitlines()
    assert lines[approval.line - 1] == "[[tracker]]"
    for key, line in approval.lines.items():
        assert lines[line - 1].startswith(f"{key} =")


def test_lines_hold_after_multi_line_values_that_look_like_toml() -> None:
    text = GOOD.replace(
        'ids = ["G-ABC1234567"]\n',
        'notes = """\n[[tracker]]\nservice = "x" # "\n"""\nids = [\n  "G-ABC1234567", # ] "\n]\n',
    ).replace("gated = true", "'gated' = 7")
    (problem,) = problems(text)
    line = int(problem.split(":")[1])
    assert text.splitlines()[line - 1] == "'gated' = 7"
    assert "review_by" not in problem
    text = edited(text, "'gated' = 7", "'gated' = true")
    entry = m.load(text).approvals[0]
    assert text.splitlines()[entry.lines["review_by"] - 1].startswith("review_by")


BAD = [
    # text edited, the line's beginning, words that the message must have
    (("version = 1\n", ""), None, ["version is missing", "allowed: 1", "version = 1"]),
    (("version = 1", "version = 2"), "version", ["version is 2", "allowed: 1"]),
    (("version = 1", "version = 1\nverison = 1"), "verison", ['unknown key "verison"', 'did you mean "version"']),
    (("purpose =", "porpose ="), "porpose", ['unknown key "porpose"', 'did you mean "purpose"']),
    (("purpose =", "zzzzz ="), "zzzzz", ['unknown key "zzzzz"', "take the line out"]),
    (('"approved"', '"aproved"'), "status", ["pending, approved, legacy", 'write status = "approved"']),
    (('status = "approved"\n', ""), "[[tracker]]", ["status is missing", 'status = "pending"']),
    (('"analytics"', '"analitics"'), "category", ['"analitics"', 'write category = "analytics"']),
    (('["script-src"]', '["script"]'), "techniques", ["inline-script", 'write techniques = ["']),
    (('"required"', '"maybe"'), "consent", ["required, opt-out, exempt"]),
    (('"required"', '"opt-out"'), "consent", ["no consent_reason", 'consent_reason = "…"']),
    (("2027-05-07", '"2027-05-07"'), "review_by", ["without quotes", "write review_by = 2027-05-07"]),
    (("2027-05-07", "2027-05-07T10:00:00"), "review_by", ["a date with a time"]),
    (("2027-05-07", "2027-13-07"), "review_by", ["not valid TOML"]),
    (("gated = true", 'gated = "yes"'), "gated", ["true or false", "write gated = true"]),
    (('["G-ABC1234567"]', '"G-ABC1234567"'), "ids", ["a list of strings", "write ids = ["]),
    (('["templates/**"]', "[]"), "paths", ["empty list", "take the line out"]),
    (('["templates/**"]', '["a", ""]'), "paths", ["a list of strings"]),
    (("Digital team", " "), "owner", ["not empty"]),
    (('service = "google-analytics"\n', ""), "[[tracker]]", ["neither service nor host", "exactly one"]),
    (('service = "google-', 'host = "x.example"\nservice = "google-'), "[[tracker]]", ["both service and host"]),
    (('service = "google-analytics"', 'service = "host:x.example"'), "service", ['write host = "x.example"']),
    (('service = "google-analytics"', 'host = "https://x.example/a"'), "host", ["a host name"]),
    (('by = "ig-lead"', 'by = "ig-laed"'), "approved_by", ["nobody in [approvers]", "ig-lead", "until"]),
    (("gated = true", "pin = true"), "pin", ["no content"]),
    (('email = "ig@trust.example"\n', ""), "[approvers.ig-lead]", ["no email"]),
    (("ig@trust.example", "the lead"), "email", ["an e-mail address"]),
    (("[[tracker]]", "[tracker]"), "[tracker]", ["two brackets"]),
    (("[[tracker]]", "[[trackers]]"), "[[trackers]]", ['unknown key "trackers"', 'did you mean "tracker"']),
]


@pytest.mark.parametrize(("edit", "starts", "words"), BAD, ids=[f"{old[:18]}-{new[:18]}" for (old, new), _, _ in BAD])
def test_each_mistake_is_named_with_its_line_and_the_edit(
    edit: tuple[str, str], starts: str | None, words: list[str]
) -> None:
    text = edited(GOOD, *edit)
    (problem,) = problems(text)
    place = re.match(r"m\.toml:(\d+): ", problem)
    assert place
    if starts is not None:
        assert text.splitlines()[int(place[1]) - 1].startswith(starts)
    for word in words:
        assert word in problem


def test_all_mistakes_are_listed_in_the_order_of_the_file() -> None:
    text = GOOD.replace("version = 1", "version = 3").replace('"approved"', '"ok"').replace("owner =", "ower =")
    lines = [int(problem.split(":")[1]) for problem in problems(text)]
    assert len(lines) == 3
    assert lines == sorted(lines)


def test_the_same_entry_twice_is_a_mistake_but_not_another_scope() -> None:
    (problem,) = problems(GOOD + "\n" + APPROVED)
    assert "the same entry at line 7" in problem
    m.load(GOOD + "\n" + APPROVED.replace("G-ABC1234567", "G-OTHER"))
    m.load(GOOD + "\n" + APPROVED.replace("templates/**", "blog/**"))


def test_a_merge_conflict_is_called_one() -> None:
    (problem,) = problems(GOOD + "<<<<<<< HEAD\n[[tracker]]\n=======\n>>>>>>> b\n")
    assert problem.startswith(f"m.toml:{GOOD.count(chr(10)) + 1}: a merge conflict")


def test_unknown_services_are_mistakes_when_the_ruleset_is_known() -> None:
    with pytest.raises(m.ManifestError, match='did you mean "google-analytics-4"'):
        m.load(GOOD, services=["google-analytics-4", "hotjar"])
    m.load(GOOD, services=["google-analytics"])


@settings(max_examples=150)
@given(st.one_of(st.text(max_size=80), st.text(alphabet="[]\"'=.#\n\\ a{}", max_size=60)), st.integers(0, len(GOOD)))
def test_any_text_loads_or_is_a_manifest_error(noise: str, place: int) -> None:
    for text in (noise, GOOD[:place] + noise + GOOD[place:]):
        try:
            m.load(text)
        except m.ManifestError as error:
            assert error.problems
            assert all(1 <= p.line <= text.count("\n") + 2 for p in error.problems)
        else:
            m._canonical(text, "m.toml")


def test_deep_nesting_is_a_manifest_error() -> None:
    assert problems("version = 1\nx = " + "[" * 50_000)


# --- globs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("templates/**", "templates/a/b.html", True),
        ("templates/**", "templates.html", False),
        ("templates", "templates/a/b.html", True),
        ("templates/", "templates/a.html", True),
        ("templates", "templates2/a.html", False),
        ("/templates/*.html", "templates/a.html", True),
        ("templates/*.html", "templates/a/b.html", False),
        ("*.html", "a.html", True),
        ("*.html", "a/b.html", False),
        ("**/*.html", "b.html", True),
        ("**/*.html", "a/c/b.html", True),
        ("a/**/b.html", "a/b.html", True),
        ("a/**/b.html", "a/x/y/b.html", True),
        ("a/**/b.html", "a/xb.html", False),
        ("a?c.js", "abc.js", True),
        ("a?c.js", "a/c.js", False),
        ("pages/[id].tsx", "pages/[id].tsx", True),
        ("pages/[id].tsx", "pages/i.tsx", False),
        ("a\\*.js", "a*.js", True),
        ("a\\*.js", "ab.js", False),
        ("**", "any/thing", True),
        ("*", "dir/file", False),
    ],
)
def test_globs(glob: str, path: str, expected: bool) -> None:
    assert m.glob_matches(glob, path) is expected


def test_a_hostile_glob_comes_to_an_end() -> None:
    assert not m.glob_matches("**/*a" * 40, "a/" * 400 + "b")


NAMES = st.text(alphabet=st.characters(blacklist_characters="/\0"), min_size=1, max_size=6).filter(
    lambda name: name not in (".", "..")
)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


@settings(max_examples=200)
@given(st.lists(PATHS, min_size=1, max_size=12))
def test_general_paths_match_every_file_that_they_stand_for(paths: list[str]) -> None:
    globs = m.general_paths(paths)
    assert all(any(m.glob_matches(glob, path) for glob in globs) for path in paths)


def test_few_files_stay_files_and_many_become_their_folder() -> None:
    five = [f"site/pages/{n}.html" for n in range(5)]
    assert m.general_paths(five) == five
    assert m.general_paths([*five, "site/pages/en/x.html"]) == ["site/pages/**"]
    assert m.general_paths([*five, "src/a.js"]) == ["site/pages/**", "src/a.js"]
    assert m.general_paths([f"{n}.html" for n in range(6)]) == ["*.html"]


# --- judge ------------------------------------------------------------------------------------------------------------


def test_a_load_within_an_approval_is_approved_and_nothing_else_is_said() -> None:
    assert kinds(GOOD, found()) == ["approved"]


def test_moving_or_reformatting_code_changes_nothing() -> None:
    assert kinds(GOOD, found(line=900, column=7, start=9000, excerpt="other", path="templates/x/y.html")) == [
        "approved"
    ]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"ids": ("G-ABC1234567", "G-SECOND")}, "account id G-SECOND is not in ids (G-ABC1234567)"),
        ({"path": "blog/base.html"}, "blog/base.html is not in paths (templates/**)"),
        ({"technique": "dynamic"}, "technique dynamic is not in techniques (script-src)"),
        ({"category": "marketing"}, "category is marketing by the ruleset, analytics in the entry"),
        ({"state": "ungated"}, "it runs before consent, the entry has gated = true"),
    ],
)
def test_what_an_approval_does_not_cover_is_named(change: dict[str, Any], word: str) -> None:
    result = verdict(GOOD, found(**change))
    assert result.kind == "outside-scope"
    assert len(result.differences) == 1
    assert word in result.differences[0]


def test_no_ids_in_the_entry_means_that_no_id_is_approved() -> None:
    text = edited(GOOD, 'ids = ["G-ABC1234567"]\n', "")
    assert verdict(text, found()).kind == "outside-scope"
    assert verdict(text, found(ids=())).kind == "approved"


def test_a_stricter_category_or_a_reason_for_a_milder_one_is_no_difference() -> None:
    assert verdict(GOOD, found(category="functional")).kind == "approved"
    text = edited(GOOD, "purpose =", 'category_reason = "Configured without cookies, see the DPIA"\npurpose =')
    assert verdict(text, found(category="marketing")).kind == "approved"


def test_pages_bind_an_approval_to_where_the_load_ends_up() -> None:
    text = edited(GOOD, "techniques =", 'pages = ["news/**"]\ntechniques =')
    assert verdict(text, found(), pages_of=lambda path: Pages(("news/a.html",))).kind == "approved"
    result = verdict(text, found(), pages_of=lambda path: Pages(("conditions/hiv.html", "news/a.html")))
    assert result.differences == ("page conditions/hiv.html is not in pages (news/**)",)


def test_a_pinned_approval_binds_to_the_text_of_the_load() -> None:
    text = edited(GOOD, "techniques =", f'pin = true\ncontent = ["{found().content_hash}"]\ntechniques =')
    assert verdict(text, found(line=80)).kind == "approved"
    assert "pinned" in verdict(text, found(content="<script>more")).differences[0]


def test_hosts_match_exactly_or_by_wildcard() -> None:
    text = HEAD + '\n[[tracker]]\nhost = "Widgets.example.com"\nstatus = "pending"\n'
    assert verdict(text, found("host:widgets.example.com")).kind == "pending"
    assert verdict(text, found("host:a.widgets.example.com")).kind == "not-in-manifest"
    text = HEAD + '\n[[tracker]]\nhost = "*.example.com"\nstatus = "pending"\n'
    assert verdict(text, found("host:widgets.example.com")).kind == "pending"
    assert verdict(text, found("host:badexample.com")).kind == "not-in-manifest"
    assert verdict(text, found("google-analytics")).kind == "not-in-manifest"


@pytest.mark.parametrize(
    ("edit", "kind", "word"),
    [
        (("2027-05-07", "2026-05-06"), "expired", "review_by was 2026-05-06"),
        (('purpose = "Which pages are read"\n', ""), "incomplete", "purpose is missing"),
        (("Which pages are read", "TODO: ask Jo"), "incomplete", "purpose is a placeholder"),
        (('owner = "Digital team"\n', ""), "incomplete", "owner is missing"),
        (('approved_by = "ig-lead"\n', ""), "incomplete", "approved_by is missing"),
        (("approved_on = 2026-05-07\n", ""), "incomplete", "approved_on is missing"),
        (("approved_on = 2026-05-07", "approved_on = 2026-05-08"), "incomplete", "in the future"),
        (("review_by = 2027-05-07\n", ""), "incomplete", "review_by is missing"),
        (("2027-05-07", "2027-05-09"), "incomplete", "367 days after approved_on, at most 366"),
        (('email = "ig@', 'until = 2026-05-06\nemail = "ig@'), "not-authorised", "until 2026-05-06"),
    ],
)
def test_an_approval_that_is_not_in_order(edit: tuple[str, str], kind: str, word: str) -> None:
    of_load, of_entry = judge(edited(GOOD, *edit), found())
    assert (of_load.kind, of_entry.kind, of_entry.detection) == (kind, kind, None)
    assert word in of_entry.differences[0]


def test_an_approval_holds_on_its_review_day_and_the_review_is_announced() -> None:
    day = datetime.date(2027, 5, 7)
    assert kinds(GOOD, found(), today=day) == ["approved", "review-due"]
    assert kinds(GOOD, found(), today=day - datetime.timedelta(days=31)) == ["approved"]


def test_a_person_who_left_keeps_earlier_approvals_good() -> None:
    assert kinds(edited(GOOD, 'email = "ig@', 'until = 2026-05-07\nemail = "ig@'), found()) == ["approved"]


def test_other_statuses() -> None:
    def with_status(status: str, more: str = "") -> str:
        return GOOD.replace('"approved"', f'"{status}"') + more

    assert kinds(with_status("pending"), found()) == ["pending"]
    assert kinds(with_status("legacy"), found()) == ["legacy"]
    late = datetime.date(2027, 5, 8)
    assert kinds(with_status("legacy"), found(), today=late) == ["legacy-expired", "legacy-expired"]
    assert kinds(with_status("rejected"), found()) == ["rejected"]
    assert kinds(with_status("rejected"), found(ids=("G-NEW",))) == ["not-in-manifest"]
    removed = with_status(
        "removed", 'removed_by = "ig-lead"\nremoved_on = 2026-05-07\nremoved_reason = "Not read by anyone"\n'
    )
    assert kinds(removed, found()) == ["removed-but-present"]
    assert kinds(removed) == []
    assert kinds(with_status("removed")) == ["incomplete"]
    assert kinds(HEAD, found()) == ["not-in-manifest"]
    assert [v.kind for v in m.judge(None, [found()], today=TODAY, full_scan=True)] == ["not-in-manifest"]


def test_a_refusal_without_scope_is_about_the_whole_service() -> None:
    text = HEAD + '\n[[tracker]]\nservice = "google-analytics"\nstatus = "rejected"\n'
    assert kinds(text, found(ids=("G-ANY",), path="else/where.html")) == ["rejected"]
    assert kinds(text + "\n" + APPROVED, found()) == ["approved"]
    pending = APPROVED.replace('"approved"', '"pending"')
    assert kinds(text + "\n" + pending, found()) == ["rejected"]


def test_the_entry_that_differs_least_speaks() -> None:
    other = APPROVED.replace("G-ABC1234567", "G-OTHER").replace("templates/**", "blog/**")
    text = GOOD + "\n" + other
    assert verdict(text, found(ids=("G-OTHER",), path="blog/a.html"), full_scan=False).kind == "approved"
    result = verdict(text, found(ids=("G-THIRD",), path="blog/a.html"))
    assert result.approval is not None
    assert result.approval.ids == ("G-OTHER",)
    assert len(result.differences) == 1


def test_only_a_full_scan_can_say_that_something_is_gone() -> None:
    (gone,) = judge(GOOD)
    assert (gone.kind, gone.detection) == ("gone", None)
    assert gone.approval is not None
    assert gone.approval.label == "google-analytics (G-ABC1234567)"
    assert judge(GOOD, full_scan=False) == []
    two = edited(GOOD, '["G-ABC1234567"]', '["G-ABC1234567", "G-SECOND"]')
    assert judge(two, found())[1].differences == ("account id G-SECOND is no longer found",)
    # A load whose id cannot be told may be the missing one; a load that moved is not gone.
    assert kinds(two, found(), found(ids=())) == ["approved", "approved"]
    assert kinds(GOOD, found(path="blog/a.html")) == ["outside-scope"]


def test_nobody_appoints_himself_in_the_same_branch() -> None:
    base = m.load(HEAD)
    text = GOOD.replace('by = "ig-lead"', 'by = "me"') + '\n[approvers.me]\nname = "Me"\nemail = "me@agency.example"\n'
    of_load, of_entry = judge(text, found(), approvers=base.approvers)
    assert of_load.kind == of_entry.kind == "not-authorised"
    assert of_load.differences == ("me is not an approver on the base branch (ig-lead)",)
    assert kinds(GOOD, found(), approvers=base.approvers) == ["approved"]
    assert kinds(GOOD, found(), approvers={})[0] == "not-authorised"


def test_with_the_base_manifest_entries_cannot_vanish_or_become_legacy() -> None:
    base = m.load(GOOD)
    (gone,) = judge(HEAD, base=base, full_scan=False)
    assert gone.kind == "gone"
    assert gone.approval is not None
    assert gone.approval.line == 1
    assert "was deleted from the manifest" in gone.differences[0]
    legacy = APPROVED.replace('"approved"', '"legacy"')
    new = legacy.replace("google-analytics", "hotjar")
    hotjar = found("hotjar", ids=("G-ABC1234567",))
    assert kinds(GOOD + "\n" + new, found(), hotjar, base=base)[1] == "not-authorised"
    old = m.load(HEAD + "\n" + legacy)
    assert kinds(HEAD + "\n" + legacy, found(), base=old) == ["legacy"]
    longer = legacy.replace("2027-05-07", "2027-05-08")
    assert kinds(HEAD + "\n" + longer, found(), base=old)[0] == "not-authorised"
    refused = m.load(HEAD + "\n" + APPROVED.replace('"approved"', '"rejected"'))
    assert kinds(HEAD + "\n" + APPROVED.replace('"approved"', '"pending"'), found(), base=refused) == ["rejected"]


# --- fix --------------------------------------------------------------------------------------------------------------


def fix(text: str | None, *detections: Detection, **options: Any) -> str:
    return m.fix(text, detections, **{"today": TODAY, "full_scan": True, **options})


def test_adoption_writes_legacy_entries_that_a_person_can_read() -> None:
    rule = Service(
        "google-analytics", "Google Analytics", "Google", None, "analytics", "analytics", "Counts visits.",
        cookies=(Cookie("_ga", "2 years"), Cookie("_ga_*")),
    )  # fmt: skip
    services = {"google-analytics": rule}
    text = fix(None, found(), found("host:widgets.example.com", state="ungated"), services=services)
    assert text.endswith(
        textwrap.dedent(
            """\
            # Google Analytics (Google). Counts visits. Cookies: _ga (2 years), _ga_*.
            [[tracker]]
            service = "google-analytics"
            status = "legacy"
            category = "analytics"
            # purpose = ""  # what the organisation uses it for
            # owner = ""  # the team that answers for it
            consent = "required"
            gated = true
            ids = ["G-ABC1234567"]
            paths = ["templates/base.html"]
            techniques = ["script-src"]
            review_by = 2026-08-05

            # No rule knows this third party: find out who runs it and what it receives. If it is your own, name
            # it in first_party in tracklint.toml instead.
            [[tracker]]
            host = "widgets.example.com"
            status = "legacy"
            # category = ""  # essential, functional, analytics or marketing
            # purpose = ""  # what the organisation uses it for
            # owner = ""  # the team that answers for it
            consent = "required"
            paths = ["templates/base.html"]
            techniques = ["script-src"]
            review_by = 2026-08-05
            """
        )
    )
    assert kinds(text, found(), found("host:widgets.example.com")) == ["legacy", "legacy"]


def test_only_a_full_scan_without_a_manifest_adopts() -> None:
    assert 'status = "pending"' in fix(None, found(), full_scan=False)
    assert 'status = "pending"' in fix(HEAD, found())
    assert 'status = "legacy"' in fix(HEAD, found(), legacy=True)


def test_a_new_id_of_an_approved_service_becomes_a_pending_entry_of_its_own() -> None:
    text = fix(GOOD, found(), found(ids=("G-SECOND",)))
    assert APPROVED in text
    assert kinds(text, found(), found(ids=("G-SECOND",))) == ["approved", "pending"]
    third = fix(text, found(), found(ids=("G-SECOND",)), found(ids=("G-THIRD",), path="blog/x.html"))
    assert third.count("[[tracker]]") == 2
    entry = next(e for e in m.load(third).approvals if e.status == "pending")
    assert entry.ids == ("G-SECOND", "G-THIRD")
    assert entry.paths == ("templates/base.html", "blog/x.html")


def test_a_lost_gate_or_an_edited_pinned_load_becomes_pending_beside_the_approval() -> None:
    text = fix(GOOD, found(), found(state="ungated"))
    assert kinds(text, found(), found(state="ungated")) == ["approved", "pending"]
    pinned = edited(GOOD, "techniques =", f'pin = true\ncontent = ["{found().content_hash}"]\ntechniques =')
    assert kinds(fix(pinned, found(content="new")), found(content="new"), full_scan=False) == ["pending"]


def test_a_pending_entry_follows_the_code_and_goes_with_it() -> None:
    text = fix(HEAD, found(), found(ids=("G-OLD",)), found("hotjar"))
    partial = fix(text, found(ids=("G-NEW",)), full_scan=False)
    assert m.load(partial).approvals[0].ids == ("G-ABC1234567", "G-OLD", "G-NEW")
    full = fix(text, found(ids=("G-NEW",)))
    assert [(e.service, e.ids) for e in m.load(full).approvals] == [("google-analytics", ("G-NEW",))]


def test_a_rejected_service_gets_no_new_entry_and_a_removed_one_does() -> None:
    rejected = GOOD.replace('"approved"', '"rejected"')
    assert fix(rejected, found()) == rejected
    removed = m.retire(GOOD, "google-analytics", by="ig-lead", reason="Not needed any more", today=TODAY)
    assert kinds(fix(removed, found()), found()) == ["pending"]


def test_comments_and_formatting_stay_and_entries_come_into_order() -> None:
    z = '# about z\n[[tracker]] # the header\nservice="zendesk"  # odd spaces\nstatus = "pending"\n# the end of z\n'
    text = "# who keeps this file\nversion = 1 # one\n\n" + z + "\n\n\n" + APPROVED + HEAD.split("\n", 2)[2]
    zendesk = found("zendesk", technique="iframe")
    result = fix(text, found(), zendesk)
    head, approver, approved, last = (
        result.index("# who keeps"),
        result.index("[approvers.ig-lead]"),
        result.index(APPROVED),
        result.index("# about z"),
    )
    assert head < approver < approved < last
    for line in z.splitlines():
        assert line in result
    assert "\n\n\n" not in result


def test_approvers_come_into_order_too() -> None:
    person = '[approvers.{0}]\nname = "{0}"\nemail = "{0}@trust.example"\n'
    text = "version = 1\n\n" + person.format("zoe") + "\n" + person.format("ann")
    assert fix(text) == "version = 1\n\n" + person.format("ann") + "\n" + person.format("zoe")


def test_a_manifest_with_windows_line_ends_keeps_them() -> None:
    text = fix(GOOD.replace("\n", "\r\n"), found(), found("hotjar", path="blog/x.html"))
    assert text.count("\r\n") == text.count("\n")
    assert text.replace("\r\n", "\n") == fix(GOOD, found(), found("hotjar", path="blog/x.html"))
    approved = m.approve(text, "hotjar", by="ig-lead", today=TODAY, purpose="Shows a survey", owner="IT")
    assert approved.count("\r\n") == approved.count("\n")


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert fix("\ufeff" + GOOD, found()) == "\ufeff" + GOOD


def test_what_cannot_be_named_gets_no_entry_and_breaks_nothing() -> None:
    assert fix(GOOD, found(), found("host:a b/c"), found("host:")) == GOOD


def test_fixing_a_broken_manifest_is_refused() -> None:
    with pytest.raises(m.ManifestError):
        fix("version = 1\n[[tracker]]\n", found())


TEXT = st.text(max_size=8)
SERVICES = st.sampled_from(
    ["google-analytics", "hotjar", "cmp:cookiebot", "host:a.example", "host:b.a.example", "host:ü"]
)
DETECTIONS = st.builds(
    found,
    SERVICES,
    path=st.one_of(PATHS, st.sampled_from([f"a/{n}.html" for n in range(8)])),
    ids=st.lists(st.one_of(st.sampled_from(["G-1", "G-2", "G-3"]), TEXT), max_size=2).map(tuple),
    technique=st.sampled_from(TECHNIQUES),
    category=st.sampled_from([None, *CATEGORIES]),
    state=st.sampled_from(["gated", "ungated", "unknown"]),
    name=TEXT,
    company=st.one_of(st.none(), TEXT),
    content=TEXT,
)
ENTRIES = st.builds(
    lambda subject, status, ids, paths, gated, comment: (
        f"# {comment}\n[[tracker]]\n{subject}\nstatus = '{status}'\n"
        + (f"ids = {m._toml(ids)}\n" if ids else "")
        + (f"paths = {m._toml(paths)} # here\n" if paths else "")
        + ("gated = true\n" if gated else "")
    ),
    st.sampled_from(["service = 'google-analytics'", "service = 'hotjar'", "host = '*.example'", "host = 'a.example'"]),
    st.sampled_from(["pending", "pending", "approved", "legacy", "rejected", "removed"]),
    st.lists(st.sampled_from(["G-1", "G-2", "G-9"]), unique=True, max_size=2),
    st.lists(st.sampled_from(["a/**", "**", "a/1.html", "a/2.html", "x"]), unique=True, max_size=3),
    st.booleans(),
    st.sampled_from(["one", "two", "[[tracker]]"]),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(st.none(), st.lists(ENTRIES, max_size=6)),
    st.lists(DETECTIONS, max_size=10),
    st.booleans(),
    st.booleans(),
)
def test_fix_is_idempotent_approves_nothing_and_leaves_decisions_alone(
    entries: list[str] | None, detections: list[Detection], full_scan: bool, windows: bool
) -> None:
    text: str | None = None
    if entries is not None:
        text = "\n".join([HEAD, *entries])
        text = text.replace("\n", "\r\n") if windows else text
        try:
            before = m.load(text).approvals
        except m.ManifestError:  # the same entry twice
            return
    else:
        before = ()
    once = m.fix(text, detections, today=TODAY, full_scan=full_scan)
    after = m.load(once).approvals
    assert m.fix(once, detections, today=TODAY, full_scan=full_scan) == once
    assert m.fix(once, list(reversed(detections)), today=TODAY, full_scan=full_scan) == once

    def decided(approvals: tuple[m.Approval, ...]) -> list[str]:
        statuses = ("approved", "rejected", "removed") + (("legacy",) if text is not None else ())
        return sorted(e.decision for e in approvals if e.status in statuses)

    assert decided(before) == decided(after)
    if windows and text is not None:
        assert once.count("\r\n") == once.count("\n")
    # Everything has an entry now; only what a person wrote by hand (a category) can still differ.
    for result in m.judge(m.load(once), detections, today=TODAY, full_scan=full_scan):
        assert result.kind not in ("not-in-manifest", "outside-scope", "removed-but-present")


def test_the_difference_is_shown() -> None:
    text = fix(GOOD, found(), found("hotjar"))
    shown = m.diff(GOOD, text, "tracker-approvals.toml")
    assert shown.startswith("--- a/tracker-approvals.toml\n+++ b/tracker-approvals.toml\n")
    assert '+service = "hotjar"\n' in shown
    assert m.diff(GOOD, GOOD) == ""
    assert m.diff(None, GOOD).startswith("--- /dev/null\n")
    assert "\\ No newline at end of file" in m.diff(GOOD, GOOD.rstrip("\n"))


# --- decisions --------------------------------------------------------------------------------------------------------

PENDING = fix(HEAD, found(), found("hotjar"))


def test_approve_fills_the_entry_and_touches_nothing_else() -> None:
    text = m.approve(
        PENDING, "google-analytics", by="ig-lead", today=TODAY, purpose="Which pages are read", owner="Digital team"
    )
    shown = m.diff(PENDING, text)
    changed = [line for line in shown.splitlines()[2:] if line[0] in "+-"]
    assert changed == [
        '-status = "pending"',
        '+status = "approved"',
        '-# purpose = ""  # what the organisation uses it for',
        '-# owner = ""  # the team that answers for it',
        '+purpose = "Which pages are read"',
        '+owner = "Digital team"',
        '+approved_by = "ig-lead"',
        "+approved_on = 2026-05-07",
        "+review_by = 2027-05-07",
    ]
    assert kinds(text, found(), full_scan=False) == ["approved"]


def approve(text: str = PENDING, service: str = "google-analytics", **options: Any) -> str:
    options = {"by": "ig-lead", "today": TODAY, "purpose": "Which pages are read", "owner": "IT", **options}
    return m.approve(text, service, **options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"by": "ig-laed"}, ["nobody in [approvers]", 'did you mean "ig-lead"']),
        ({"by": "boss"}, ["allowed: ig-lead", "add [approvers.boss]"]),
        ({"purpose": "tbd"}, ['purpose is a placeholder ("tbd")']),
        ({"purpose": None}, ["purpose is missing"]),
        ({"owner": "n/a"}, ["owner is a placeholder"]),
        ({"review_by": datetime.date(2027, 5, 9)}, ["not within 366 days", "2027-05-08"]),
        ({"review_by": TODAY}, ["not in the future"]),
        ({"consent": "exempt"}, ["consent_reason is missing"]),
        ({"consent": "exempt", "consent_reason": "x"}, ["consent_reason is a placeholder"]),
        ({"service": "matomo"}, ["no entry for matomo", "google-analytics, hotjar", "--fix-manifest"]),
        ({"ids": ["G-OTHER"]}, ["as asked"]),
    ],
)
def test_an_approval_that_cannot_be_given_says_why(options: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(m.ManifestError) as caught:
        approve(**options)
    for word in words:
        assert word in str(caught.value)


def test_approve_tells_all_that_is_missing_at_once() -> None:
    with pytest.raises(m.ManifestError) as caught:
        approve(by="boss", purpose="-", owner="?")
    assert len(caught.value.problems) == 3


def test_several_entries_of_a_service_are_told_apart_by_ids_or_line() -> None:
    text = (
        PENDING
        + '\n[[tracker]]\nservice = "google-analytics"\nstatus = "legacy"\ncategory = "analytics"\nids = ["G-9"]\n'
    )
    with pytest.raises(m.ManifestError, match="several entries"):
        approve(text)
    for options in ({"ids": ["G-9"]}, {"line": m.load(text).approvals[-1].line}):
        assert m.load(approve(text, **options)).approvals[-1].status == "approved"


def test_a_host_a_category_and_a_pin_can_be_approved() -> None:
    text = fix(HEAD, found("host:widgets.example.com"))
    with pytest.raises(m.ManifestError, match="category is missing"):
        approve(text, "widgets.example.com")
    hashes = [found("host:widgets.example.com").content_hash]
    text = approve(text, "widgets.example.com", category="functional", content=hashes)
    assert kinds(text, found("host:widgets.example.com")) == ["approved"]
    assert kinds(text, found("host:widgets.example.com", content="edited")) == ["outside-scope"]


def test_the_life_of_an_entry() -> None:
    text = approve()
    later = datetime.date(2027, 5, 1)
    renewed = m.renew(text, "google-analytics", by="ig-lead", today=later)
    entry = m.load(renewed).approvals[0]
    assert (entry.approved_on, entry.review_by) == (later, datetime.date(2028, 5, 1))
    retired = m.retire(renewed, "google-analytics", by="ig-lead", reason="Replaced by Matomo", today=later)
    assert kinds(retired, found("hotjar"), today=later) == ["pending"]
    assert m.load(retired).approvals[0].removed_reason == "Replaced by Matomo"
    rejected = m.reject(PENDING, "hotjar", by="ig-lead", reason="Records what patients type", today=TODAY)
    assert kinds(rejected, found(), found("hotjar"))[1] == "rejected"
    again = approve(rejected, "hotjar", owner="Digital team")
    assert "rejected" not in again
    refused: list[Callable[[], str]] = [
        lambda: m.renew(PENDING, "hotjar", by="ig-lead", today=TODAY),
        lambda: m.retire(PENDING, "hotjar", by="ig-lead", reason="Not needed", today=TODAY),
        lambda: m.retire(text, "google-analytics", by="ig-lead", reason="todo", today=TODAY),
        lambda: m.retire(text, "google-analytics", by="me", reason="Not needed", today=TODAY),
        lambda: m.reject(PENDING, "hotjar", by="ig-lead", reason="n/a", today=TODAY),
        lambda: approve(text),
    ]
    for command in refused:
        with pytest.raises(m.ManifestError):
            command()


def test_a_review_a_year_after_a_leap_day() -> None:
    text = approve(today=datetime.date(2028, 2, 29))
    assert m.load(text).approvals[0].review_by == datetime.date(2029, 2, 28)


def test_a_key_is_set_before_sub_tables_and_not_inside_strings() -> None:
    text = HEAD + (
        '\n[[tracker]]\nservice = "hotjar"\nstatus = "pending"\ncategory = "analytics"\n'
        'notes = """\n# purpose = "no"\n"""\n'
        '\n[[tracker.cookies]]\nname = "_hj"\n# purpose = "a hint of the cookie"\npurpose = "x"\n'
    )
    entry = m.load(approve(text, "hotjar")).approvals[0]
    assert entry.purpose == "Which pages are read"
    assert entry.notes == '# purpose = "no"\n'
    assert entry.cookies == (m.Cookie("_hj", "", "x"),)


@settings(max_examples=150)
@given(st.text(max_size=40), st.lists(st.text(min_size=1, max_size=30), max_size=6))
def test_any_text_survives_being_written(words: str, ids: list[str]) -> None:
    table = tomli.loads(f"x = {m._toml(words)}\ny = {m._toml(ids)}\n")
    assert table == {"x": m._clean(words), "y": [m._clean(item) for item in ids]}


@pytest.mark.parametrize(
    "text", ["", "todo", "TBD", "n/a", "-", "x", "test", "…", "...", "xxxx", "TODO: later", "ok", None]
)
def test_placeholders(text: str | None) -> None:
    assert m.is_placeholder(text)


@pytest.mark.parametrize(
    "text", ["Map of the clinics", "Maps", "Which pages are read", "To do lists of patients", "统计"]
)
def test_answers_are_no_placeholders(text: str) -> None:
    assert not m.is_placeholder(text)


def test_a_decision_does_not_depend_on_form_or_notes() -> None:
    (plain,) = m.load(GOOD).approvals
    body = APPROVED.splitlines()[1:]
    shuffled = (
        "[[tracker]]\n" + "\n".join(reversed(body)).replace('"Digital team"', '"Web team"') + '\nnotes = "moved"\n'
    )
    (other,) = m.load(HEAD + "\n# new\n" + shuffled.replace('["templates/**"]', '[\n  "templates/**",\n]')).approvals
    assert plain.decision == other.decision
    (wider,) = m.load(edited(GOOD, '["templates/**"]', '["**"]')).approvals
    assert plain.decision != wider.decision


# --- files ------------------------------------------------------------------------------------------------------------


def test_writing_keeps_mode_and_link_and_leaves_nothing_behind(tmp_path: Path) -> None:
    real = tmp_path / "real" / "approvals.toml"
    real.parent.mkdir()
    real.write_text("old")
    real.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(real)
    m.write_atomically(link, "new\r\n")
    assert link.is_symlink()
    assert real.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert os.listdir(real.parent) == ["approvals.toml"]


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    m.write_atomically(tmp_path / "a.toml", "x")
    (tmp_path / "b.toml").write_text("x")
    assert (tmp_path / "a.toml").stat().st_mode == (tmp_path / "b.toml").stat().st_mode


@pytest.mark.parametrize("step", ["tempfile.mkstemp", "os.fsync", "os.chmod", "os.replace", "os.stat"])
@pytest.mark.parametrize("error", [OSError("disk"), KeyboardInterrupt()], ids=["error", "interrupt"])
def test_an_interruption_at_any_step_leaves_the_old_file_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    path = tmp_path / "m.toml"
    path.write_text("old")

    def fail(*args: object, **options: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(step, fail)
        if step == "os.stat":
            patch.undo()
            patch.setattr(Path, "stat", fail)
        with pytest.raises(type(error)):
            m.write_atomically(path, "new" * 1000)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["m.toml"]


def test_an_interruption_after_the_replacement_leaves_the_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "m.toml"
    path.write_text("old")
    replace = os.replace

    def then_die(old: str, new: str) -> None:
        replace(old, new)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("tracklint.manifest.os.replace", then_die)
        with pytest.raises(KeyboardInterrupt):
            m.write_atomically(path, "new")
    assert path.read_text() == "new"


def test_a_killed_process_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    whole = {str(n) * 200_000 for n in range(10)}
    path.write_text("0" * 200_000)
    code = (
        "import itertools, sys; from pathlib import Path; from tracklint.manifest import write_atomically\n"
        "print('go', flush=True)\n"
        "for n in itertools.cycle(range(10)): write_atomically(Path(sys.argv[1]), str(n) * 200_000)\n"
    )
    for wait in (0.01, 0.05):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, env=environment()
        ) as child:
            assert child.stdout
            child.stdout.readline()
            time.sleep(wait)
            child.kill()
        assert path.read_text() in whole


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src")}


def test_processes_that_write_at_once_lose_no_entry(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    code = (
        "import sys; from pathlib import Path; from tracklint.manifest import update\n"
        'entry = \'\\n[[tracker]]\\nservice = "{}-{}"\\nstatus = "pending"\\n\'\n'
        "for n in range(15):\n"
        "    update(Path(sys.argv[1]), lambda text: (text or 'version = 1\\n') + entry.format(sys.argv[2], n))\n"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", code, str(path), name], env=environment()) for name in ("one", "two")
    ]
    assert [child.wait(60) for child in children] == [0, 0]
    services = {entry.service for entry in m.load(path.read_text()).approvals}
    assert services == {f"{name}-{n}" for name in ("one", "two") for n in range(15)}
    assert os.listdir(tmp_path) == ["m.toml"]


def test_where_folders_cannot_be_locked_a_file_is_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(m, "_lock_folder", lambda folder: None)
    path = tmp_path / "m.toml"
    inside: list[list[str]] = []

    def edit(text: str | None) -> str:
        inside.append(sorted(os.listdir(tmp_path)))
        with pytest.raises(TimeoutError, match="another tracklint"):
            m.update(path, lambda text: "other", timeout=0.05)
        return "mine"

    m.update(path, edit)
    assert inside == [[".m.toml.lock"]]
    assert os.listdir(tmp_path) == ["m.toml"]
    assert path.read_text() == "mine"
    lock = tmp_path / ".m.toml.lock"
    lock.touch()
    os.utime(lock, (0, 0))
    m.update(path, lambda text: "after a crash", timeout=1)
    assert path.read_text() == "after a crash"


def test_the_lock_is_held_and_released(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"

    def edit(text: str | None) -> str:
        with pytest.raises(TimeoutError, match="another tracklint"):
            m.update(path, lambda text: "other", timeout=0.05)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        m.update(path, edit)
    assert not path.exists()
    assert m.update(path, lambda text: "x" if text is None else "y") == "x"


def test_a_file_that_is_not_utf8_is_a_manifest_error(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_bytes(b"version = 1\n# \xff\n")
    with pytest.raises(m.ManifestError, match=r"m\.toml:2: not UTF-8"):
        m.read(tmp_path / "m.toml")
    assert m.read(tmp_path / "none.toml") is None


# --- merging ----------------------------------------------------------------------------------------------------------


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def merged(folder: Path, start: str, ours: str, theirs: str) -> tuple[bool, str]:
    folder.mkdir()
    path = folder / m.FILE_NAME
    git(folder, "init", "-q", "-b", "main")
    for branch, text in (("main", start), ("theirs", theirs)):
        if branch != "main":
            git(folder, "checkout", "-q", "-b", branch)
        path.write_text(text)
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", branch)
    git(folder, "checkout", "-q", "main")
    path.write_text(ours)
    git(folder, "commit", "-qam", "ours")
    done = subprocess.run(
        ["git", "-c", "user.name=T", "-c", "user.email=t@example.com", "merge", "-q", "theirs", "-m", "m"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0, path.read_text()


def test_two_branches_that_add_services_merge_without_conflict(tmp_path: Path) -> None:
    names = ["adobe-analytics", "google-analytics", "hotjar", "matomo", "siteimprove", "youtube"]

    def manifest(*services: str) -> str:
        return fix(HEAD, *(found(name, ids=()) for name in services))

    there = [names[1], names[3], names[4]]
    clean, text = merged(
        tmp_path / "sorted", manifest(*there), manifest(*there, names[2]), manifest(*there, names[0], names[5])
    )
    assert clean
    # The merge is what one branch with all of them would have written.
    assert text == manifest(*names)
    # Without an order both branches write at the end: a conflict every time.
    end = "\n[[tracker]]\nservice = {}\nstatus = 'pending'\n"
    clean, _ = merged(
        tmp_path / "unsorted",
        manifest(*there),
        manifest(*there) + end.format("'hotjar'"),
        manifest(*there) + end.format("'adobe-analytics'"),
    )
    assert not clean


# --- documentation ----------------------------------------------------------------------------------------------------


def test_the_examples_of_the_documentation_are_valid_and_every_key_is_in_it() -> None:
    page = (ROOT / "docs" / "manifest.md").read_text("utf-8")
    examples = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert examples
    for example in examples:
        if example.startswith("version = "):
            m.load(example, "docs/manifest.md")
        else:
            m.load(HEAD + "\n" + example, "docs/manifest.md")
    for word in [*m._KEYS, *m._APPROVER_KEYS, *m.STATUSES, *m.CONSENT_RULES]:
        assert f"`{word}`" in page, word

"""Approval through the command line, in real git repositories: what each person can and cannot do."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from test_cli import APPROVED, APPROVERS, GA, HOTJAR, Run, commit, environment, git, run, site, write

__all__ = ["environment", "run", "site"]  # fixtures

PLAIN = "<p>Hello</p>\n"
WIDGET = '<script src="https://widget.acme-clinics.net/w.js"></script>\n'
APPOINTED = APPROVED + '\n[approvers.me]\nname = "C"\nemail = "c@agency.example"\n'
LEGACY = """
[[tracker]]
service = "google-analytics"
status = "legacy"
category = "analytics"
consent = "required"
ids = ["G-ABC1234567"]
review_by = 2026-08-01
"""
ESSENTIAL = """
[service]
slug = "google-analytics"
name = "Google Analytics"
company = "Google"
category = "essential"
kind = "analytics"
summary = "Counts visits, as somebody would like us to believe."

[match]
urls = ["www.googletagmanager.com/gtag/js*"]
"""


def started(site: Path, files: Mapping[str, str]) -> None:
    """A repository whose branch `main` has these files, on a new branch."""
    git(site, "init", "--quiet", "--initial-branch", "main")
    write(site, {"index.html": PLAIN, **files})
    commit(site)
    git(site, "checkout", "--quiet", "-b", "topic")


def change(site: Path, files: Mapping[str, str | None]) -> None:
    write(site, {name: text for name, text in files.items() if text is not None})
    for name, text in files.items():
        if text is None:
            (site / name).unlink()
    commit(site)


def pull_request(run: Run, *options: str) -> tuple[int, dict[str, Any]]:
    code, out, err = run("--diff-base", "main", "--require-approval", "--format", "json", *options)
    assert out, err
    return code, json.loads(out)


def found(report: Mapping[str, Any]) -> set[str]:
    return {one["code"] for one in report["findings"] if one["severity"] == "error"}


def changed(report: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(one["kind"], one["label"]) for one in report["changes"]}


BASE = {"tracker-approvals.toml": APPROVERS, "tracklint.toml": 'first_party = ["trust.example"]\n'}


@pytest.mark.parametrize(
    ("base", "files", "code"),
    [
        pytest.param(BASE, {"tracker-approvals.toml": APPOINTED.replace('by = "ig-lead"', 'by = "me"')}, "TL107", id="appoints himself"),
        pytest.param(BASE, {"tracker-approvals.toml": APPROVERS + LEGACY}, "TL107", id="calls it legacy"),
        pytest.param({"tracklint.toml": ""}, {"tracker-approvals.toml": APPROVERS + LEGACY}, "TL107", id="adopts with it"),
        pytest.param({"tracklint.toml": ""}, {"tracker-approvals.toml": APPROVED}, "TL107", id="first manifest approves"),
        pytest.param(
            BASE,
            {"tracklint.toml": 'manifest = "mine.toml"\n', "mine.toml": APPROVED, "tracker-approvals.toml": None},
            "TL101", id="another manifest",
        ),
        pytest.param({"tracker-approvals.toml": APPROVERS},
                     {"tracklint.toml": 'manifest = "mine.toml"\n', "mine.toml": APPROVERS + LEGACY}, "TL101",
                     id="first configuration names another manifest"),
        pytest.param(BASE, {"tracklint.toml": 'ignore = ["TL1", "TL2"]\n'}, "TL101", id="ignores the rules"),
        pytest.param(BASE, {"tracklint.toml": 'select = ["TL5"]\n'}, "TL101", id="selects others"),
        pytest.param(BASE, {"tracklint.toml": 'severity = { TL101 = "note", TL201 = "off" }\n'}, "TL101", id="severity"),
        pytest.param(BASE, {"tracklint.toml": 'exclude = ["index.html"]\n'}, "TL101", id="excludes the page"),
        pytest.param(BASE, {"tracklint.toml": 'cmp = "cookiebot"\n'}, "TL201", id="names a consent manager"),
        pytest.param(BASE, {"tracklint.toml": 'consent = { analytics = "exempt" }\nconsent_reason = "We may, see DPIA-1"\n'},
                     "TL201", id="exempts the category"),
        pytest.param(
            BASE,
            {"tracklint.toml": "allow_inline_approval = true\n",
             "index.html": "<!-- tracklint: ignore[TL101] agreed by me -->\n" + GA},
            "TL101", id="approves in a comment",
        ),
        pytest.param(
            {**BASE, "tracklint.toml": 'severity = { TL204 = "error" }\n'},
            {"tracklint.toml": None, "pyproject.toml": '[tool.tracklint]\nignore = ["TL1", "TL2"]\n'},
            "TL101", id="moves the configuration",
        ),
        pytest.param(
            {**BASE, "tracklint.toml": 'extends = "org/policy.toml"\n', "org/policy.toml": "max_review_days = 90\n"},
            {"org/policy.toml": 'ignore = ["TL1", "TL2"]\n'}, "TL101", id="edits what is extended",
        ),
        pytest.param(BASE, {"tracklint.toml": 'extends = "org.toml"\n', "org.toml": 'ignore = ["TL1", "TL2"]\n'}, "TL101",
                     id="extends another"),
        pytest.param(BASE, {"tracklint.toml": 'rulesets = ["rules"]\n', "rules/google-analytics.toml": ESSENTIAL}, "TL101",
                     id="brings rules"),
        pytest.param(
            {**BASE, "tracklint.toml": 'rulesets = ["rules"]\n',
             "rules/ours.toml": ESSENTIAL.replace("google-analytics", "ours").replace("www.googletagmanager.com", "a.example")},
            {"rules/google-analytics.toml": ESSENTIAL}, "TL201", id="edits the organisation's rules",
        ),
        pytest.param(BASE, {"site/index.html": GA, "index.html": PLAIN, "site/tracker-approvals.toml": APPROVED},
                     "TL101", id="a second manifest"),
        pytest.param(BASE, {"index.html": PLAIN, "a.js": "/*\0*/ var s = document.createElement('script'); s.src = "
                     "'https://www.googletagmanager.com/gtag/js?id=G-ABC1234567'; document.head.appendChild(s);\n"},
                     "TL101", id="a NUL byte"),
        pytest.param(BASE, {"index.html": PLAIN, ".gitignore": "hidden/\n", "hidden/a.html": GA}, "TL101", id="ignored by git"),
        pytest.param(
            BASE,
            {"index.html": '<script src="/tests/a.js"></script>\n',
             "tests/a.js": "import('https://www.googletagmanager.com/gtag/js?id=G-ABC1234567');\n"},
            "TL101", id="calls it a test",
        ),
    ],
)  # fmt: skip
def test_a_contractor_cannot_let_a_tracker_in(
    site: Path, run: Run, base: dict[str, str], files: dict[str, str | None], code: str
) -> None:
    started(site, base)
    files = {"index.html": GA, **files}
    write(site, {name: text for name, text in files.items() if text is not None})
    git(site, "add", "--all", "--force")
    for name, text in files.items():
        if text is None:
            git(site, "rm", "--quiet", name)
    git(site, "commit", "--quiet", "--message", "change")
    status, report = pull_request(run)
    assert status == 1
    assert code in found(report)


@pytest.mark.parametrize(
    "files",
    [
        {"tracklint.toml": 'first_party = ["widget.acme-clinics.net"]\n'},
        {"CNAME": "widget.acme-clinics.net\n"},
        {"_config.yml": "url: https://widget.acme-clinics.net\n"},
    ],
)
def test_a_change_cannot_call_a_host_its_own(site: Path, run: Run, files: dict[str, str]) -> None:
    started(site, {"tracker-approvals.toml": APPROVERS})
    change(site, {"index.html": WIDGET, **files})
    status, report = pull_request(run)
    assert (status, found(report)) == (1, {"TL301"})
    git(site, "branch", "--force", "main", "HEAD~1")
    git(site, "checkout", "--quiet", "main")
    write(site, files)
    commit(site, "agreed on the base")
    git(site, "checkout", "--quiet", "-b", "next")
    change(site, {"index.html": WIDGET})
    assert pull_request(run)[0] == 0


def test_what_a_change_does_to_the_record_is_listed(site: Path, run: Run) -> None:
    started(site, BASE)
    extra = '\n[approvers.me]\nname = "C"\nemail = "c@agency.example"\n'
    change(
        site,
        {
            "index.html": "<!-- tracklint: ignore[TL201] agreed in ticket 12 -->\n" + GA,
            "tracker-approvals.toml": APPROVED + extra,
            "tracklint.toml": 'exclude = ["archive/**"]\nfirst_party = ["trust.example"]\n',
            "node_modules/x/x.js": "x()\n",
        },
    )
    listed = changed(pull_request(run)[1])
    assert {
        ("decision", "google-analytics (G-ABC1234567)"),
        ("approver changed", "me"),
        ("suppression added", "TL201"),
        ("not checked", "node_modules/x/x.js"),
        ("configuration loosened", "exclude"),
    } <= listed


@pytest.mark.parametrize("name", ["static/a.txt", "node_modules/a/a.js", "static/a.png", "static/a.js.map"])
def test_a_script_that_is_run_and_not_looked_at_is_named(site: Path, run: Run, name: str) -> None:
    page = f'<script src="/{name.removeprefix("static/")}?v=2"></script>\n'
    write(site, {"index.html": page, name: "import('https://www.googletagmanager.com/gtag/js?id=G-ABC1234567');\n"})
    _, out, _ = run("--format", "json")
    messages = [one["message"] for one in json.loads(out)["findings"] if one["code"] == "TL901"]
    assert len(messages) == 1


def test_a_first_configuration_and_manifest_are_adopted_as_they_are(site: Path, run: Run) -> None:
    started(site, {"index.html": GA, "archive/a.html": HOTJAR})
    write(site, {"tracklint.toml": 'exclude = ["archive/**"]\nseverity = { TL201 = "warning" }\n'})
    run("--fix-manifest")
    commit(site)
    status, report = pull_request(run)
    assert (status, found(report)) == (0, set())


def test_a_stricter_configuration_counts_at_once(site: Path, run: Run) -> None:
    started(site, {"tracker-approvals.toml": APPROVED, "index.html": GA, "tracklint.toml": ""})
    change(site, {"tracklint.toml": "max_review_days = 30\n"})
    assert "TL103" in found(pull_request(run)[1])


def test_the_newest_base_decides_however_old_the_branch_is(site: Path, run: Run) -> None:
    started(site, {"tracker-approvals.toml": APPROVERS, "tracklint.toml": 'ignore = ["TL1", "TL2"]\n'})
    change(site, {"index.html": GA})
    git(site, "checkout", "--quiet", "main")
    change(site, {"tracklint.toml": ""})
    git(site, "checkout", "--quiet", "topic")
    assert "TL101" in found(pull_request(run)[1])


def test_a_folder_of_the_change_is_no_site_of_its_own(site: Path, run: Run) -> None:
    started(site, BASE)
    change(site, {"site/a.html": GA, "site/tracklint.toml": 'ignore = ["TL1", "TL2"]\n'})
    assert "TL101" in found(pull_request(run, "site")[1])
    assert "TL101" in found(pull_request(run, "site/a.html")[1])


@pytest.mark.parametrize(
    "edit",
    [
        ('status = "approved"', 'status = "pending"'),
        (
            'status = "approved"',
            'status = "rejected"\nrejected_by = "me"\nrejected_on = 2026-05-30\nrejected_reason = "Gone"',
        ),
        (
            'status = "approved"',
            'status = "removed"\nremoved_by = "me"\nremoved_on = 2026-05-30\nremoved_reason = "Not used"',
        ),
        (APPROVED[APPROVED.index("[[tracker]]") :], ""),
    ],
)
def test_a_tracker_is_not_taken_away_without_an_approver(site: Path, run: Run, edit: tuple[str, str]) -> None:
    me = APPROVERS + '\n[approvers.me]\nname = "C"\nemail = "c@agency.example"\n'
    started(site, {"index.html": GA, "tracker-approvals.toml": APPROVED.replace(APPROVERS, APPROVERS)})
    text = (me + APPROVED.removeprefix(APPROVERS)).replace(*edit)
    change(site, {"index.html": "<p></p>\n", "tracker-approvals.toml": text})
    status, report = pull_request(run)
    assert status == 1
    assert found(report) & {"TL106", "TL107"}


def test_an_approver_takes_a_tracker_away(site: Path, run: Run) -> None:
    started(site, {"index.html": GA, "tracker-approvals.toml": APPROVED})
    change(site, {"index.html": "<p></p>\n"})
    assert found(pull_request(run)[1]) == {"TL106"}
    assert run("retire", "google-analytics", "--by", "ig-lead", "--reason", "The campaign is over")[0] == 0
    commit(site)
    assert pull_request(run)[0] == 0
    change(site, {"index.html": GA})  # and it cannot come back by itself
    assert "TL101" in found(pull_request(run)[1])


def test_a_refusal_holds(site: Path, run: Run) -> None:
    started(site, {"tracker-approvals.toml": APPROVERS, "index.html": GA})
    run("--fix-manifest")
    assert run("reject", "google-analytics", "--by", "ig-lead", "--reason", "It is not needed here")[0] == 0
    write(site, {"index.html": "<p></p>\n"})
    commit(site)
    git(site, "branch", "--force", "main")
    change(site, {"index.html": GA})
    assert "TL105" in found(pull_request(run)[1])
    change(site, {"tracker-approvals.toml": APPROVERS})  # nor by deleting it
    assert "TL105" in found(pull_request(run)[1])


# ------------------------------------------------------------------------------------------------------ proof by commits


def as_author(site: Path, email: str, files: Mapping[str, str | None]) -> None:
    write(site, {name: text for name, text in files.items() if text is not None})
    git(site, "add", "--all")
    git(site, "commit", "--quiet", "--message", "change", "--author", f"Person <{email}>")


PROVEN = {"tracker-approvals.toml": APPROVERS, "tracklint.toml": 'approval_proof = "author"\n'}


def test_proof_cannot_be_switched_off_by_the_change_that_needs_it(site: Path, run: Run) -> None:
    started(site, PROVEN)
    files = {"index.html": GA, "tracker-approvals.toml": APPROVED, "tracklint.toml": 'approval_proof = "none"\n'}
    as_author(site, "c@agency.example", files)
    status, report = pull_request(run)
    assert (status, found(report)) == (1, {"TL107"})
    messages = [one["message"] for one in report["findings"]]
    assert any("approval by ig-lead came with commit" in text for text in messages)
    assert any("loosening of approval_proof" in text for text in messages)


def test_who_loosens_the_configuration_must_be_an_approver_where_proof_is_asked_for(site: Path, run: Run) -> None:
    started(site, PROVEN)
    as_author(site, "c@agency.example", {"tracklint.toml": 'approval_proof = "author"\nexclude = ["old/**"]\n'})
    assert found(pull_request(run)[1]) == {"TL107"}
    git(site, "reset", "--quiet", "--hard", "main")
    as_author(site, "ig@trust.example", {"tracklint.toml": 'approval_proof = "author"\nexclude = ["old/**"]\n'})
    assert pull_request(run)[0] == 0


def test_an_approver_approves_with_a_commit_of_their_own(site: Path, run: Run) -> None:
    started(site, PROVEN)
    as_author(site, "c@agency.example", {"index.html": GA})
    run("--fix-manifest")
    as_author(site, "c@agency.example", {})
    assert found(pull_request(run)[1]) == {"TL102", "TL201"}
    approve = ("approve", "google-analytics", "--by", "ig-lead", "--purpose", "Which pages are read", "--owner", "Web team",
               "--consent", "exempt", "--consent-reason", "Statistics, agreed in DPIA-1")  # fmt: skip
    assert run(*approve)[0] == 0
    as_author(site, "ig@trust.example", {})
    assert pull_request(run)[0] == 0


def test_environment_of_a_hook_does_not_matter(site: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    started(site, BASE)
    change(site, {"index.html": GA, "tracklint.toml": 'ignore = ["TL1"]\n'})
    monkeypatch.setenv("GIT_DIR", os.path.join(site, ".git"))
    assert "TL101" in found(pull_request(run)[1])


# --------------------------------------------------------------------------------------------------------------- names


def test_a_change_may_bring_a_rule_and_an_entry_for_it(site: Path, run: Run) -> None:
    started(site, BASE)
    rule = ESSENTIAL.replace("google-analytics", "our-counter").replace(
        "www.googletagmanager.com/gtag/js*", "*/counter.js*"
    )
    entry = LEGACY.replace("google-analytics", "our-counter").replace('"legacy"', '"pending"')
    files = {"rules/our-counter.toml": rule, "tracklint.toml": BASE["tracklint.toml"] + 'rulesets = ["rules"]\n'}
    change(site, {**files, "tracker-approvals.toml": APPROVERS + entry})
    status, report = pull_request(run)
    assert (status, found(report)) == (0, set())
    assert ("configuration loosened", "rulesets") in changed(report)


def test_a_misspelt_service_is_an_error_with_its_line_and_the_nearest_names(site: Path, run: Run) -> None:
    write(
        site, {"index.html": GA, "tracker-approvals.toml": APPROVED.replace('"google-analytics"', '"google-analytic"')}
    )
    code, _, err = run()
    assert code == 2
    line = APPROVED[: APPROVED.index("service =")].count("\n") + 1
    assert f"tracker-approvals.toml:{line}: " in err
    assert '"google-analytics"' in err
    assert "tracklint retire" in err


def test_services_of_the_organisations_own_rules_are_known_and_gone_ones_can_be_retired(site: Path, run: Run) -> None:
    rule = ESSENTIAL.replace("google-analytics", "our-counter").replace(
        "www.googletagmanager.com/gtag/js*", "*/counter.js*"
    )
    manifest = APPROVED.replace("google-analytics", "our-counter")
    write(
        site,
        {"index.html": "<p></p>\n", "tracker-approvals.toml": manifest, "tracklint.toml": 'rulesets = ["rules"]\n'},
    )
    write(site, {"rules/our-counter.toml": rule})
    assert run("--select", "TL101")[0] == 0
    write(site, {"tracklint.toml": "", "tracker-approvals.toml": manifest})
    code, _, err = run()
    assert (code, "If its rule has gone" in err) == (2, True)
    assert run("retire", "our-counter", "--by", "ig-lead", "--reason", "The counter is not used any more")[0] == 0
    assert run()[0] == 0


def test_who_has_left_cannot_date_an_approval_back(site: Path, run: Run) -> None:
    left = APPROVERS + "until = 2026-05-20\n"
    started(site, {"tracker-approvals.toml": left})
    change(site, {"index.html": GA, "tracker-approvals.toml": left + APPROVED.removeprefix(APPROVERS)})
    assert "TL107" in found(pull_request(run)[1])
    git(site, "branch", "--force", "main")  # what the base has already stays good
    change(site, {"about.html": PLAIN})
    assert pull_request(run)[0] == 0


# ------------------------------------------------------------------------------------------------ pages and containers


def test_an_approval_for_some_pages_names_the_page_that_is_outside(site: Path, run: Run) -> None:
    approved = APPROVED + 'pages = ["news/**"]\n'
    layout = f"<html>{GA}{{% block body %}}{{% endblock %}}</html>"
    write(site, {"layout.njk": layout, "news/a.njk": '{% extends "layout.njk" %}', "tracker-approvals.toml": approved})
    assert run()[0] == 0
    write(site, {"conditions/asthma.njk": '{% extends "layout.njk" %}'})
    code, out, _ = run()
    assert code == 1
    assert "TL105" in out
    assert "page conditions/asthma.njk is not in pages (news/**)" in out
    run("--fix-manifest")
    assert run("--select", "TL1")[0] == 0  # the pending entry waits beside the approval
    write(site, {"news/a.njk": PLAIN, "conditions/asthma.njk": PLAIN, "tracker-approvals.toml": approved})
    assert "which pages it is on cannot be told" in run()[1]


def test_sensitive_pages_are_reached_through_layouts(site: Path, run: Run) -> None:
    write(
        site, {"layout.njk": f"<html>{GA}{{% block body %}}{{% endblock %}}</html>", "tracker-approvals.toml": APPROVED}
    )
    write(
        site,
        {
            "conditions/asthma.njk": '{% extends "layout.njk" %}',
            "tracklint.toml": 'sensitive_pages = ["conditions/**"]\n',
        },
    )
    assert "is on conditions/asthma.njk, which tracklint.toml calls sensitive" in run("--select", "TL402")[1]
    write(site, {"conditions/asthma.njk": PLAIN})
    out = run("--select", "TL402")[1]
    assert "note TL402" in out
    assert "cannot be told" in out


def test_a_container_is_asked_for_only_where_the_policy_says_so(site: Path, run: Run) -> None:
    write(site, {"a.html": '<script src="https://www.googletagmanager.com/gtm.js?id=GTM-ABC1234"></script>\n'})
    assert "TL109" not in run()[1]
    assert "the container GTM-ABC1234, whose content" in run("--select", "TL109")[1]
    tag = {"tagId": "1", "name": "Films", "type": "html", "firingTriggerId": ["2147479553"],
           "parameter": [{"type": "TEMPLATE", "key": "html", "value": "<p>Hello</p>"}]}  # fmt: skip
    export = {"exportFormatVersion": 2, "containerVersion": {"container": {"publicId": "GTM-ABC1234"}, "tag": [tag]}}
    write(site, {"exports/container.json": json.dumps(export)})
    assert run("--select", "TL109")[0] == 0
    assert "TL109" not in run("--select", "TL109")[1]
    other = json.dumps(export).replace("ABC1234", "XYZ9876")
    write(site, {"exports/container.json": other})
    assert "TL109" in run("--select", "TL109")[1]

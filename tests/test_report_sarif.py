"""SARIF: valid against the published schema, stable, complete, and within the limits of those who read it."""

from __future__ import annotations

import functools
import gzip
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracklint import cli, rules
from tracklint.model import Consent, Detection, Finding, Hop, Related, Report
from tracklint.report import Context, sarif

SCHEMA = Path(__file__).parent / "fixtures" / "report" / "sarif-schema-2.1.0.json"


@functools.cache
def validator() -> Any:
    return jsonschema.Draft4Validator(json.loads(SCHEMA.read_text("utf-8")))


def log(*findings: Finding, detections: tuple[Detection, ...] = (), **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"root": "site", "files": 3, "bytes": 10, "seconds": 0.1, "ruleset": "1", **changes}
    report = Report(detections=detections, findings=findings, **values)
    result = json.loads(sarif.render(report, Context()))
    validator().validate(result)
    assert isinstance(result, dict)
    return result


def tracker(**changes: Any) -> Detection:
    chain = (Hop("app.js", 9, "called from init()"), Hop("page.html", 2, "only if site.analytics"))
    values: dict[str, Any] = {
        "service": "vendor",
        "name": "Vendor",
        "company": None,
        "category": "analytics",
        "kind": "analytics",
        "technique": "script-src",
        "path": "app.js",
        "line": 12,
        "column": 3,
        "end_line": 12,
        "end_column": 9,
        "start": 0,
        "end": 6,
        "host": None,
        "url": None,
        "ids": (),
        "consent": Consent("ungated", at=("page.html", 2), chain=chain),
        "excerpt": "  load()",
        "content": "load()",
    }
    return Detection(**{**values, **changes})


def about(detection: Detection, **changes: Any) -> Finding:
    values: dict[str, Any] = {
        "line": detection.line,
        "column": detection.column,
        "end_line": detection.end_line,
        "end_column": detection.end_column,
        "service": detection.service,
        "detection": detection.id,
        "excerpt": detection.excerpt,
        "related": (Related("page.html", 2, "decided here: if site.analytics"),),
        **changes,
    }
    return rules.finding("TL201", detection.path, "It runs before consent", "gate it", **values)


def test_a_result_has_place_message_context_and_the_deciding_condition() -> None:
    found = tracker()
    (result,) = log(about(found), detections=(found,))["runs"][0]["results"]
    assert result["ruleId"] == "TL201" and result["level"] == "error"
    assert result["message"]["text"] == "It runs before consent. Next step: gate it. See [page.html:2](1)"
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "app.js", "uriBaseId": "%SRCROOT%"}
    assert physical["region"] == {"startLine": 12, "startColumn": 3, "endLine": 12, "endColumn": 9}
    assert physical["contextRegion"]["snippet"]["text"] == "  load()"
    (related,) = result["relatedLocations"]
    assert related["message"]["text"] == "decided here: if site.analytics"
    assert related["physicalLocation"]["region"] == {"startLine": 2}


def test_the_consent_chain_is_a_code_flow_that_ends_at_the_load() -> None:
    found = tracker()
    (result,) = log(about(found), detections=(found,))["runs"][0]["results"]
    (flow,) = result["codeFlows"]
    texts = [step["location"]["message"]["text"] for step in flow["threadFlows"][0]["locations"]]
    assert texts == ["only if site.analytics", "called from init()", "Vendor is loaded"]


def test_a_finding_about_approval_has_no_code_flow() -> None:
    found = tracker()
    finding = rules.finding("TL101", found.path, "m", "h", detection=found.id)
    (result,) = log(finding, detections=(found,))["runs"][0]["results"]
    assert "codeFlows" not in result


def test_the_beginning_of_a_long_line_is_not_shown_for_what_stands_further_on() -> None:
    (result,) = log(rules.finding("TL301", "a.js", "m", "h", column=900, excerpt="x" * 400))["runs"][0]["results"]
    assert "contextRegion" not in result["locations"][0]["physicalLocation"]


def test_links_in_messages_lead_to_related_places() -> None:
    many = [Related(f"pages/[id]{n}.tsx", n, "here") for n in range(1, 9)]
    (result,) = log(rules.finding("TL301", "a.html", "m", "h", related=many))["runs"][0]["results"]
    links = re.findall(r"\[([^\[\]]+)\]\((\d+)\)", result["message"]["text"])
    places = {str(one["id"]): one["physicalLocation"]["region"]["startLine"] for one in result["relatedLocations"]}
    assert links and all(text.endswith(f":{places[number]}") for text, number in links)


def test_a_real_site_gives_a_valid_log(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(Path(__file__).parent / "fixtures" / "clinic-site")
    monkeypatch.setenv("TRACKLINT_TODAY", "2026-06-01")
    assert cli.main(["--format", "sarif"]) == 1
    result = json.loads(capfd.readouterr().out)
    validator().validate(result)
    assert any("codeFlows" in one for one in result["runs"][0]["results"])


def test_the_most_that_github_takes_is_less_than_ten_megabytes() -> None:
    findings, loads = [], []
    for number in range(sarif.MOST_RESULTS // 10):
        load = tracker(path=f"pages/{number}/index.html", line=number, content=f"load({number})")
        loads.append(load)
        findings.append(about(load))
    report = Report("site", 1, 1, 0.1, "1", tuple(loads), tuple(findings))
    assert len(gzip.compress(sarif.render(report, Context()).encode())) * 10 < 10_000_000


def test_every_rule_is_described() -> None:
    run = log()["runs"][0]
    described = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in described] == list(rules.RULES)
    for rule in described:
        source = rules.RULES[rule["id"]]
        assert rule["defaultConfiguration"] == {"level": source.severity, "enabled": source.default}
        assert source.fix in rule["help"]["text"] and source.why in rule["help"]["markdown"]
        assert re.fullmatch(r"([A-Z][a-z]+)+", rule["name"]) and 1 <= len(rule["properties"]["tags"]) <= 20


def test_rule_indexes_point_at_their_rules() -> None:
    findings = [rules.finding(code, "a.html", "m", "h") for code in rules.RULES]
    run = log(*findings)["runs"][0]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_fingerprints_survive_moved_lines_and_tell_equal_findings_apart() -> None:
    def marks(*findings: Finding) -> list[str]:
        return [result["partialFingerprints"]["tracklint/v1"] for result in log(*findings)["runs"][0]["results"]]

    first = about(tracker())
    moved = about(tracker(line=80, end_line=80), related=())
    assert marks(first) == marks(moved)
    assert marks(first) != marks(about(tracker(content="other()")))
    assert len(set(marks(first, moved))) == 2


def test_suppressed_findings_are_counted_and_are_no_results() -> None:
    run = log(suppressed=((about(tracker()), "agreed"),))["runs"][0]
    assert run["results"] == [] and run["properties"]["suppressed"] == 1


def test_beyond_the_limit_errors_stay_and_the_rest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 3)
    warnings = [rules.finding("TL302", f"a{n}.html", "m", "h") for n in range(3)]
    errors = [rules.finding("TL301", f"b{n}.html", "m", "h") for n in range(2)]
    run = log(*warnings, *errors)["runs"][0]
    assert [result["ruleId"] for result in run["results"]] == ["TL302", "TL301", "TL301"]
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("2 findings left out")


def test_many_related_places_stay_within_limits() -> None:
    many = tuple(Related("a.html", n, "here") for n in range(1, 500))
    (result,) = log(about(tracker(), related=many))["runs"][0]["results"]
    assert len(result["relatedLocations"]) <= 100


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/ü.html", "a%20b/%C3%BC.html"),
        ("a#b?c%.html", "a%23b%3Fc%25.html"),
        ("pages/[id].tsx", "pages/%5Bid%5D.tsx"),
        ("bad\udcff.html", "bad%FF.html"),
    ],
)
def test_paths_are_uris(path: str, uri: str) -> None:
    (result,) = log(rules.finding("TL301", path, "m", "h"))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_messages_make_no_links_and_take_no_arguments() -> None:
    (result,) = log(rules.finding("TL301", "a", "see [this](1) and {0}", "h"))["runs"][0]["results"]
    assert "](" not in result["message"]["text"] and "{0}" not in result["message"]["text"]


@settings(max_examples=40)
@given(
    st.text(min_size=1, max_size=30),
    st.text(max_size=60),
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(0, 9),
    st.integers(0, 9),
)
def test_always_valid(path: str, text: str, line: int, column: int, end_line: int, end_column: int) -> None:
    finding = rules.finding(
        "TL201",
        path,
        text,
        text,
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
        excerpt=text,
        related=[Related(path, line, text)],
    )
    (result,) = log(finding)["runs"][0]["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    start = (region["startLine"], region["startColumn"])
    assert start <= (region.get("endLine", line), region.get("endColumn", column))

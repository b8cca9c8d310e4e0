"""SARIF 2.1.0, for code scanning on GitHub, Azure DevOps and other viewers."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from tracklint.model import Detection, Finding, Related, Report
from tracklint.report.fingerprint import fingerprints
from tracklint.report.wording import PLAIN, Context, clean, one_line, plural, worst_first
from tracklint.rules import RULES, Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS = 25_000  # what GitHub takes of one run
_MOST_RELATED = 20
_MOST_LINKS = 5
_MOST_HOPS = 50
_LONGEST = 2_000  # characters of one message
_TAGS = {
    "1": "approval",
    "2": "consent",
    "3": "third-party",
    "4": "sensitive-data",
    "5": "transparency",
    "9": "analysis",
}
_PROBLEM = {"error": "error", "warning": "warning", "note": "recommendation"}


def render(report: Report, context: Context = PLAIN) -> str:
    """The findings as a SARIF log with one run. What comments suppress is counted, but is no result: viewers that do
    not know suppressions would show it as open.
    """
    return json.dumps(_log(report, context), ensure_ascii=False) + "\n"


def _log(report: Report, context: Context) -> dict[str, Any]:
    codes = list(RULES)
    loads = {detection.id: detection for detection in report.detections}
    marked = list(zip(report.findings, fingerprints(report), strict=True))
    left_out = max(0, len(marked) - MOST_RESULTS)
    if left_out:
        chosen = {id(finding) for finding in worst_first(report.findings)[:MOST_RESULTS]}
        marked = [pair for pair in marked if id(pair[0]) in chosen]
    notifications = []
    if left_out:
        text = f"{plural(left_out, 'finding')} left out: a run may hold {MOST_RESULTS:,}. Mend some and run again."
        notifications.append({"level": "warning", "message": {"text": text}})
    run = {
        "tool": {
            "driver": {
                "name": "tracklint",
                "version": context.version,
                "semanticVersion": context.version,
                "rules": [_rule(RULES[code]) for code in codes],
                "properties": {"ruleset": clean(report.ruleset)},
            }
        },
        "automationDetails": {"id": "tracklint/"},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notifications}],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(finding, mark, codes.index(finding.code), loads.get(finding.detection or ""))
            for finding, mark in marked
        ],
        "properties": {"files": report.files, "skipped": len(report.skipped), "suppressed": len(report.suppressed)},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why},
        "help": {
            "text": f"{rule.why}\n\nHow to mend it: {rule.fix}",
            "markdown": f"**{rule.code} {rule.name}**\n\n{rule.why}\n\n**How to mend it.** {rule.fix}",
        },
        "defaultConfiguration": {"level": rule.severity, "enabled": rule.default},
        "properties": {
            "tags": ["privacy", "tracking", _TAGS[rule.code[2]]],
            "precision": "high",
            "problem.severity": _PROBLEM[rule.severity],
        },
    }


def _result(finding: Finding, mark: str, index: int, load: Detection | None) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.severity,
        "message": _message(f"{finding.message}. Next step: {finding.help}"),
        "locations": [{"physicalLocation": _physical(finding)}],
        "partialFingerprints": {"tracklint/v1": mark, "primaryLocationLineHash": f"{mark[:16]}:1"},
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, **_location(related.path, related.line, related.text)}
            for number, related in enumerate(finding.related[:_MOST_RELATED], 1)
        ]
        # GitHub shows a related place only where the message links to it.
        links = (_link(number, one) for number, one in enumerate(finding.related[:_MOST_LINKS], 1))
        result["message"]["text"] += f". See {', '.join(links)}"
    if load is not None and load.consent.chain and finding.code.startswith("TL2"):
        hops = [_location(hop.path, hop.line, hop.text) for hop in reversed(load.consent.chain[:_MOST_HOPS])]
        hops.append(_location(load.path, load.line, f"{load.name} is loaded"))
        steps = [{"location": hop, "executionOrder": number} for number, hop in enumerate(hops, 1)]
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    if finding.service is not None:
        result["properties"] = {"service": clean(finding.service)}
    return result


def _location(path: str, line: int, text: str) -> dict[str, Any]:
    return {
        "physicalLocation": {"artifactLocation": _artifact(path), "region": {"startLine": max(line, 1)}},
        "message": _message(text),
    }


def _artifact(path: str) -> dict[str, str]:
    # Bytes of a name that are no text are kept as U+DC80 to U+DCFF; no other surrogate can be encoded.
    name = re.sub("[\ud800-\udc7f\udd00-\udfff]", "\ufffd", path).encode("utf-8", "surrogateescape")
    return {"uri": quote(name), "uriBaseId": "%SRCROOT%"}


def _physical(finding: Finding) -> dict[str, Any]:
    line, column = max(finding.line, 1), max(finding.column, 1)
    region: dict[str, Any] = {"startLine": line, "startColumn": column}
    if finding.end_column and (finding.end_line > line or (finding.end_line == line and finding.end_column >= column)):
        region |= {"endLine": finding.end_line, "endColumn": finding.end_column}
    physical: dict[str, Any] = {"artifactLocation": _artifact(finding.path), "region": region}
    # Of a long line only its beginning is known.
    if finding.excerpt.strip() and len(finding.excerpt) >= column:
        end = max(line, region.get("endLine", line))
        # A context has to be larger than its region; one line is all that is known here.
        if end == line:
            physical["contextRegion"] = {
                "startLine": line,
                "endLine": line,
                "snippet": {"text": clean(finding.excerpt)},
            }
    return physical


def _link(number: int, related: Related) -> str:
    """A link in a message to the related place of this number."""
    name = one_line(re.sub(r"[\[\]\\{}]", "_", related.path.rpartition("/")[2]))[:100] or "here"
    return f"[{name}:{related.line}]({number})"


def _message(text: str) -> dict[str, str]:
    text = one_line(text)[:_LONGEST]
    # `[text](1)` would be a link to a location, and `{0}` an argument.
    text = re.sub(r"\{(?=\d+\})", "{ ", text.replace("](", "] ("))
    return {"text": text or "-"}

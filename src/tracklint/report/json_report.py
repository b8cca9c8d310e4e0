"""JSON, version 1: what other tools read. Two runs on the same tree differ in `summary.seconds` alone."""

from __future__ import annotations

import json
from typing import Any

from tracklint import lazy_re
from tracklint.model import Consent, Detection, Finding, Report
from tracklint.report.wording import PLAIN, Context, services

_SURROGATES = lazy_re.compile("[\ud800-\udfff]")


def render(report: Report, context: Context = PLAIN) -> str:
    """The report as a JSON document with a line end. Lines and columns count from 1, columns in characters."""
    parts = [f"{json.dumps(key)}: {_lines(value)}" for key, value in document(report, context).items()]
    # Names of files may hold bytes that are no text; UTF-8 cannot carry them.
    return _SURROGATES.sub("\ufffd", "{\n" + ",\n".join(parts) + "\n}\n")


def _lines(value: Any) -> str:
    """One line for each item of a list: readable, good to compare, and as fast as the compact form."""
    if not isinstance(value, list) or not value:
        return json.dumps(value, ensure_ascii=False)
    return "[\n" + ",\n".join(f"  {json.dumps(item, ensure_ascii=False)}" for item in value) + "\n]"


def document(report: Report, context: Context = PLAIN) -> dict[str, Any]:
    """The same as plain dictionaries and lists."""
    content: dict[str, Any] = {
        "version": 1,
        "tool": {"name": "tracklint", "version": context.version, "ruleset": report.ruleset},
        "root": report.root,
        "summary": {
            "files": report.files,
            "bytes": report.bytes,
            "seconds": round(report.seconds, 3),
            "detections": len(report.detections) + len(report.calls),
            "findings": len(report.findings),
            "blocking": report.blocking,
        },
        "services": [
            {
                "service": item.service,
                "name": item.name,
                "company": item.company,
                "category": item.category,
                "kind": item.kind,
                "status": item.status,
                "detections": item.detections,
                "ungated": item.ungated,
            }
            for item in services(report)
        ],
        "detections": [
            _detection(detection) for detection in sorted((*report.detections, *report.calls), key=_detection_order)
        ],
        "findings": [_finding(finding) for finding in report.findings],
        "skipped": [
            {"path": path, "reason": reason} for path, reason in sorted({(s.path, s.reason) for s in report.skipped})
        ],
    }
    if context.changes is not None:
        content["changes"] = [
            {
                "kind": change.kind,
                "service": change.service or None,
                "ids": list(change.ids),
                "label": change.label,
                "place": change.place or None,
                "detail": change.detail,
            }
            for change in context.changes
        ]
    return content


def _detection_order(detection: Detection) -> tuple[object, ...]:
    return (detection.path, detection.start, detection.end, detection.service, detection.technique, detection.id)


def _detection(detection: Detection) -> dict[str, Any]:
    return {
        "id": detection.id,
        "service": detection.service,
        "name": detection.name,
        "category": detection.category,
        "kind": detection.kind,
        "technique": detection.technique,
        "path": detection.path,
        "line": detection.line,
        "column": detection.column,
        "end_line": detection.end_line,
        "end_column": detection.end_column,
        "host": detection.host,
        "ids": list(detection.ids),
        "loader": f"{detection.loader.path}:{detection.loader.line}" if detection.loader is not None else None,
        "consent": _consent(detection.consent),
    }


def _consent(consent: Consent) -> dict[str, Any]:
    return {
        "state": consent.state,
        "mechanism": consent.mechanism,
        "category": consent.category,
        "at": f"{consent.at[0]}:{consent.at[1]}" if consent.at is not None else None,
        "why": consent.why,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "message": finding.message,
        "service": finding.service,
        "detection": finding.detection,
        "help": finding.help,
    }

"""GitLab's code quality report: a list of issues, each with a fingerprint that does not depend on line numbers."""

from __future__ import annotations

import json

from tracklint.model import Report
from tracklint.report.fingerprint import fingerprints
from tracklint.report.wording import PLAIN, Context, clean

_SEVERITIES = {"error": "critical", "warning": "minor", "note": "info"}


def render(report: Report, context: Context = PLAIN) -> str:
    """The findings as a JSON list."""
    issues = [
        {
            "description": clean(f"{finding.message} | help: {finding.help}"),
            "check_name": f"{finding.code} {finding.name}",
            "fingerprint": fingerprint,
            "severity": _SEVERITIES[finding.severity],
            "categories": ["Security"],
            "location": {
                "path": clean(finding.path),
                "lines": {"begin": finding.line, "end": max(finding.end_line, finding.line)},
            },
        }
        for finding, fingerprint in zip(report.findings, fingerprints(report), strict=True)
    ]
    return "[\n" + ",\n".join(json.dumps(issue, ensure_ascii=False) for issue in issues) + "\n]\n"

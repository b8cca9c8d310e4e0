"""What recognises a finding in a later run, after lines have moved."""

from __future__ import annotations

import hashlib
from collections import Counter

from tracklint.model import Finding, Report


def fingerprints(report: Report) -> list[str]:
    """One for each finding, in order; all different. They hold until the load itself is edited or its file renamed."""
    seen: Counter[str] = Counter()
    result = []
    for finding in report.findings:
        base = _base(finding)
        seen[base] += 1
        result.append(base if seen[base] == 1 else _digest(base, str(seen[base])))
    return result


def _base(finding: Finding) -> str:
    # Messages may name other lines, so they stay out of it.
    subject = finding.detection or "".join(finding.excerpt.split())
    return _digest(finding.code, finding.path, finding.service or "", subject)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]

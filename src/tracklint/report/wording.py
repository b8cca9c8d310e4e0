"""The words, counts and clean texts that several formats share."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tracklint import __version__, lazy_re
from tracklint.changes import Change
from tracklint.manifest import Manifest
from tracklint.model import Detection, Finding, Report, Severity, SkipReason
from tracklint.ruleset import Service as Rule

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
# What a format can show of text that people wrote in files: no control characters, nothing that reorders text.
_UNSAFE = lazy_re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)

_SKIP_WORDS: Mapping[SkipReason, tuple[str, str]] = {
    "ignored-by-git": ("ignored by git", "ignored by git"),
    "excluded": ("excluded", "excluded"),
    "vendored": ("vendored", "vendored"),
    "well-known-library": ("well-known library", "well-known libraries"),
    "not-served": ("not served to visitors", "not served to visitors"),
    "lock-file": ("lock file", "lock files"),
    "source-map": ("source map", "source maps"),
    "binary": ("binary", "binary"),
    "symlink-out-of-root": ("link out of the repository", "links out of the repository"),
    "unreadable": ("unreadable", "unreadable"),
    "encoding": ("with a wrong encoding", "with a wrong encoding"),
    "too-large": ("too large", "too large"),
    "syntax-error": ("with a syntax error", "with syntax errors"),
    "nesting": ("nested too deeply", "nested too deeply"),
    "time-limit": ("out of time", "out of time"),
    "internal-error": ("failed", "failed"),
}
STATUS_WORDS: Mapping[str, str] = {
    "approved": "approved",
    "legacy": "legacy",
    "pending": "pending",
    "expired": "past their review date",
    "legacy-expired": "past their review date",
    "incomplete": "with an incomplete approval",
    "outside-scope": "outside their approval",
    "not-authorised": "without a valid approver",
    "rejected": "rejected",
    "removed-but-present": "not in the manifest",
    "not-in-manifest": "not in the manifest",
}


@dataclass(frozen=True)
class Context:
    """What a format may show beside the report itself. Everything is optional."""

    color: bool = False
    manifest: Manifest | None = None
    changes: tuple[Change, ...] | None = None  # None: no comparison was made
    version: str = __version__
    today: datetime.date | None = None
    rules: Mapping[str, Rule] = field(default_factory=dict)  # what the rule set says of each service
    fragment: bool = False  # HTML to be put into a page of the site, where a format is Markdown otherwise


PLAIN = Context()


def clean(text: str) -> str:
    """The text without what could steer a terminal or cannot be encoded; tabs and line feeds stay."""
    return _UNSAFE.sub(_named, text)


def _named(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def one_line(text: str) -> str:
    """The text, clean, with every run of white space as one space."""
    return clean(" ".join(text.split()))


def standing(status: str) -> str:
    """A service's status in the manifest, as what is said of it: `it is outside its approval`."""
    return STATUS_WORDS.get(status, status).replace("their", "its")


def plural(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def by_severity(findings: Iterable[Finding]) -> Counter[Severity]:
    return Counter(finding.severity for finding in findings)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Errors before warnings before notes; the order within each stays."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))


def tally(report: Report) -> str:
    """How many findings there are: `2 errors, 1 warning, 1 suppressed`."""
    counts = by_severity(report.findings)
    parts = [plural(counts[severity], severity) for severity in SEVERITIES if counts[severity]] or ["no findings"]
    if report.suppressed:
        parts.append(f"{len(report.suppressed):,} suppressed")
    return ", ".join(parts)


def scanned(report: Report) -> str:
    """What was looked at: `12 files checked, 3 skipped (2 vendored, 1 source map)`."""
    text = f"{plural(report.files, 'file')} checked"
    if report.skipped:
        reasons = Counter(item.reason for item in report.skipped)
        words = [
            f"{count:,} {_SKIP_WORDS[reason][count != 1]}"
            for reason, count in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
        ]
        text += f", {len(report.skipped):,} skipped ({', '.join(words)})"
    return text


def inventory(report: Report) -> str:
    """What was found: `9 services found: 4 approved, 2 pending, 3 not in the manifest`."""
    services = {detection.service for detection in report.detections}
    if not services:
        return "no third party found"
    counts = Counter(STATUS_WORDS.get(report.statuses.get(service, ""), "") for service in services)
    parts = [f"{counts[word]:,} {word}" for word in dict.fromkeys(STATUS_WORDS.values()) if counts[word]]
    return f"{plural(len(services), 'service')} found" + (f": {', '.join(parts)}" if parts else "")


def result(report: Report) -> str:
    """The sentence that says whether this blocks."""
    if report.blocking:
        return f"Blocked: {plural(report.blocking, 'finding')} must be mended or approved first."
    return "Nothing blocks." if report.files else "Nothing was checked."


@dataclass(frozen=True)
class Service:
    """All loads of one service."""

    service: str
    name: str
    company: str | None
    category: str | None
    kind: str
    status: str
    detections: int
    ungated: int
    ids: tuple[str, ...]


def services(report: Report) -> list[Service]:
    """The services of a report, by slug."""
    groups: dict[str, list[Detection]] = {}
    for detection in report.detections:
        groups.setdefault(detection.service, []).append(detection)
    return [
        Service(
            service=slug,
            name=group[0].name,
            company=group[0].company,
            category=group[0].category,
            kind=group[0].kind,
            status=report.statuses.get(slug, "not-in-manifest"),
            detections=len(group),
            ungated=sum(1 for detection in group if detection.consent.state == "ungated"),
            ids=tuple(sorted({account for detection in group for account in detection.ids})),
        )
        for slug, group in sorted(groups.items())
    ]

"""A summary in Markdown for the page of a pull request or a job: what changes, what to do next, who approved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tracklint import lazy_re
from tracklint.manifest import Manifest
from tracklint.model import UNANALYSED, Finding, Report
from tracklint.report.wording import (
    PLAIN,
    STATUS_WORDS,
    Context,
    Service,
    inventory,
    one_line,
    plural,
    result,
    scanned,
    services,
    tally,
    worst_first,
)

LIMIT = 1_000_000  # bytes; GitHub refuses a job summary above 1 MiB as a whole
_SPECIAL = lazy_re.compile(r"([\\`*_{}\[\]~|#$])")
_LONGEST_CELL = 1_000
_MOST_PLACES = 5  # of equal findings


def render(report: Report, context: Context = PLAIN) -> str:
    """The report as GitHub Flavored Markdown, at most `LIMIT` bytes; what does not fit is counted."""
    parts = [f"# tracklint\n\n**{result(report)}**\n"]
    parts.append(f"{_sentence(scanned(report))}. {_sentence(inventory(report))}. {_sentence(tally(report))}.\n")
    if context.changes is not None:
        parts.append(_changes(context))
    if report.findings:
        parts.append(_findings(report))
    if report.detections:
        parts.append(_services(report, context.manifest))
    if report.suppressed:
        rows = [
            (code(f"{finding.path}:{finding.line}"), escape(f"{finding.code} {finding.name}"), rich(reason))
            for finding, reason in report.suppressed
        ]
        parts.append("## Suppressed in the code\n\n" + table(("Where", "Rule", "Reason given"), rows, 100_000))
    partly = sorted({(item.path, item.reason, item.detail) for item in report.skipped if item.reason in UNANALYSED})
    if partly:
        rows = [(code(path), escape(reason), rich(detail)) for path, reason, detail in partly]
        parts.append("## Not analysed in full\n\n" + table(("File", "Why", "Detail"), rows, 100_000))
    return "\n".join(parts)


def _sentence(text: str) -> str:
    return escape(text[:1].upper() + text[1:])


def _changes(context: Context) -> str:
    title = "## What this change does\n\n"
    if not context.changes:
        return title + "It adds, alters and removes no third party.\n"
    rows = [
        (escape(change.kind), escape(change.label), code(change.place), rich(change.detail))
        for change in context.changes
    ]
    return title + table(("Change", "Service", "Where", "Detail"), rows, 150_000)


def _findings(report: Report) -> str:
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in worst_first(report.findings):
        key = (finding.severity, finding.code, finding.message, finding.help)
        groups.setdefault(key, []).append(finding)
    rows = [
        (
            {"error": "🛑 error", "warning": "⚠️ warning", "note": "note"}[group[0].severity],
            escape(f"{group[0].code} {group[0].name}"),
            _places(group),
            rich(group[0].message),
            rich(_next_step(group[0])),
        )
        for group in groups.values()
    ]
    return "## What to do next\n\n" + table(("", "Rule", "Where", "What was found", "Next step"), rows, 450_000)


def _places(group: Sequence[Finding]) -> str:
    shown = [code(f"{finding.path}:{finding.line}") for finding in group[:_MOST_PLACES]]
    more = [f"{len(group) - _MOST_PLACES:,} more"] if len(group) > _MOST_PLACES else []
    return "<br>".join(shown + more)


def _next_step(finding: Finding) -> str:
    return finding.help[:1].upper() + finding.help[1:]


def _services(report: Report, manifest: Manifest | None) -> str:
    rows = [
        (
            escape(f"{item.name} ({', '.join(item.ids)})" if item.ids else item.name),
            escape(item.company or ""),
            escape(item.category or "unknown"),
            escape(STATUS_WORDS.get(item.status, item.status)),
            escape(_who(item, manifest)),
            f"{item.detections:,}",
            f"{item.ungated:,}" if item.ungated else "",
        )
        for item in services(report)
    ]
    header = ("Service", "Company", "Category", "In the manifest", "Approved by", "Loads", "Before consent")
    return "## Third parties on this site\n\n" + table(header, rows, 150_000)


def _who(item: Service, manifest: Manifest | None) -> str:
    """Who approved a service and until when."""
    if manifest is None:
        return ""
    found = []
    for approval in manifest.approvals:
        if approval.subject != item.service or approval.status != "approved" or approval.approved_by is None:
            continue
        approver = manifest.approvers.get(approval.approved_by)
        until = f", review by {approval.review_by}" if approval.review_by is not None else ""
        found.append(f"{approver.name if approver is not None else approval.approved_by}{until}")
    return "; ".join(dict.fromkeys(found))


def table(header: Sequence[str], rows: Iterable[Sequence[str]], budget: int) -> str:
    """A table of cells that are Markdown already; rows beyond `budget` bytes are left out and counted."""
    lines = [f"| {' | '.join(header)} |", f"|{' --- |' * len(header)}"]
    left_out = 0
    for row in rows:
        line = f"| {' | '.join(row)} |"
        budget -= len(line.encode()) + 1
        if budget < 0:
            left_out += 1
        else:
            lines.append(line)
    more = f"\n{plural(left_out, 'more row')} did not fit; the log and the JSON report have all.\n" if left_out else ""
    return "\n".join(lines) + "\n" + more


def escape(text: str) -> str:
    """Text that shows as it is, in a table as elsewhere."""
    text = one_line(text)[:_LONGEST_CELL].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", text)


def code(text: str) -> str:
    """A code span; empty for no text."""
    text = one_line(text)[:_LONGEST_CELL]
    if not text:
        return ""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if "`" in text else ""
    # In a table a pipe has to be escaped even here, and then a backslash before it would end that.
    return f"{fence}{pad}{text}{pad}{fence}".replace("\\|", "\\ |").replace("|", "\\|")


def rich(text: str) -> str:
    """Text in which our own messages mark commands with backticks."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return "".join(code(part) if number % 2 else _spaced(part) for number, part in enumerate(parts))


def _spaced(text: str) -> str:
    # `escape` trims, and a space between words and code must stay.
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() and text.strip() else ""
    return before + escape(text) + after

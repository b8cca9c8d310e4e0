"""For people at a terminal: each finding with its source line, a caret and the next step, then a summary."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from tracklint.changes import Change
from tracklint.model import Finding, Report, Severity
from tracklint.report.wording import PLAIN, Context, clean, inventory, one_line, result, scanned, tally

_WIDEST = 110  # characters of a source line that are shown
_MOST_PLACES = 12  # of equal findings, by place
_STYLES = {"error": "1;31", "warning": "1;33", "note": "1;36", "bold": "1", "dim": "2", "help": "32"}


def render(report: Report, context: Context = PLAIN) -> str:
    """The report as text; coloured if the context says so. Equal findings of one file are told once."""
    lines: list[str] = []
    for group in _groups(report.findings):
        lines += _finding(group, context.color)
        lines.append("")
    if context.changes is not None:
        lines += [*_changes(context.changes, context.color), ""]
    lines.append(_styled(f"{scanned(report)}; {inventory(report)}; {tally(report)}.", "bold", context.color))
    blocked: Severity = "error" if report.blocking else "note"
    lines.append(_styled(result(report), blocked, context.color) if report.blocking else result(report))
    return "\n".join(lines) + "\n"


def _changes(changes: Sequence[Change], color: bool) -> Iterator[str]:
    if not changes:
        yield "Changes: no third party was added, altered or removed."
        return
    yield _styled("Changes:", "bold", color)
    for change in changes:
        where = f" at {one_line(change.place)}" if change.place else ""
        detail = f" ({one_line(change.detail)})" if change.detail else ""
        yield f"  {change.kind}: {one_line(change.label)}{where}{detail}"


def _groups(findings: Sequence[Finding]) -> Iterator[list[Finding]]:
    groups: dict[tuple[str, str, str, str, str], list[Finding]] = {}
    for finding in findings:
        key = (finding.path, finding.code, finding.severity, finding.message, finding.help)
        groups.setdefault(key, []).append(finding)
    yield from groups.values()


def _finding(group: Sequence[Finding], color: bool) -> Iterator[str]:
    first = group[0]
    place = _styled(f"{one_line(first.path)}:{first.line}:{first.column}:", "bold", color)
    level = _styled(f"{first.severity} {first.code}", first.severity, color)
    yield f"{place} {level} {first.name}"
    yield f"  {one_line(first.message)}"
    yield from _source(first, color)
    for related in first.related:
        yield _styled(f"    {one_line(related.path)}:{related.line}: {one_line(related.text)}", "dim", color)
    if len(group) > 1:
        places = [f"{finding.line}:{finding.column}" for finding in group[1 : _MOST_PLACES + 1]]
        more = f" and {len(group) - 1 - len(places):,} more" if len(group) - 1 > len(places) else ""
        yield _styled(f"    the same at {', '.join(places)}{more}", "dim", color)
    yield f"  {_styled('help:', 'help', color)} {one_line(first.help)}"


def _source(finding: Finding, color: bool) -> Iterator[str]:
    """The source line with a caret under the load; of a long line the part around it."""
    text = finding.excerpt.rstrip()
    if not text.strip():
        return
    start = finding.column - 1
    one_line_only = finding.end_line in (0, finding.line) and finding.end_column > finding.column
    end = min(finding.end_column - 1 if one_line_only else len(text), len(text))
    left = len(text) - len(text.lstrip())
    if start > _WIDEST // 2 and len(text) > _WIDEST:
        left = max(left, min(start - 20, len(text)))
    shown = text[left : left + _WIDEST]
    before, after = ("…" if left and text[:left].strip() else ""), ("…" if len(text) > left + _WIDEST else "")
    number = str(finding.line)
    yield f"  {_styled(number + ' |', 'dim', color)} {before}{_plain(shown)}{after}"
    if left <= start < left + len(shown):
        indent = _columns(before + _plain(shown[: start - left]))
        marked = _columns(_plain(shown[start - left : max(end - left, start - left + 1)]))
        caret = _styled("^" + "~" * max(marked - 1, 0), finding.severity, color)
        yield f"  {_styled(' ' * len(number) + ' |', 'dim', color)} {' ' * indent}{caret}"


def _plain(text: str) -> str:
    return clean(text.replace("\t", "    ")).replace("\n", " ")


def _columns(text: str) -> int:
    """The cells that a text takes on a terminal."""
    wide = sum(1 for char in text if unicodedata.east_asian_width(char) in "WF")
    return len(text) + wide - sum(1 for char in text if unicodedata.combining(char))


def _styled(text: str, style: str, color: bool) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if color else text

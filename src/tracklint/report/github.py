"""Workflow commands, which GitHub shows as annotations on the lines of a pull request."""

from __future__ import annotations

from tracklint.model import Finding, Report
from tracklint.report.wording import PLAIN, Context, clean, inventory, one_line, result, scanned, tally, worst_first

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
# GitHub shows so many annotations of each kind for a step; of the others the log would show the message alone.
_SHOWN = 10


def render(report: Report, context: Context = PLAIN) -> str:
    """Errors first. Beyond ten of a kind, plain lines that name their place; a summary at the end."""
    lines: list[str] = []
    rest: list[str] = []
    shown: dict[str, int] = {}
    for finding in worst_first(report.findings):
        shown[finding.severity] = shown.get(finding.severity, 0) + 1
        if shown[finding.severity] <= _SHOWN:
            lines.append(_command(finding))
        else:
            rest.append(_plain(finding))
    if rest:
        lines += ["Not shown as annotations:", *rest]
    lines.append(log_line(f"{scanned(report)}; {inventory(report)}; {tally(report)}."))
    lines.append(log_line(result(report)))
    return "\n".join(lines) + "\n"


def data(text: str) -> str:
    """Text for the message of a command."""
    # Line ends stay, escaped; other control characters have no place in a log.
    text = clean(text.replace("\r\n", "\n").replace("\r", "\n"))
    return text.replace("%", "%25").replace("\n", "%0A")


def value(text: str) -> str:
    """Text for the value of a command's property."""
    return data(text).replace(":", "%3A").replace(",", "%2C")


def log_line(text: str) -> str:
    """A line for the log that the runner does not take for a command, whatever is in it."""
    text = one_line(text).replace("##[", "# #[")
    return f"| {text}" if text.startswith("::") else text


def _command(finding: Finding) -> str:
    properties = {"file": finding.path, "line": str(finding.line)}
    end_line = max(finding.end_line, finding.line)
    if end_line == finding.line:
        properties["col"] = str(finding.column)
    properties["endLine"] = str(end_line)
    if end_line == finding.line and finding.end_column > finding.column:
        properties["endColumn"] = str(finding.end_column)
    properties["title"] = f"{finding.code} {finding.name}"
    shown = ",".join(f"{key}={value(text)}" for key, text in properties.items())
    message = f"{one_line(finding.message)}\nhelp: {one_line(finding.help)}"
    for related in finding.related[:3]:
        message += f"\n{one_line(related.path)}:{related.line}: {one_line(related.text)}"
    return f"::{_COMMANDS[finding.severity]} {shown}::{data(message)}"


def _plain(finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}:{finding.column}"
    return log_line(f"{finding.severity} {finding.code} {place} {finding.message}; help: {finding.help}")

"""JUnit XML, as Azure DevOps and Jenkins read it: an error is a failed test, the rest passes with its text."""

from __future__ import annotations

from collections.abc import Iterator

from tracklint import lazy_re
from tracklint.model import Finding, Report
from tracklint.report.wording import PLAIN, Context, clean, inventory, one_line, result, scanned, tally

# All that XML 1.0 allows; `clean` has dealt with control characters and surrogates.
_FORBIDDEN = lazy_re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, context: Context = PLAIN) -> str:
    """One test case for each finding, also the suppressed ones, and one for the run as a whole."""
    failures = sum(1 for finding in report.findings if finding.severity == "error")
    tests = 1 + len(report.findings) + len(report.suppressed)
    counts = f'tests="{tests}" failures="{failures}" errors="0" skipped="{len(report.suppressed)}"'
    summary = f"{scanned(report)}; {inventory(report)}; {tally(report)}. {result(report)}"
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="tracklint" {counts}>',
        f'  <testsuite name="tracklint" {counts}>',
        '    <testcase classname="tracklint" name="files were checked">',
        f"      <system-out>{_text(summary)}</system-out>",
        "    </testcase>",
    ]
    for finding in report.findings:
        lines += _case(finding, None)
    for finding, reason in report.suppressed:
        lines += _case(finding, reason)
    return "\n".join([*lines, "  </testsuite>", "</testsuites>"]) + "\n"


def _case(finding: Finding, suppressed: str | None) -> Iterator[str]:
    place = f"{one_line(finding.path)}:{finding.line}:{finding.column}"
    name = f"{finding.code} {finding.name} {place}"
    yield f'    <testcase classname="{_attribute(finding.path)}" name="{_attribute(name)}">'
    body = _text(_body(finding, place))
    if suppressed is not None:
        yield f'      <skipped message="{_attribute("suppressed: " + suppressed)}"/>'
    elif finding.severity == "error":
        message = _attribute(finding.message)
        yield f'      <failure type="{finding.code}" message="{message}">{body}</failure>'
    else:
        yield f"      <system-out>{body}</system-out>"
    yield "    </testcase>"


def _body(finding: Finding, place: str) -> str:
    lines = [f"{place}: {finding.severity} {finding.code} {one_line(finding.message)}"]
    lines += [f"  {finding.excerpt.strip()}"] if finding.excerpt.strip() else []
    lines += [f"  {related.path}:{related.line}: {one_line(related.text)}" for related in finding.related]
    return "\n".join([*lines, f"help: {one_line(finding.help)}"])


def _text(text: str) -> str:
    text = _FORBIDDEN.sub("\ufffd", clean(text))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _attribute(text: str) -> str:
    return _text(one_line(text)).replace('"', "&quot;")

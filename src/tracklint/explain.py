"""Answers to `tracklint explain`: what a rule means, who a service is, and why a load got its verdict."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from tracklint.model import Detection, SourceFile
from tracklint.rules import RULES, Rule, label

if TYPE_CHECKING:
    from tracklint.check import Result
    from tracklint.ruleset import Ruleset, Service

_WIDTH = 100
_STATES = {
    "gated": "gated: it cannot happen before the visitor has agreed, or no page starts it",
    "ungated": "ungated: it can happen before the visitor has made any choice",
    "unknown": "unknown: the code does not tell whether it waits for the visitor's choice",
    "not-required": "not required: it needs no consent",
}


def find_rule(word: str) -> Rule | None:
    """A rule by its code or name."""
    named = RULES.get(word.upper())
    return named or next((rule for rule in RULES.values() if rule.name == word.lower()), None)


def rule_text(rule: Rule) -> str:
    state = rule.severity if rule.default else f"{rule.severity}, off unless selected"
    parts = [f"{rule.code} {rule.name} ({state})", _filled(rule.summary), "Why it matters"]
    return "\n\n".join([*parts, _filled(rule.why, "  "), "What to do", _filled(rule.fix, "  ")]) + "\n"


def find_service(word: str, ruleset: Ruleset) -> Service | None:
    """A service by slug, name or host."""
    folded = word.casefold()
    if folded in ruleset.services:
        return ruleset.services[folded]
    manager = ruleset.managers.get(folded.removeprefix("cmp:"))
    if manager is not None:
        return manager.service
    named = next((one for one in ruleset.services.values() if one.name.casefold() == folded), None)
    if named is not None:
        return named
    return ruleset.service_for_host(folded.removeprefix("host:")) if "." in folded else None


def nearest_words(word: str, ruleset: Ruleset) -> list[str]:
    """What may have been meant."""
    known = [*ruleset.services, *(f"cmp:{slug}" for slug in ruleset.managers), *RULES]
    return difflib.get_close_matches(word.casefold(), known, 3, 0.6) or difflib.get_close_matches(
        word.upper(), list(RULES), 1, 0.6
    )


def service_text(service: Service) -> str:
    """What is known of a service, for somebody who has to decide about it."""
    category = service.category or "not known"
    lines = [f"{service.name} ({service.slug})", ""]
    if service.summary:
        lines += [_filled(service.summary), ""]
    company = ", ".join(part for part in (service.company, service.country) if part)
    facts = [
        ("company", company),
        ("category", category),
        ("kind", service.kind),
        ("privacy notice", service.privacy_url or ""),
        ("hosts", ", ".join(service.match.hosts)),
        ("addresses", ", ".join(service.match.urls)),
        (
            "packages",
            ", ".join(f"{name} ({where})" for where, names in service.match.packages.items() for name in names),
        ),
    ]
    lines += [_fact(name, value) for name, value in facts if value]
    if service.cookies:
        lines += ["", "Cookies"]
        width = max(len(cookie.name) for cookie in service.cookies)
        for cookie in service.cookies:
            text = f"{cookie.name:<{width}}  {cookie.lifetime}{': ' if cookie.purpose else ''}{cookie.purpose}"
            lines.append(textwrap.fill(text, _WIDTH, initial_indent="  ", subsequent_indent=" " * (width + 4)))
    return "\n".join(lines) + "\n"


def _fact(name: str, value: str) -> str:
    return textwrap.fill(
        f"{name:<14}  {value}", _WIDTH, subsequent_indent=" " * 16, break_long_words=False, break_on_hyphens=False
    )


def services_text(services: Iterable[Service]) -> str:
    """One line for each service."""
    rows = [(one.slug, one.name, one.company or "", one.category or "", one.kind) for one in services]
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join([*(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)), row[4]]) for row in rows
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def nearest_loads(detections: Sequence[Detection], path: str, line: int | None) -> list[Detection]:
    """The loads on a line of a file, else those nearest to it; without a line all of the file."""
    own = [one for one in detections if one.path == path]
    if line is None or not own:
        return own

    def distance(one: Detection) -> int:
        return max(one.line - line, line - max(one.end_line, one.line), 0)

    least = min(map(distance, own))
    return [one for one in own if distance(one) == least]


def loads_text(result: Result, loads: Sequence[Detection], line: int | None = None) -> str:
    """The reasoning behind the verdicts on loads, hop by hop, with the findings about them."""
    blocks = ["\n".join(_load(result, one)) for one in loads]
    if line is not None and loads and not any(one.line <= line <= max(one.end_line, one.line) for one in loads):
        blocks.insert(0, f"Nothing is loaded on line {line}; the nearest:")
    return "\n\n".join(blocks) + "\n"


def _load(result: Result, load: Detection) -> Iterator[str]:
    yield f"{load.path}:{load.line}:{load.column}: {label(load)}"
    yield from _quoted(load.excerpt)
    to = f" from {load.host}" if load.host else ""
    yield f"  what      {load.service}, {load.category or 'unknown category'}, {load.technique}{to}"
    consent = load.consent
    yield f"  consent   {_STATES[consent.state]}"
    if consent.why:
        yield _hanging(f"  because   {consent.why}")
    details = [f"mechanism {consent.mechanism}"] if consent.mechanism != "none" else []
    details += [f"category asked for: {consent.category}"] if consent.category else []
    if details:
        yield f"  by        {', '.join(details)}"
    hops = [(hop.path, hop.line, hop.text) for hop in consent.chain]
    if consent.at is not None and all((path, number) != consent.at for path, number, _ in hops):
        hops.append((*consent.at, "decided here"))
    if hops:
        yield "  chain"
        for number, (path, at, text) in enumerate(hops, 1):
            yield f"    {number}. {path}:{at}: {text}"
            yield from _quoted(_source_line(result, path, at), "       ")
    status = result.report.statuses.get(load.service, "not-in-manifest")
    yield f"  manifest  {status.replace('-', ' ')}"
    for finding in result.report.findings:
        about = finding.detection == load.id or (finding.path == load.path and finding.line == load.line)
        if about and finding.service in (None, load.service):
            yield _hanging(f"  finding   {finding.code} {finding.message}")
            yield _hanging(f"            help: {finding.help}")


def _hanging(text: str) -> str:
    return textwrap.fill(text, _WIDTH, subsequent_indent=" " * 12, break_long_words=False, break_on_hyphens=False)


def _source_line(result: Result, path: str, line: int) -> str:
    file = result.tree.text_file(path) if result.tree.exists(path) else None
    return file.line_text(line) if isinstance(file, SourceFile) and 0 < line <= len(file.line_starts) else ""


def _quoted(text: str, indent: str = "    ") -> Iterator[str]:
    shown = " ".join(text.split())
    if shown:
        yield f"{indent}| {shown if len(shown) <= _WIDTH else shown[: _WIDTH - 1] + '…'}"


def _filled(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )

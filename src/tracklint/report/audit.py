"""The audit as one self-contained page, for a person who answers for the site and reads no code.

The page fetches nothing and runs no script. Every table that has bars in it says the same in figures.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import PurePosixPath

from tracklint.manifest import Approval
from tracklint.model import CATEGORIES, UNANALYSED, ConsentState, Detection, Finding, Report, SkipReason
from tracklint.report.audit_style import STYLE
from tracklint.report.hypertext import EMPTY, Html, Node, h, join, rich
from tracklint.report.wording import (
    PLAIN,
    Context,
    Service,
    by_severity,
    one_line,
    plural,
    services,
    standing,
    worst_first,
)
from tracklint.rules import RULES

_MOST_PLACES = 6  # of equal loads that are shown in full; the others by place
_MOST_LISTED = 200  # rows of a list that grows with the site; the rest is counted
_OPEN_LOADS = 12  # more loads of one service than this are folded away
_EXCERPT = 150  # characters of a source line around the load

STATES: tuple[ConsentState, ...] = ("ungated", "unknown", "gated", "not-required")
_STATE_WORDS: Mapping[str, str] = {
    "ungated": "Before consent",
    "unknown": "Not certain",
    "gated": "After consent",
    "not-required": "No consent needed",
}
_STATE_MEANING: Mapping[str, str] = {
    "ungated": "It can run, or contact its provider, in the browser of a visitor who has not chosen anything yet.",
    "unknown": "The code does not show whether it waits for the visitor's choice. Somebody has to look at it.",
    "gated": "It waits until the visitor has agreed, or no page starts it.",
    "not-required": "It is essential, or an approver or the policy has recorded why no consent is asked for.",
}
_CATEGORY_WORDS: Mapping[str, str] = {
    "essential": "Essential",
    "functional": "Functional",
    "analytics": "Analytics",
    "marketing": "Marketing",
    "": "Not known",
}
_TECHNIQUES: Mapping[str, str] = {
    "script-src": "script that the page fetches",
    "inline-script": "script in the page",
    "iframe": "frame in the page",
    "embed": "embedded part",
    "image": "image or pixel",
    "link": "link in the page's head",
    "css": "style sheet",
    "import": "import in the site's own script",
    "dependency": "package that the site depends on",
    "config": "setting",
    "api-call": "call in a script",
    "dynamic": "script that adds it to the page",
    "bundle": "part of a built script",
    "markdown": "embedded in Markdown",
}
_SKIP_MEANING: Mapping[SkipReason, str] = {
    "ignored-by-git": "Git ignores it, so it is no part of the repository",
    "excluded": "The configuration excludes it",
    "vendored": "Somebody else's code that was copied in",
    "well-known-library": "A well-known library that loads no third party",
    "not-served": "No visitor is served it, as far as names and uses tell",
    "lock-file": "A list of package versions; the packages that it names are found elsewhere",
    "source-map": "Helps developers only; browsers do not run it",
    "binary": "It holds no text",
    "symlink-out-of-root": "A link to a file outside of the site",
    "unreadable": "It could not be opened",
    "encoding": "Some of it is in another encoding than it says",
    "too-large": "It is larger than the limit in the configuration",
    "syntax-error": "Some of it could not be understood",
    "nesting": "It is nested too deeply to be followed",
    "time-limit": "It took longer than the limit in the configuration",
    "internal-error": "The analysis failed on it",
}
_MANIFEST_STATUS: Mapping[str, str] = {
    "approved": "Approved",
    "pending": "Waiting for approval",
    "legacy": "To be decided",
    "rejected": "Rejected",
    "removed": "Removed",
}


def render(report: Report, context: Context = PLAIN) -> str:
    """The whole page. It has no times in it and names the site's folder without its parents."""
    page = _Page(report, context)
    name = one_line(PurePosixPath(report.root).name) or "this site"
    title = f"Third parties on {name}"
    sections = [
        ("summary", "Summary", page.summary()),
        ("before-consent", "What runs before consent", page.before_consent()),
        ("charts", "By category and by service", page.charts()),
        ("changes", "What is new and what has gone", page.changes()),
        ("to-do", "What to do", page.to_do()),
        ("approvals", "Approvals and reviews", page.approvals()),
        ("loads", "Every load, with its evidence", page.loads()),
        ("coverage", "What was looked at, and what was not", page.coverage()),
        ("words", "How to read this page", page.words()),
    ]
    body = join(
        h("a", "Skip to the summary", href="#summary", class_="skip"),
        h(
            "header",
            h("p", "Third-party and consent audit", class_="over"),
            h("h1", title),
            h("p", *page.provenance(), class_="meta"),
        ),
        h(
            "div",
            h(
                "nav",
                h("h2", "On this page", id="contents"),
                h("ul", (h("li", h("a", heading, href=f"#{slug}")) for slug, heading, _ in sections)),
                aria_labelledby="contents",
            ),
            h(
                "main",
                (
                    h(
                        "section",
                        h("h2", heading, id=slug, tabindex="-1"),
                        content,
                        aria_labelledby=slug,
                        class_=f"s-{slug}",
                    )
                    for slug, heading, content in sections
                ),
            ),
            class_="layout",
        ),
        h("footer", h("p", f"Made by tracklint {context.version} with rule set {report.ruleset}. ", _FOOT)),
    )
    head = join(
        h("meta", charset="utf-8"),
        # Nothing in it may reach out, whatever a repository holds.
        h(
            "meta",
            http_equiv="Content-Security-Policy",
            content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'",
        ),
        h("meta", name="viewport", content="width=device-width, initial-scale=1"),
        h("meta", name="referrer", content="no-referrer"),
        h("meta", name="color-scheme", content="light dark"),
        h("link", rel="icon", href="data:,"),
        h("title", title),
        h("style", Html(STYLE)),
    )
    lines = ("<!doctype html>", h("html", "\n", h("head", head), "\n", h("body", body), "\n", lang="en-GB"))
    # A line for each block: two reports can then be compared line by line.
    return re.sub(r"(</(?:tr|li|section|article|header|nav|style|div|p|h[1-6])>)", r"\1\n", "\n".join(lines)) + "\n"


_FOOT = "It says what the code in the repository does. It does not visit the live site."


@dataclass(frozen=True)
class _Page:
    report: Report
    context: Context

    # -- head

    def provenance(self) -> Iterable[Node]:
        if self.context.today is not None:
            yield "As of "
            yield h("time", _day(self.context.today), datetime=self.context.today.isoformat())
            yield ". "
        yield f"{plural(self.report.files, 'file')} of the website's repository analysed."

    # -- summary

    def summary(self) -> Html:
        report = self.report
        states: Counter[str] = Counter(one.consent.state for one in report.detections)
        found = services(report)
        tracked = [one for one in found if one.status != "approved"]
        errors, warnings = (by_severity(report.findings)[level] for level in ("error", "warning"))
        if report.blocking:
            verdict = _notice(
                "bad",
                "Not ready",
                f"{plural(report.blocking, 'point')} must be mended or approved before this goes to the public.",
            )
        elif report.skipped and any(one.reason in UNANALYSED for one in report.skipped):
            verdict = _notice("unsure", "Nothing blocks", "But some files could not be analysed in full; see below.")
        else:
            verdict = _notice("good", "Nothing blocks", "All that was found is in order.")
        tiles = (
            (len(found), "third party" if len(found) == 1 else "third parties", "#charts", ""),
            (sum(1 for one in found if one.ungated), "of them before consent", "#before-consent", "bad"),
            (len(tracked), "of them without a valid approval", "#approvals", "bad"),
            (errors, "error" if errors == 1 else "errors", "#to-do", "bad"),
            (warnings, "warning" if warnings == 1 else "warnings", "#to-do", "unsure"),
        )
        return join(
            verdict,
            h(
                "ul",
                (
                    h(
                        "li",
                        h("a", h("strong", f"{count:,}"), h("span", " ", words), href=target),
                        class_=kind if count and kind else None,
                    )
                    for count, words, target, kind in tiles
                ),
                class_="tiles",
            ),
            self._overall(states) if report.detections else h("p", "No third party was found in the repository."),
        )

    def _overall(self, states: Mapping[str, int]) -> Html:
        total = sum(states.values())
        sentence = "; ".join(
            f"{states[state]:,} {_STATE_WORDS[state].lower()}" for state in STATES if states.get(state)
        )
        legend = h(
            "ul",
            (
                h("li", _swatch(state), h("span", f"{_STATE_WORDS[state]} "), h("strong", f"{states[state]:,}"))
                for state in STATES
                if states.get(state)
            ),
            class_="legend",
        )
        return h(
            "figure",
            h("figcaption", f"When the {plural(total, 'load')} of third parties can run"),
            h(
                "svg",
                h("title", f"Of {plural(total, 'load')}: {sentence}"),
                _rects(states, total),
                class_="bar overall",
                viewBox="0 0 100 10",
                preserveAspectRatio="none",
                role="img",
                aria_label=f"Of {plural(total, 'load')}: {sentence}",
            ),
            legend,
        )

    # -- what runs before consent

    def before_consent(self) -> Html:
        early = [one for one in self.report.detections if one.consent.state == "ungated"]
        unsure = [one for one in self.report.detections if one.consent.state == "unknown"]
        if not early:
            text = "No third party that was found can run before the visitor has chosen."
            doubts = f" For {plural(len(unsure), 'load')} that is not certain; see below." if unsure else ""
            return h("p", text + doubts)
        rows = []
        for slug, group in _by_service(early):
            first = group[0]
            places = [_place(one.path, one.line) for one in group[:_MOST_PLACES]]
            more = len(group) - len(places)
            rows.append(
                h(
                    "tr",
                    h("th", h("a", first.name, href=f"#{self._anchor(slug)}"), scope="row"),
                    h("td", self._receiver(group), class_="wide"),
                    h("td", _category(first.category)),
                    h("td", h("ul", (h("li", one) for one in _unique(map(_reason, group))), class_="plain")),
                    h("td", h("ul", (h("li", one) for one in places), class_="plain"), _more(more), class_="wide"),
                )
            )
        count = len(_unique(one.service for one in early))
        return join(
            h(
                "p",
                f"These {plural(count, 'service')} can" if count > 1 else "This service can",
                " learn of a visit before the visitor has agreed to anything.",
            ),
            _table(
                "Services that can run before consent",
                ("Service", "Who is contacted", "Category", "Why it does not wait", "Where"),
                rows,
            ),
        )

    def _receiver(self, group: Sequence[Detection]) -> Html:
        hosts = _unique(one.host for one in group if one.host)
        company = group[0].company
        return join(
            company or ("not known" if not hosts else None),
            h("br") if company and hosts else None,
            (join(_broken(host, r"(?<=\.)"), h("br")) for host in hosts[:3]),
        )

    # -- charts

    def charts(self) -> Html:
        if not self.report.detections:
            return h("p", "There is nothing to show.")
        rows: list[tuple[Node, Counter[str]]] = []
        for category in (*CATEGORIES, ""):
            own = [one for one in self.report.detections if (one.category or "") == category]
            if own:
                rows.append((_CATEGORY_WORDS[category], Counter(one.consent.state for one in own)))
        by_service: list[tuple[Service, Counter[str]]] = [
            (
                service,
                Counter(one.consent.state for one in self.report.detections if one.service == service.service),
            )
            for service in services(self.report)
        ]
        by_service.sort(key=lambda row: (-row[1]["ungated"], -row[1]["unknown"], -row[0].detections, row[0].name))
        service_rows: list[tuple[Node, Counter[str]]] = [
            (h("a", one.name, href=f"#{self._anchor(one.service)}"), states) for one, states in by_service
        ]
        return join(
            h("h3", "By category"),
            _chart("Loads by category, and when they can run", "Category", rows),
            h("h3", "By service"),
            _chart("Loads by service, and when they can run", "Service", service_rows),
        )

    # -- changes

    def changes(self) -> Html:
        changes = self.context.changes
        if changes is None:
            return h(
                "p",
                "This report was not compared with an earlier one. To see what is new, keep the JSON report of each "
                "run and give the last one with ",
                h("code", "--compare previous.json"),
                ".",
            )
        if not changes:
            return h("p", "Since the last report no third party was added, changed or removed.")
        rows = [
            h(
                "tr",
                h("th", _badge(_CHANGE_KINDS.get(one.kind, "neutral"), _capital(one.kind)), scope="row"),
                h("td", one.label),
                h("td", rich(_capital(one.detail))),
                h("td", _place_text(one.place) if one.place else ""),
            )
            for one in changes
        ]
        return _table("Changes since the last report", ("Change", "Service", "Detail", "Where"), rows)

    # -- findings

    def to_do(self) -> Html:
        report = self.report
        if not report.findings:
            parts: list[Node] = [h("p", "There is nothing to do.")]
        else:
            rules: dict[tuple[str, str], list[Finding]] = {}
            for finding in worst_first(report.findings):
                rules.setdefault((finding.severity, finding.code), []).append(finding)
            parts = [self._tasks(group) for group in rules.values()]
        if report.suppressed:
            rows = [
                h(
                    "tr",
                    h("th", f"{finding.code} ", _words(finding.name), scope="row"),
                    h("td", rich(finding.message)),
                    h("td", reason),
                    h("td", _place(finding.path, finding.line)),
                )
                for finding, reason in report.suppressed[:_MOST_LISTED]
            ]
            parts += [
                h("h3", "Set aside by a comment in the code"),
                _table("Findings that were set aside", ("Rule", "Finding", "Reason given", "Where"), rows),
                _more(len(report.suppressed) - _MOST_LISTED),
            ]
        return join(*parts)

    def _tasks(self, findings: Sequence[Finding]) -> Html:
        """What one rule found. The next step is said once if it is the same for all."""
        first = findings[0]
        kind = {"error": "bad", "warning": "unsure", "note": "neutral"}[first.severity]
        rule = RULES.get(first.code)
        equal: dict[tuple[str, str], list[Finding]] = {}
        for one in findings:
            equal.setdefault((one.message, one.help), []).append(one)
        common = len({one.help for one in findings}) == 1
        items = [self._task(group, not common) for group in equal.values()]
        return h(
            "div",
            h("h3", _capital(_words(first.name)), " ", _badge(kind, plural(len(findings), first.severity))),
            h("p", rich(rule.summary) if rule is not None else "", h("span", f" Rule {first.code}.", class_="how")),
            h("p", h("strong", "Next step: "), rich(_capital(first.help)), ".") if common else None,
            h("ul", items[:_MOST_LISTED], class_="tasks"),
            _more(len(items) - _MOST_LISTED),
            class_=f"load {kind}",
        )

    def _task(self, group: Sequence[Finding], with_step: bool) -> Html:
        first = group[0]
        places = [_place(one.path, one.line) for one in group[:_MOST_PLACES]]
        return h(
            "li",
            h("p", rich(_capital(first.message)), ".", class_="what"),
            h("p", h("strong", "Next step: "), rich(_capital(first.help)), ".") if with_step else None,
            h(
                "p",
                (join(", " if number else "", place) for number, place in enumerate(places)),
                f" and {len(group) - len(places):,} more" if len(group) > len(places) else "",
                class_="where",
            ),
        )

    # -- approvals

    def approvals(self) -> Html:
        manifest = self.context.manifest
        found = {one.service: one for one in services(self.report)}
        if manifest is None:
            missing = plural(len(found), "service")
            return h("p", f"The site has no approvals manifest, so nobody has approved the {missing} that were found.")
        listed = {entry.subject for entry in manifest.approvals}
        entries = sorted(
            manifest.approvals, key=lambda one: (one.status == "removed", str(one.review_by or "9999"), one.subject)
        )
        rows = [self._entry(entry, found.get(entry.subject)) for entry in entries]
        unlisted = [one for slug, one in found.items() if slug not in listed]
        for service in unlisted:
            rows.append(
                h(
                    "tr",
                    h("th", h("a", service.name, href=f"#{self._anchor(service.service)}"), scope="row"),
                    h("td", _badge("bad", "No entry")),
                    h("td", "Nobody has been asked yet.", colspan="4"),
                )
            )
        header = ("Service", "Standing", "Purpose", "Owner", "Approved by", "Review by")
        return _table("Approvals on record", header, rows) if rows else h("p", "The manifest has no entries.")

    def _entry(self, entry: Approval, service: Service | None) -> Html:
        manifest = self.context.manifest
        approver = manifest.approvers.get(entry.approved_by or "") if manifest is not None else None
        name = (service.name if service is not None else None) or entry.name or self._known_name(entry.subject)
        label: Node = name
        if service is not None:
            label = h("a", name, href=f"#{self._anchor(entry.subject)}")
        badges: list[Node] = [
            _badge(
                {"approved": "good", "rejected": "bad", "removed": "neutral"}.get(entry.status, "unsure"),
                _MANIFEST_STATUS[entry.status],
            )
        ]
        if service is None and entry.status == "approved":
            badges.append(_badge("bad", "No longer on the site"))
        if service is not None and service.status in _NOT_VALID and entry.status == "approved":
            badges.append(_badge("bad", _capital(standing(service.status))))
        who = approver.name if approver is not None else entry.approved_by or ""
        return h(
            "tr",
            h("th", label, h("span", f" {', '.join(entry.ids)}", class_="ids") if entry.ids else None, scope="row"),
            h("td", (join(one, " ") for one in badges)),
            h("td", entry.purpose or "", h("span", f" {entry.dpia}", class_="ids") if entry.dpia else None),
            h("td", entry.owner or ""),
            h("td", who, h("span", f" on {entry.approved_on}", class_="ids") if entry.approved_on else None),
            h("td", self._review(entry)),
        )

    def _review(self, entry: Approval) -> Html:
        if entry.review_by is None or entry.status in ("removed", "rejected"):
            return EMPTY
        date = h("time", str(entry.review_by), datetime=entry.review_by.isoformat())
        today = self.context.today
        if today is None:
            return date
        days = (entry.review_by - today).days
        if days < 0:
            return join(date, " ", _badge("bad", f"{plural(-days, 'day')} late"))
        kind = "unsure" if days <= 60 else "good"
        return join(date, " ", _badge(kind, "today" if not days else f"in {plural(days, 'day')}"))

    def _known_name(self, subject: str) -> str:
        known = self.context.rules.get(subject)
        return known.name if known is not None else subject.removeprefix("host:").removeprefix("cmp:")

    # -- loads

    def loads(self) -> Html:
        if not self.report.detections:
            return h("p", "No third party was found.")
        known = {one.service: one for one in services(self.report)}
        groups = sorted(
            _by_service(self.report.detections),
            key=lambda pair: (min(STATES.index(one.consent.state) for one in pair[1]), pair[1][0].name.lower()),
        )
        return join(self._service(known[slug], group) for slug, group in groups)

    def _service(self, service: Service, group: Sequence[Detection]) -> Html:
        rule = self.context.rules.get(service.service)
        states = Counter(one.consent.state for one in group)
        facts: list[tuple[str, Node]] = [("Company", service.company or "not known")]
        if rule is not None and rule.country:
            facts.append(("Country", rule.country))
        facts += [("Category", _category(service.category)), ("Kind", _capital(_words(service.kind)))]
        facts.append(("In the manifest", _capital(standing(service.status))))
        if service.ids:
            facts.append(("Account" if len(service.ids) == 1 else "Accounts", h("code", ", ".join(service.ids))))
        similar: dict[tuple[object, ...], list[Detection]] = {}
        for one in sorted(group, key=lambda one: (STATES.index(one.consent.state), one.path, one.line)):
            similar.setdefault((one.consent.state, _reason(one), one.content, one.technique), []).append(one)
        articles = [self._load(loads) for loads in similar.values()]
        shown = join(articles[:_MOST_LISTED], _more(len(articles) - _MOST_LISTED))
        if len(articles) > _OPEN_LOADS:
            shown = h("details", h("summary", f"Show {plural(len(articles), 'load')}"), shown)
        return h(
            "article",
            h(
                "h3",
                service.name,
                " ",
                (
                    join(_badge(_STATE_KINDS[state], f"{states[state]:,} {_STATE_WORDS[state].lower()}"), " ")
                    for state in STATES
                    if states[state]
                ),
                id=self._anchor(service.service),
                tabindex="-1",
            ),
            h("p", rule.summary) if rule is not None and rule.summary else None,
            h("dl", (h("div", h("dt", term), h("dd", value)) for term, value in facts), class_="facts"),
            shown,
            class_="service",
        )

    def _load(self, loads: Sequence[Detection]) -> Html:
        first = loads[0]
        consent = first.consent
        others = [_place(one.path, one.line) for one in loads[1 : _MOST_LISTED + 1]]
        chain = [
            h("li", _place(hop.path, hop.line), " ", rich(hop.text))
            for hop in consent.chain
            if hop.text and (hop.path, hop.line) != (first.path, first.line)
        ]
        what = f" {_TECHNIQUES.get(first.technique, first.technique)}"
        contact = join(", contacts ", h("code", first.host)) if first.host else None
        decided = None
        if consent.at is not None and consent.at != (first.path, first.line):
            decided = join(" Decided at ", _place(*consent.at), ".")
        return h(
            "div",
            h(
                "p",
                _badge(_STATE_KINDS[consent.state], _STATE_WORDS[consent.state]),
                " ",
                _place(first.path, first.line),
                h("span", what, contact, " (in an e-mail)" if first.email else None, class_="how"),
                class_="head",
            ),
            _excerpt(first),
            h("p", h("strong", "Why: "), _because(first), decided),
            (h("p", "How it comes to run, from the load outwards:"), h("ol", chain, class_="chain")) if chain else None,
            h("p", "The same at ", (join(", " if n else "", one) for n, one in enumerate(others)), ".", class_="where")
            if others
            else None,
            class_=f"load {_STATE_KINDS[consent.state]}",
        )

    # -- coverage

    def coverage(self) -> Html:
        report = self.report
        size = f"{report.bytes / 1_000_000:,.1f} MB" if report.bytes >= 1_000_000 else f"{report.bytes / 1000:,.0f} kB"
        told = h("p", f"{plural(report.files, 'file')} ({size}) were analysed." if report.files != 1 else "1 file.")
        if not report.skipped:
            return join(told, h("p", "No file was left out."))
        groups: dict[tuple[bool, SkipReason], list[tuple[str, str]]] = {}
        for one in report.skipped:
            groups.setdefault((one.reason not in UNANALYSED, one.reason), []).append((one.path, one.detail))
        rows = []
        for (by_rule, reason), files in sorted(groups.items()):
            listed = [
                h("li", _place_text(path), f" ({detail})" if detail else None)
                for path, detail in sorted(set(files))[:_MOST_LISTED]
            ]
            names: Html = join(h("ul", listed, class_="plain"), _more(len(files) - _MOST_LISTED))
            if len(listed) > _OPEN_LOADS:
                names = h("details", h("summary", f"Show {plural(len(files), 'path')}"), names)
            rows.append(
                h(
                    "tr",
                    h("th", _capital(_words(reason)), scope="row"),
                    h("td", _badge("neutral", "Left out") if by_rule else _badge("unsure", "Not analysed in full")),
                    h("td", _SKIP_MEANING[reason], "."),
                    h("td", names),
                )
            )
        header = ("Reason", "What that means", "Why", "Files and folders")
        return join(told, _table("What was left out or not analysed in full", header, rows))

    # -- words

    def words(self) -> Html:
        return join(
            h(
                "p",
                "A ",
                h("strong", "load"),
                " is a place in the code that makes a visitor's browser contact somebody else, or sends them data. The "
                "question that decides everything is: can it happen in a browser whose visitor has not made any choice "
                "yet?",
            ),
            h(
                "dl",
                (
                    h(
                        "div",
                        h("dt", _badge(_STATE_KINDS[state], _STATE_WORDS[state])),
                        h("dd", _STATE_MEANING[state]),
                    )
                    for state in STATES
                ),
                class_="words",
            ),
        )

    @cached_property
    def _anchors(self) -> Mapping[str, str]:
        """The id of each service on the page; no two are alike."""
        found: dict[str, str] = {}
        for one in services(self.report):
            slug = base = "service-" + re.sub(r"[^a-z0-9]+", "-", one.service.lower()).strip("-")
            while slug in found.values():
                slug = f"{base}-{len(found)}"
            found[one.service] = slug
        return found

    def _anchor(self, service: str) -> str:
        return self._anchors[service]


# --------------------------------------------------------------------------------------------------------------- pieces

_STATE_KINDS: Mapping[str, str] = {
    "ungated": "bad",
    "unknown": "unsure",
    "gated": "good",
    "not-required": "neutral",
}
_CHANGE_KINDS: Mapping[str, str] = {
    "service added": "bad",
    "id added": "bad",
    "ungated since": "bad",
    "load added": "unsure",
    "not provable since": "unsure",
    "re-gated": "good",
    "review due": "unsure",
    "approver changed": "bad",
    "suppression added": "unsure",
    "not checked": "unsure",
    "configuration loosened": "bad",
}
_NOT_VALID = frozenset({"expired", "incomplete", "outside-scope", "not-authorised"})
_SYMBOLS: Mapping[str, str] = {"bad": "✕", "unsure": "?", "good": "✓", "neutral": "○"}


def _badge(kind: str, text: str) -> Html:
    # The symbol is for those who cannot tell the colours apart; who listens has the words.
    return h("span", h("span", _SYMBOLS[kind], aria_hidden="true"), " ", text, class_=f"badge {kind}")


def _notice(kind: str, title: str, text: str) -> Html:
    symbol = h("span", _SYMBOLS[kind], aria_hidden="true", class_="symbol")
    return h("div", symbol, h("p", h("strong", title, ". "), text), class_=f"notice {kind}")


def _swatch(state: str) -> Html:
    return h("span", class_=f"swatch {_STATE_KINDS[state]}", aria_hidden="true")


def _rects(states: Mapping[str, int], widest: int) -> Html:
    parts, left = [], 0.0
    for state in STATES:
        width = 100 * states.get(state, 0) / max(widest, 1)
        if width:
            place = {"x": f"{left:.2f}", "y": "0", "width": f"{width:.2f}", "height": "10"}
            parts.append(h("rect", class_=_STATE_KINDS[state], **place))
            left += width
    return join(parts)


def _chart(caption: str, first: str, rows: Sequence[tuple[Node, Counter[str]]]) -> Html:
    """Stacked bars in a table that has their figures."""
    widest = max(sum(states.values()) for _, states in rows)
    columns = [state for state in STATES if any(states[state] for _, states in rows)]
    header = h(
        "tr",
        h("th", first, scope="col"),
        h("td", class_="for-bar"),
        (h("th", _swatch(state), " ", _STATE_WORDS[state], scope="col", class_="number") for state in columns),
        h("th", "Total", scope="col", class_="number"),
    )
    body = []
    for label, states in rows[:_MOST_LISTED]:
        bar = h(
            "svg",
            _rects(states, widest),
            class_="bar",
            viewBox="0 0 100 10",
            preserveAspectRatio="none",
            aria_hidden="true",
            focusable="false",
        )
        body.append(
            h(
                "tr",
                h("th", label, scope="row"),
                h("td", bar, class_="for-bar"),
                (
                    h("td", f"{states[state]:,}" if states[state] else h("span", "0", class_="zero"), class_="number")
                    for state in columns
                ),
                h("td", f"{sum(states.values()):,}", class_="number"),
            )
        )
    table = h("table", h("caption", caption), h("thead", header), h("tbody", body), class_="chart")
    return join(_scrollable(caption, table), _more(len(rows) - _MOST_LISTED))


def _table(caption: str, header: Sequence[str], rows: Sequence[Html]) -> Html:
    head = h("thead", h("tr", (h("th", title, scope="col") for title in header)))
    return _scrollable(caption, h("table", h("caption", caption), head, h("tbody", rows)))


def _scrollable(label: str, table: Html) -> Html:
    # Who uses a keyboard has to be able to reach what scrolls.
    return h("div", table, class_="scroll", tabindex="0", role="region", aria_label=f"{label} (table)")


def _more(count: int) -> Html | None:
    return h("p", f"And {count:,} more; the JSON report has all.", class_="where") if count > 0 else None


def _place(path: str, line: int) -> Html:
    return _place_text(f"{path}:{line}")


def _place_text(place: str) -> Html:
    return _broken(place, r"(?<=/)(?=[^/])")


def _broken(text: str, at: str) -> Html:
    """Code that a narrow column breaks where a reader would."""
    parts = re.split(at, one_line(text))
    return h("code", (join(h("wbr") if number else None, part) for number, part in enumerate(parts)), class_="place")


def _category(category: str | None) -> str:
    return _CATEGORY_WORDS[category or ""]


def _words(slug: str) -> str:
    return slug.replace("-", " ")


def _capital(text: str) -> str:
    text = text.strip().rstrip(".")
    # A slug such as google-maps is a name and stays as it is.
    return text if re.match(r"[a-z0-9]+[-.:]", text) else text[:1].upper() + text[1:]


def _day(date: object) -> str:
    return f"{date:%d %B %Y}".lstrip("0")


def _unique(items: Iterable[object]) -> list[str]:
    return list(dict.fromkeys(items))  # type: ignore[arg-type]


def _by_service(detections: Iterable[Detection]) -> list[tuple[str, list[Detection]]]:
    groups: dict[str, list[Detection]] = {}
    for one in detections:
        groups.setdefault(one.service, []).append(one)
    return sorted(groups.items(), key=lambda pair: (pair[1][0].name.lower(), pair[0]))


def _reason(detection: Detection) -> Html:
    """Why a verdict is what it is, in a sentence without its full stop."""
    consent = detection.consent
    if consent.broken:
        text = _capital(consent.broken)
        if consent.why and consent.why.rstrip(".") not in consent.broken:
            text += f"; {consent.why.strip().rstrip('.')}"
        return rich(text)
    if consent.why:
        return rich(_capital(consent.why))
    if detection.email:
        return Html("It is fetched when the e-mail is opened; nobody can be asked first")
    if consent.mechanism == "hint":
        return Html("The browser is told to connect as soon as the page is opened")
    return Html(
        {
            "ungated": "Nothing makes it wait: it happens as soon as the page or script is run",
            "unknown": "The code does not show on what it depends",
            "gated": "It waits for the visitor's choice",
            "not-required": "No consent is asked for",
        }[consent.state]
    )


def _because(detection: Detection) -> Html:
    reason = _reason(detection)
    asked = detection.consent.category
    if detection.consent.state == "gated" and asked:
        return join(reason, f". The visitor is asked about {asked} cookies.")
    return join(reason, ".")


def _excerpt(detection: Detection) -> Html | None:
    """The source line with the load marked; of a long line what is around the load."""
    text = detection.excerpt.replace("\t", "    ")
    if not text.strip():
        return None
    tabs = detection.excerpt[: max(detection.column - 1, 0)].count("\t")
    start = min(max(detection.column - 1 + 3 * tabs, 0), len(text))
    same_line = detection.end_line in (0, detection.line) and detection.end_column > detection.column
    end = min(start + detection.end_column - detection.column, len(text)) if same_line else len(text)
    left = len(text) - len(text.lstrip())
    if len(text) - left > _EXCERPT:
        left = max(left, start - _EXCERPT // 4)
    right = min(len(text), max(left + _EXCERPT, min(end, left + 2 * _EXCERPT)))
    start, end = min(max(start, left), right), min(max(end, left), right)
    cut: Callable[[int, int], str] = partial(_slice, text)
    code = join(
        "…" if text[:left].strip() else None,
        cut(left, start),
        h("mark", cut(start, end)) if end > start else None,
        cut(end, right).rstrip(),
        "…" if text[right:].strip() else None,
    )
    number = h("span", f"{detection.line}", class_="line", aria_hidden="true")
    return h("pre", number, h("code", code))


def _slice(text: str, start: int, end: int) -> str:
    return text[start:end].replace("\r", " ").replace("\n", " ")

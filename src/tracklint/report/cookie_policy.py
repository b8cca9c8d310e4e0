"""What the site has to tell its visitors: the tables of its cookie page, as Markdown or as an HTML fragment.

They say what the site does, whether or not that is as it should be; what should be put right before the page is
published stands in a comment at the top.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from tracklint.manifest import Approval
from tracklint.model import CATEGORIES, IDLE, Detection, Report
from tracklint.report.hypertext import Html, Node, h, join
from tracklint.report.markdown import code, escape
from tracklint.report.wording import PLAIN, Context, one_line, standing

_GROUPS: Mapping[str, tuple[str, str]] = {
    "essential": ("Essential", "The website needs these to work."),
    "functional": ("Functional", "These add something to a page, such as a map, a film or a clearer text."),
    "analytics": ("Analytics", "These tell us how the website is used."),
    "marketing": ("Marketing", "These belong to companies that also use what they learn for advertising."),
    "": ("Other services", "Parts of our pages that come from other organisations."),
}
_SERVICES = ("Service", "Who receives the data", "What it is for", "Do we ask you first?", "Privacy notice")
_COOKIES = ("Cookie", "Set by", "What it is for", "How long it stays")


@dataclass(frozen=True)
class _Entry:
    """One service as the public should know it."""

    service: str
    name: str
    company: str
    category: str
    purpose: str
    asked: str
    privacy_url: str | None
    cookies: tuple[tuple[str, str, str], ...]  # name, purpose, lifetime
    email: bool
    mend: tuple[str, ...]  # what is wrong with publishing it like this


def render(report: Report, context: Context = PLAIN) -> str:
    """The tables, by category. Services that are only packages or settings without a load are left out."""
    entries = _entries(report, context)
    return _html(entries) if context.fragment else _markdown(entries)


# -------------------------------------------------------------------------------------------------------------- entries


def _entries(report: Report, context: Context) -> list[_Entry]:
    groups: dict[str, list[Detection]] = {}
    for one in report.detections:
        if one.technique != "dependency":
            groups.setdefault(one.service, []).append(one)
    found = [_entry(slug, group, report, context) for slug, group in groups.items()]
    return sorted(found, key=lambda one: (one.name.lower(), one.service))


def _entry(slug: str, group: Sequence[Detection], report: Report, context: Context) -> _Entry:
    first = group[0]
    rule = context.rules.get(slug)
    approval = _approval(slug, context)
    mend: list[str] = []
    status = report.statuses.get(slug, "not-in-manifest")
    if status != "approved":
        mend.append(f"it is {standing(status)}")
    early = sum(1 for one in group if one.consent.state == "ungated")
    if early:
        of = "" if early == len(group) else f" in {early} of {len(group)} places"
        mend.append(f"it can run before consent{of}")
    purpose = (approval.purpose if approval is not None else None) or (rule.summary if rule is not None else "")
    if not purpose:
        mend.append("nobody has written down what it is for")
    own = approval.cookies if approval is not None else ()
    # A pixel in an e-mail is no page that could set what the rules know of the service.
    in_email = all(one.email for one in group)
    cookies = own or (rule.cookies if rule is not None and not in_email else ())
    if cookies and not own:
        mend.append("its cookies are those that it can set; write the real ones into the manifest as cookies")
    company = (approval.company if approval is not None else None) or first.company or first.host or ""
    if first.first_party or any(one.first_party for one in group):
        company = f"Ourselves (software by {company})" if company else "Ourselves"
    url = (approval.privacy_url if approval is not None else None) or (rule.privacy_url if rule is not None else None)
    return _Entry(
        service=slug,
        name=(approval.name if approval is not None else None) or first.name,
        company=company,
        category=(approval.category if approval is not None else None) or first.category or "",
        purpose=purpose or "Not stated",
        asked=_asked(group, approval),
        privacy_url=url if url and urlsplit(url).scheme in ("https", "http") else None,
        cookies=tuple((one.name, one.purpose or "Not stated", _lifetime(one.lifetime)) for one in cookies),
        email=in_email,
        mend=tuple(mend),
    )


def _lifetime(text: str) -> str:
    return "Until you close the browser" if text == "session" else text or "Not stated"


def _approval(slug: str, context: Context) -> Approval | None:
    """The entry that describes a service best: an approved one, else any that is still in force."""
    if context.manifest is None:
        return None
    own = [
        one for one in context.manifest.approvals if one.subject == slug and one.status not in ("removed", "rejected")
    ]
    return min(own, key=lambda one: one.status != "approved", default=None)


def _asked(group: Sequence[Detection], approval: Approval | None) -> str:
    if all(one.email for one in group):
        return "No: it is in an e-mail and is fetched when you open it"
    group = [one for one in group if one.consent.mechanism not in IDLE]
    if not group:
        return "It is not in use on any page"
    states = {one.consent.state for one in group if not one.email}
    if states == {"gated"}:
        choice = {one.consent.mechanism for one in group} == {"facade"}
        return "Yes: only when you press on it" if choice else "Yes: only after you have agreed"
    if states == {"not-required"}:
        if approval is not None and approval.consent in ("opt-out", "exempt") and approval.consent_reason:
            start = "No, but you can object" if approval.consent == "opt-out" else "No"
            return f"{start}: {approval.consent_reason}"
        category = (approval.category if approval is not None else None) or group[0].category
        return "No: the website needs it to work" if category == "essential" else "No"
    if states <= {"gated", "not-required"}:
        return "Yes, where it is needed"
    if "gated" in states and "ungated" in states:
        return "Only in part: on some pages it is there from the start"
    if "ungated" in states:
        return "No: it is there from the start"
    return "On most pages; not confirmed for all"


def _grouped(entries: Sequence[_Entry]) -> list[tuple[str, str, list[_Entry]]]:
    groups = [
        (*_GROUPS[category], [one for one in entries if one.category == category and not one.email])
        for category in (*CATEGORIES, "")
    ]
    groups.append(
        ("In our e-mails", "These are fetched when you open an e-mail.", [one for one in entries if one.email])
    )
    return [group for group in groups if group[2]]


def _notes(entries: Sequence[_Entry]) -> list[str]:
    """Lines of the comment at the top. Nothing in it can end a comment."""
    lines = ["Written by tracklint (format cookie-policy) from the approvals manifest and the rules."]
    wrong = [one for one in entries if one.mend]
    if wrong:
        lines.append("Look at these before you publish it:")
        lines += [f"* {one.name}: {'; '.join(one.mend)}" for one in wrong]
    return [one_line(line).replace("--", "- -").replace(">", "\u203a").replace("<", "\u2039") for line in lines]


# ------------------------------------------------------------------------------------------------------------- formats


def _markdown(entries: Sequence[_Entry]) -> str:
    parts = ["<!--\n" + "\n".join(_notes(entries)) + "\n-->\n"]
    if not entries:
        parts.append("This website loads nothing from other organisations.\n")
    for title, text, group in _grouped(entries):
        parts.append(f"## {title}\n\n{text}\n")
        rows = [
            (
                escape(one.name),
                escape(one.company or "Not known"),
                escape(one.purpose),
                escape(one.asked),
                _link(one),
            )
            for one in group
        ]
        parts.append(_table(_SERVICES, rows))
        cookies = [
            (code(name), escape(one.name), escape(purpose), escape(lifetime))
            for one in group
            for name, purpose, lifetime in one.cookies
        ]
        if cookies:
            parts.append(f"### {title}: cookies\n\n" + _table(_COOKIES, cookies))
    return "\n".join(parts)


def _link(entry: _Entry) -> str:
    if entry.privacy_url is None:
        return ""
    url = one_line(entry.privacy_url).replace("<", "%3C").replace(">", "%3E").replace("|", "%7C").replace(" ", "%20")
    return f"[{escape(entry.name)}: privacy notice](<{url}>)"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _html(entries: Sequence[_Entry]) -> str:
    parts: list[str] = ["<!--\n" + "\n".join(_notes(entries)) + "\n-->"]
    if not entries:
        parts.append(h("p", "This website loads nothing from other organisations."))
    for title, text, group in _grouped(entries):
        parts += [h("h2", title), h("p", text)]
        rows: list[Sequence[Node]] = [
            (
                one.name,
                one.company or "Not known",
                one.purpose,
                one.asked,
                h("a", f"{one.name}: privacy notice", href=one.privacy_url) if one.privacy_url else "",
            )
            for one in group
        ]
        parts.append(_html_table(f"{title}: services", _SERVICES, rows))
        cookies: list[Sequence[Node]] = [
            (h("code", name), one.name, purpose, lifetime) for one in group for name, purpose, lifetime in one.cookies
        ]
        if cookies:
            parts.append(_html_table(f"{title}: cookies", _COOKIES, cookies))
    return "\n".join(parts) + "\n"


def _html_table(caption: str, header: Sequence[str], rows: Sequence[Sequence[Node]]) -> Html:
    lines: list[Html] = [
        h("caption", caption),
        h("thead", h("tr", (h("th", title, scope="col") for title in header))),
        Html("<tbody>"),
        *(h("tr", h("th", row[0], scope="row"), (h("td", cell) for cell in row[1:])) for row in rows),
        Html("</tbody>"),
    ]
    table = Html("<table>\n" + "\n".join(join(line) for line in lines) + "\n</table>")
    # On a narrow screen the table is moved sideways, not the page; also by those who have no mouse.
    return h("div", table, role="region", aria_label=caption, tabindex="0", style="overflow-x: auto")

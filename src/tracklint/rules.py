"""The finding rules: detections, held against manifest and policy, become findings.

1. `RULES` is the register: one record for each code, from which documentation and reports take their words.
2. `with_manifest` lets the manifest and the policy have their say on what needs consent at all.
3. `findings` asks each family of rules for drafts, then applies selection, severities and suppressions.

Other modules make findings of their own with `finding` and hand them to `findings` as `extra`.
"""

from __future__ import annotations

import contextlib
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from tracklint import lazy_re
from tracklint.consent.pairs import same_account
from tracklint.manifest import FILE_NAME, Approval, Manifest, PagesOf, Verdict, VerdictKind, is_placeholder
from tracklint.model import (
    CATEGORIES,
    IDLE,
    UNANALYSED,
    Category,
    Consent,
    Detection,
    Finding,
    Pages,
    Related,
    Severity,
    Skipped,
    SkipReason,
)
from tracklint.policy import SEVERITIES, Policy, is_simple_glob
from tracklint.suppressions import Suppression

if TYPE_CHECKING:
    from tracklint.approval_proof import ProofProblem


class Rule(NamedTuple):
    """One kind of finding. Codes and names are permanent and never used again for something else."""

    code: str
    name: str
    severity: Severity
    summary: str  # what it finds, one sentence
    why: str  # why that matters
    fix: str  # the general way to mend it
    default: bool = True  # False: only when it is selected or given a severity


_REGISTER = (
    Rule(
        "TL101",
        "tracker-not-in-manifest",
        "error",
        "A service is loaded that has no entry in the approvals manifest.",
        "Whoever runs a service learns the address of each visitor, the page they are on and, with cookies, who "
        "comes back. On a health or care site the page alone can tell what somebody is ill with or worried about. "
        "That is for the organisation to decide, with its information governance and its data protection impact "
        "assessment, and not a side effect of a commit. A manifest that lists everything is also the only way to "
        "tell the public the truth.",
        "Run `tracklint --fix-manifest`, which writes an entry with status `pending`. Commit it with your change and "
        "ask one of the people in `[approvers]` to approve it with `tracklint approve`. If the service is not needed "
        "after all, take the load out.",
    ),
    Rule(
        "TL102",
        "approval-pending",
        "warning",
        "An entry of the manifest is waiting for an approver's decision.",
        "The entry is on record, so work can go on, but nobody who may decide has agreed to it yet. It must not "
        "reach the public like that: with `--require-approval`, as on a pull request, a pending entry blocks. An "
        "entry with status `legacy` was there when the manifest was first written, and has to be decided by its "
        "`review_by`.",
        "Ask an approver to look at the entry: `tracklint approve SERVICE --by ID --purpose … --owner … --review-by "
        "…`, or `tracklint reject SERVICE --by ID --reason …`.",
    ),
    Rule(
        "TL103",
        "approval-incomplete",
        "error",
        "An approval lacks something that makes it one: approver, date, purpose, owner or review date.",
        "An approval is a record that somebody must be able to stand by later: what the data is used for, who "
        "answers for it, who agreed and until when. Without a purpose it cannot be explained to the public, and "
        "without a review date it lasts for ever. Words that only fill the space (`todo`, `tbd`, `n/a`) are no "
        "answer.",
        "Ask the approver to complete the entry, by hand or with `tracklint approve`. The message names what is "
        "missing.",
    ),
    Rule(
        "TL104",
        "approval-expired",
        "error",
        "The review date of an approval has passed.",
        "Services change what they collect, contracts end and campaigns are over, while their tags stay in the "
        "pages. That is why an approval has an end: at its review date somebody must confirm that the service is "
        "still needed, still does what was agreed, and is still described correctly to the public.",
        "If it is still needed, an approver runs `tracklint renew SERVICE --by ID --review-by …`. If not, take the "
        "load out and have an approver run `tracklint retire SERVICE --by ID --reason …`.",
    ),
    Rule(
        "TL105",
        "outside-approved-scope",
        "error",
        "A service is approved, but not like this: another account, path, page, technique or category, or it was "
        "refused.",
        "An approval is for a certain use. A second account id sends the visitors' data to somebody else's property; "
        "another part of the site has other visitors and other subjects; another technique can see more of the page. "
        "None of that was looked at. A service that was rejected must not be used at all.",
        "If the change was not meant, undo it. Else run `tracklint --fix-manifest`, which writes what is new as a "
        "pending entry beside the approved one, and ask an approver to decide on it.",
    ),
    Rule(
        "TL106",
        "removed-without-approval",
        "error",
        "The manifest approves a service that a scan of the whole site no longer finds.",
        "Taking a tracker away can break what somebody relies on, such as a report that the organisation must give, "
        "an accessibility tool or a survey, and makes the site's cookie page wrong. And if it only moved to where "
        "nobody sees it, such as a tag manager, the manifest would go on approving something that nobody can check "
        "any more.",
        "If the load was taken out on purpose, ask an approver to agree with `tracklint retire SERVICE --by ID "
        "--reason …`. If not, put it back.",
    ),
    Rule(
        "TL107",
        "approver-not-authorised",
        "error",
        "Somebody approved who may not: not in `[approvers]` of the base branch, no longer in office, or not proven.",
        "An approval is worth something only if it was given by a person whom the organisation has named. The list "
        "of the base branch counts, so that a change cannot appoint its own approver, and where the policy asks for "
        "proof, the commit that holds the decision must have been authored or signed by that person.",
        "Ask one of the people in `[approvers]` of the base branch to give the approval themselves. A change of "
        "`[approvers]` is a change of its own, which they merge first.",
    ),
    Rule(
        "TL108",
        "suppression-without-reason",
        "error",
        "A comment that suppresses a finding gives no reason, suppresses nothing, or tries what no comment may.",
        "A suppression is a decision that others have to be able to follow. Without a reason nobody can judge it at "
        "the next review, and one that no longer suppresses anything would hide the next mistake at that place. "
        "Approvals belong in the manifest, where the organisation decides, and not in a comment.",
        "Write the reason behind the brackets: `tracklint: ignore[TL201] why this is right here`. Take out a "
        "suppression that has nothing to suppress. For approvals use the manifest.",
    ),
    Rule(
        "TL109",
        "container-not-in-repository",
        "warning",
        "A tag manager loads a container whose content is not in the repository.",
        "A tag manager is a door: whoever may publish in its console can add any tracker to the site without a "
        "commit, a review or an approval. As long as the container's content is somewhere else, nothing that is "
        "checked here says what visitors really meet.",
        "Export the container after each change and commit the export, so that it is reviewed like code; or take the "
        "tags out of the tag manager and load them from the site. Name an owner of the container in the manifest.",
        default=False,
    ),
    Rule(
        "TL201",
        "tracker-runs-before-consent",
        "error",
        "An analytics or marketing service can run before the visitor has agreed to it.",
        "Storing something on a visitor's device, or reading from it, needs their consent first unless the service "
        "that they asked for cannot work without it. Statistics and advertising are not that. Consent is a free and "
        "informed choice that was made before, so a load that can happen while no choice has been made has none. On "
        "a health site the mere fact of a visit can reveal something about somebody's health.",
        "Load it only after a yes to its category: wire the tag to the site's consent manager, or put it behind a "
        "check of the stored choice that is false as long as there is none. Or use measurement that needs no third "
        "party.",
    ),
    Rule(
        "TL202",
        "embed-loads-before-consent",
        "error",
        "An embedded video, map, post, form or other widget contacts its provider before the visitor has agreed to it.",
        "With the frame or script of an embed the provider gets the visitor's address, the page and often a chance "
        "to set cookies, even if nobody ever plays the video. Modes that promise more privacy usually still connect "
        "to the provider, and loading lazily only waits for the visitor to scroll.",
        "Show a placeholder from your own site that says who will be contacted, and load the embed when the visitor "
        "clicks on it or has agreed to its category. A plain link to the content is often enough.",
    ),
    Rule(
        "TL203",
        "wrong-consent-category",
        "error",
        "A service waits for a choice, but for a milder one than its purpose needs.",
        "Somebody who agrees to statistics has not agreed to advertising. Consent counts only for the purpose that "
        "the visitor was asked about, so a marketing tag behind the analytics switch runs without consent.",
        "Gate the service with the category that it belongs to. If the organisation uses it for something milder, an "
        "approver can say so in the manifest with `category` and `category_reason`.",
    ),
    Rule(
        "TL204",
        "consent-mode-only",
        "warning",
        "A tag runs in a consent mode: it sets no cookies yet, but contacts its vendor before the visitor's choice.",
        "In such a mode the vendor's script is fetched and signals are sent at once. The vendor receives the "
        "visitor's address, browser and page while no choice has been made; that they are not stored on the device "
        "is only half of what the visitor would want to know. Whether that is acceptable is the organisation's "
        "decision.",
        "Do not load the tag at all until the visitor has agreed (often called basic mode), or have an approver "
        "record the decision in the manifest with `consent` and `consent_reason`.",
    ),
    Rule(
        "TL205",
        "noscript-bypasses-consent",
        "error",
        "A pixel or frame in `<noscript>` loads without asking.",
        "Browsers without scripts show what is in `<noscript>` at once. There is no consent manager there that could "
        "ask or hold it back, so these visitors, often those who protect themselves, are tracked without a choice.",
        "Take the `<noscript>` part out. Vendors' snippets contain it for completeness; without it only visitors "
        "without scripts go uncounted.",
    ),
    Rule(
        "TL206",
        "connection-hint-before-consent",
        "warning",
        "A connection hint (preconnect, dns-prefetch, preload …) contacts a service before the visitor's choice.",
        "A hint makes the browser look the host up, connect to it or fetch from it, so that it learns the visitor's "
        "address before anybody was asked. If the service itself waits for consent, the hint defeats that.",
        "Take the hint out; the service still works, a moment slower. It can be added together with the tag after "
        "consent.",
    ),
    Rule(
        "TL207",
        "consent-not-provable",
        "warning",
        "It cannot be told from the code whether the load waits for consent.",
        "What decides is out of reach: a value from a server, a function that is not in the repository, a name that "
        "can only be guessed. It may well be right, but nobody can be sure from reading this, so somebody has to "
        "look.",
        "Follow the chain with `tracklint explain PATH:LINE`. Make the condition readable where it stands, bring the "
        "missing file into the repository, or check the page in a browser and suppress the finding with what you "
        "saw.",
    ),
    Rule(
        "TL208",
        "implied-consent",
        "error",
        "A service runs on something that is not consent: scrolling, a timer, a closed banner, or not having declined.",
        "Consent is a clear act. Going on to read, closing a banner or doing nothing is not one, and a choice that "
        "is assumed until somebody objects is an opt-out. Only what policy and manifest list as opt-out may work "
        "like that.",
        "Load the service only after the visitor has actively said yes, and treat a missing choice as no.",
    ),
    Rule(
        "TL301",
        "unknown-third-party-script",
        "error",
        "A script or frame comes from a host that no rule knows and the manifest does not list.",
        "A script from another host can read all that is on the page and all that a visitor types, and whoever "
        "controls that host can change it at any time. Here nobody even knows what it is for.",
        "Find out what the host is. If it is your own, add it to `first_party` in the configuration. If it has to "
        "stay, run `tracklint --fix-manifest` and have the entry approved; better still, host the file yourself. "
        "Else take it out.",
    ),
    Rule(
        "TL302",
        "unknown-third-party-resource",
        "warning",
        "An image, style, font or request goes to a host that no rule knows and the manifest does not list.",
        "Each request tells the other host the visitor's address and usually the page. That may be harmless, or the "
        "pixel of a tracker that nobody has heard of yet.",
        "Host the file yourself where its licence allows it. If the host is your own, add it to `first_party` in the "
        "configuration; else run `tracklint --fix-manifest` and have the entry approved.",
    ),
    Rule(
        "TL303",
        "tracking-pixel",
        "error",
        "An invisible image reports a visit; in an e-mail, that it was opened, or a link that it was followed.",
        "A pixel has no purpose but to report. In an e-mail it tells the sender when, where and how often somebody "
        "read it, which for letters about appointments or results is information about a person's health. An e-mail "
        "cannot ask for consent first.",
        "Take the pixel out and switch open tracking off in the mailing service. On a page, load it only after "
        "consent.",
    ),
    Rule(
        "TL304",
        "identifier-stored-before-consent",
        "warning",
        "The site's own code stores or derives an identifier before the visitor's choice.",
        "The rules are about storing on and reading from the visitor's device, whoever does it. A cookie or storage "
        "entry that recognises a visitor needs consent as much as a vendor's tag does, and so does recognising the "
        "device by its features. What the visitor asked for (a basket, a log-in, the choice itself) is exempt.",
        "Store it only after consent. If the site cannot work without it, add its name to `essential_names` in the "
        "configuration and describe it on the cookie page.",
    ),
    Rule(
        "TL401",
        "visitor-input-sent-to-tracker",
        "error",
        "Something that the visitor typed or searched for is sent to a tracker.",
        "Search terms, postcodes, dates of birth and form values say who somebody is and what troubles them. Sent to "
        "a vendor together with an identifier, that is health information about a person, for which consent to "
        "statistics is no basis.",
        "Send an event without the value. Strip query strings from the addresses that are reported, and leave form "
        "fields out of automatic events.",
    ),
    Rule(
        "TL402",
        "tracker-on-sensitive-page",
        "warning",
        "A tracker is on a page that the organisation has called sensitive.",
        "On pages about a condition, a symptom checker or a clinic the address alone tells what somebody is "
        "concerned with. A tracker there passes that on, even with consent to statistics in general.",
        "Leave the tracker out of these pages, or have the organisation decide on them explicitly: an entry in the "
        "manifest whose `pages` names them, and a suppression that refers to it.",
    ),
    Rule(
        "TL403",
        "session-replay-on-form",
        "error",
        "A session recorder is on a form whose inputs are not masked.",
        "A recorder sends what visitors type and see, letter by letter, often before they send the form or change "
        "their mind. On a health site that is medical information in a vendor's system.",
        "Switch the recorder off on pages with forms. Where it must stay, mask all inputs and texts by default and "
        "allow single elements.",
    ),
    Rule(
        "TL501",
        "not-disclosed",
        "warning",
        "The site loads a service that its own cookie page does not mention.",
        "Consent must be informed. Visitors have to be able to read who receives their data, what for and for how "
        "long, before they choose. A service that the page does not name makes the answer worthless.",
        "Add the service to the cookie page; `tracklint --format cookie-policy` writes the table from manifest and "
        "rules.",
    ),
    Rule(
        "TL502",
        "disclosed-but-absent",
        "note",
        "The cookie page names a service that the site does not load.",
        "A page that lists what is long gone is not read and not believed, and it hides what is new. It may also be "
        "a sign that the service is loaded from somewhere that is not in the repository.",
        "Take the service off the cookie page, or find out where it is loaded from.",
    ),
    Rule(
        "TL901",
        "not-fully-analysed",
        "warning",
        "A file could not be read or parsed in full, or a page runs a script that was left out, so something may have "
        "been missed.",
        "A check that passes over what it does not understand would be a way around it. So it says which file it "
        "was, and why.",
        "Mend the file (its encoding, its syntax), raise `max_file_bytes` or `time_limit` in the configuration, or "
        "leave the file out with `exclude` if no visitor gets it.",
    ),
)
RULES: dict[str, Rule] = {rule.code: rule for rule in _REGISTER}

# What only the manifest may allow: a comment in the code would be an approval by whoever writes the code.
APPROVAL_CODES = frozenset({"TL101", "TL102", "TL103", "TL104", "TL105", "TL106", "TL107", "TL301", "TL302"})
_NEVER_SUPPRESSED = frozenset({"TL108"})

TRACKING: frozenset[Category] = frozenset({"analytics", "marketing"})
# Kinds that stand in the page as something to look at or to use.
EMBED_KINDS = frozenset({"video", "map", "social", "survey", "comments", "chat", "captcha"})
_VISIBLE = frozenset({"iframe", "embed", "image", "markdown"})
# Where a rule gives no category, these kinds exist to follow visitors.
_TRACKING_KINDS: dict[str, Category] = {
    "analytics": "analytics",
    "session-replay": "analytics",
    "monitoring": "analytics",
    "ab-testing": "analytics",
    "tag-manager": "marketing",
    "advertising": "marketing",
    "email-tracking": "marketing",
}
_PASSIVE = frozenset({"image", "css", "link", "api-call", "markdown", "dependency", "config"})
# Signs of a pixel in a load's text, which holds no white space: <img height="1" width="1"> is imgheight="1"width="1".
_SIZE = lazy_re.compile(r"""(width|height)(?:=["'{]*|:)[01](?:px)?(?![\d.%])""", re.IGNORECASE)
_HIDDEN = lazy_re.compile(r"display:none|visibility:hidden", re.IGNORECASE)
_PICTURE = lazy_re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif|bmp|ico)(?:[?#]|$)", re.IGNORECASE)
_MILDER = ("staff", "off")  # no visitor's page has it as things are
_PIXEL_URL = lazy_re.compile(
    r"""[/._-](?:pixel|beacon|collect|track|open|piwik|matomo)(?:\.\w{2,4})?[?/"'\s]|1x1|[/_-]px\.(?:gif|png)|/tr/?\?""",
    re.IGNORECASE,
)
_REWRITTEN = frozenset({"script-src", "inline-script", "iframe"})  # what `tracklint --fix` may know how to gate
_MOST_RELATED = 20
_SNIPPET_GAP = 3  # lines between two loads that belong to one snippet

_WORST_FIRST: tuple[VerdictKind, ...] = (
    "not-in-manifest",
    "rejected",
    "removed-but-present",
    "not-authorised",
    "outside-scope",
    "incomplete",
    "expired",
    "legacy-expired",
    "pending",
    "legacy",
    "approved",
)
_REASONS: Mapping[SkipReason, str] = {
    "unreadable": "could not be read",
    "encoding": "has bytes that are not in its encoding",
    "too-large": "is too large to be analysed",
    "syntax-error": "could not be parsed",
    "nesting": "is nested too deeply",
    "time-limit": "took too long to analyse",
    "internal-error": "made tracklint fail",
}
_HELP_SKIPPED: Mapping[SkipReason, str] = {
    "unreadable": "make the file readable, or leave it out with `exclude` in the configuration",
    "encoding": "save the file as UTF-8",
    "too-large": "raise `max_file_bytes`, or leave the file out with `exclude` if no visitor gets it",
    "time-limit": "raise `time_limit`, or leave the file out with `exclude` if no visitor gets it",
    "internal-error": "please report it, with the file if you can; until then read this file yourself",
}


class Outcome(NamedTuple):
    """What `findings` gives: for `Report.findings`, `Report.suppressed` and `Report.statuses`."""

    findings: tuple[Finding, ...]
    suppressed: tuple[tuple[Finding, str], ...]
    statuses: dict[str, str]


class _Place(NamedTuple):
    first: int
    last: int


class _Draft(NamedTuple):
    """A finding before policy and suppressions. `places` are the lines of all loads that it is about."""

    finding: Finding
    places: tuple[_Place, ...] = ()
    elsewhere: tuple[str, _Place] | None = None  # the load that a call sets off: a comment there counts too
    raised: bool = False  # its severity is above the rule's by decision, whatever the configuration says


def finding(
    code: str,
    path: str,
    message: str,
    help: str,
    *,
    line: int = 1,
    column: int = 1,
    end_line: int = 0,
    end_column: int = 0,
    service: str | None = None,
    detection: str | None = None,
    excerpt: str = "",
    related: Sequence[Related] = (),
    severity: Severity | None = None,
) -> Finding:
    """A finding of a registered rule, with the rule's name and severity. Raises KeyError for an unknown code."""
    rule = RULES[code]
    return Finding(
        code=code,
        name=rule.name,
        severity=severity or rule.severity,
        path=path,
        line=line,
        column=column,
        message=message,
        help=help,
        service=service,
        detection=detection,
        end_line=end_line or line,
        end_column=end_column,
        excerpt=excerpt,
        related=tuple(related),
    )


def blocking(findings: Iterable[Finding]) -> int:
    """How many findings block: the errors. A pending entry is one of them where the policy requires approval."""
    return sum(1 for item in findings if item.severity == "error")


def label(detection: Detection) -> str:
    """The service of a load with its account ids, for messages."""
    if detection.service.startswith("host:") and detection.name == detection.service[5:]:
        return f"the third party {detection.name}"
    return f"{detection.name} ({', '.join(detection.ids)})" if detection.ids else detection.name


def category_of(detection: Detection) -> Category | None:
    """The category of a load; where the ruleset names none, the one that its kind implies."""
    return detection.category or _TRACKING_KINDS.get(detection.kind)


def with_manifest(
    detections: Sequence[Detection], verdicts: Sequence[Verdict], policy: Policy
) -> tuple[Detection, ...]:
    """The detections as manifest and policy see them; `verdicts` are those of `manifest.judge` on the same detections.

    An approved entry decides the category. A load that needs no consent, because it is essential or because policy or
    an approved entry say `opt-out` or `exempt`, gets the state `not-required` with the ground in `why`; a gated load
    stays gated. Raises ValueError if the verdicts are not about these detections.
    """
    return tuple(
        _as_approved(detection, verdict, policy)
        for detection, verdict in zip(detections, _of_detections(verdicts), strict=True)
    )


def _of_detections(verdicts: Iterable[Verdict]) -> list[Verdict]:
    return [verdict for verdict in verdicts if verdict.detection is not None]


def _as_approved(detection: Detection, verdict: Verdict, policy: Policy) -> Detection:
    approval = verdict.approval if verdict.kind == "approved" else None
    if approval is not None and approval.category is not None:
        detection = replace(detection, category=approval.category)
    if detection.consent.state in ("gated", "not-required"):
        return detection
    category = category_of(detection)
    mechanism, why = "", ""
    if category == "essential":
        mechanism, why = "essential", "it is essential to the site"
        if approval is not None and approval.category_reason:
            why = f"approved as essential: {approval.category_reason}"
    elif approval is not None and approval.consent in ("opt-out", "exempt"):
        mechanism, why = approval.consent, f"approved as {approval.consent}: {approval.consent_reason}"
    elif category is not None and policy.consent_basis(category) != "required":
        basis = policy.consent_basis(category)
        mechanism, why = basis, f"the policy makes {category} {basis}: {policy.consent_reason}"
    # The manifest's own word for this service is stricter than the policy's for the category.
    if not mechanism or (
        approval is not None and approval.consent == "required" and mechanism in ("opt-out", "exempt")
    ):
        return detection
    return replace(detection, consent=Consent("not-required", mechanism, detection.consent.category, None, why))


def finding_about(
    detection: Detection,
    code: str,
    message: str,
    help: str,
    *,
    related: Sequence[Related] = (),
    severity: Severity | None = None,
) -> Finding:
    """A finding of a registered rule at the place of a load. Raises KeyError for an unknown code."""
    return finding(
        code,
        detection.path,
        message,
        help,
        line=detection.line,
        column=detection.column,
        end_line=detection.end_line,
        end_column=detection.end_column,
        service=detection.service,
        detection=detection.id,
        excerpt=detection.excerpt,
        related=related,
        severity=severity,
    )


def findings(
    detections: Sequence[Detection],
    verdicts: Sequence[Verdict],
    manifest: Manifest | None,
    policy: Policy,
    skipped: Iterable[Skipped] = (),
    *,
    suppressions: Iterable[Suppression] = (),
    lent: Iterable[Suppression] = (),
    calls: Sequence[Detection] = (),
    extra: Iterable[Finding] = (),
    containers: Collection[str] = (),
    pages_of: PagesOf | None = None,
    line_text: Callable[[str, int], str] | None = None,
) -> Outcome:
    """All findings, sorted, each once; those that a comment suppresses apart, with their reasons.

    `detections` come from `with_manifest`, `verdicts` from `manifest.judge` in the same order. `skipped` are the files
    left out and the notes on files that were read in part. `lent` are the suppressions of files that are not checked but
    hold what calls in checked ones set off; `calls` set off loads among `detections`, whose findings name them. `extra`
    are findings of other modules. `containers` are the ids of tag-manager containers whose export is in the repository.
    `pages_of` gives the pages that a file is part of, and is asked only where the policy names sensitive ones.
    `line_text` gives the source line of a path for excerpts of places that are no loads. Raises ValueError if the
    verdicts are not about these detections.
    """
    judged = list(zip(detections, _of_detections(verdicts), strict=True))
    bench = _Bench(judged, verdicts, calls, manifest, policy, pages_of, line_text or (lambda path, line: ""))
    drafts = [
        *bench.about_manifest(),
        *bench.about_approval(),
        *bench.about_containers(frozenset(containers)),
        *bench.about_consent(),
        *bench.about_pixels(),
        *bench.about_sensitive_pages(),
        *(_Draft(item, (_Place(item.line, max(item.line, item.end_line)),)) for item in extra),
        *(_not_analysed(item) for item in skipped if item.reason in UNANALYSED),
    ]
    drafts = _lenient(drafts, judged, policy)
    kept, suppressed, misused = _suppress(_active(drafts, policy), tuple(suppressions), tuple(lent), policy)
    kept += _active(misused, policy)
    return Outcome(
        findings=tuple(sorted({draft.finding for draft in kept}, key=_order)),
        suppressed=tuple(sorted(set(suppressed), key=lambda pair: (_order(pair[0]), pair[1]))),
        statuses=statuses(judged),
    )


def _lenient(drafts: Sequence[_Draft], judged: Sequence[tuple[Detection, Verdict]], policy: Policy) -> list[_Draft]:
    """What was there at adoption warns until its `review_by`: a manifest can be introduced without mending all at once.

    A severity that the configuration sets for the rule stands.
    """
    until = {
        detection.id: verdict.approval.review_by
        for detection, verdict in judged
        if verdict.kind == "legacy" and verdict.approval is not None
    }
    result = []
    for draft in drafts:
        one = draft.finding
        late = until.get(one.detection or "")
        if late is None or one.code[:3] not in ("TL2", "TL3") or one.code in policy.severity or one.severity != "error":
            result.append(draft)
            continue
        message = f"{one.message} (legacy: an error from {late} on)"
        result.append(draft._replace(finding=replace(one, severity="warning", message=message)))
    return result


def statuses(judged: Iterable[tuple[Detection, Verdict]]) -> dict[str, str]:
    """The standing of each service: of its loads' verdicts the worst."""
    worst: dict[str, int] = {}
    for detection, verdict in judged:
        rank = _WORST_FIRST.index(verdict.kind)
        worst[detection.service] = min(rank, worst.get(detection.service, rank))
    return {service: _WORST_FIRST[worst[service]] for service in sorted(worst)}


def unproven(problems: Iterable[ProofProblem], manifest: Manifest) -> list[Finding]:
    """TL107 for decisions that git does not prove; to be handed to `findings` as `extra`."""
    table = min((approver.line for approver in manifest.approvers.values() if approver.line), default=1)
    return [
        finding(
            "TL107",
            manifest.path,
            problem.message,
            problem.help or RULES["TL107"].fix,
            line=(problem.approval.line if problem.approval is not None else table) or 1,
            service=problem.approval.subject if problem.approval is not None else None,
        )
        for problem in problems
    ]


def is_active(code: str, policy: Policy) -> bool:
    """Whether selection and configuration leave a rule switched on."""
    if any(code.startswith(prefix) for prefix in policy.ignore) or policy.severity.get(code) == "off":
        return False
    if policy.select:
        return any(code.startswith(prefix) for prefix in policy.select)
    return RULES[code].default or code in policy.severity


def _active(drafts: Iterable[_Draft], policy: Policy) -> list[_Draft]:
    found = []
    for draft in drafts:
        code = draft.finding.code
        if not is_active(code, policy):
            continue
        default = RULES[code].severity
        chosen = policy.severity_of(code, default)
        severity = draft.finding.severity
        if not draft.raised and chosen != "off":
            # A draft that is milder than its rule stays so, and a configured level can only make it milder still.
            milder = SEVERITIES.index(severity) < SEVERITIES.index(default)
            severity = min(severity, chosen, key=SEVERITIES.index) if milder else chosen
        found.append(draft._replace(finding=replace(draft.finding, severity=severity)))
    return found


def _order(item: Finding) -> tuple[object, ...]:
    return (
        item.path,
        item.line,
        item.column,
        item.code,
        item.message,
        item.service or "",
        item.detection or "",
        item.help,
    )


def _not_analysed(item: Skipped) -> _Draft:
    detail = f": {item.detail}" if item.detail else ""
    message = f"this file {_REASONS[item.reason]}{detail}"
    help = _HELP_SKIPPED.get(item.reason, "mend the file, or leave it out with `exclude` if no visitor gets it")
    return _Draft(finding("TL901", item.path, message, help, line=item.line), (_Place(item.line, item.line),))


class _Bench:
    """What the rules look at, and the words that they share."""

    def __init__(
        self,
        judged: Sequence[tuple[Detection, Verdict]],
        verdicts: Sequence[Verdict],
        calls: Sequence[Detection],
        manifest: Manifest | None,
        policy: Policy,
        pages_of: PagesOf | None,
        line_text: Callable[[str, int], str],
    ) -> None:
        self.judged = judged
        self.verdicts = verdicts
        self.calls = calls
        self.manifest = manifest
        self.policy = policy
        self.pages_of = pages_of
        self.line_text = line_text
        self.manifest_path = manifest.path if manifest is not None else policy.manifest or FILE_NAME

    # -- shared words and places

    def _at(
        self,
        code: str,
        group: Sequence[Detection],
        message: str,
        help: str,
        related: Sequence[Related] = (),
        severity: Severity | None = None,
    ) -> _Draft:
        """A draft at the first load of a group; the others are related places."""
        first = group[0]
        places = [_Place(one.line, max(one.line, one.end_line)) for one in group]
        loader = first.loader
        there = [Related(loader.path, loader.line, "loaded here")] if loader is not None else []
        related = [*related, *there, *_also(group[1:])]
        item = finding_about(first, code, _sentence(message), help, related=related, severity=severity)
        elsewhere = (
            (loader.path, _Place(loader.line, max(loader.line, loader.end_line))) if loader is not None else None
        )
        return _Draft(item, tuple(places), elsewhere)

    def _in_manifest(
        self,
        code: str,
        approval: Approval,
        message: str,
        help: str,
        key: str = "",
        severity: Severity | None = None,
        raised: bool = False,
    ) -> _Draft:
        """A draft at an entry of the manifest, with the loads that it covers as related places."""
        line = approval.lines.get(key, approval.line) or 1
        loads = self._covered.get(id(approval), [])
        item = finding(
            code,
            self.manifest_path,
            _sentence(message),
            help,
            line=line,
            service=approval.subject,
            detection=loads[0].id if loads else None,
            excerpt=self.line_text(self.manifest_path, line)[:400],
            related=_also(loads, "loaded here"),
            severity=severity,
        )
        return _Draft(item, raised=raised)

    @cached_property
    def _covered(self) -> dict[int, list[Detection]]:
        covered: dict[int, list[Detection]] = defaultdict(list)
        for detection, verdict in self.judged:
            if verdict.approval is not None:
                covered[id(verdict.approval)].append(detection)
        return covered

    @cached_property
    def _approvers(self) -> str:
        ids = sorted(self.manifest.approvers) if self.manifest is not None else []
        if not ids:
            return "an approver"
        return f"an approver ({', '.join(ids[:3])}{' …' if len(ids) > 3 else ''})"

    def _groups(self) -> list[tuple[list[Detection], Verdict]]:
        """Loads of one service with the same ids and verdict in one file."""
        groups: dict[tuple[object, ...], tuple[list[Detection], Verdict]] = {}
        for detection, verdict in self.judged:
            approval = verdict.approval
            key = (
                detection.path,
                detection.service,
                detection.ids,
                verdict.kind,
                verdict.differences,
                id(approval) if approval is not None else None,
                detection.technique == "dependency",
                detection.service.startswith("host:") and _is_passive(detection),
            )
            groups.setdefault(key, ([], verdict))[0].append(detection)
        for group, _ in groups.values():
            group.sort(key=_says_least)
        return list(groups.values())

    # -- TL101, TL105, TL301, TL302: loads that no entry covers

    def about_approval(self) -> Iterator[_Draft]:
        used = {detection.service for detection, _ in self.judged if detection.technique != "dependency"}
        for group, verdict in self._groups():
            first, approval = group[0], verdict.approval
            entry = (
                [Related(self.manifest_path, approval.line or 1, "the entry is here")] if approval is not None else []
            )
            if verdict.kind == "not-in-manifest" and first.service.startswith("host:"):
                yield self._unknown_host(group)
            elif verdict.kind == "not-in-manifest":
                idle = first.service not in used or first.consent.mechanism == "unused"
                mere = first.technique == "dependency" and idle
                message = f"{label(first)} {_happens(first)} but has no entry in {self.manifest_path}"
                help = (
                    f"run `tracklint --fix-manifest`, then ask {self._approvers} to approve the entry; "
                    "or take it out if it is not needed"
                )
                yield self._at("TL101", group, message, help, severity="note" if mere else None)
            elif verdict.kind == "removed-but-present" and approval is not None:
                when = f" on {approval.removed_on}" if approval.removed_on else ""
                message = f"{label(first)} {_happens(first)} again, although its entry was retired{when}"
                help = f"take it out; or run `tracklint --fix-manifest` and ask {self._approvers} for a new approval"
                yield self._at("TL101", group, message, help, entry)
            elif verdict.kind == "rejected" and approval is not None:
                who = f" by {approval.rejected_by}" if approval.rejected_by else ""
                when = f" on {approval.rejected_on}" if approval.rejected_on else ""
                why = f": {approval.rejected_reason}" if approval.rejected_reason else ""
                message = f"{label(first)} {_happens(first)} but was rejected{who}{when}{why}"
                yield self._at(
                    "TL105", group, message, f"take it out; only {self._approvers} can change the decision", entry
                )
            elif verdict.kind == "outside-scope" and approval is not None:
                standing = {"approved": "approval", "legacy": "legacy entry"}.get(approval.status, "pending entry")
                message = f"{label(first)} is outside its {standing}: {'; '.join(verdict.differences)}"
                help = (
                    "undo the change, or run `tracklint --fix-manifest` to write what is new as a pending entry, "
                    f"then ask {self._approvers} to approve it"
                )
                yield self._at("TL105", group, message, help, entry)

    def _unknown_host(self, group: Sequence[Detection]) -> _Draft:
        first = group[0]
        what = {"iframe": "a frame", "embed": "an embedded object", "image": "an image", "css": "a style sheet or font"}
        kind = what.get(first.technique, "a resource" if _is_passive(first) else "a script")
        if first.technique == "css" and _PICTURE.search(first.url or "") is not None:
            kind = "an image"
        if first.consent.mechanism == "hint":
            kind = "a connection"
        known = first.service != "host:dynamic"
        origin = f"from {first.service[5:]}, which no rule knows and {self.manifest_path} does not list"
        message = f"{kind} {origin}" if known else f"{kind} from an address that is not in the repository"
        if all(one.consent.mechanism == "unused" for one in group):
            message += "; no page is seen to use this code"
        if all(one.consent.mechanism == "off" for one in group):
            message += "; the site's settings switch it off"
        help = (
            f"find out what {first.service[5:]} is: if it is your own, add it to first_party in {self._configuration}; "
            f"if it must stay, run `tracklint --fix-manifest` and ask {self._approvers}; else take it out"
            if known
            else "write the address where it can be reviewed, or run `tracklint --fix-manifest` and ask "
            f"{self._approvers} to approve the entry"
        )
        return self._at("TL302" if _is_passive(first) else "TL301", group, message, help)

    @property
    def _configuration(self) -> str:
        return self.policy.source.name if self.policy.source is not None else "tracklint.toml"

    # -- TL102 to TL104, TL106, TL107: entries

    def about_manifest(self) -> Iterator[_Draft]:
        seen: set[tuple[int, str]] = set()
        for verdict in self.verdicts:
            approval = verdict.approval
            if approval is None or (id(approval), verdict.kind) in seen:
                continue
            seen.add((id(approval), verdict.kind))
            yield from self._about_entry(verdict, approval)

    def _about_entry(self, verdict: Verdict, approval: Approval) -> Iterator[_Draft]:
        name = approval.label.removeprefix("host:")
        command = approval.subject.removeprefix("host:")
        why = "; ".join(verdict.differences)
        if verdict.kind == "pending":
            required = self.policy.require_approval
            help = (
                f"ask {self._approvers} to decide: `tracklint approve {command} --by ID --purpose … --owner …`, "
                f"or `tracklint reject {command} --by ID --reason …`"
            )
            message = f"{name} waits for approval"
            yield self._in_manifest(
                "TL102", approval, message, help, "status", "error" if required else None, raised=required
            )
        elif verdict.kind == "legacy":
            message = f"{name} was here before the manifest and has to be decided by {approval.review_by}"
            help = f"ask {self._approvers} to decide: `tracklint approve {command} --by ID …`, or take it out"
            yield self._in_manifest("TL102", approval, message, help, "status")
        elif verdict.kind == "incomplete":
            help = (
                f"ask {self._approvers} to complete the entry, by hand or with `tracklint approve {command} --by ID …`"
            )
            yield self._in_manifest("TL103", approval, f"the entry of {name} is incomplete: {why}", help, "status")
        elif verdict.kind == "expired":
            message = f"the approval of {name} ended on {approval.review_by}"
            help = (
                f"ask {self._approvers} to review it: `tracklint renew {command} --by ID`; or take it out and have it "
                f"retired: `tracklint retire {command} --by ID --reason …`"
            )
            yield self._in_manifest("TL104", approval, message, help, "review_by")
        elif verdict.kind == "legacy-expired":
            message = f"{name} was to be decided by {approval.review_by} and still is legacy"
            help = f"ask {self._approvers} to decide: `tracklint approve {command} --by ID …`; or take it out"
            yield self._in_manifest("TL104", approval, message, help, "review_by")
        elif verdict.kind == "review-due" and approval.status != "legacy":
            message = f"the approval of {name} is due for review by {approval.review_by}"
            help = f"ask {self._approvers} to review it: `tracklint renew {command} --by ID`"
            yield self._in_manifest("TL104", approval, message, help, "review_by", "note")
        elif verdict.kind == "gone" and approval.status == "pending":
            help = "run `tracklint --fix-manifest`, which takes out what waits for approval and is not there"
            yield self._in_manifest("TL106", approval, f"the pending entry is idle: {why}", help, severity="note")
        elif verdict.kind == "gone":
            message = f"removed without approval: {why}"
            help = (
                f"ask {self._approvers} to agree to the removal: `tracklint retire {command} --by ID --reason …`; "
                "or put it back"
            )
            yield self._in_manifest("TL106", approval, message, help)
        elif verdict.kind == "not-authorised":
            help = f"ask {self._approvers} to approve it themselves: `tracklint approve {command} --by ID …`"
            yield self._in_manifest(
                "TL107", approval, f"the entry of {name} does not count: {why}", help, "approved_by"
            )

    # -- TL109

    def about_containers(self, exported: frozenset[str]) -> Iterator[_Draft]:
        seen: set[tuple[str, tuple[str, ...]]] = set()
        for detection, _ in self.judged:
            missing = [account for account in detection.ids if account not in exported]
            if detection.kind != "tag-manager" or (detection.ids and not missing):
                continue
            key = (detection.service, detection.ids)
            if key in seen:
                continue
            seen.add(key)
            what = f"the container {', '.join(missing)}" if missing else "a container that cannot be told"
            message = f"{detection.name} loads {what}, whose content is not in the repository"
            help = "export the container and commit the export, so that what it loads can be reviewed"
            yield self._at("TL109", [detection], message, help)

    # -- TL201 to TL208

    def about_consent(self) -> Iterator[_Draft]:
        open_group: dict[tuple[object, ...], list[Detection]] = {}
        groups: list[tuple[str, list[Detection]]] = []
        coded = [(detection, code) for detection, _ in self.judged if (code := _consent_code(detection)) is not None]
        placed = {(one.path, one.service) for one, code in coded if code == "TL202" and one.technique != "import"}
        for detection, code in coded:
            if code == "TL207" and self._is_decided_elsewhere(detection):
                continue
            made = code in ("TL201", "TL202") and detection.technique == "import" and _is_embed(detection)
            if made and (detection.path, detection.service) in placed:
                continue  # the element that is made of it is what the browser fetches for
            # The parts of one snippet (the script and the call that starts it) are one finding.
            apart = detection.consent.mechanism if detection.consent.mechanism in _MILDER else None
            key = (detection.path, detection.service, code, detection.consent.broken, apart)
            group = open_group.get(key)
            if group is None or not _one_snippet(group, detection):
                group = open_group[key] = []
                groups.append((code, group))
            group.append(detection)
        for code, group in groups:
            yield self._consent_draft(code, group)

    def _is_decided_elsewhere(self, detection: Detection) -> bool:
        """Whether a detection is a setting, and what is known of the place that uses it is said there."""
        if detection.technique != "config" or detection.consent.mechanism != "config":
            return False
        return any(
            user.service == detection.service
            and user.technique not in ("config", "dependency")
            and user.consent.state in ("gated", "ungated")
            and user.consent.mechanism not in (*IDLE, "hint")
            and same_account(user, detection)
            for user, _ in self.judged
        )

    def _consent_draft(self, code: str, group: Sequence[Detection]) -> _Draft:
        first = group[0]
        consent = first.consent
        related: list[Related] = []
        if consent.at is not None:
            path, line = consent.at
            source = self.line_text(path, line).strip()[:200]
            related.append(Related(path, max(line, 1), f"decided here: {source or consent.why or 'the condition'}"))
        message, help = _consent_words(code, first, self._gate(first))
        if code in ("TL201", "TL202", "TL208"):
            if consent.twin is not None:
                related.append(Related(consent.twin.path, consent.twin.line, f"gated here ({consent.twin.text})"))
            related += _also(self._callers(group), "called here without consent")
        return self._at(code, group, message, help, related, "warning" if consent.mechanism in _MILDER else None)

    def _callers(self, group: Sequence[Detection]) -> list[Detection]:
        """The calls in other files that set off a load of the group before any choice."""
        loads = {(one.path, one.service, one.start) for one in group}
        pairs = [(one, one.loader) for one in self.calls if one.consent.state == "ungated" and one.loader is not None]
        return [one for one, loader in pairs if (loader.path, loader.service, loader.start) in loads]

    def _gate(self, detection: Detection) -> str:
        manager = f"the site's consent manager ({self.policy.cmp})" if self.policy.cmp else "the site's consent manager"
        category = category_of(detection)
        return f"{manager}, so that it waits for a yes to {category} cookies" if category else manager

    # -- TL303

    def about_pixels(self) -> Iterator[_Draft]:
        for detection, _ in self.judged:
            if _counts_clicks(detection):
                message = f"a link of this e-mail leads over {label(detection)}, which tells who followed it and when"
                help = "link to the page itself, or switch link tracking off where the mailing is sent"
                yield self._at("TL303", [detection], message, help)
                continue
            if not _is_pixel(detection):
                continue
            if detection.email:
                message = f"{label(detection)} tells when this e-mail is opened"
                help = "take the image out, or switch open tracking off where the mailing is sent"
            else:
                message = f"an invisible image reports the visit to {label(detection)} before the visitor has consented"
                help = f"take the pixel out, or put it behind {self._gate(detection)}"
            yield self._at("TL303", [detection], message, help)

    # -- TL402

    def about_sensitive_pages(self) -> Iterator[_Draft]:
        if not self.policy.sensitive_pages:
            return
        from pathspec import GitIgnoreSpec  # costs as much as all else here

        globs = []
        for glob in filter(is_simple_glob, self.policy.sensitive_pages):
            with contextlib.suppress(ValueError):  # as for git, what cannot be read matches nothing
                GitIgnoreSpec.from_lines([glob])
                globs.append(glob)
        sensitive = GitIgnoreSpec.from_lines(globs).match_file
        groups: dict[tuple[str, str], list[Detection]] = defaultdict(list)
        for detection, _ in self.judged:
            if category_of(detection) in TRACKING and detection.technique != "dependency":
                groups[detection.path, detection.service].append(detection)
        for (path, _), group in groups.items():
            around = self.pages_of(path) if self.pages_of is not None and not sensitive(path) else Pages(())
            pages = [page for page in (path, *around.paths) if sensitive(page)]
            if around.unknown and not pages:
                message = f"it cannot be told whether {label(group[0])} is on a sensitive page: {around.unknown}"
                help = "see which pages the site builds from this file, and leave the tracker out of sensitive ones"
                yield self._at("TL402", group, message, help, severity="note")
            if pages:
                where = "this page" if pages[0] == path else pages[0]
                more = f" and {len(pages) - 1} more" if len(pages) > 1 else ""
                message = f"{label(group[0])} is on {where}{more}, which {self._configuration} calls sensitive"
                help = "leave the tracker out of sensitive pages, or have the organisation decide on this one"
                yield self._at("TL402", group, message, help)


def _sentence(text: str) -> str:
    """A message begins with a capital unless its first word is a name that does not."""
    return text[:1].upper() + text[1:] if text.startswith(("a ", "an ", "the ", "it ")) else text


def _says_least(detection: Detection) -> int:
    """Rank of a place of which a service can be told: first what loads it, then hints of that, then what is in no use."""
    return 2 if detection.consent.mechanism == "unused" else detection.consent.mechanism == "hint"


def _happens(detection: Detection) -> str:
    if detection.email:
        return "is in this e-mail"
    if detection.loader is not None:
        return "is started here"
    if detection.consent.mechanism == "unused" and detection.technique == "dependency":
        return "is a dependency that no file is seen to use,"
    if detection.consent.mechanism == "unused":
        return "stands in code that no page is seen to use,"
    if detection.consent.mechanism == "off":
        return "stands in code that the site's settings switch off,"
    if detection.consent.mechanism == "hint":
        return "is named by a connection hint here"
    return {
        "dependency": "is a dependency",
        "config": "is switched on here",
        "bundle": "is part of this bundle",
        "import": "is imported here",
        "image": "is contacted by an image here",
        "iframe": "is embedded here",
        "embed": "is embedded here",
        "markdown": "is embedded here",
        "api-call": "is called here",
    }.get(detection.technique, "is loaded here")


def _also(group: Sequence[Detection], text: str = "also here") -> list[Related]:
    places = list(dict.fromkeys((one.path, one.line) for one in group))
    related = [Related(path, line, text) for path, line in places[:_MOST_RELATED]]
    if len(places) > _MOST_RELATED:
        path, line = places[_MOST_RELATED]
        related.append(Related(path, line, f"{text}, and at {len(places) - _MOST_RELATED - 1} more places"))
    return related


def _is_passive(detection: Detection) -> bool:
    """Can it only be fetched, not run or show a page of its own?"""
    if detection.technique == "markdown":
        return detection.content.startswith("![")
    return detection.technique in _PASSIVE or detection.consent.mechanism == "hint"


def _counts_clicks(detection: Detection) -> bool:
    return detection.email and detection.technique == "link" and not detection.content.startswith(("link", "<link"))


def _is_pixel(detection: Detection) -> bool:
    if detection.email and detection.technique == "css" and "…" in (detection.url or "") and detection.kind != "font":
        return True  # a background whose address tells the recipient
    if detection.email and detection.technique == "import" and detection.kind == "email-tracking":
        return True  # printed by a helper
    if detection.technique != "image" or detection.consent.state in ("gated", "not-required"):
        return False
    if detection.consent.mechanism in ("noscript", *_MILDER):
        return False
    category = category_of(detection)
    if category == "essential":
        return False
    tracks = category in TRACKING
    sizes = {match[1].lower() for match in _SIZE.finditer(detection.content)}
    tiny = len(sizes) == 2 or _PIXEL_URL.search(f"{detection.content} {detection.url or ''} ") is not None
    tiny = tiny or (tracks and (bool(sizes) or _HIDDEN.search(detection.content) is not None))
    if detection.email:
        return tracks or tiny
    if detection.consent.state == "unknown":
        return False
    return tiny and (tracks or detection.service.startswith("host:"))


def _needs_consent(detection: Detection) -> bool:
    """Is this a load of the kind that waits for the visitor's choice? Files from a CDN, fonts and the like are not."""
    category = category_of(detection)
    if detection.technique == "dependency" or detection.email or category == "essential":
        return False
    if category in TRACKING:
        return True
    if detection.kind in EMBED_KINDS:
        return detection.technique != "css"
    return detection.kind == "widget" and detection.technique in _VISIBLE


def _is_embed(detection: Detection) -> bool:
    return detection.kind in EMBED_KINDS or detection.kind == "widget"


def _consent_code(detection: Detection) -> str | None:
    consent = detection.consent
    category = category_of(detection)
    if consent.state == "not-required" or not _needs_consent(detection):
        return None
    if consent.state == "gated":
        if category is None or consent.category is None or consent.category == "essential":
            return None
        # A tag manager serves whatever it contains, so analytics and marketing choices both fit.
        if detection.kind == "tag-manager" and consent.category in TRACKING:
            return None
        return "TL203" if CATEGORIES.index(consent.category) < CATEGORIES.index(category) else None
    if consent.mechanism == "hint":
        return "TL206"
    if consent.mechanism in _MILDER:
        return "TL202" if _is_embed(detection) and category not in TRACKING else "TL201"
    if consent.state == "unknown":
        return "TL207"
    if consent.mechanism == "noscript":
        return "TL205"
    if consent.mechanism == "consent-mode":
        return "TL204"
    if consent.mechanism == "implied":
        return "TL208"
    if _is_pixel(detection):
        return None  # TL303 says it
    visible = detection.technique in _VISIBLE or (detection.kind == "video" and detection.technique == "config")
    if _is_embed(detection) and (category not in TRACKING or visible):
        return "TL202"
    return "TL201"


def _consent_words(code: str, detection: Detection, gate: str) -> tuple[str, str]:
    """Message and help of a finding about consent."""
    consent = detection.consent
    name = label(detection)
    host = detection.host or detection.company or "its provider"
    because = f": {consent.why.rstrip('.')}" if consent.why else ""
    if consent.broken and code in ("TL201", "TL202"):
        because = f": {consent.broken.rstrip('.')}"
    explain = f"`tracklint explain {detection.path}:{detection.line}` shows the whole chain"
    edit = "; `tracklint --fix --diff` shows the edit, where it knows one" if detection.technique in _REWRITTEN else ""
    if code == "TL203":
        asked, needed = consent.category, category_of(detection)
        return (
            f"{name} is {needed}, but waits only for the visitor's choice about {asked}",
            f"put it behind the choice about {needed}; if it is used for something milder, an approver can record that "
            "with category and category_reason in the manifest",
        )
    if code == "TL204":
        return (
            f"{name} contacts {host} before the visitor has consented; only its cookies wait{because}",
            "load the tag only after a yes, or ask an approver to record the decision with consent and consent_reason",
        )
    if code == "TL205":
        return (
            f"{name} in <noscript> contacts {host} without consent",
            "take the <noscript> part out; where scripts are off, nothing can ask for consent",
        )
    if code == "TL206":
        return (
            f"a connection hint prepares requests to {detection.host or name} for {name} before the visitor has consented",
            "take the hint out, or add it together with the tag after consent",
        )
    if code == "TL207":
        mend = (
            "take the file out if nothing needs it" if consent.mechanism == "unused" else "make the condition readable"
        )
        return (
            f"it cannot be proven that {name} waits for consent{because}",
            f"{mend}, or say why it is right with `tracklint: ignore[TL207] …`; {explain}",
        )
    if code == "TL208":
        return (
            f"{name} takes for consent what is none{because}",
            f"load it only after an active yes: put it behind {gate}",
        )
    if consent.mechanism == "staff":
        return (
            f"{name} contacts {host} where staff work, and asks none of them{because}",
            "tell staff of it, and take it out if nobody uses it any more",
        )
    if consent.mechanism == "off":
        return (
            f"{name} would contact {host} before the visitor has consented{because}",
            f"take it out if it stays off; else put it behind {gate} before it is switched on",
        )
    if code == "TL202":
        return (
            f"{name} is embedded and contacts {host} before the visitor has agreed{because}",
            f"show a placeholder and load it on a click, or put it behind {gate}{edit}",
        )
    mend = "mend the gate" if consent.broken else f"put it behind {gate}"
    return f"{name} can run before the visitor has consented{because}", f"{mend}{edit}; {explain}"


def _one_snippet(group: Sequence[Detection], detection: Detection) -> bool:
    last = group[-1]
    near = detection.line <= max(last.line, last.end_line) + _SNIPPET_GAP
    return near and same_account(group[0], detection) and same_account(last, detection)


# --- suppressions -----------------------------------------------------------------------------------------------------


def _suppress(
    drafts: Sequence[_Draft], suppressions: Sequence[Suppression], lent: Sequence[Suppression], policy: Policy
) -> tuple[list[_Draft], list[tuple[Finding, str]], list[_Draft]]:
    """(kept, suppressed with reasons, what is wrong with the suppressions themselves)"""
    of_path: dict[str, list[tuple[Suppression, int]]] = defaultdict(list)
    for suppression, below in _targets((*suppressions, *lent)):
        of_path[suppression.path].append((suppression, below))
    used: set[tuple[Suppression, str]] = set()
    refused: set[tuple[Suppression, str]] = set()
    kept: list[_Draft] = []
    suppressed: list[tuple[Finding, str]] = []
    for draft in drafts:
        code = draft.finding.code
        reason = None
        path, place = draft.elsewhere or ("", _Place(0, 0))
        near = [(*one, draft.places) for one in of_path.get(draft.finding.path, ())]
        near += [(*one, (place,)) for one in of_path.get(path, ())]
        for suppression, below, places in near:
            if code not in suppression.codes or not _concerns(suppression, below, places):
                continue
            used.add((suppression, code))
            if code in _NEVER_SUPPRESSED or (code in APPROVAL_CODES and not policy.allow_inline_approval):
                refused.add((suppression, code))
            elif reason is None and not is_placeholder(suppression.reason):
                reason = suppression.reason
        if reason is None:
            kept.append(draft)
        else:
            suppressed.append((draft.finding, reason))
    misused = [draft for one in suppressions for draft in _misuse(one, used, refused, policy)]
    return kept, suppressed, misused


def _targets(suppressions: Sequence[Suppression]) -> Iterator[tuple[Suppression, int]]:
    """Each suppression with the line below it that it is about, or 0; several in a row are about the same one."""
    alone = {(one.path, one.line): one for one in suppressions if one.alone}
    for suppression in suppressions:
        below = suppression.last_line + 1 if suppression.alone else 0
        while (following := alone.get((suppression.path, below))) is not None:
            below = following.last_line + 1
        yield suppression, below


def _concerns(suppression: Suppression, below: int, places: Iterable[_Place]) -> bool:
    return any(
        place.first == below or (place.first <= suppression.last_line and suppression.line <= place.last)
        for place in places
    )


def _misuse(
    suppression: Suppression,
    used: Collection[tuple[Suppression, str]],
    refused: Collection[tuple[Suppression, str]],
    policy: Policy,
) -> Iterator[_Draft]:
    def draft(message: str, help: str) -> _Draft:
        return _Draft(
            finding(
                "TL108",
                suppression.path,
                message,
                help,
                line=suppression.line,
                column=suppression.column,
                excerpt=suppression.excerpt,
            )
        )

    if not suppression.codes:
        yield draft(
            "This suppression names no rule", "write tracklint: ignore[TL201] and the reason, with the rule's code"
        )
        return
    codes = []
    for code in suppression.codes:
        if code in RULES:
            codes.append(code)
        else:
            yield draft(f"This suppression names {code}, which is no rule", "write a code such as TL201")
    for code in codes:
        if (suppression, code) in refused:
            yield draft(
                f"A comment cannot suppress {code}; only the organisation can, in {policy.manifest}",
                "take the comment out, run `tracklint --fix-manifest` and ask an approver",
            )
    if codes and is_placeholder(suppression.reason):
        given = f'"{suppression.reason}" is no reason' if suppression.reason else "It gives no reason"
        yield draft(
            f"This suppression of {', '.join(codes)} has no effect: {given}",
            f"write why it is right here: tracklint: ignore[{','.join(codes)}] why",
        )
    elif policy.report_unused_suppressions:
        for code in codes:
            if (suppression, code) not in used and is_active(code, policy):
                yield draft(
                    f"This suppression of {code} suppresses nothing",
                    f"take {code} out; for a finding nearby, put the comment on its line or on the line above it",
                )

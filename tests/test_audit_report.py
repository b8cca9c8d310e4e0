"""The audit page: what a person who reads no code can learn from it; and that no text from a file can break out of it."""

from __future__ import annotations

import dataclasses
import datetime
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html

from tracklint import manifest as m
from tracklint import rules
from tracklint.changes import Change
from tracklint.model import Consent, Detection, Hop, Report, Skipped
from tracklint.report import FORMATS, Context
from tracklint.report.hypertext import Html, h, join, rich
from tracklint.report.wording import clean

TODAY = datetime.date(2026, 6, 1)
MANIFEST = """\
version = 1

[approvers.ig-lead]
name = "Head of Information Governance"
email = "ig@trust.example"

[[tracker]]
service = "youtube"
status = "approved"
category = "marketing"
purpose = "Films about our clinics"
owner = "Digital team"
consent = "required"
approved_by = "ig-lead"
approved_on = 2026-05-01
review_by = 2026-06-11

[[tracker]]
service = "hotjar"
status = "approved"
category = "analytics"
purpose = "A survey"
owner = "Digital team"
consent = "required"
approved_by = "ig-lead"
approved_on = 2025-05-01
review_by = 2026-05-20
"""


def detection(service: str = "youtube", **changes: Any) -> Detection:
    excerpt = changes.pop("excerpt", '<iframe src="https://www.youtube.com/embed/x"></iframe>')
    values: dict[str, Any] = {
        "service": service,
        "name": {"youtube": "YouTube", "google-analytics": "Google Analytics"}.get(service, service),
        "company": "Google",
        "category": {"youtube": "marketing", "google-analytics": "analytics"}.get(service),
        "kind": "video",
        "technique": "iframe",
        "path": "pages/visit.html",
        "line": 12,
        "column": 1,
        "end_line": 12,
        "end_column": len(excerpt) + 1,
        "start": 0,
        "end": 10,
        "host": "www.youtube.com",
        "url": None,
        "ids": (),
        "consent": Consent("ungated"),
        "excerpt": excerpt,
        "content": excerpt,
    }
    return Detection(**{**values, **changes})


def report(*detections: Detection, **changes: Any) -> Report:
    values: dict[str, Any] = {
        "root": "/srv/build/clinic",
        "files": 12,
        "bytes": 3456,
        "seconds": 1.5,
        "ruleset": "abc",
        "detections": detections,
        "findings": (),
        "statuses": {},
    }
    return Report(**{**values, **changes})


def render(subject: Report, **context: Any) -> str:
    return FORMATS["html"](subject, Context(today=TODAY, **context))


def page(subject: Report, **context: Any) -> Any:
    return lxml_html.document_fromstring(render(subject, **context))


def text_of(node: Any) -> str:
    return " ".join(node.text_content().split())


def section(document: Any, slug: str) -> str:
    (found,) = document.xpath(f"//section[@aria-labelledby='{slug}']")
    return text_of(found)


def rows(document: Any, slug: str) -> list[list[str]]:
    found = document.xpath(f"//section[@aria-labelledby='{slug}']//tbody/tr")
    return [[text_of(cell) for cell in row.xpath("th|td")] for row in found]


# -- what it says


def test_it_tells_what_runs_before_consent_with_the_reason() -> None:
    broken = Consent("ungated", broken="`type` is misspelt, so browsers run it")
    document = page(
        report(
            detection("google-analytics", consent=broken, path="base.html", line=3, host="www.google-analytics.com"),
            detection("youtube", consent=Consent("gated", category="marketing", why="it waits for a click")),
        )
    )
    ((service, receiver, category, why, where),) = rows(document, "before-consent")
    assert service == "Google Analytics" and category == "Analytics" and where == "base.html:3"
    assert receiver == "Googlewww.google-analytics.com"
    assert why == "type is misspelt, so browsers run it"
    assert "YouTube" not in section(document, "before-consent")


def test_nothing_before_consent_is_said_as_such() -> None:
    document = page(report(detection(consent=Consent("gated")), detection(consent=Consent("unknown"), line=9)))
    text = section(document, "before-consent")
    assert "No third party that was found can run before the visitor has chosen." in text
    assert "For 1 load that is not certain" in text


def test_the_bars_have_their_figures_beside_them() -> None:
    document = page(
        report(
            detection("google-analytics"),
            detection("youtube", consent=Consent("gated"), line=1),
            detection("youtube", consent=Consent("gated"), line=2),
            detection("host:w.example", name="w.example", line=3),
        )
    )
    found = {row[0]: row[2:] for row in rows(document, "charts")}
    assert found["Analytics"] == ["1", "0", "1"]
    assert found["Marketing"] == ["0", "2", "2"]
    assert found["Not known"] == ["1", "0", "1"]
    assert found["YouTube"] == ["0", "2", "2"]
    for row in document.xpath("//section[@aria-labelledby='charts']//tbody/tr"):
        widths = [float(one.get("width")) for one in row.xpath(".//*[name()='rect']")]
        figures = [int(text_of(cell)) for cell in row.xpath("td")[1:-1]]
        assert len(widths) == sum(1 for one in figures if one)
    (overall,) = document.xpath("//*[name()='svg'][@role='img']")
    assert overall.get("aria-label") == "Of 4 loads: 2 before consent; 2 after consent"


def test_each_load_has_its_evidence_reason_and_chain() -> None:
    consent = Consent(
        "gated",
        category="marketing",
        at=("js/consent.js", 7),
        why="`consent.marketing` is not true before a choice",
        chain=(Hop("js/app.js", 4, "called from init()"), Hop("pages/visit.html", 12, "here")),
    )
    document = page(report(detection(consent=consent, excerpt="  <b>x</b> <iframe src=y>", column=12, end_column=26)))
    text = section(document, "loads")
    assert "consent.marketing is not true before a choice. The visitor is asked about marketing cookies." in text
    assert "Decided at js/consent.js:7" in text
    (chain,) = document.xpath("//ol[@class='chain']")
    assert text_of(chain) == "js/app.js:4 called from init()"
    assert document.xpath("//mark/text()") == ["<iframe src=y>"]


def test_equal_loads_are_told_once_with_all_their_places() -> None:
    document = page(report(*(detection(path=f"p{number}.html", ordinal=number) for number in range(4))))
    assert len(document.xpath("//div[contains(@class, 'load')]")) == 1
    assert "The same at p1.html:12, p2.html:12, p3.html:12." in section(document, "loads")


def test_of_a_long_line_the_part_around_the_load_is_shown() -> None:
    line = "a" * 4000 + "LOAD" + "b" * 4000
    document = page(report(detection(excerpt=line, column=4001, end_column=4005)))
    (code,) = document.xpath("//pre/code")
    assert document.xpath("//mark/text()") == ["LOAD"]
    assert len(text_of(code)) < 400 and text_of(code).startswith("…a") and text_of(code).endswith("b…")


def test_approvals_tell_owner_approver_and_days_to_review() -> None:
    manifest = m.load(MANIFEST)
    document = page(
        report(detection(), detection("google-analytics"), statuses={"youtube": "outside-scope"}), manifest=manifest
    )
    found = {row[0]: row[1:] for row in rows(document, "approvals")}
    assert found["YouTube"] == [
        "✓ Approved ✕ Outside its approval",
        "Films about our clinics",
        "Digital team",
        "Head of Information Governance on 2026-05-01",
        "2026-06-11 ? in 10 days",
    ]
    assert found["hotjar"][0] == "✓ Approved ✕ No longer on the site"
    assert found["hotjar"][-1] == "2026-05-20 ✕ 12 days late"
    assert found["Google Analytics"] == ["✕ No entry", "Nobody has been asked yet."]


def test_without_a_manifest_nobody_has_approved_anything() -> None:
    assert "nobody has approved the 1 service" in section(page(report(detection())), "approvals")


def test_changes_are_listed_or_said_not_to_be_known() -> None:
    change = Change("service added", "Hotjar (123)", "a.html:3", "analytics, script-src, before consent")
    document = page(report(), changes=(change,))
    assert rows(document, "changes") == [
        ["✕ Service added", "Hotjar (123)", "Analytics, script-src, before consent", "a.html:3"]
    ]
    assert "no third party was added, changed or removed" in section(page(report(), changes=()), "changes")
    assert "was not compared" in section(page(report()), "changes")


def test_what_was_skipped_comes_with_the_reason() -> None:
    skipped = (Skipped("vendor/a.js", "vendored"), Skipped("big.js", "too-large", "3,000,000 bytes"))
    document = page(report(skipped=skipped))
    assert [row[0] for row in rows(document, "coverage")] == ["Too large", "Vendored"]
    assert [row[1] for row in rows(document, "coverage")] == ["? Not analysed in full", "○ Left out"]
    assert "big.js (3,000,000 bytes)" in section(document, "coverage")


def test_what_blocks_comes_first_and_with_the_next_step() -> None:
    findings = (
        rules.finding("TL502", "c.html", "The page names X", "take it off"),
        rules.finding("TL201", "a.html", "X can run before consent", "put it behind `consent`", line=4),
        rules.finding("TL201", "a.html", "X can run before consent", "put it behind `consent`", line=8),
    )
    document = page(report(findings=findings, blocking=2, suppressed=((findings[0], "DPIA-12"),)))
    first, second = (text_of(one) for one in document.xpath("//section[@aria-labelledby='to-do']/div[h3]"))
    assert first.startswith("Tracker runs before consent ✕ 2 errors")
    assert first.endswith("Next step: Put it behind consent. X can run before consent. a.html:4, a.html:8")
    assert second.startswith("Disclosed but absent ○ 1 note")
    assert "2 points must be mended or approved" in section(document, "summary")
    assert "DPIA-12" in section(document, "to-do")


def test_the_empty_report_is_a_whole_page() -> None:
    document = page(report())
    assert document.xpath("//h1/text()") == ["Third parties on clinic"]
    assert "Nothing blocks" in section(document, "summary")


# -- what it is


def test_it_reaches_for_nothing_and_runs_nothing() -> None:
    document = page(report(detection()), manifest=m.load(MANIFEST))
    assert not document.xpath("//script | //iframe | //img | //object | //embed | //form | //base")
    assert [one.get("href") for one in document.xpath("//link")] == ["data:,"]
    assert all(one.get("href").startswith("#") for one in document.xpath("//a"))
    assert not document.xpath("//@style | //@*[starts-with(name(), 'on')]")
    (policy,) = document.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    (style,) = document.xpath("//style/text()")
    assert "url(" not in style and "@import" not in style


def test_every_link_of_the_page_leads_somewhere_and_no_id_is_there_twice() -> None:
    slugs = ("host:a.b-c.example", "host:a-b.c.example", "a-b-c-example")
    document = page(report(*(detection(slug, line=line) for line, slug in enumerate(slugs, 1))))
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {one.get("href")[1:] for one in document.xpath("//a")} <= set(ids)


def test_it_is_the_same_whenever_and_wherever_it_is_made() -> None:
    one = report(detection())
    other = dataclasses.replace(one, seconds=9.0, root="/home/somebody/clinic")
    assert render(one) == render(other)


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></title></textarea><svg onload=alert(1)>",
    "<!-- --> ]]> &lt;b&gt; &#60;i&#62;",
    "`<b>`",
    "javascript:alert(1)",
    "\u202egnp.exe\x1b[31m\x00\udcff",
    "{{ 7*7 }} ${x}",
]


def hostile(text: str) -> tuple[Report, dict[str, Any]]:
    consent = Consent("gated", text, None, (text, 1), text, (Hop(text, 2, text),), None)
    bad = detection(
        f"host:{text}",
        name=text,
        company=text,
        path=text,
        host=text,
        ids=(text,),
        excerpt=text,
        consent=consent,
        kind=text,
    )
    broken = dataclasses.replace(bad, consent=Consent("ungated", broken=text, why=text), line=5)
    finding = rules.finding("TL201", text, text, text, service=text, excerpt=text)
    subject = report(
        bad,
        broken,
        findings=(finding,),
        suppressed=((finding, text),),
        skipped=(Skipped(text, "encoding", text),),
        root=f"/srv/{text.replace('/', ' ')}",
        ruleset=text,
        statuses={bad.service: text},
        blocking=1,
    )
    quoted = clean(" ".join(text.split())).replace("\\", "/").replace('"', "'")
    manifest = m.load(MANIFEST.replace("Films about our clinics", quoted).replace("Digital team", quoted))
    return subject, {"manifest": manifest, "changes": (Change(text, text, text, text),), "version": text}


ALLOWED = frozenset(
    """
    html head meta link title style body a header p h1 h2 h3 div nav ul li main section strong span figure figcaption
    svg rect code table caption thead tr th tbody td ol time article dl dt dd pre mark details summary footer br wbr
    """.split()
)


def elements(text: str) -> set[str]:
    document = lxml_html.document_fromstring(text)
    assert not [one for one in document.iter() if not isinstance(one.tag, str)], "a comment"
    assert not document.xpath("//@*[starts-with(name(), 'on')]")
    assert all(link.startswith(("#", "data:,")) for link in document.xpath("//@href"))
    return {one.tag for one in document.iter(etree.Element)}


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_from_a_repository_becomes_markup(text: str) -> None:
    subject, context = hostile(text)
    out = render(subject, **context)
    assert elements(out) <= ALLOWED
    assert not re.search("[\x00\x1b\u202e\ud800-\udfff]", out)
    out.encode("utf-8")


@settings(max_examples=30)
@given(st.text(st.sampled_from("<>\"'&`=/!-[]\n\u2028 abc\x00"), min_size=1, max_size=30).filter(str.strip))
def test_no_text_at_all_becomes_markup(text: str) -> None:
    consent = Consent("gated", why=text, chain=(Hop(text, 2, text),))
    subject = report(detection(name=text, path=text, excerpt=text, host=text, consent=consent))
    assert elements(render(subject, changes=(Change("load added", text, text, text),))) <= ALLOWED


def test_nodes_escape_all_but_nodes() -> None:
    assert h("p", "<b>", h("b", "&"), title='"') == '<p title="&quot;">&lt;b&gt;<b>&amp;</b></p>'
    assert join("a", None, ["<", Html("<br>")]) == "a&lt;<br>"
    assert rich("run `a < b` now") == "run <code>a &lt; b</code> now"
    assert rich("an odd ` one") == "an odd ` one"

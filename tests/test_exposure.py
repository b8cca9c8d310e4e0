"""TL401 and TL403: visitors' input in what trackers are sent, and recorders on forms."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracklint.model import Finding
from tracklint.policy import Policy
from tracklint.ruleset import load
from tracklint.scan import scan
from tracklint.source import Tree

RULES = load()


def findings(path: str, text: str, **others: str) -> list[Finding]:
    contents = {name: one.encode() for name, one in {path: text, **others}.items()}
    paths = tuple(sorted(contents))
    tree = Tree(Path(), paths, paths, (), contents.__getitem__, lambda name: len(contents[name]), Policy())
    result = scan(tree, RULES, jobs=1)
    assert not [one for one in result.skipped if one.reason == "internal-error"]
    return [one for one in result.findings if one.code in ("TL401", "TL403")]


SENT = {
    "a field": "gtag('event', 'search', { search_term: document.getElementById('q').value });",
    "a field in a variable": (
        "const box = document.querySelector('#q');\nconst text = box.value.trim();\ngtag('event', 'x', { label: text });"
    ),
    "the field of an event": "q.addEventListener('input', (e) => dataLayer.push({ event: 'typed', text: e.target.value }));",
    "the field of a handler": "$('#postcode').on('change', function () { fbq('track', 'Lead', { zip: this.value }); });",
    "jQuery's value": "ga('send', 'event', 'Search', 'submit', $('#q').val());",
    "a whole form": "form.onsubmit = () => { hj('identify', id, Object.fromEntries(new FormData(form))); };",
    "a serialised form": "_paq.push(['trackEvent', 'form', $('form').serialize()]);",
    "a search term of the address": "_paq.push(['trackSiteSearch', new URLSearchParams(location.search).get('q')]);",
    "the query of the address": "ga('set', 'page', location.pathname + location.search);",
    "a parameter": (
        "function report(text) { gtag('event', 'search', { term: text }); }\nreport(document.getElementById('q').value);"
    ),
    "a name that tells": "function go(user) { mixpanel.identify(user.email); }",
    "a postcode": "function go(postcode) { posthog.capture('looked up', { postcode }); }",
    "a request": (
        "navigator.sendBeacon('https://www.google-analytics.com/g/collect?tid=G-ABC1234567',"
        " JSON.stringify({ q: document.getElementById('q').value }));"
    ),
    "a state": (
        "function Box() { const [term, setTerm] = useState('');\n"
        "const send = () => gtag('event', 'looked up', { label: term });\n"
        "return <><input onChange={(e) => setTerm(e.target.value)} /><button onClick={send} /></>; }"
    ),
    "a state of a class": (
        "class Box extends Component { typed = (e) => { this.setState({ word: e.target.value }); };\n"
        "send() { gtag('event', 'looked up', { label: this.state.word }); } }"
    ),
    "a name that the receiver gives it": "function go(id, user) { hj('identify', id, { email_address: user.mail }); }",
    "a name in a script that a component prints": (
        "const Tell = ({ user }) => <Script id='tell'>{`hj('identify', '${user.id}', { 'email_address': '${user.mail ?? \"\"}' });`}</Script>;"
    ),
    "a query in an event of a search": "function go(query) { umami.track('search', { query }); }",
    "a package under another name": (
        "import tracker from 'posthog-js';\nconst own = tracker as any;\nown.capture('typed', { text: document.getElementById('q').value });"
    ),
    "a tool that is handed about": (
        "function go(tools) { const mixpanel = tools.mixpanel; mixpanel.track('typed', { text: document.getElementById('q').value }); }"
    ),
    "a global under another name": (
        "const agent = window.newrelic || null;\nagent.addPageAction('typed', { text: document.getElementById('q').value });"
    ),
    "a pixel": (
        "var i = new Image(); i.src = 'https://www.google-analytics.com/collect?dl=' + document.getElementById('q').value;"
    ),
}

NOT_SENT = {
    "a package of the same methods": (
        "import tracker from 'our-notes';\ntracker.capture('typed', { text: document.getElementById('q').value });"
    ),
    "a fixed word": "gtag('event', 'search', { label: 'submit' });",
    "the number of a measurement": "onCLS((metric) => gtag('event', metric.name, { value: Math.round(metric.value) }));",
    "the length of a value": "gtag('event', 'typed', { n: document.getElementById('q').value.length });",
    "what a choice is looked up in": (
        "const [kind, setKind] = useState('a');\nselect.onchange = (e) => setKind(e.target.value);\n"
        "gtag('event', 'download', { label: files[kind].label });"
    ),
    "the domain of an address": "function go(email) { gtag('event', 'x', { kind: email.split('@')[1] }); }",
    "rows of a table": (
        "const Table = () => <Pages onRowsPerPageChange={(event) => gtag('event', 'rows', { n: event.target.value })} />;"
    ),
    "a query of something else": "function go(query) { gtag('event', 'loaded', { query }); }",
    "a word from a list under such a name": "gtag('event', 'asked', { phone: 'clicked' });",
    "a comparison": "gtag('event', 'typed', { empty: document.getElementById('q').value === '' });",
    "a choice between fixed words": "gtag('event', 'x', { kind: document.getElementById('q').value ? 'full' : 'empty' });",
    "another function": "submit(document.getElementById('q').value);",
    "the site's own address": "fetch('/api/search?q=' + document.getElementById('q').value);",
    "a map that is asked": "fetch('https://maps.googleapis.com/maps/api/geocode/json?address=' + postcode);",
    "a campaign of the address": "gtag('event', 'x', { c: new URLSearchParams(location.search).get('utm_campaign') });",
    "the path alone": "ga('set', 'page', location.pathname);",
    "a flag about a postcode": "gtag('event', 'x', { ok: isValidPostcode });",
    "a constant": "const searchTerm = 'fixed'; gtag('event', 'x', { searchTerm });",
    "what a function decides": "gtag('event', 'x', { kind: kindOf(document.getElementById('q').value) });",
    "a string that looks like code": "gtag('event', 'document.getElementById(\"q\").value');",
    "a comment": "// gtag('event', 'x', { q: document.getElementById('q').value });",
    "never": "if (false) { gtag('event', 'x', { q: document.getElementById('q').value }); }",
}


@pytest.mark.parametrize("source", SENT.values(), ids=SENT.keys())
def test_input_that_is_sent(source: str) -> None:
    assert [one.code for one in findings("static/app.js", source)] == ["TL401"]


@pytest.mark.parametrize("source", NOT_SENT.values(), ids=NOT_SENT.keys())
def test_input_that_is_not_sent(source: str) -> None:
    assert findings("static/app.js", source) == []


def test_place_and_receiver_are_told() -> None:
    text = "<input id=q>\n<script>\ngtag('event', 'search', { q: document.getElementById('q').value });\n</script>"
    (found,) = findings("search.html", text)
    assert (found.line, found.column, found.service) == (3, 1, "google-analytics")
    assert "Google Analytics" in found.message
    assert "getElementById" in found.message


def test_consent_does_not_make_it_right() -> None:
    gate = "if (Cookiebot.consent.statistics) { gtag('event', 'x', { q: document.getElementById('q').value }); }"
    assert [one.code for one in findings("app.js", gate)] == ["TL401"]


RECORDER = '<script src="https://cdn.lr-in.com/LogRocket.min.js"></script>'


def recorded(fields: str) -> list[str]:
    return [one.code for one in findings("page.html", f"<body><form>{fields}</form>{RECORDER}</body>")]


@pytest.mark.parametrize(
    "fields", ['<input name="age">', '<input type="email">', "<textarea></textarea>", "<select><option>x</select>"]
)
def test_a_recorder_on_a_form(fields: str) -> None:
    assert recorded(fields) == ["TL403"]


@pytest.mark.parametrize(
    "fields",
    [
        "",
        '<input type="hidden"><input type="submit"><input type="password">',
        '<input name="age" data-private>',
        '<div data-private><input name="age"><textarea></textarea></div>',
        '<!-- <input name="age"> -->',
    ],
)
def test_fields_that_are_not_recorded(fields: str) -> None:
    assert recorded(fields) == []


def test_one_field_without_a_mask_is_enough() -> None:
    assert recorded('<input name="a" data-private><input name="b">') == ["TL403"]


def test_a_mask_of_another_vendor_does_not_count() -> None:
    assert recorded('<input name="age" data-clarity-mask="true">') == ["TL403"]


def test_a_setting_that_masks_every_input() -> None:
    page = (
        "<form><input name=age></form><script src='https://cdn.lr-in.com/LogRocket.min.js'></script><script>%s</script>"
    )
    assert [one.code for one in findings("a.html", page % "LogRocket.init('acme/site');")] == ["TL403"]
    assert findings("a.html", page % "LogRocket.init('acme/site', { dom: { inputSanitizer: true } });") == []


@pytest.mark.parametrize(
    ("recorder", "field", "codes"),
    [
        ("https://static.hotjar.com/c/hotjar-1234567.js", "<input name=age>", []),
        ("https://static.hotjar.com/c/hotjar-1234567.js", "<input name=age data-hj-allow>", ["TL403"]),
        ("https://edge.fullstory.com/s/fs.js", "<textarea name=age></textarea>", []),
        ("https://edge.fullstory.com/s/fs.js", "<div class=fs-unmask><input name=age></div>", ["TL403"]),
        ("https://www.clarity.ms/tag/k7m2q9x4ab", "<input name=age>", []),
    ],
)
def test_a_recorder_that_leaves_out_what_is_typed_unless_told(recorder: str, field: str, codes: list[str]) -> None:
    page = f"<body><form>{field}</form><script src='{recorder}'></script></body>"
    assert [one.code for one in findings("page.html", page)] == codes


FIELDS = "<form><label>Symptoms <textarea name=s></textarea></label></form>"
LAYOUT = f"<html><head>{RECORDER}</head><body>{{% block main %}}{{% endblock %}}</body></html>"
PAGE = f'{{% extends "base.html" %}}{{% block main %}}{FIELDS}{{% endblock %}}'
AROUND = {
    "a layout": ("templates/base.html", {"templates/base.html": LAYOUT, "templates/book.html": PAGE}),
    "a partial": (
        "templates/stats.html",
        {
            "templates/base.html": LAYOUT.replace(RECORDER, "{% include 'stats.html' %}"),
            "templates/stats.html": RECORDER,
            "templates/book.html": PAGE,
        },
    ),
    "a script": (
        "static/js/stats.js",
        {
            "templates/base.html": LAYOUT.replace(RECORDER, "<script src='/js/stats.js'></script>"),
            "static/js/stats.js": "var s = document.createElement('script'); s.src = 'https://cdn.lr-in.com/LogRocket.min.js';",
            "templates/book.html": PAGE,
        },
    ),
    "front matter": (
        "_layouts/default.html",
        {"_layouts/default.html": LAYOUT, "book.md": f"---\nlayout: default\n---\n\n{FIELDS}\n"},
    ),
    "a component's form": (
        "app/layout.tsx",
        {
            "app/layout.tsx": "import LogRocket from 'logrocket';\nLogRocket.init('acme/site');\n"
            "export default ({ children }) => <html><body>{children}</body></html>;",
            "app/book/page.tsx": "export default () => <form onSubmit={(e) => go(e)}><textarea name='s' /></form>;",
        },
    ),
    "a framework's layout": (
        "app/views/layouts/application.html.erb",
        {
            "app/views/layouts/application.html.erb": f"<html><head>{RECORDER}</head><body><%= yield %></body></html>",
            "app/views/book/new.html.erb": FIELDS,
        },
    ),
}


@pytest.mark.parametrize(("place", "files"), AROUND.values(), ids=AROUND.keys())
def test_a_recorder_around_a_form(place: str, files: dict[str, str]) -> None:
    (found,) = findings(place, files[place], **files)
    (page,) = (path for path in files if "book" in path)
    assert (found.code, found.path) == ("TL403", place)
    assert page in found.message
    assert [one.path for one in found.related] == [page]


@pytest.mark.parametrize(
    "files",
    [
        {"templates/base.html": LAYOUT, "templates/book.html": PAGE.replace("<form>", "<form data-private>")},
        {
            "templates/base.html": LAYOUT,
            "templates/bare.html": "<html></html>",
            "templates/book.html": PAGE.replace("base", "bare"),
        },
        {"a.html": f"<html><body>{RECORDER}</body></html>", "b.html": f"<html><body>{FIELDS}</body></html>"},
        {"templates/base.html": LAYOUT, "emails/book.html": PAGE},
        {
            "app/layout.tsx": "import LogRocket from 'logrocket';\nLogRocket.init('acme/site');\n",
            "app/book/page.tsx": "export default () => <form data-private><p><textarea name='s' /></p></form>;",
        },
        {
            "app/layout.tsx": "import LogRocket from 'logrocket';\nLogRocket.init('acme/site');\n",
            "app/book/page.tsx": "export default () => <form><input type='submit' />{/* <textarea /> */}</form>;",
        },
    ],
    ids=["masked", "another layout", "another page", "an e-mail", "a masked component", "a component without fields"],
)
def test_forms_that_no_recorder_gets(files: dict[str, str]) -> None:
    path, text = next(iter(files.items()))
    assert findings(path, text, **files) == []


@given(st.text(alphabet="gtag('event',{}).valuelocation.search+`$[]=>;\n é", max_size=120))
def test_no_text_makes_it_fail(text: str) -> None:
    findings("app.js", f"gtag('event', {text}")


def test_what_is_put_into_an_object_afterwards_is_sent_with_it() -> None:
    field = "const box = document.getElementById('why');\nconst details = { kind: 'feedback' };\n"
    (found,) = findings("app.js", f"{field}details.reason = box.value;\ngas4('sent', details);")
    assert (found.code, found.service) == ("TL401", "digital-analytics-program")
    assert (
        findings("app.js", f"{field}details.reason = 'none';\nother.reason = box.value;\ngas4('sent', details);") == []
    )


SENDERS = {
    "src/events.js": (
        "export const report = ({ category, label }) => { window.gtag('event', category, { event_label: label }); };\n"
        "const Stats = { event(args) { window.dataLayer.push({ event: 'x', action: args.action }); } };\nexport default Stats;\n"
        "export const Event = (props) => { ReactGA.event(props); return null; };\n"
        "export const log = (text) => { console.log(text); gtag('event', 'logged'); };\n"
    ),
    "src/agent.ts": (
        "const agent = (): Agent | null => window?.newrelic ?? null;\n"
        "export const attribute = (key: string, value: string) => { const own = agent(); own.setCustomAttribute!('x', value); };\n"
    ),
}


@pytest.mark.parametrize(
    ("use", "sent"),
    [
        ("import { report } from './events';\nreport({ category: 'Find', label: box.value });", True),
        ("import { report as tell } from './events';\ntell({ label: box.value });", True),
        ("import { report } from './events';\nreport({ category: 'Find', other: box.value });", False),
        ("import Stats from './events';\nStats.event({ action: box.value });", True),
        ("import Stats from './events';\nStats.event({ title: box.value });", False),
        ("import { Event } from './events';\nconst Page = () => <Event category='Find' label={box.value} />;", True),
        ("import { log } from './events';\nlog(box.value);", False),
        ("import { report } from './others';\nreport({ label: box.value });", False),
        ("import { attribute } from './agent';\nattribute('term', box.value);", True),
        ("import { attribute } from './agent';\nattribute(box.value, 'term');", False),
    ],
)
def test_input_handed_to_a_function_of_another_file_that_sends_it(use: str, sent: bool) -> None:
    box = "const box = document.getElementById('q');\n"
    first, _, rest = use.partition("\n")
    found = findings("src/page.jsx", f"{first}\n{box}{rest}\n", **SENDERS)
    assert [one.code for one in found if one.path == "src/page.jsx"] == (["TL401"] if sent else [])

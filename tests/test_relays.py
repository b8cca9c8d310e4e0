"""Trackers behind a path of the site's own: rules and functions that pass requests on, and the pages that make them."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from test_forms import found, slugs
from tracklint.detect import relays
from tracklint.model import SourceFile
from tracklint.ruleset import load

RULES = load()
PAGE = '<script defer src="/stats/js/script.js"></script>'
SCRIPT = "https://plausible.io/js/script.js"
KEY = "phc_" + "a1B2c3D4e5" * 4


def seen(files: Mapping[str, str]) -> list[tuple[str, str, str]]:
    return [(one.path, one.service, one.consent.state) for one in found(files)]


RULES_THAT_PASS_ON = {
    "vercel": (
        "vercel.json",
        json.dumps({"rewrites": [{"source": "/stats/js/script.js", "destination": SCRIPT}]}),
    ),
    "vercel, the old way": (
        "now.json",
        json.dumps({"routes": [{"src": "/stats/(.*)", "dest": "https://plausible.io/$1"}]}),
    ),
    "netlify": ("netlify.toml", '[[redirects]]\nfrom = "/stats/*"\nto = "https://plausible.io/:splat"\nstatus = 200\n'),
    "a list of redirects": ("_redirects", "# proxies\n/stats/* https://plausible.io/:splat 200!\n"),
    "render": (
        "render.yaml",
        f"services:\n- routes:\n  - type: rewrite\n    source: /stats/js/script.js\n    destination: {SCRIPT}\n",
    ),
    "next": (
        "next.config.mjs",
        "const host = 'https://plausible.io';\nexport default { async rewrites() { return ["
        "{ source: '/stats/js/:file', destination: `${host}/js/:file` }] } };",
    ),
    "next, in two lists": (
        "next.config.js",
        f"module.exports = {{ rewrites: async () => ({{ beforeFiles: [{{ destination: '{SCRIPT}', source: '/stats/js/script.js' }}] }}) }};",
    ),
    "gatsby": (
        "gatsby-node.js",
        f"exports.createPages = ({{ actions }}) => actions.createRedirect({{ fromPath: '/stats/js/script.js', toPath: '{SCRIPT}', statusCode: 200 }});",
    ),
    "nuxt": ("nuxt.config.ts", "export default { routeRules: { '/stats/**': { proxy: 'https://plausible.io/**' } } };"),
    "nginx": ("nginx.conf", "server {\n location /stats/ {\n  proxy_pass https://plausible.io/;\n }\n}\n"),
    "nginx, with a variable": (
        "docker/nginx/default.conf",
        f"server {{ set $script {SCRIPT};\n location = /stats/js/script.js {{ proxy_pass $script; }} }}",
    ),
    "nginx, with a pattern": ("nginx.conf", f"location ~ ^/stats/js/\\w+\\.js$ {{ proxy_pass {SCRIPT}; }}"),
    "apache": ("conf/apache.conf", 'ProxyPass "/stats/" "https://plausible.io/"\n'),
    "apache, a rule": (".htaccess", f"RewriteEngine on\nRewriteRule ^stats/js/script\\.js$ {SCRIPT} [P,L]\n"),
    "caddy": ("Caddyfile", "example.org {\n handle_path /stats/* {\n  reverse_proxy https://plausible.io\n }\n}\n"),
}


@pytest.mark.parametrize(("path", "text"), RULES_THAT_PASS_ON.values(), ids=RULES_THAT_PASS_ON.keys())
def test_a_rule_and_the_page_that_goes_through_it(path: str, text: str) -> None:
    expected = [("index.html", "plausible", "ungated"), (path, "plausible", "ungated")]
    assert seen({path: text, "index.html": PAGE}) == sorted(expected)
    assert seen({"index.html": PAGE}) == []


RULES_THAT_DO_NOT = {
    "the site's own server": ("nginx.conf", "location /stats/ { proxy_pass http://127.0.0.1:3000; }"),
    "a rule that is commented out": ("nginx.conf", "# location /stats/ { proxy_pass https://plausible.io/; }"),
    "a redirect": ("_redirects", f"/stats/js/script.js {SCRIPT} 301"),
    "a redirect by default": ("netlify.toml", f'[[redirects]]\nfrom = "/stats/*"\nto = "{SCRIPT}"\n'),
    "a redirect of Apache": (".htaccess", f"RewriteRule ^stats/js/script\\.js$ {SCRIPT} [R=301,L]"),
    "a redirect of Next": (
        "next.config.js",
        f"module.exports = {{ redirects: async () => [{{ source: '/stats/js/script.js', destination: '{SCRIPT}', permanent: true }}] }};",
    ),
    "a policy": (
        "next.config.js",
        "module.exports = { headers: async () => [{ source: '/stats/(.*)', headers: [{ key: 'CSP', value: 'https://plausible.io' }] }] };",
    ),
    "reports that are read": (
        "vercel.json",
        json.dumps({"rewrites": [{"source": "/stats/js/script.js", "destination": "https://plausible.io/api/v1/stats/aggregate"}]}),
    ),
    "another service": (
        "vercel.json",
        json.dumps({"rewrites": [{"source": "/stats/:path*", "destination": "https://fonts.gstatic.com/:path*"}]}),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("path", "text"), RULES_THAT_DO_NOT.values(), ids=RULES_THAT_DO_NOT.keys())
def test_rules_that_pass_nothing_on_to_a_tracker(path: str, text: str) -> None:
    assert seen({path: text, "index.html": PAGE}) == []


def test_the_page_decides_whether_a_relay_waits_for_consent() -> None:
    rules = json.dumps(
        {
            "rewrites": [
                {"source": "/ingest/static/:path*", "destination": "https://eu-assets.i.posthog.com/static/:path*"},
                {"source": "/ingest/:path*", "destination": "https://eu.i.posthog.com/:path*"},
            ]
        }
    )
    start = f"posthog.init('{KEY}', {{ api_host: '/ingest' }});"
    gated = f"if (Cookiebot.consent.statistics) {{ {start} }}"
    assert seen({"vercel.json": rules}) == [("vercel.json", "posthog", "unknown")]
    assert seen({"vercel.json": rules, "app.js": start})[-1] == ("vercel.json", "posthog", "ungated")
    assert seen({"vercel.json": rules, "app.js": gated})[-1] == ("vercel.json", "posthog", "gated")
    many = {f"{number:02}.js": gated for number in range(15)}
    assert seen({"vercel.json": rules, **many, "last.js": start})[-1] == ("vercel.json", "posthog", "ungated")


@pytest.mark.parametrize(
    "path",
    ["api/ga.js", "pages/api/ga.ts", "src/pages/api/ga.ts", "app/api/ga/route.ts", "server/api/ga.ts"],
)
def test_a_function_that_passes_on_what_it_is_sent(path: str) -> None:
    relay = (
        "const TO = `https://www.google-analytics.com/collect`; export default (req) => fetch(TO, { body: req.body });"
    )
    page = "<script>navigator.sendBeacon('/api/ga', hit)</script>"
    assert seen({path: relay, "index.html": page}) == sorted(
        [(path, "google-analytics", "ungated"), ("index.html", "google-analytics", "ungated")]
    )


def test_a_function_that_reads_reports() -> None:
    read = "export default () => fetch(`https://plausible.io/api/v1/stats/aggregate?site_id=${site}`);"
    assert seen({"api/report.js": read, "index.html": "<script>fetch('/api/report')</script>"}) == []


BEACONS = {
    '<img src="/api/hit?v=1&t=pageview&dp=%2F&tid=UA-1234567-1">': "google-analytics",
    '<img src="/pixel.gif?rec=1&amp;idsite=3">': "matomo",
    "<script>new Image().src = 'https://stats.trust.nhs.uk/p?idsite=3&rec=1&url=' + location;</script>": "matomo",
    "{{ '<img src=\"' + site.url + '/hit?v=1&t=pageview&tid=UA-1234567-1\" alt=\"\">' }}": "google-analytics",
}


@pytest.mark.parametrize(("source", "service"), BEACONS.items())
def test_a_beacon_is_told_by_its_query(source: str, service: str) -> None:
    assert slugs("page.njk", source) == {service}


@pytest.mark.parametrize("source", ['<img src="/map.png?v=1&t=2">', '<a href="/x?idsite=3&rec=1">x</a>'])
def test_a_query_that_only_looks_like_one(source: str) -> None:
    assert slugs("page.html", source) == set()


@pytest.mark.parametrize("piece", ["(", "[", ":a(", "*"])
def test_of_a_very_long_path_the_begin_is_kept(piece: str) -> None:
    path = "/stats/" + piece * (90_000 // len(piece))
    rules = (
        SourceFile("_redirects", f"{path} {SCRIPT} 200\n", "data", ""),
        SourceFile("nginx.conf", f"location ~ ^{path} {{ proxy_pass {SCRIPT}; }}", "data", ""),
        SourceFile("now.json", json.dumps({"routes": [{"src": path, "dest": SCRIPT}]}), "data", "json"),
    )
    for file in rules:
        (rule,) = relays.of_file(file)
        assert rule.path.startswith("/stats/") and rule.path.endswith("*") and len(rule.path) < 1_000


@given(st.text(st.sampled_from("{}:*/'\"()[]$^\\.# \nlocationprxy_sshttps"), max_size=200))
def test_no_rule_file_breaks_the_reader(text: str) -> None:
    for path, language in (
        ("nginx.conf", "data"),
        ("_redirects", "data"),
        ("vercel.json", "data"),
        ("next.config.js", "script"),
    ):
        file = SourceFile(path, "// //\n" + text, "script" if language == "script" else "data", "")
        assert isinstance(list(relays.loads(file, RULES)), list)


@pytest.mark.parametrize(
    ("options", "more", "mechanism"),
    [
        ("cookieless_mode: 'on_reject'", "", "consent-mode"),
        ("debug: false", "", "none"),
        ("cookieless_mode: 'on_reject'", "fetch('/ingest/e/');", "none"),
    ],
)
def test_a_relay_has_the_verdict_of_the_client_that_it_serves(options: str, more: str, mechanism: str) -> None:
    files = {
        "package.json": '{"name": "site", "dependencies": {"next": "1", "posthog-js": "1"}}',
        "next.config.mjs": "export default { async rewrites() { return ["
        "{ source: '/ingest/:path*', destination: 'https://eu.i.posthog.com/:path*' }] } };",
        "instrumentation-client.ts": "import posthog from 'posthog-js';\n"
        f"posthog.init('{KEY}', {{ api_host: '/ingest', {options} }});",
        "app/page.tsx": f"'use client';\nexport default function Page() {{ {more} return null; }}",
    }
    (relay,) = [one for one in found(files) if one.path == "next.config.mjs"]
    assert (relay.service, relay.consent.state, relay.consent.mechanism) == ("posthog", "ungated", mechanism)

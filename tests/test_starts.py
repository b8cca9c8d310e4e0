"""Packages that do nothing until they are started: their imports, and what is told to them, wait as their start does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tracklint.model import Detection
from tracklint.ruleset import load
from tracklint.scan import scan
from tracklint.source import Tree

RULES = load()
PAGE = '<!doctype html><html><body><script type="module" src="/src/main.js"></script></body></html>'
REPORT = (
    "import * as Sentry from '@sentry/browser';\nexport function report(error) { Sentry.captureException(error); }\n"
)
YES = "document.cookie.includes('cookie_consent=accepted')"


def found(files: Mapping[str, str], service: str) -> list[Detection]:
    contents = {path: text.encode() for path, text in {"index.html": PAGE, **files}.items()}
    paths = tuple(sorted(contents))
    tree = Tree(Path("/site"), paths, paths, (), contents.__getitem__, lambda path: len(contents[path]))
    return [one for one in scan(tree, RULES, jobs=1).detections if one.service == service]


def verdicts(files: Mapping[str, str], service: str = "sentry") -> dict[str, str]:
    return {
        one.path: f"{one.consent.state} {one.consent.mechanism}"
        for one in found(files, service)
        if one.technique == "import"
    }


def main(start: str) -> str:
    return f"import * as Sentry from '@sentry/browser';\nimport {{ report }} from './report.js';\n{start}\nreport(1);\n"


def test_an_import_waits_as_the_start_does() -> None:
    files = {"src/main.js": main(f"if ({YES}) {{ Sentry.init({{ dsn: 'x' }}); }}"), "src/report.js": REPORT}
    assert verdicts(files) == {"src/main.js": "gated condition", "src/report.js": "gated condition"}


STARTS = {
    "at once": "Sentry.init({ dsn: 'x' });",
    "for some": "if (production) Sentry.init({ dsn: 'x' });",
    "once more": f"if ({YES}) Sentry.init({{ dsn: 'x' }}); else Sentry.init({{ dsn: 'y' }});",
    "handed on": "start(Sentry);",
    "for all": "window.Sentry = Sentry;",
    "by part": "const { init } = Sentry; init({ dsn: 'x' });",
    "by a name that is kept": "const start = Sentry.init; start({ dsn: 'x' });",
    "later": "import('@sentry/browser').then((all) => all.init({ dsn: 'x' }));",
    "all of it": "const { ...all } = Sentry; all.init({ dsn: 'x' });",
}


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_what_starts_or_may_start_leaves_the_import_open(start: str) -> None:
    assert verdicts({"src/main.js": main(start), "src/report.js": REPORT})["src/report.js"] == "ungated none"


OTHERS = {
    "another file hands it on": {"src/all.js": "export * from '@sentry/browser';"},
    "another file is given it": {"src/all.js": "import * as Sentry from '@sentry/browser';\nexport default Sentry;"},
    "a required one": {"src/all.js": "const Sentry = require('@sentry/browser');\nSentry.init({ dsn: 'x' });"},
    "required in place": {"src/all.js": "require('@sentry/browser').init({ dsn: 'x' });"},
    "a global": {"start.html": "<!doctype html><html><body><script>Sentry.init({ dsn: 'x' });</script></body></html>"},
    "a component": {"src/App.vue": "<script>\nimport { init } from '@sentry/vue';\ninit({ dsn: 'x' });\n</script>"},
    "a package that starts by itself": {"package.json": '{"dependencies": {"@nuxtjs/sentry": "^7.0.0"}}'},
    "an import for its effects": {"src/all.js": "import '@sentry/browser';"},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_start_elsewhere_counts(other: Mapping[str, str]) -> None:
    files = {"src/main.js": "import { report } from './report.js';\nreport(1);", "src/report.js": REPORT}
    assert verdicts(files)["src/report.js"] == "gated absent"
    assert verdicts({**files, **other})["src/report.js"] == "ungated none"


def test_what_is_told_before_any_start_is_sent_to_nobody() -> None:
    told = "import ReactGA from 'react-ga4';\nReactGA.send({ hitType: 'pageview' });\nReactGA.event('open');"
    started = "import ReactGA from 'react-ga4';\nReactGA.initialize('G-7KQ2M4XW9P');"
    idle = found({"src/main.js": told}, "google-analytics")
    assert {one.consent.mechanism for one in idle} == {"absent"}
    both = found({"src/main.js": "import './start.js';" + told, "src/start.js": started}, "google-analytics")
    assert {one.consent.state for one in both} == {"ungated"}


def test_a_start_on_the_server_starts_nothing_in_the_browser() -> None:
    files = {
        "package.json": '{"dependencies": {"next": "15", "@sentry/nextjs": "9"}}',
        "app/layout.tsx": "export default function Layout({ children }) { return <html><body>{children}</body></html>; }",
        "app/error.tsx": "'use client';\nimport * as Sentry from '@sentry/nextjs';\n"
        "export default function Failed({ error }) { Sentry.captureException(error); return null; }",
        "instrumentation.ts": "import * as Sentry from '@sentry/nextjs';\n"
        "export function register() { Sentry.init({ dsn: process.env.DSN }); }",
    }
    assert verdicts(files)["app/error.tsx"] == "gated absent"
    files["instrumentation-client.ts"] = "import * as Sentry from '@sentry/nextjs';\nSentry.init({ dsn: 'x' });"
    assert verdicts(files)["app/error.tsx"] == "ungated none"


MAPS = {
    "a class": "import { LngLatBounds } from 'mapbox-gl';\nexport const around = (a, b) => new LngLatBounds(a, b);",
    "a test": "import mapboxgl from 'mapbox-gl';\nexport const able = () => mapboxgl.supported();",
}


@pytest.mark.parametrize("helper", MAPS.values(), ids=MAPS)
def test_an_embed_is_shown_where_it_is_made(helper: str) -> None:
    made = "import mapboxgl from 'mapbox-gl';\nimport './helper.js';\nnew mapboxgl.Map({ container: 'map' });"
    files = {"src/main.js": made, "src/helper.js": helper}
    states = {one.path: one.consent.state for one in found(files, "mapbox")}
    assert states == {"src/main.js": "ungated", "src/helper.js": "gated"}
    alone = {one.path: one.consent.state for one in found({"src/main.js": helper}, "mapbox")}
    assert alone == {"src/main.js": "ungated"}


def test_the_frame_of_all_pages_runs_whatever_else_names_it() -> None:
    files = {
        "package.json": '{"dependencies": {"next": "14"}}',
        "pages/_app.tsx": "import { useEffect } from 'react';\nimport TagManager from 'react-gtm-module';\n"
        "export default function App({ Component }) {\n"
        "  useEffect(() => { TagManager.initialize({ gtmId: 'GTM-ABC1234' }); }, []);\n  return <Component />;\n}",
        "pages/sitemap.xml.ts": "const list = (all) => all.filter((one) => !['_app.tsx', 'index.tsx'].includes(one));\n"
        "export const getServerSideProps = async ({ res }) => { res.write(list([])); };\nexport default () => null;",
    }
    assert {one.consent.state for one in found(files, "google-tag-manager")} == {"ungated"}

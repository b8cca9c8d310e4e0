"""A call of the site's own function that loads a service, an import of such a module, a component that settings fill."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tracklint import check, ruleset, scan, source
from tracklint.report import json_report

RULES = ruleset.load()
LOADER = """export function loadGtm() {
  const tag = document.createElement("script");
  tag.src = "https://www.googletagmanager.com/gtm.js?id=GTM-QW12ER3";
  document.head.append(tag);
}
"""
GLOBAL = LOADER.replace("export ", "")


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder


def calls(folder: Path, files: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(path:line, technique, consent state) of each call."""
    found = scan.scan(source.working_tree(write(folder, files)), RULES).calls
    return [(f"{one.path}:{one.line}", one.technique, one.consent.state) for one in found]


def checked(folder: Path, *paths: str) -> check.Result:
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return check.run(check.Request(paths=tuple(folder / path for path in paths) or (folder,)))


@pytest.mark.parametrize(
    ("caller", "loader"),
    [
        ("import { loadGtm } from './gtm.js';\nloadGtm();", LOADER),
        ("import { loadGtm as start } from './gtm.js';\nstart();", LOADER),
        ("import start from './gtm.js';\nstart();", LOADER.replace("export ", "export default ")),
        ("import * as tags from './gtm.js';\ntags.loadGtm();", LOADER),
        ("const { loadGtm } = require('./gtm.js');\nloadGtm();", f"{GLOBAL}module.exports = {{ loadGtm }};"),
        ("const tags = require('./gtm');\ntags.loadGtm();", f"{GLOBAL}exports.loadGtm = loadGtm;"),
        ("import tags from './gtm.js';\ntags.loadGtm();", f"export default {{ {GLOBAL.partition('function ')[2]} }};"),
        ("import { loadGtm } from './gtm';\nuseEffect(() => { loadGtm() }, []);", LOADER),
        ("'use strict';\nwindow.loadGtm();", GLOBAL),
        ("'use strict';\nloadGtm();", GLOBAL),
        ("'use strict';\nif (typeof loadGtm !== 'undefined') loadGtm();", GLOBAL),
        ("'use strict';\nloadGtm();", f"{LOADER}window.loadGtm = loadGtm;"),
        ("'use strict';\nloadGtm();", f"window.loadGtm = {GLOBAL.replace('loadGtm', '', 1)}"),
        ("'use strict';\nloadGtm();", f"const loadGtm = () => {{ (function () {{ {GLOBAL.partition('{')[2]} )(); }};"),
    ],
)
def test_a_call_of_a_loader_in_another_file_is_listed(tmp_path: Path, caller: str, loader: str) -> None:
    assert calls(tmp_path, {"src/page.js": caller, "src/gtm.js": loader}) == [("src/page.js:2", "api-call", "ungated")]


@pytest.mark.parametrize(
    ("caller", "loader"),
    [
        ("loadGtm();", LOADER),  # a module shows its exports alone, and nothing imports it
        ("import { loadGtm } from './other.js';\nloadGtm();", LOADER),
        ("function loadGtm() {}\nloadGtm();", GLOBAL),  # its own
        ("var run = loadGtm;", GLOBAL),  # not called
        ("import * as tags from './tags.js';\ntags.loadGtm();", LOADER),
        ("const tags = { loadGtm() {} };\ntags.loadGtm();", GLOBAL),
        ("loadGtm();", GLOBAL.replace("https://www.googletagmanager.com", "/js")),  # loads nobody's
        ("loadGtm();", "function loadGtm() { gtag('event', 'x'); } // www.googletagmanager.com"),
        ("tags([loadGtm()]);", "function loadGtm() { return { url: 'https://www.googletagmanager.com/gtm.js' }; }"),
        ("loadGtm();", f"function loadGtm() {{ button.addEventListener('click', () => {{ {GLOBAL} }}); }}"),
    ],
)
def test_any_other_call_is_none(tmp_path: Path, caller: str, loader: str) -> None:
    assert calls(tmp_path, {"src/page.js": caller, "src/gtm.js": loader}) == []


@pytest.mark.parametrize(
    ("caller", "state"),
    [
        ("if (localStorage.getItem('cookie-consent') === 'yes') loadGtm();", "gated"),
        ("if (localStorage.getItem('cookie-consent') !== 'no') loadGtm();", "ungated"),
        ("document.querySelector('#accept-cookies').addEventListener('click', () => loadGtm());", "gated"),
        ("const go = once(() => loadGtm());\ngo();", "ungated"),
        ("const go = once(() => loadGtm());\nconst no = 1;", "unknown"),
        ("const go = once(() => loadGtm());\n$('#accept-cookies').on('click', go);", "gated"),
        ("const go = () => loadGtm();\nexport const _ = { go };\n$('#accept-cookies').on('click', go);", "gated"),
        ("const go = () => loadGtm();\nexport const site = { go };\n$('#accept-cookies').on('click', go);", "ungated"),
    ],
)
def test_the_verdict_is_that_of_the_way_by_this_call(tmp_path: Path, caller: str, state: str) -> None:
    files = {"src/gtm.js": LOADER, "src/other.js": "import { loadGtm } from './gtm.js';\nloadGtm();"}
    files["src/page.js"] = f"import {{ loadGtm }} from './gtm.js';\n{caller}"
    assert ("src/page.js:2", "api-call", state) in calls(tmp_path, files)


def test_what_the_loader_asks_itself_holds_for_every_call(tmp_path: Path) -> None:
    loader = LOADER.replace("{\n", "{\n  if (localStorage.getItem('cookie-consent') !== 'yes') return;\n", 1)
    files = {"gtm.js": loader, "page.js": "import { loadGtm } from './gtm.js';\nloadGtm();"}
    assert calls(tmp_path, files) == [("page.js:2", "api-call", "gated")]


def test_an_argument_decides_of_its_own_call(tmp_path: Path) -> None:
    loader = LOADER.replace("() {\n", "(allowed) {\n  if (!allowed) return;\n", 1)
    page = "import { loadGtm } from './gtm.js';\nloadGtm(localStorage.getItem('cookie-consent') === 'yes');\nloadGtm(true);"
    assert calls(tmp_path, {"gtm.js": loader, "page.js": page}) == [
        ("page.js:2", "api-call", "gated"),
        ("page.js:3", "api-call", "ungated"),
    ]


def test_a_partial_calls_what_another_defines(tmp_path: Path) -> None:
    partial = "{% include 'gtm.html' %}\n<script>\nif (typeof load_gtm !== 'undefined') load_gtm()\n</script>"
    files = {"analytics.html": partial, "gtm.html": f"<script>{GLOBAL.replace('loadGtm', 'load_gtm')}</script>"}
    assert calls(tmp_path, files) == [("analytics.html:3", "api-call", "ungated")]


def test_functions_of_a_whole_page_are_its_own(tmp_path: Path) -> None:
    page = f"<!doctype html><html><head><script>{GLOBAL}</script></head></html>"
    assert calls(tmp_path, {"index.html": page, "js/site.js": "loadGtm();"}) == []


def test_a_module_that_loads_a_service_is_started_by_its_import(tmp_path: Path) -> None:
    files = {"src/ads/index.ts": "import pbjs from 'prebid.js';\npbjs.requestBids({});"}
    files["src/page.ts"] = "export const start = async () => {\n  await import(/* chunk */ './ads');\n};\nstart();"
    assert calls(tmp_path, files) == [("src/page.ts:2", "import", "ungated")]


SETTINGS = "module.exports = { analytics: { umamiAnalytics: { umamiWebsiteId: process.env.ID } }, comments: { provider: 'giscus' } };"
LAYOUT = """import { Analytics } from 'pliny/analytics'
import site from '@/data/siteMetadata'
export default function Layout() {
  return <body><Analytics analyticsConfig={site.analytics} /></body>
}
"""
COMMENTS = """import { Comments as Shown } from 'pliny/comments'
import { useState } from 'react'
export default function Comments() {
  const [wanted, setWanted] = useState(false)
  return wanted ? <Shown /> : <button onClick={() => setWanted(true)}>Load comments</button>
}
"""


def test_a_component_shows_what_the_settings_choose(tmp_path: Path) -> None:
    files = {"data/siteMetadata.js": SETTINGS, "app/layout.tsx": LAYOUT, "components/Comments.tsx": COMMENTS}
    assert calls(tmp_path, files) == [
        ("app/layout.tsx:1", "import", "ungated"),
        ("app/layout.tsx:4", "embed", "ungated"),
        ("components/Comments.tsx:5", "embed", "gated"),
    ]


def test_a_component_without_settings_shows_nothing(tmp_path: Path) -> None:
    assert (
        calls(tmp_path, {"app/layout.tsx": LAYOUT, "data/siteMetadata.js": "module.exports = { analytics: {} };"}) == []
    )


SITE = {"src/gtm.js": LOADER, "src/page.js": "import { loadGtm } from './gtm.js';\nloadGtm();"}


def test_one_tracker_is_one_finding_which_names_the_call(tmp_path: Path) -> None:
    report = checked(write(tmp_path, SITE)).report
    assert [(one.code, one.path) for one in report.findings] == [("TL101", "src/gtm.js"), ("TL201", "src/gtm.js")]
    assert [(one.path, one.line, one.text) for one in report.findings[1].related] == [
        ("src/page.js", 2, "called here without consent")
    ]


def test_a_call_speaks_for_a_loader_that_is_not_checked(tmp_path: Path) -> None:
    report = checked(write(tmp_path, SITE), "src/page.js").report
    assert [(one.code, one.path, one.line) for one in report.findings] == [
        ("TL101", "src/page.js", 2),
        ("TL201", "src/page.js", 2),
    ]
    assert all(
        ("src/gtm.js", 3, "loaded here") in [(r.path, r.line, r.text) for r in one.related] for one in report.findings
    )


def test_the_json_lists_a_call_with_its_loader(tmp_path: Path) -> None:
    listed = json.loads(json_report.render(checked(write(tmp_path, SITE)).report))
    assert [(one["path"], one["loader"]) for one in listed["detections"]] == [
        ("src/gtm.js", None),
        ("src/page.js", "src/gtm.js:3"),
    ]
    assert listed["services"][0]["detections"] == 1


APPROVED = """version = 1

[approvers.lead]
name = "Lead"
email = "lead@trust.example"

[[tracker]]
service = "google-tag-manager"
status = "approved"
category = "marketing"
purpose = "Which pages are read"
owner = "Digital team"
ids = ["GTM-QW12ER3"]
paths = ["src/gtm.js"]
techniques = ["dynamic"]
approved_by = "lead"
approved_on = 2026-05-07
review_by = 2027-05-07
"""


def test_a_call_needs_no_approval_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, {**SITE, "tracker-approvals.toml": APPROVED})
    (tmp_path / "src/page.js").write_text(
        "import { loadGtm } from './gtm.js';\nif (localStorage.getItem('cookie-consent') === 'yes') loadGtm();", "utf-8"
    )
    assert [one.code for one in checked(tmp_path, "src/page.js").report.findings] == []
    request = check.Request(paths=(tmp_path,))
    assert check.fix_manifest(request, write=False).after == APPROVED


def test_a_comment_at_the_loader_counts_for_its_calls(tmp_path: Path) -> None:
    comment = "  // tracklint: ignore[TL201] the page is behind a login, see the assessment\n  tag.src"
    write(tmp_path, {**SITE, "src/gtm.js": LOADER.replace("  tag.src", comment)})
    assert [one.code for one in checked(tmp_path, "src/page.js").report.findings] == ["TL101"]
    assert [one.code for one in checked(tmp_path).report.findings] == ["TL101"]


def test_calls_are_no_changes_of_what_is_loaded(tmp_path: Path) -> None:
    write(tmp_path, SITE)
    earlier = tmp_path / "earlier.json"
    earlier.write_text(json_report.render(checked(tmp_path).report), "utf-8")
    result = check.run(check.Request(paths=(tmp_path,), compare=earlier))
    assert result.changes == ()

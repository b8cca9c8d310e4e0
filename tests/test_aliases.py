"""Other names: those of modules by the settings of TypeScript, of a package in a script that imports it, of `window`."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from conftest import scanned

PACKAGE = '{"name": "web", "private": true, "dependencies": {"@angular/core": "17"}, "devDependencies": {"@angular/cli": "17"}}'
LOADER = """export function startMeasuring(id: string) {
  const tag = document.createElement('script');
  tag.src = `https://www.googletagmanager.com/gtag/js?id=${id}`;
  document.head.appendChild(tag);
}
"""
MODULE = """import { ApplicationRef, DoBootstrap, NgModule } from '@angular/core';
import { startMeasuring } from '%s';
@NgModule({ declarations: [Shell] })
export class AppModule implements DoBootstrap {
  ngDoBootstrap(app: ApplicationRef): void {
    this.settings.fetched()
      .then(([id]) => %s)
      .then(() => app.bootstrap(Shell));
  }
}
"""


def states(files: Mapping[str, str], path: str) -> set[tuple[str, str]]:
    return {
        (one.consent.state, one.consent.mechanism)
        for one in scanned({"package.json": PACKAGE, **files}).detections
        if one.path == path and one.service == "google-analytics"
    }


ALIASES = {
    "with a star": ("tsconfig.json", '{"compilerOptions": {"baseUrl": "./", "paths": {"@core/*": ["src/app/core/*"]}}}', "@core/measuring"),
    "remarks": (
        "tsconfig.json",
        '/* made */ {"compilerOptions": {\n// names\n"paths": {"@core/*": ["./src/app/core/*",],},},}',
        "@core/measuring",
    ),
    "base of another folder": ("tsconfig.base.json", '{"compilerOptions": {"baseUrl": "src", "paths": {"#m": ["app/core/measuring.ts"]}}}', "#m"),
    "the second place": ("src/jsconfig.json", '{"compilerOptions": {"paths": {"@core/*": ["./gone/*", "./app/core/*"]}}}', "@core/measuring"),
}  # fmt: skip


@pytest.mark.parametrize(("settings", "text", "name"), ALIASES.values(), ids=ALIASES)
def test_an_import_by_an_alias_is_followed(settings: str, text: str, name: str) -> None:
    path = "src/app/core/measuring.ts"
    files = {settings: text, path: LOADER}
    called = MODULE % (name, "startMeasuring(id)")
    assert states({**files, "src/app/app.module.ts": called}, path) == {("ungated", "none")}
    asked = MODULE % (name, "localStorage.getItem('cookie_consent') === 'yes' ? startMeasuring(id) : null")
    assert {state for state, _ in states({**files, "src/app/app.module.ts": asked}, path)} == {"gated"}


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ("tsconfig.json", '{"compilerOptions": {"paths": {"@core/*": ["src/elsewhere/*"]}}}'),
        ("tsconfig.spec.json", '{"compilerOptions": {"paths": {"@core/*": ["src/app/core/*"]}}}'),
        ("other/tsconfig.json", '{"compilerOptions": {"paths": {"@core/*": ["../src/app/core/*"]}}}'),
    ],
    ids=["leads elsewhere", "of tests", "of another folder"],
)
def test_a_name_that_the_settings_around_a_file_do_not_give_is_a_packages(settings: str, text: str) -> None:
    path = "src/app/core/measuring.ts"
    files = {settings: text, path: LOADER, "src/app/app.module.ts": MODULE % ("@core/measuring", "startMeasuring(id)")}
    assert states(files, path) == {("unknown", "uncalled")}


def test_a_library_of_a_workspace_is_found_by_its_alias() -> None:
    path = "libs/figures/src/lib/start.ts"
    files = {
        "tsconfig.base.json": '{"compilerOptions": {"paths": {"@org/measuring": ["libs/figures/src/index.ts"]}}}',
        "libs/figures/src/index.ts": "export * from './lib/start';",
        path: LOADER,
        "apps/web/src/main.ts": "import { startMeasuring } from '@org/measuring';\nstartMeasuring('G-ABCDEF1234');",
    }
    assert states(files, path) == {("ungated", "none")}
    files["apps/web/src/main.ts"] = "import { startMeasuring } from '@org/measured';\nstartMeasuring('G-ABCDEF1234');"
    assert states(files, path) == {("unknown", "uncalled")}


def test_a_method_that_no_framework_calls_is_left_open() -> None:
    path = "src/app/app.module.ts"
    loads = "document.head.append(Object.assign(document.createElement('script'), { src: 'https://www.googletagmanager.com/gtag/js?id=G-ABCDEF1234' }));"
    own = MODULE % ("./core/measuring", "startMeasuring(id)") + f"function startMeasuring(id: string) {{ {loads} }}\n"
    own = own.replace("import { startMeasuring } from './core/measuring';\n", "")
    assert states({path: own}, path) == {("ungated", "none")}
    assert states({path: own.replace("ngDoBootstrap", "putTogether")}, path) == {("unknown", "uncalled")}


LAYOUT = """import * as agent from '%s';
import Script from 'next/script';
const own = agent as Agent;
export default function Layout({ children }) {
  const header = own.%s({ hasToRemoveScriptWrapper: true });
  return <html><body>{children}<Script id="rum" dangerouslySetInnerHTML={{ __html: header }} /></body></html>;
}
"""


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        ("app/layout.tsx", LAYOUT % ("newrelic", "getBrowserTimingHeader"), {"ungated"}),
        ("app/layout.js", (LAYOUT % ("newrelic", "getBrowserTimingHeader")).replace(" as Agent", ""), {"ungated"}),
        ("app/layout.tsx", LAYOUT % ("newrelic", "getTransaction"), set()),
        ("app/layout.tsx", LAYOUT % ("./agent", "getBrowserTimingHeader"), set()),
        (
            "server.js",
            "const agent = require('newrelic');\nconst app = require('express')();\n"
            "app.use((req, res, next) => { res.locals.header = agent.getBrowserTimingHeader(); next(); });",
            {"ungated"},
        ),
        (
            "server.js",
            "const agent = require('newrelic');\nconst app = require('express')();\napp.use((req, res, next) => {\n"
            "if (req.cookies.cookie_consent === 'accepted') res.locals.header = agent.getBrowserTimingHeader();\nnext(); });",
            {"gated"},
        ),
    ],
    ids=["layout", "layout of the server", "another method", "another module", "server", "a server that asks"],
)
def test_markup_that_a_package_gives_to_code_is_a_load(path: str, text: str, told: set[str]) -> None:
    package = '{"name": "web", "private": true, "dependencies": {"next": "15", "newrelic": "12"}}'
    found = scanned({"package.json": package, path: text}).detections
    assert {one.consent.state for one in found if one.service == "new-relic"} == told


@pytest.mark.parametrize("own", ["window.", "w.", "other."])
def test_a_function_that_a_page_keeps_by_another_name_for_window_is_its_global(own: str) -> None:
    text = (
        "const w = window as Own;\nconst other = {} as Own;\nfunction fetchMaps() {\n"
        f"  {own}drawSiteMap = () => {{ const g = window as Own; new g.google.maps.Map(box, {{}}); }};\n"
        "  const tag = document.createElement('script');\n"
        "  tag.src = 'https://maps.googleapis.com/maps/api/js?callback=drawSiteMap';\n"
        "  document.head.append(tag);\n}\n"
        "if (localStorage.getItem('cookie_consent') === 'yes') fetchMaps();\n"
    )
    found = [one for one in scanned({"a.ts": text}).detections if one.service == "google-maps"]
    called = {one.consent.state for one in found if one.technique == "api-call"}
    assert called == ({"unknown"} if own == "other." else {"gated"})

"""Constants that are written out: conditions that never hold by them, the addresses and account ids that they hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tracklint.model import Detection
from tracklint.ruleset import load
from tracklint.scan import scan
from tracklint.source import Tree

RULES = load()
SETTINGS = """export const SITE = {
  title: 'A site',
  gaId: '', // e.g. gaId: 'G-XXXXXXXXXX'
  tags: { container: null as string | null },
  embeds: [],
} as const satisfies Record<string, unknown>;
export const FROZEN = Object.freeze({ chat: undefined });
export default { measured: false };
export const ACCOUNT = { ga: 'G-ABCDEF1234' };
export const GIVEN = { gaGiven: import.meta.env.PUBLIC_GA ?? '' };
export let later = '';
"""
HOTJAR = "https://static.hotjar.com/c/hotjar-1.js"
PAGE = (
    "---\nimport Part from '../components/Part.astro';\n---\n<!doctype html><html><body><Part id='x' /></body></html>"
)
IMPORTS = "import settings, { SITE, FROZEN, ACCOUNT, GIVEN, later } from '../data/site';\n"


def found(files: Mapping[str, str]) -> list[Detection]:
    whole = {"package.json": '{"dependencies": {"astro": "4"}}', "src/data/site.ts": SETTINGS, **files}
    contents = {path: text.encode() for path, text in whole.items()}
    paths = tuple(sorted(contents))
    tree = Tree(Path("/site"), paths, paths, (), contents.__getitem__, lambda path: len(contents[path]))
    return [one for one in scan(tree, RULES, jobs=1).detections if one.path.startswith("src/components/")]


USES = "---\nimport A from '../components/A.{}';\n---\n<A />"


def is_off(detections: list[Detection]) -> bool:
    """Whether all that is found is told to be on no page as the site is set."""
    return bool(detections) and {one.consent.mechanism for one in detections} == {"off"}


def part(markup: str, code: str = "", **files: str) -> list[Detection]:
    others = {path.replace("__", "/"): text for path, text in files.items()}
    text = f"---\n{IMPORTS}{code}\n---\n{markup}\n"
    return found({"src/pages/index.astro": PAGE, "src/components/Part.astro": text, **others})


OFF = {
    "entry": "SITE.gaId",
    "trimmed": "SITE.gaId?.trim()",
    "compared": "SITE.gaId !== ''",
    "inner": "SITE.tags.container",
    "list": "SITE.embeds.length > 0",
    "frozen": "FROZEN.chat",
    "default": "settings.measured",
    "both": "SITE.gaId && Astro.url.pathname === '/'",
}


@pytest.mark.parametrize("condition", OFF.values(), ids=OFF)
def test_what_an_empty_constant_switches_off_is_on_no_page(condition: str) -> None:
    assert is_off(part(f'{{{condition} && <script is:inline src="{HOTJAR}"></script>}}'))
    assert is_off(part(f'{{on && <script is:inline src="{HOTJAR}"></script>}}', f"const on = {condition};"))


def test_the_same_holds_in_scripts_and_in_other_components() -> None:
    script = f"const one = document.createElement('script'); one.src = '{HOTJAR}'; document.head.append(one);"
    asks = f"<script>\nimport {{ SITE }} from '../data/site';\nconst id = SITE.gaId;\nfunction go() {{ if (!id) return; {script} }}\ngo();\n</script>"
    assert is_off(part(asks))
    assert len(part(asks.replace("!id", "id"))) == 1
    react = f"import {{ SITE }} from '../data/site';\nexport default function A() {{ return <>{{SITE.gaId && <script src='{HOTJAR}' />}}</>; }}\n"
    assert is_off(found({"src/components/A.tsx": react, "src/pages/a.astro": USES.format("tsx")}))
    svelte = f"<script>\n{IMPORTS}const id = SITE.gaId;\n</script>\n<svelte:head>{{#if id}}<script src='{HOTJAR}'></script>{{/if}}</svelte:head>\n"
    assert is_off(found({"src/components/A.svelte": svelte, "src/pages/a.astro": USES.format("svelte")}))
    vue = f"<script setup>\n{IMPORTS}const id = SITE.gaId;\n</script>\n<template><iframe v-if='id' src='https://www.youtube.com/embed/a'></iframe></template>\n"
    assert is_off(
        found(
            {"src/components/A.vue": vue, "src/pages/a.astro": "---\nimport A from '../components/A.vue';\n---\n<A />"}
        )
    )
    assert len(found({"src/components/A.vue": vue.replace(" setup", "")})) == 1  # its template does not see the name


DATA = '{"title": "A site", "tags": {"enable": false, "id": ""}}'


def test_settings_in_a_file_of_json_are_constants() -> None:
    code = "import config from '../config.json';"
    tag = f'<script is:inline src="{HOTJAR}"></script>'
    other = {".github__workflows__build.yml": "with:\n  cache: { enable: true }\n"}
    assert is_off(part(f"{{config.tags.enable && {tag}}}", code, **{"src__config.json": DATA}, **other))
    assert is_off(part(f"{{config.tags.id && {tag}}}", code, **{"src__config.json": DATA}))
    assert len(part(f"{{config.title && {tag}}}", code, **{"src__config.json": DATA})) == 1
    sets = {".github__workflows__build.yml": "run: jq '.tags.enable = true' src/config.json\n"}
    assert len(part(f"{{config.tags.enable && {tag}}}", code, **{"src__config.json": DATA}, **sets)) == 1
    assigns = {"src__start.ts": "import config from './config.json';\nconfig.tags.enable = window.tags;\n"}
    assert len(part(f"{{config.tags.enable && {tag}}}", code, **{"src__config.json": DATA}, **assigns)) == 1


@pytest.mark.parametrize(
    "given", ["const all = { tagId: '' };\nmodule.exports = all;", "module.exports = { tagId: '' };"]
)
def test_a_module_of_the_old_kind_holds_constants_too(given: str) -> None:
    tag = f'<script is:inline src="{HOTJAR}"></script>'
    assert is_off(part(f"{{all.tagId && {tag}}}", "import all from '../all';", **{"src__all.js": given}))


MAYBE_ON = {
    "environment": ("GIVEN.gaGiven", ""),
    "variable": ("later", ""),
    "other condition": ("SITE.gaId || Astro.props.id", ""),
    "missing entry": ("SITE.other", ""),
    "given": ("Astro.props.id", ""),
    "own name": ("[1].map((on) => on", "const on = SITE.gaId;"),
}


@pytest.mark.parametrize(("condition", "code"), MAYBE_ON.values(), ids=MAYBE_ON)
def test_what_may_be_on_is_told_of(condition: str, code: str) -> None:
    closed = ")" if "=>" in condition else ""
    assert len(part(f'{{{condition} && <script is:inline src="{HOTJAR}"></script>{closed}}}', code)) == 1


ELSEWHERE = {
    "assigned": {"src__start.ts": "import { SITE } from './data/site';\nSITE.gaId = window.id;\n"},
    "by the build": {".github__workflows__build.yml": "run: sed -i \"s/gaId: ''/gaId: '$GA'/\" src/data/site.ts\n"},
    "by an editor": {"keystatic.config.ts": "export default { fields: { one: { name: 'gaId' } } };\n"},
    "for the live site": {"src__data__site.prod.ts": "export const SITE = { gaId: readId() };\n"},
    "merged": {"src__start.ts": "import { SITE } from './data/site';\nObject.assign(SITE, window.settings);\n"},
}


@pytest.mark.parametrize("files", ELSEWHERE.values(), ids=ELSEWHERE)
def test_what_something_else_may_set_is_told_of(files: Mapping[str, str]) -> None:
    assert len(part(f'{{SITE.gaId && <script is:inline src="{HOTJAR}"></script>}}', **files)) == 1


def test_the_host_of_a_constant_address_is_named() -> None:
    code = "const map = `https://maps.google.com/maps?q=${encodeURIComponent(SITE.title)}&output=embed`;"
    (one,) = part("<iframe src={map}></iframe>", code)
    assert (one.service, one.host) == ("google-maps", "maps.google.com")


MAPS = """export function embed(place: string): string {
  return `https://www.google.com/maps?q=${encodeURIComponent(place)}&output=embed`;
}
"""


def test_an_address_that_a_function_of_another_file_gives_is_a_load() -> None:
    given = "import { embed } from '../lib/maps';\n"
    files = {"src/lib/maps.ts": MAPS}
    react = f"{given}export default function A({{ at }}) {{ return <iframe src={{embed(at)}} />; }}\n"
    svelte = f"<script>\n{given}</script>\n<iframe src={{embed('x')}}></iframe>\n"
    vue = f"<script setup>\n{given}</script>\n<template><iframe :src=\"embed('x')\"></iframe></template>\n"
    for path, text in {"A.tsx": react, "A.svelte": svelte, "A.vue": vue}.items():
        assert [one.service for one in found({**files, f"src/components/{path}": text})] == ["google-maps"]


def test_the_account_in_a_constant_is_named() -> None:
    address = "https://www.googletagmanager.com/gtag/js?id="
    (one,) = part(f"<script is:inline async src={{`{address}${{ACCOUNT.ga}}`}}></script>")
    assert one.ids == ("G-ABCDEF1234",)
    react = f"import {{ ACCOUNT }} from '../data/site';\nexport default function A() {{ return <script async src={{`{address}${{ACCOUNT.ga}}`}} />; }}\n"
    (one,) = found({"src/components/A.tsx": react})
    assert one.ids == ("G-ABCDEF1234",)

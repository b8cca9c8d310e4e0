"""Loads that stand in configuration, dependency lists and tag managers' exports, and values that stand elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli
import tomlkit
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tracklint import data, ruleset, scan
from tracklint.data import Value
from tracklint.detect import settings as detect
from tracklint.detect.load import FixedPlace, Load
from tracklint.model import Consent, SourceFile
from tracklint.ruleset import Api, ConfigKey, Event, Manager, Match, Ruleset, Service, Setting
from tracklint.source import classify, working_tree

SITE = (
    "_config*.yml",
    "hugo.toml",
    "config/_default/*",
    "config.json",
    "settings.py",
    ".env",
    "conf.py",
    "app.properties",
)
SCRIPTS = ("gatsby-config.*", "nuxt.config.*", "docusaurus.config.*", ".vuepress/config.*")


def service(slug: str, *, config: tuple[ConfigKey, ...] = (), ids: tuple[str, ...] = (), **match: Any) -> Service:
    return Service(
        slug, slug.title(), None, None, "analytics", "analytics", match=Match(ids=ids, **match), config=config
    )


@pytest.fixture(scope="module")
def rules() -> Ruleset:
    services = [
        service(
            "acme",
            hosts=("acme.example-cdn.com",),
            ids=(r"\b(AC-(?!X{3})\d{4,8})\b",),
            packages={
                "npm": ("acme-js", "gatsby-plugin-acme", "@acme/nuxt"),
                "pypi": ("django-acme",),
                "rubygems": ("acme-rails",),
                "composer": ("acme/php",),
                "nuget": ("Acme.Web",),
            },
            config=(
                ConfigKey("any", (*SITE, *SCRIPTS), "**", r"^AC-(?!X{3})\d{4,8}$"),
                ConfigKey("hugo", SITE, "params.acme.site_id"),
                ConfigKey("theme", SITE, "acme.enable"),
                ConfigKey("theme", SITE, "acme_id"),
                ConfigKey("theme", SITE, "comments.provider", "^acme$"),
                ConfigKey("theme", SITE, "**.comments.acme.site"),
                ConfigKey("gatsby", SCRIPTS, "plugins[gatsby-plugin-acme].options.trackingIds"),
                ConfigKey("docusaurus", SCRIPTS, "plugins[@docs/acme].siteId"),
                ConfigKey("nuxt", SCRIPTS, "scripts.registry.acme"),
                ConfigKey("docs", ("mkdocs.yml",), "extra.analytics.provider", "^acme$"),
            ),
            tag_types={"gtm": ("acmetag", "shared"), "launch": ("acme-extension",), "matomo": ("Acme",)},
        ),
        service(
            "bolt",
            hosts=("bolt-metrics.com",),
            ids=(r"\b(BO-\d+)\b",),
            config=(ConfigKey("theme", SITE, "**.bolt.site"),),
            tag_types={"gtm": ("shared",)},
        ),
        service("tally", hosts=("tally-pixel.com",), calls=("tally('init', *)",)),
    ]
    managers = [
        Manager(
            "docs-consent",
            "Docs consent",
            "cmp",
            settings=(
                Setting("docs", ("mkdocs.yml",), "extra.consent", ("extra.analytics",), unless=("type: implied",)),
            ),
            events=(Event("DocsAgreed", proves="consent"), Event("DocsAnswered", proves="answer")),
            api=(Api("docsGroups", "analytics"),),
        ),
        Manager("gatsby-plugin-gate", "Gate", "cmp"),
    ]
    return Ruleset("0", {one.slug: one for one in services}, {one.slug: one for one in managers})


def source(path: str, text: str) -> SourceFile:
    language, dialect = classify(path, text[:60_000])
    return SourceFile(path, text, language, dialect)


def found(rules: Ruleset, path: str, text: str) -> list[tuple[str, int, tuple[str, ...]]]:
    """(service or host, line, ids) of each load."""
    file = source(path, text)
    return [(name(load), file.position(load.span.start).line, load.ids) for load in detect.loads(file, rules)]


def name(load: Load) -> str:
    return load.service.slug if load.service is not None else str(load.host)


def consent(load: Load) -> Consent:
    assert isinstance(load.place, FixedPlace)
    return load.place.consent


def verdicts(rules: Ruleset, path: str, text: str) -> list[tuple[str, str, str]]:
    """(service, state, mechanism) of each load."""
    loads = detect.loads(source(path, text), rules)
    return [(name(load), consent(load).state, consent(load).mechanism) for load in loads]


# -------------------------------------------------------------------------------------------------------- configuration


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("_config.yml", "title: Clinic\n\nanalytics: AC-12345 # ours\n", 3),
        ("_config.yml", "títle: Überblick…\nanalytics:\n  - 'AC-12345'\n", 3),
        ("_config.yml", "a: 1\n---\nb:\n  c: AC-12345\n", 4),
        ("hugo.toml", 'title = "x"\n[params]\n  acme = "AC-12345" # ours\n', 3),
        ("hugo.toml", '[[params.list]]\nid = 1\n[[params.list]]\nid = "AC-12345"\n', 4),
        ("hugo.toml", "params = { a = 1, ids = [\n 'x',\n 'AC-12345',\n] }\n", 3),
        ("config.json", '{\n  // ours\n  "x": {\n    "y": "AC-12345"\n  }\n}\n', 4),
        ("app.properties", "# AC-99999\nsite.acme=AC-12345\n", 2),
        (".env", "A=1\nexport ACME_ID='AC-12345'\n", 2),
        ("settings.py", '"""\nX = "AC-99999"\n"""\nACME_ID = os.environ.get("ACME_ID", "AC-12345")\n', 4),
        ("conf.py", "html_theme_options = {\n    # c\n    'analytics': {'id': 'AC-12345'},\n}\n", 3),
        ("gatsby-config.js", "const id = 'AC-12345';\nmodule.exports = {\n  siteMetadata: { id },\n};\n", 3),
        ("nuxt.config.ts", "export default defineNuxtConfig({\n  acme: { id: 'AC-12345' as const },\n});\n", 2),
        ("docusaurus.config.js", "module.exports = async () => {\n  return { a: ['b', { c: 'AC-12345' }] };\n};\n", 2),
        (".vuepress/config.js", "import x from 'y';\nexport default { plugins: [\n  x({ id: 'AC-12345' }),\n] };\n", 3),
    ],
)
def test_an_id_in_a_configuration_is_found_on_its_line(rules: Ruleset, path: str, text: str, line: int) -> None:
    assert found(rules, path, text) == [("acme", line, ("AC-12345",))]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("_config.yml", "# analytics: AC-12345\nanalytics:\n"),
        ("_config.yml", "analytics: # AC-12345\n"),
        ("_config.yml", "analytics: AC-XXXXX\nacme_id: <your id>\n"),
        ("_config.yml", "acme_id: false\n"),
        ("_config.yml", "acme_id: 'none'\n"),
        ("_config.yml", "acme_id: changeme\n"),
        ("_config.yml", "acme_id: 000000\n"),
        ("_config.yml", "acme_id: xxxx-xxxx\n"),
        ("_config.yml", "acme_id: your-site-id\n"),
        ("_config.yml", "acme_id: The id that the vendor gives you\n"),
        ("_config.yml", "acme:\n  enable: false\n  id: AC-12345\n"),
        ("_config.yml", "stats:\n  enabled: false\n  acme:\n    id: AC-12345\n"),
        ("_config.yml", "stats:\n  acme:\n    disabled: true\n    id: AC-12345\n"),
        ("_config.yml", "comments:\n  provider: false\n  acme:\n    site: abc\n"),
        ("_config.yml", "comments:\n  provider:\n  acme:\n    site: abc\n"),
        ("_config.yml", "comments:\n  provider: bolt\n  acme:\n    site: abc\n  bolt: {}\n"),
        ("hugo.toml", '[params.acme]\n# site_id = "abc"\nsite_id = ""\n'),
        (".env", "#ACME_ID=AC-12345\nACME_ID=\n"),
        (".env", "ACME_ENABLED=false\nACME_ID=AC-12345\n"),
        (".env.example", "ACME_ID=AC-12345\n"),
        ("gatsby-config.js", "module.exports = {\n  // acme: 'AC-12345',\n  acme: '',\n};\n"),
        ("gatsby-config.js", "module.exports = { csp: \"script-src 'self' acme.example-cdn.com\" };"),
        ("nuxt.config.js", "export default { csp: { 'script-src': ['https://acme.example-cdn.com/a.js'] } };"),
        ("terraform/config.json", '{"ga": "AC-12345"}'),
        ("k8s/env.yml", "GA: AC-12345\n"),
        ("openapi.yml", "example:\n  id: AC-12345\n  html: <script src=https://acme.example-cdn.com/a.js></script>\n"),
        ("package-lock.json", '{"dependencies": {"acme-js": {"version": "1"}}}'),
        ("package.json", '{"acme-js": 1, "keywords": ["acme-js"], "peerDependencies": {"acme-js": "1"}}'),
        ("Gemfile", '# gem "acme-rails"\n'),
        ("requirements.txt", "# django-acme\ndjango-acme-extras==1\n-r django-acme.txt\n"),
        ("src/Web.csproj", '<!-- <PackageReference Include="Acme.Web" /> -->'),
    ],
)
def test_what_is_empty_filled_in_later_or_switched_off_loads_nothing(rules: Ruleset, path: str, text: str) -> None:
    assert found(rules, path, text) == []


def test_a_setting_beside_a_switch_that_is_on_counts(rules: Ruleset) -> None:
    text = "stats:\n  enabled: true\n  acme:\n    id: AC-12345\n"
    assert found(rules, "_config.yml", text) == [("acme", 4, ("AC-12345",))]


def test_a_provider_chooses_among_the_blocks_beside_it(rules: Ruleset) -> None:
    text = "comments:\n  provider: acme\n  acme:\n    site: abc\n  bolt:\n    site: def\n"
    assert found(rules, "_config.yml", text) == [("acme", 2, ("abc",))]
    both = "comments:\n  use: [Acme, Bolt]\n  acme:\n    site: abc\n  bolt:\n    site: def\n"
    assert [one[0] for one in found(rules, "_config.yml", both)] == ["acme", "bolt"]


def test_values_from_the_environment_switch_a_service_on(rules: Ruleset) -> None:
    script = (
        "module.exports = { plugins: [{ resolve: 'gatsby-plugin-acme', options: { trackingIds: [process.env.A] } }] };"
    )
    assert [one[0] for one in found(rules, "gatsby-config.js", script)] == ["acme"]
    assert [one[0] for one in found(rules, "_config.yml", "acme_id: !ENV ACME_ID\n")] == ["acme"]
    assert [one[0] for one in found(rules, "_config.yml", 'acme_id: "{{ site.x }}"\n')] == ["acme"]


@pytest.mark.parametrize(
    "plugins",
    [
        "[{ resolve: 'gatsby-plugin-acme', options: { trackingIds: ['AC-12345'] } }]",
        "[{ resolve: require.resolve('gatsby-plugin-acme'), options: { trackingIds: ['AC-12345'] } }]",
        "['other', ...(process.env.CI ? [] : [{ resolve: `gatsby-plugin-acme`, options: { x: 'AC-12345' } }])]",
        "[process.env.CI && { resolve: 'gatsby-plugin-acme', options: { x: 'AC-12345' } }]",
        "[['@docs/acme', { siteId: 'AC-12345' }]]",
        "[['gatsby-plugin-acme', { siteId: 'AC-12345' }]]",
    ],
)
def test_a_plugin_and_its_options_are_one_load(rules: Ruleset, plugins: str) -> None:
    assert found(rules, "gatsby-config.js", f"module.exports = {{ plugins: {plugins} }};") == [
        ("acme", 1, ("AC-12345",))
    ]


def test_a_list_item_is_named_in_brackets(rules: Ruleset) -> None:
    good = "module.exports = { plugins: [['x', {}], ['@docs/acme', { siteId: 'north' }]] };"
    assert found(rules, "docusaurus.config.js", good) == [("acme", 1, ("north",))]
    other = "module.exports = { plugins: [['@docs/other', { siteId: 'north' }]] };"
    assert found(rules, "docusaurus.config.js", other) == []


def test_a_plugin_that_the_project_holds_is_known_by_its_folder(rules: Ruleset) -> None:
    text = (
        "module.exports = {\n  plugins: [\n    ['./plugins/bolt', { id: 'x' }],\n    './plugins/sitemap',\n  ],\n};\n"
    )
    assert found(rules, "docusaurus.config.js", text) == [("bolt", 3, ())]


def test_a_mapping_counts_as_a_switch_unless_it_says_no(rules: Ruleset) -> None:
    assert (
        found(rules, "nuxt.config.ts", "export default { scripts: { registry: { acme: { id: 'q' } } } }")[0][0]
        == "acme"
    )
    assert found(rules, "nuxt.config.ts", "export default { scripts: { registry: { acme: true } } }")[0][0] == "acme"
    for off in ("{}", "false", "{ enabled: false, id: 'q' }"):
        assert found(rules, "nuxt.config.ts", f"export default {{ scripts: {{ registry: {{ acme: {off} }} }} }}") == []


def test_scripts_and_styles_that_a_configuration_lists_are_loads(rules: Ruleset) -> None:
    text = (
        "docs: https://bolt-metrics.com/manual\n"
        "cdn:\n  enable: true\n  a: https://bolt-metrics.com/b.js\n"
        "  b: //files.nobody-knows.net/x.css?v=1\n  c: /own.js\n"
        "homepage: https://www.clinic.net/\n"
    )
    assert [(one[0], one[1]) for one in found(rules, "_config.yml", text)] == [
        ("bolt", 4),
        ("files.nobody-knows.net", 5),
    ]
    assert found(rules, "_config.yml", text.replace("enable: true", "enable: false")) == []


def test_elements_of_the_head_in_a_configuration(rules: Ruleset) -> None:
    text = """export default {
  head: [
    ['script', { src: 'https://bolt-metrics.com/t?x=1' }],
    ['link', { rel: 'preconnect', href: 'https://acme.example-cdn.com' }],
    ['link', { rel: 'me', href: 'https://acme.example-cdn.com' }],
    ['script', {}, `tally('init', 1)`],
  ],
};
"""
    loads = list(detect.loads(source(".vuepress/config.js", text), rules))
    assert [(name(load), load.hint) for load in loads] == [("bolt", False), ("acme", True), ("tally", False)]


def test_html_in_a_configuration_is_read_as_html(rules: Ruleset) -> None:
    text = 'footer: \'<script src="https://bolt-metrics.com/a.js"></script>\'\nnote: "a < b"\n'
    assert [(one[0], one[1]) for one in found(rules, "_config.yml", text)] == [("bolt", 1)]


# -------------------------------------------------------------------------------------------------------------- consent


def test_a_generator_prints_what_is_configured(rules: Ruleset) -> None:
    assert verdicts(rules, "_config.yml", "a: AC-12345\n") == [("acme", "ungated", "none")]


def test_a_player_that_editors_may_use_is_not_said_to_stand_on_every_page() -> None:
    media = "source: 'oembed:video'\nsource_configuration:\n  providers:\n    - YouTube\n"
    (load,) = detect.loads(source("config/media.type.remote.yml", media), ruleset.load())
    assert consent(load).state == "ungated"
    assert "each video put into it" in consent(load).why


def test_an_applications_own_setting_says_nothing_of_consent(rules: Ruleset) -> None:
    for path, text in (
        ("settings.py", "A = 'AC-12345'\n"),
        (".env", "A=AC-12345\n"),
        ("config.json", '{"a": "AC-12345"}'),
    ):
        assert verdicts(rules, path, text) == [("acme", "unknown", "config")]


def test_the_generators_own_consent_gates_what_it_holds(rules: Ruleset) -> None:
    plain = "extra:\n  analytics:\n    provider: acme\n"
    asked = plain + "  consent:\n    title: Cookies\n    type: express\n"
    assert verdicts(rules, "mkdocs.yml", plain) == [("acme", "ungated", "none")]
    assert verdicts(rules, "mkdocs.yml", asked) == [("acme", "gated", "docs-consent")]
    assert verdicts(rules, "mkdocs.yml", asked.replace("express", "implied")) == [("acme", "ungated", "none")]
    (load,) = detect.loads(source("mkdocs.yml", asked), rules)
    assert consent(load).at == ("mkdocs.yml", 4)


def test_what_a_consent_managers_plugin_configures_is_gated(rules: Ruleset) -> None:
    text = "module.exports = { plugins: [{ resolve: 'gatsby-plugin-gate', options: { acme: { id: 'AC-12345' } } }] };"
    assert verdicts(rules, "gatsby-config.js", text) == [("acme", "gated", "gatsby-plugin-gate")]


# --------------------------------------------------------------------------------------------------------- dependencies


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("package.json", '{\n  "dependencies": {\n    "acme-js": "^1",\n    "left-pad": "1"\n  }\n}', 3),
        ("package.json", '{"devDependencies": {\n"acme-js": "^1"}}', 2),
        ("composer.json", '{"require": {"acme/php": "1"}}', 1),
        ("Gemfile", 'source "https://rubygems.org"\n\ngem "acme-rails", "~> 1"\n', 3),
        ("requirements/base.txt", "x\n", 0),
        ("requirements-dev.txt", "django==4\nDjango_Acme[extra] >= 1.0 ; python_version > '3'\n", 2),
        ("pyproject.toml", '[project]\ndependencies = [\n  "django-acme>=1",\n]\n', 3),
        ("pyproject.toml", '[tool.poetry.group.dev.dependencies]\ndjango-acme = "^1"\n', 2),
        ("pyproject.toml", '[tool.poetry.dependencies]\ndjango-acme = { version = "^1" }\n', 2),
        ("Pipfile", '[packages]\ndjango-acme = "*"\n', 2),
        ("src/Web.csproj", '<Project>\n  <PackageReference Include="Acme.Web" Version="1" />\n</Project>', 2),
    ],
)
def test_dependencies(rules: Ruleset, path: str, text: str, line: int) -> None:
    expected = [("acme", line, ())] if line else []
    assert found(rules, path, text) == expected
    assert all(state == ("acme", "unknown", "dependency") for state in verdicts(rules, path, text))


# -------------------------------------------------------------------------------------------------------------- headers


def test_link_headers_open_connections(rules: Ruleset) -> None:
    plain = "/*\n  X-Frame-Options: DENY\n  Link: <https://bolt-metrics.com>; rel=preconnect, </own.css>; rel=preload\n"
    policy = "/*\n  Content-Security-Policy: script-src https://bolt-metrics.com\n"
    vercel = json.dumps(
        {
            "headers": [
                {
                    "source": "/",
                    "headers": [{"key": "Link", "value": "<https://bolt-metrics.com/a.css>; rel=stylesheet"}],
                }
            ]
        }
    )
    netlify = '[[headers]]\nfor = "/*"\n[headers.values]\nLink = "<https://bolt-metrics.com>; rel=dns-prefetch"\n'
    assert [one[:2] for one in found(rules, "_headers", plain)] == [("bolt", 3)]
    assert found(rules, "_headers", policy) == []
    assert [one[0] for one in found(rules, "vercel.json", vercel)] == ["bolt"]
    (load,) = detect.loads(source("netlify.toml", netlify), rules)
    assert load.hint


# --------------------------------------------------------------------------------------------------------- tag managers

EVERY_PAGE = "2147479553"


def parameter(key: str, value: str) -> dict[str, str]:
    return {"type": "TEMPLATE", "key": key, "value": value}


def container(*tags: dict[str, Any], **rest: Any) -> str:
    whole = {"exportFormatVersion": 2, "containerVersion": {"tag": list(tags), **rest}}
    return json.dumps(whole, indent=2)


def tag(kind: str = "acmetag", **rest: Any) -> dict[str, Any]:
    return {"name": "Visits", "type": kind, "parameter": [], "firingTriggerId": [EVERY_PAGE], **rest}


def event(identity: str, wanted: str) -> dict[str, Any]:
    test = {"type": "EQUALS", "parameter": [parameter("arg0", "{{_event}}"), parameter("arg1", wanted)]}
    return {"triggerId": identity, "name": "When", "type": "CUSTOM_EVENT", "customEventFilter": [test]}


def page(identity: str, variable: str, wanted: str, *, negate: bool = False) -> dict[str, Any]:
    parameters = [parameter("arg0", "{{" + variable + "}}"), parameter("arg1", wanted)]
    if negate:
        parameters.append({"type": "BOOLEAN", "key": "negate", "value": "true"})
    return {
        "triggerId": identity,
        "name": "Page",
        "type": "PAGEVIEW",
        "filter": [{"type": "CONTAINS", "parameter": parameters}],
    }


def test_a_tag_is_named_by_its_type_and_stands_where_its_name_does(rules: Ruleset) -> None:
    variables = [{"name": "Acme id", "type": "c", "parameter": [parameter("value", "AC-12345")]}]
    text = container(tag(parameter=[parameter("trackingId", "{{Acme id}}")]), variable=variables)
    line = next(number for number, one in enumerate(text.splitlines(), 1) if '"name": "Visits"' in one)
    assert found(rules, "tags/export.json", text) == [("acme", line, ("AC-12345",))]
    assert verdicts(rules, "tags/export.json", text) == [("acme", "ungated", "none")]


def test_of_services_that_share_a_type_the_id_decides(rules: Ruleset) -> None:
    bolt = container(tag("shared", parameter=[parameter("tagId", "BO-77")]))
    acme = container(tag("shared", parameter=[parameter("tagId", "AC-12345")]))
    assert found(rules, "x.json", bolt)[0][0] == "bolt"
    assert found(rules, "x.json", acme)[0][0] == "acme"


def test_tags_that_cannot_fire_are_no_loads(rules: Ruleset) -> None:
    assert found(rules, "x.json", container(tag(paused=True))) == []
    assert found(rules, "x.json", container(tag(firingTriggerId=[]))) == []


def test_a_setup_tag_fires_with_the_tag_that_needs_it(rules: Ruleset) -> None:
    text = container(
        {"name": "First", "type": "acmetag", "parameter": []},
        tag("unknown", setupTag=[{"tagName": "First"}], firingTriggerId=["7"]),
        trigger=[event("7", "analytics_consent_given")],
    )
    assert verdicts(rules, "x.json", text) == [("acme", "gated", "tag-manager-trigger")]


def test_custom_html_and_images_are_read(rules: Ruleset) -> None:
    html = (
        "<script>var s = document.createElement('script'); s.src = 'https://bolt-metrics.com/{{file}}.js';"
        "document.head.appendChild(s);</script>\n<noscript><img src='https://bolt-metrics.com/p.gif?id=BO-1'></noscript>"
    )
    text = container(
        tag("html", parameter=[parameter("html", html)]),
        tag("img", parameter=[parameter("url", "//tally-pixel.com/{{x}}.gif")]),
    )
    assert [(one[0], one[2]) for one in found(rules, "x.json", text)] == [("bolt", ("BO-1",)), ("tally", ())]
    assert verdicts(rules, "x.json", text)[0][1] == "ungated"


def test_html_that_is_inert_is_not_called_ungated(rules: Ruleset) -> None:
    html = '<script type="text/plain" data-c="stats" src="https://bolt-metrics.com/a.js"></script>'
    assert verdicts(rules, "x.json", container(tag("html", parameter=[parameter("html", html)]))) == [
        ("bolt", "unknown", "inert")
    ]


def test_a_template_is_known_by_what_it_injects(rules: Ruleset) -> None:
    template = {
        "name": "Some pixel",
        "containerId": "11",
        "templateId": "22",
        "templateData": "___INFO___ https://developers.google.com/tos\ninjectScript('https://tally-pixel.com/t.js')",
    }
    text = container(tag("cvt_11_22", parameter=[parameter("pixelId", "42")]), customTemplate=[template])
    assert [(one[0], one[2]) for one in found(rules, "x.json", text)] == [("tally", ("42",))]


def needed(*types: str) -> dict[str, Any]:
    return {
        "consentStatus": "NEEDED",
        "consentType": {"type": "LIST", "list": [{"type": "TEMPLATE", "value": one} for one in types]},
    }


@pytest.mark.parametrize(
    ("settings_", "state", "mechanism", "category"),
    [
        (needed("analytics_storage"), "gated", "tag-manager-consent", "analytics"),
        (needed("ad_storage", "ad_user_data"), "gated", "tag-manager-consent", "marketing"),
        (needed("security_storage"), "ungated", "none", None),
        ({"consentStatus": "NOT_SET"}, "ungated", "none", None),
        ({"consentStatus": "NOT_NEEDED"}, "ungated", "none", None),
    ],
)
def test_consent_settings(
    rules: Ruleset, settings_: dict[str, Any], state: str, mechanism: str, category: str | None
) -> None:
    (load,) = detect.loads(source("x.json", container(tag(consentSettings=settings_))), rules)
    assert (consent(load).state, consent(load).mechanism, consent(load).category) == (state, mechanism, category)


@pytest.mark.parametrize(
    ("trigger", "state", "mechanism"),
    [
        (event("7", "cookie_consent_statistics"), "gated", "tag-manager-trigger"),
        (event("7", "DocsAgreed"), "gated", "docs-consent"),
        (event("7", "DocsAnswered"), "unknown", "tag-manager-trigger"),
        (event("7", "cookie_consent_update"), "unknown", "tag-manager-trigger"),
        (event("7", "purchase"), "ungated", "none"),
        (event("7", ".*"), "ungated", "none"),
        (page("7", "Consent cookie", "statistics:true"), "gated", "tag-manager-trigger"),
        (page("7", "Consent cookie", "statistics:false"), "ungated", "none"),
        (page("7", "marketing consent", "true"), "gated", "tag-manager-trigger"),
        (page("7", "marketing consent", "true", negate=True), "ungated", "none"),
        (page("7", "groups", "C0002"), "gated", "docs-consent"),
        (page("7", "Page Path", "/shop"), "ungated", "none"),
    ],
)
def test_what_a_trigger_says_of_consent(rules: Ruleset, trigger: dict[str, Any], state: str, mechanism: str) -> None:
    variables = [
        {"name": "Consent cookie", "type": "k", "parameter": [parameter("name", "cookie_consent")]},
        {"name": "groups", "type": "j", "parameter": [parameter("name", "docsGroups")]},
    ]
    text = container(tag(firingTriggerId=["7"]), trigger=[trigger], variable=variables)
    assert verdicts(rules, "x.json", text) == [("acme", state, mechanism)]


def test_one_open_trigger_is_enough_and_one_exception_holds_all_back(rules: Ruleset) -> None:
    gate = event("7", "analytics_consent_given")
    both = container(tag(firingTriggerId=["7", EVERY_PAGE]), trigger=[gate])
    assert verdicts(rules, "x.json", both)[0][1] == "ungated"
    refused = page("8", "analytics consent", "false")
    held = container(tag(blockingTriggerId=["8"]), trigger=[refused])
    assert verdicts(rules, "x.json", held)[0][1:] == ("gated", "tag-manager-trigger")
    agreed = container(tag(blockingTriggerId=["8"]), trigger=[page("8", "analytics consent", "true")])
    assert verdicts(rules, "x.json", agreed)[0][1] == "ungated"


LIBRARY = """(function () {
window._satellite = window._satellite || {};
window._satellite.container = {
  extensions: { "acme-extension": { displayName: "Acme", settings: { org: "AC-12345" }, modules: {
    "x.js": { script: function (module, exports, require, turbine) { return 1; } } } }, core: {} },
  rules: [
    { id: "RL1", name: "Top", events: [{ modulePath: "core/src/lib/events/libraryLoaded.js" }],
      actions: [
        { modulePath: "acme-extension/src/lib/actions/send.js", settings: {} },
        { modulePath: "core/src/lib/actions/customCode.js",
          settings: { language: "html", source: "<script src='https://bolt-metrics.com/a.js'></script>" } } ] },
    { id: "RL2", name: "Later",
      events: [
        { modulePath: "core/src/lib/events/directCall.js", settings: { identifier: "marketing-consent-given" } } ],
      actions: [{ modulePath: "core/src/lib/actions/customCode.js", settings: { language: "javascript",
        source: "var i = new Image(); i.src = 'https://tally-pixel.com/p.gif';" } }] } ] };
})();
"""


def test_a_built_library_of_adobe_tags(rules: Ruleset) -> None:
    assert verdicts(rules, "launch-1.min.js", LIBRARY) == [
        ("acme", "ungated", "none"),
        ("bolt", "ungated", "none"),
        ("tally", "gated", "tag-manager-trigger"),
    ]
    assert found(rules, "launch-1.min.js", LIBRARY)[0] == ("acme", 9, ("AC-12345",))


def test_the_resources_of_a_property_of_adobe_tags(rules: Ruleset) -> None:
    def component(descriptor: str, rule: str, **values: Any) -> dict[str, Any]:
        return {
            "id": "RC" + descriptor,
            "type": "rule_components",
            "attributes": {"delegate_descriptor_id": descriptor, "settings": json.dumps(values)},
            "relationships": {"rules": {"data": [{"id": rule, "type": "rules"}]}},
        }

    resources = [
        {"id": "RL1", "type": "rules", "attributes": {"name": "Every page", "enabled": True}},
        {"id": "RL2", "type": "rules", "attributes": {"name": "Off", "enabled": False}},
        component("core::conditions::cookie", "RL1", name="cookie_consent", value="analytics"),
        component("acme-extension::actions::send", "RL1", id="AC-12345"),
        component("acme-extension::actions::send", "RL2", id="AC-99999"),
        component(
            "core::actions::custom-code", "RL1", language="html", source='<img src="https://tally-pixel.com/p.gif">'
        ),
    ]
    text = json.dumps({"data": resources}, indent=1)
    assert verdicts(rules, "property.json", text) == [
        ("acme", "gated", "tag-manager-trigger"),
        ("tally", "gated", "tag-manager-trigger"),
    ]


def test_an_export_of_matomo_tag_manager(rules: Ruleset) -> None:
    export = {
        "idcontainer": "aBcD1234",
        "tags": [
            {
                "type": "Acme",
                "name": "Visits",
                "parameters": {"conf": "{{Conf}}"},
                "fire_trigger_ids": [1],
                "status": "active",
            },
            {"type": "Acme", "name": "Old", "parameters": {}, "fire_trigger_ids": [1], "status": "paused"},
            {
                "type": "CustomHtml",
                "name": "More",
                "parameters": {"customHtml": "<script src='//bolt-metrics.com/a.js'></script>"},
                "fire_trigger_ids": [2],
            },
        ],
        "triggers": [
            {"idtrigger": 1, "type": "PageView", "name": "Every page"},
            {
                "idtrigger": 2,
                "type": "CustomEvent",
                "name": "Yes",
                "parameters": {"eventName": "marketing_consent_given"},
            },
        ],
        "variables": [{"name": "Conf", "type": "AcmeConfiguration", "parameters": {"idSite": "7"}}],
    }
    text = json.dumps(export, indent=1)
    assert verdicts(rules, "mtm.json", text) == [("acme", "ungated", "none"), ("bolt", "gated", "tag-manager-trigger")]
    assert found(rules, "mtm.json", text)[0][2] == ("7",)
    built = f"(function(){{ window.MatomoTagManager.addContainer({text}, Templates); }})();"
    assert len(found(rules, "container_aBcD1234.js", built)) == 2


def test_a_profile_of_tealium(rules: Ruleset) -> None:
    profile = {
        "tags": [
            {"id": "1", "name": "Acme", "status": "active", "loadRules": ["all"]},
            {"id": "2", "name": "Bolt", "status": "inactive", "loadRules": ["all"]},
            {"id": "3", "name": "Tally", "status": "active", "loadRules": ["9"]},
        ],
        "loadRules": [{"id": "9", "title": "Analytics consent given"}],
    }
    assert verdicts(rules, "utag.json", json.dumps(profile)) == [
        ("acme", "ungated", "none"),
        ("tally", "gated", "tag-manager-trigger"),
    ]


# ----------------------------------------------------------------------------------------------------- values elsewhere


@pytest.fixture
def known(tmp_path: Path) -> detect.Values:
    files = {
        "config/config.js": (
            "module.exports = {\n  analytics: { trackingUrl: process.env.TRACKING_URL, hotId: 'HJ-4711' },\n"
            "  host: 'https://a.clinic.net/',\n};\n"
        ),
        ".env.example": "TRACKING_URL=https://bolt-metrics.com/b.js\nGTM_ID=GTM-K5R8WQ\nEMPTY=\n",
        "_data/site.yml": "stats:\n  url: https://stats.clinic.net/x.js\nid: S-12345\n",
        "hugo.toml": '[params.analytics]\nx = "AC-12345"\n',
        "content/post.yml": "secret_id: P-12345\n",
        "config/eu.yml": "region_id: R-1111\n",
        "config/us.yml": "region_id: R-2222\n",
        "config/broken.yml": "a: {{ .Values.b }}\n{% if %}\n",
        "appsettings.json": '{"Analytics": {"Ga": {"Id": "G-7KQ2M4XW9P"}}}',
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return detect.values(working_tree(tmp_path))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("process.env.GTM_ID", "GTM-K5R8WQ"),
        ("ENV['GTM_ID']", "GTM-K5R8WQ"),
        ('os.environ.get("GTM_ID", "")', "GTM-K5R8WQ"),
        ("gtmId", "GTM-K5R8WQ"),
        ("trackingUrl", "https://bolt-metrics.com/b.js"),
        ("config.analytics.hotId | safe", "HJ-4711"),
        ("site.Params.analytics.x", "AC-12345"),
        (".Site.Params.analytics.x | safeURL", "AC-12345"),
        ("site.data.site.stats.url", "https://stats.clinic.net/x.js"),
        ('Configuration["Analytics:Ga:Id"]', "G-7KQ2M4XW9P"),
        ("region_id", None),  # two answers
        ("eu.region_id", "R-1111"),
        ("url", None),  # says too little
        ("id", None),
        ("EMPTY", None),
        ("secret_id", None),  # content, not configuration
        ("", None),
        ("1 + 2", None),
    ],
)
def test_an_expression_stands_for_the_value_of_its_name(
    known: detect.Values, expression: str, value: str | None
) -> None:
    assert detect.resolve(expression, known) == ([value] if value is not None else [])


def test_the_index_says_where_a_value_stands(known: detect.Values) -> None:
    assert known["analytics.hotId"] == ("HJ-4711", "config/config.js", 2)
    assert "region_id" not in known
    with pytest.raises(KeyError):
        known["nowhere"]


@pytest.mark.parametrize(
    ("page", "host"),
    [
        ('<script src="{{ site.survey.script }}"></script>', "panel-metrics.com"),
        (
            "<script>const s = document.createElement('script'); s.src = '{{ site.survey.script }}';</script>",
            "panel-metrics.com",
        ),
        (
            "<script>const s = document.createElement('script'); s.src = {{ site.survey.script | jsonify }};</script>",
            "panel-metrics.com",
        ),
        (
            "<script>const u = '{{ site.survey.base_url }}'; const s = document.createElement('script'); s.src = u + '/s.js';</script>",
            "panel-metrics.com",
        ),
        (
            '{% assign script = "https://panel-metrics.com/s.js" %}<script src="{{ script }}"></script>',
            "panel-metrics.com",
        ),
        (
            '<script src="{{ site.survey.base_url }}"></script>',
            None,
        ),  # the beginning of addresses, maybe the site's own
        ("<script>const text = '{{ site.survey.script }}'; show(text);</script>", None),
        ("<script>const s = document.createElement('script'); s.src = '{{ site.nowhere.script }}';</script>", None),
    ],
)
def test_an_address_in_the_settings_is_loaded_where_it_is_printed(tmp_path: Path, page: str, host: str | None) -> None:
    settings = "survey:\n  script: https://panel-metrics.com/s.js\n  base_url: https://panel-metrics.com\n"
    (tmp_path / "_config.yml").write_text(settings, encoding="utf-8")
    (tmp_path / "page.html").write_text(f"---\n---\n{page}\n", encoding="utf-8")
    found = scan.scan(working_tree(tmp_path, [tmp_path / "page.html"]), ruleset.load())
    assert [one.host for one in found.detections] == ([host] if host else [])


VIDEO = "https://www.youtube-nocookie.com/embed/a1B2c3D4e5F"
MAP = "https://maps.clinicwidgets.net/frame/4711"


@pytest.mark.parametrize(
    ("path", "text", "host"),
    [
        ("src/A.jsx", "export const A = () => <iframe src={import.meta.env.VITE_SHOWN} />;", MAP),
        ("src/A.tsx", "const shown = process.env.VITE_SHOWN!;\nexport const A = () => <iframe src={shown} />;", MAP),
        ("src/A.js", "const s = document.createElement('script'); s.src = process.env.VITE_SHOWN; document.head.append(s);", MAP),
        ("index.html", "<!doctype html><html><body><script src='%VITE_SHOWN%'></script></body></html>", MAP),
        ("src/A.svelte", "<iframe title='Film' src={import.meta.env.VITE_SHOWN}></iframe>", VIDEO),
        ("src/A.vue", "<script setup>const shown = import.meta.env.VITE_SHOWN</script>\n<template><iframe :src='shown' /></template>", MAP),
        ("resources/views/a.blade.php", "<iframe src=\"{{ env('VITE_SHOWN') }}\"></iframe>", VIDEO),
        ("src/A.jsx", "export const A = () => <a href={import.meta.env.VITE_SHOWN}>Map</a>;", None),
        ("src/A.jsx", "export const A = () => <iframe src={import.meta.env.VITE_OTHER} />;", None),
        ("src/A.jsx", "fetch(import.meta.env.VITE_SHOWN);", None),  # may be the site's own
        ("index.html", "<!doctype html><html><body><a href='%VITE_SHOWN%'>Map</a></body></html>", None),
    ],
)  # fmt: skip
def test_what_the_environment_of_a_build_holds_is_fetched_where_an_element_takes_it(
    tmp_path: Path, path: str, text: str, host: str | None
) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(text, encoding="utf-8")
    (tmp_path / ".env").write_text(f"VITE_SHOWN={host or MAP}\n", encoding="utf-8")
    found = scan.scan(working_tree(tmp_path), ruleset.load())
    shown = [(one.host, one.consent.state) for one in found.detections if one.path == path]
    assert shown == ([(host.split("/")[2], "ungated")] if host else [])


@pytest.mark.parametrize(
    ("files", "host"),
    [
        ({".env": "a", ".env.production": "b", ".env.development": "c"}, "b"),
        ({".env": "a", ".env.development": "c", ".env.test": "d", ".env.example": "e"}, "a"),
        ({".env.example": "e", ".env.development": "c"}, "e"),
        ({".env.development": "c"}, "c"),
        ({".env.production.example": "b", ".env": "a"}, "a"),
        ({".env.staging": "a", ".env.qa": "b"}, None),
        ({"other/.env": "a"}, "a"),
        ({".env": "a", "other/.env": "b"}, "a"),
    ],
)
def test_the_environment_that_visitors_get_is_that_of_production(
    tmp_path: Path, files: dict[str, str], host: str | None
) -> None:
    for path, letter in {**files, "src/A.jsx": ""}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        frame = "export const A = () => <iframe src={import.meta.env.VITE_SHOWN} />;"
        (tmp_path / path).write_text(
            f"VITE_SHOWN=https://{letter}.clinicwidgets.net/frame" if letter else frame, encoding="utf-8"
        )
    found = scan.scan(working_tree(tmp_path), ruleset.load())
    hosts = {one.host for one in found.detections if one.path == "src/A.jsx"}
    assert hosts == ({f"{host}.clinicwidgets.net"} if host else {"a.clinicwidgets.net", "b.clinicwidgets.net"})


# -------------------------------------------------------------------------------------------------------------- readers


def plain(value: Value) -> Any:
    """As the usual parsers give it, with scalars as text."""
    if value.kind == "map":
        return {member.key: plain(member.value) for member in value.members}
    return [plain(item) for item in value.items] if value.kind == "list" else value.text


def scalars(value: Value) -> Iterator[Value]:
    if value.kind == "scalar":
        yield value
    for member in value.members:
        yield from scalars(member.value)
    for item in value.items:
        yield from scalars(item)


def as_text(value: object) -> Any:
    if isinstance(value, dict):
        return {str(key): as_text(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_text(one) for one in value]
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


words = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=12).filter(
    lambda text: not any(mark in text for mark in "{$%<_#") and text == text.strip()
)
documents = st.recursive(
    st.one_of(words, st.integers(-9999, 9999), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=4)),
    max_leaves=12,
)
tables = st.dictionaries(words, documents, max_size=5)


@given(tables)
@settings(max_examples=80)
def test_json_is_read_as_the_standard_library_does(document: dict[str, Any]) -> None:
    for text in (json.dumps(document), json.dumps(document, indent=2, ensure_ascii=False)):
        (root,) = data.read(source("a.json", text))
        assert plain(root.value) == as_text(json.loads(text))


@given(tables)
@settings(max_examples=80)
def test_toml_is_read_as_tomli_does(document: dict[str, Any]) -> None:
    text = tomlkit.dumps(document)
    (root,) = data.read(source("a.toml", text))
    assert plain(root.value) == as_text(tomli.loads(text))


@given(tables)
@settings(max_examples=60)
def test_yaml_is_read_as_pyyaml_does(document: dict[str, Any]) -> None:
    text = yaml.safe_dump(document, allow_unicode=True)
    roots = data.read(source("a.yml", text))
    assert [plain(root.value) for root in roots] == [as_text(document)]


@given(tables)
@settings(max_examples=60)
def test_a_scalars_span_holds_its_text(document: dict[str, Any]) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=1)
    for value in scalars(data.read(source("a.json", text))[0].value):
        assert json.loads('"' + text[value.span.start : value.span.end] + '"') == value.text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("dict(film='a', other='b')", {"film": "a", "other": "b"}),
        ("OrderedDict([('film', 'a',), ('other', 'b')])", {"film": "a", "other": "b"}),
        ("collections.OrderedDict({'film': 'a'}, other='b')", {"film": "a", "other": "b"}),
        ("dict(film=kind == 'a', other='b')", {"film": None, "other": "b"}),
        ("dict(film=lambda x: 'a')", {"film": None}),
        ("dict(settings.FILMS)", {}),
    ],
)
def test_a_table_that_a_call_makes_is_one(written: str, read: dict[str, str | None]) -> None:
    films = data.read(source("settings.py", f"FILMS = {written}\n"))[0].value.get("FILMS")
    assert films is not None
    assert {one.key: one.value.text for one in films.members} == read


PATHS = [
    "a.json",
    "_config.yml",
    "hugo.toml",
    "app.properties",
    "x.ini",
    ".env",
    "web.config",
    "settings.py",
    "gatsby-config.js",
]
PIECES = [
    *"\"'{}[]():=,#<|>\\\t\né",
    *("dict(", "a=", "- ", "//", "/*", "{{", "}}", "{%", "</", "&a", "*a", "AC-12345", "key", '"""', "!x "),
]


@given(st.sampled_from(PATHS), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@settings(max_examples=300)
def test_no_text_breaks_a_reader_and_spans_stay_inside(rules: Ruleset, path: str, text: str) -> None:
    file = source(path, text)
    for root in data.read(file):
        for value in scalars(root.value):
            assert 0 <= value.span.start <= value.span.end <= len(text)
    for load in detect.loads(file, rules):
        assert 0 <= load.span.start <= load.span.end <= len(text)


HOSTILE = (
    "[",
    "{a:",
    "a: ",
    "- ",
    '"',
    " ",
    "<a ",
    "a.a",
    "\\",
    "'''\n",
    "a=",
    "x = dict([",
    "x = [\n",
    "{{",
    "&a [*a,",
    "[a]\n[a.b",
)


@pytest.mark.parametrize("path", [*PATHS, "package.json", "requirements.txt", "Gemfile", "src/Web.csproj"])
def test_hostile_files_hold_nothing(rules: Ruleset, path: str) -> None:
    size = 4_000 if path.endswith(".js") else 30_000  # the parser of scripts is not ours
    for piece in HOSTILE:
        assert list(detect.loads(source(path, piece * size), rules)) == [], piece


def test_yaml_with_a_templates_marks_is_read_by_its_lines(rules: Ruleset) -> None:
    text = (
        "site:\n  {{- if .x }}\n  analytics: AC-12345 # c\n  {{- end }}\n"
        "  items:\n    - name: {{ .y }}\n      id: AC-54321\n"
    )
    assert found(rules, "_config.yml", text) == [("acme", 3, ("AC-12345",)), ("acme", 7, ("AC-54321",))]


def test_settings_of_xml(rules: Ruleset) -> None:
    text = (
        '<configuration>\n<appSettings>\n<add key="AcmeId" value="AC-12345" />\n'
        "<x><y>a &amp; b</y></x></appSettings></configuration>"
    )
    (root,) = data.read(source("web.config", text))
    assert plain(root.value) == {"configuration": {"appSettings": {"AcmeId": "AC-12345", "x": {"y": "a & b"}}}}

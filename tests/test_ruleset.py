"""How rules are read, refused and asked; whether each rule finds its examples is tested in test_rulesets.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracklint import ruleset as rulesets
from tracklint.ruleset import (
    AnyValue,
    Array,
    CallPattern,
    Exact,
    Object,
    Rest,
    Ruleset,
    RulesetError,
    glob_matches,
    load,
)

SERVICE = """\
[service]
slug = "acme"
name = "Acme Analytics"
company = "Acme"
country = "GB"
category = "analytics"
kind = "analytics"
summary = "Counts page views."

[match]
hosts = ["acme.example"]
urls = ["shared.example/acme/*", "*/acme.js"]
calls = ["acme.init('key', ...)"]
weak_calls = ["ac('create', *)"]
elements = ["acme-player"]
attributes = ["script[data-acme-id]"]
components = ["Acme from @acme/react", "AcmeBox"]
shortcodes = ["acmebox"]
template_calls = ["acme_tags"]
bundle_markers = ["No Acme key given"]
ids = ['AC-(\\d+)']

[match.packages]
npm = ["@acme/web"]
pypi = ["Django_Acme"]

[[config]]
tool = "hugo"
files = ["config/_default/*.toml", "hugo.toml"]
key = "params.acme"
when = '^AC-\\d+$'

[[cookie]]
name = "_ac_*"
lifetime = "1 year"
purpose = "Recognises a visitor."

[[example]]
source = '<script src="https://acme.example/a.js"></script>'
technique = "script-src"
[[counterexample]]
why = "A link loads nothing."
source = '<a href="https://acme.example/">Acme</a>'
"""

MANAGER = """\
[manager]
slug = "gate"
name = "Gate"
type = "cmp"
hosts = ["gate.example"]
urls = ["*/gate-banner.js"]
before_choice = "deny"

[[markup]]
selector = "script[type='text/plain'][data-gate]"
category_attribute = "data-gate"
categories = { stats = "analytics" }

[[callback]]
name = "key:onAccept"
in = ["Gate.run"]

[[push]]
call = "gate.jobs.push(*)"
services = { acme = "acme" }
unless = ["strict: false"]

[[api]]
expression = "Gate.allowed('*').state"
category = "analytics"

[[hold]]
call = "gate.wait()"
effect = "silent"

[[setting]]
files = ["site.yml"]
key = "gate.on"
holds = ["acme"]

[[example]]
source = '<script type="text/plain" data-gate="stats" src="https://acme.example/a.js"></script>'
state = "gated"
category = "analytics"
[[counterexample]]
why = "Nothing makes it inert."
source = '<script data-gate="stats" src="https://acme.example/a.js"></script>'
state = "ungated"
"""


def write(root: Path, services: dict[str, str], managers: dict[str, str] | None = None, hosts: str = "") -> Path:
    for folder, files in (("services", services), ("consent", managers or {})):
        (root / folder).mkdir(parents=True, exist_ok=True)
        for slug, text in files.items():
            (root / folder / f"{slug}.toml").write_text(text, encoding="utf-8")
    if hosts:
        (root / "hosts.tsv").write_text(hosts, encoding="utf-8")
    return root


def minimal(slug: str, match: str) -> str:
    return (
        f'[service]\nslug = "{slug}"\nname = "{slug.title()}"\ncategory = "marketing"\nkind = "advertising"\n'
        f"[match]\n{match}\n"
    )


@pytest.fixture
def ruleset(tmp_path: Path) -> Ruleset:
    tail = "cdn.tail.example\tTail CDN\tTail Ltd\tmarketing\tadvertising\nacme-alias.example\tacme\t\t\t\n"
    return load(folder=write(tmp_path, {"acme": SERVICE}, {"gate": MANAGER}, tail), validate=True)


# ------------------------------------------------------------------------------------------------------- loading


def test_the_shipped_rules_are_valid() -> None:
    ruleset = load(validate=True)
    assert all(manager.slug == slug for slug, manager in ruleset.managers.items())


def test_a_service_mirrors_its_file(ruleset: Ruleset) -> None:
    acme = ruleset.services["acme"]
    assert (acme.name, acme.company, acme.country, acme.category) == ("Acme Analytics", "Acme", "GB", "analytics")
    assert acme.match.hosts == ("acme.example",)
    assert acme.match.packages == {"npm": ("@acme/web",), "pypi": ("Django_Acme",)}
    assert acme.config[0].when == r"^AC-\d+$"
    assert acme.cookies[0].name == "_ac_*"
    assert [pattern.search("AC-42").group(1) for pattern in acme.id_patterns] == ["42"]  # type: ignore[union-attr]


def test_examples_are_read_when_asked_for(ruleset: Ruleset) -> None:
    acme = ruleset.services["acme"]
    assert [example.technique for example in acme.examples] == ["script-src"]
    assert [example.why for example in acme.counterexamples] == ["A link loads nothing."]
    assert [example.state for example in ruleset.managers["gate"].examples] == ["gated"]


def test_what_stands_after_the_examples_is_read_too(tmp_path: Path) -> None:
    moved = SERVICE.replace('[[cookie]]\nname = "_ac_*"\nlifetime = "1 year"\npurpose = "Recognises a visitor."\n', "")
    moved += '[[cookie]]\nname = "late"\n'
    assert load(folder=write(tmp_path, {"acme": moved})).services["acme"].cookies[0].name == "late"


def test_a_manager_mirrors_its_file(ruleset: Ruleset) -> None:
    gate = ruleset.managers["gate"]
    assert gate.markup[0].categories == {"stats": "analytics"}
    assert gate.callbacks[0].within == ("Gate.run",)
    assert gate.callbacks[0].proves == "consent"
    assert gate.before_choice == "deny"
    assert gate.pushes[0].unless == ("strict: false",)
    assert gate.pushes[0].pattern is not None and gate.pushes[0].pattern.service == "cmp:gate"
    assert gate.holds[0].pattern is not None and gate.holds[0].pattern.callee == "gate.wait"
    assert gate.settings[0].matches_path("docs/site.yml")
    assert gate.service.slug == "cmp:gate"
    assert (gate.service.category, gate.service.kind) == ("essential", "consent")


def test_the_version_changes_with_the_content(tmp_path: Path) -> None:
    first = load(folder=write(tmp_path / "a", {"acme": SERVICE})).version
    again = load(folder=write(tmp_path / "b", {"acme": SERVICE})).version
    other = load(folder=write(tmp_path / "c", {"acme": SERVICE.replace("Counts", "Adds up")})).version
    assert first == again != other


# -------------------------------------------------------------------------------------------------- extra folders


def test_parsed_rules_are_kept_for_each_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.delenv("TRACKLINT_NO_CACHE", raising=False)

    def install(folder: str, name: str) -> None:
        write(tmp_path / folder, {"acme": SERVICE.replace("Acme Analytics", name)})

    def loaded(name: str) -> str:
        with monkeypatch.context() as patched:
            patched.setattr(rulesets, "builtin_folder", lambda: tmp_path / name)
            return load().services["acme"].name

    install("old", "old")
    install("new", "new")
    assert (loaded("old"), loaded("new")) == ("old", "new")
    files = sorted(cache.rglob("rules-*"))
    assert len(files) == 2
    with monkeypatch.context() as patched:
        patched.setattr(rulesets, "_parse_head", None)  # nothing needs to be parsed again
        assert (loaded("old"), loaded("new")) == ("old", "new")
    for file in files:
        file.write_text("[", encoding="utf-8")
    assert (loaded("old"), loaded("new")) == ("old", "new")
    install("new", "newest")
    assert loaded("new") == "newest"
    assert sorted(cache.rglob("rules-*")) == files


def test_what_an_installation_that_is_gone_has_kept_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "tracklint"
    kept.mkdir()
    (kept / "rules-of-another.json").write_text("[]", encoding="utf-8")
    os.utime(kept / "rules-of-another.json", (0, 0))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("TRACKLINT_NO_CACHE", raising=False)
    load()
    assert len(list(kept.iterdir())) == 1
    assert not (kept / "rules-of-another.json").exists()


def test_an_extra_folder_replaces_a_service_and_adds_others(tmp_path: Path) -> None:
    ours = write(tmp_path / "ours", {"acme": SERVICE})
    theirs = write(
        tmp_path / "theirs",
        {"acme": minimal("acme", 'hosts = ["own.example"]'), "extra": minimal("extra", 'hosts = ["extra.example"]')},
    )
    ruleset = load([theirs], ours)
    assert ruleset.service_for_url("https://acme.example/a.js") is None
    found = ruleset.service_for_url("https://own.example/a.js")
    assert found is not None and found.name == "Acme"
    assert set(ruleset.services) == {"acme", "extra"}


def test_an_extra_folder_may_hold_the_files_directly(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "extra.toml").write_text(minimal("extra", 'hosts = ["extra.example"]'), encoding="utf-8")
    (theirs / "gate.toml").write_text(MANAGER, encoding="utf-8")
    ruleset = load([theirs], write(tmp_path / "ours", {"acme": SERVICE}))
    assert set(ruleset.services) == {"acme", "extra"}
    assert set(ruleset.managers) == {"gate"}


def test_an_extra_folder_needs_no_examples_but_is_always_checked(tmp_path: Path) -> None:
    ours = write(tmp_path / "ours", {"acme": SERVICE})
    theirs = write(tmp_path / "theirs", {"extra": minimal("extra", 'host = ["extra.example"]')})
    with pytest.raises(RulesetError, match=r"unknown key 'host'.*did you mean 'hosts'"):
        load([theirs], ours)


def test_a_missing_or_empty_extra_folder_is_refused(tmp_path: Path) -> None:
    ours = write(tmp_path / "ours", {"acme": SERVICE})
    (tmp_path / "empty").mkdir()
    with pytest.raises(RulesetError) as error:
        load([tmp_path / "missing", tmp_path / "empty"], ours)
    assert len(error.value.problems) == 2
    assert "cannot be read" in error.value.problems[0]
    assert "holds no rules" in error.value.problems[1]


# ------------------------------------------------------------------------------------------------------ validation


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('slug = "acme"', 'slug = "acne"', r"acme\.toml:2: `slug` is 'acne' but the file is named 'acme.toml'"),
        ('slug = "acme"', 'slug = "Acme"', "lower-case letters, digits and single hyphens"),
        ('slug = "acme"\n', "", r"acme\.toml:1: \[service\] needs `slug`"),
        ('name = "Acme Analytics"', 'name = ""', "`name` must not be empty"),
        ('name = "Acme Analytics"', "name = 3", "`name` must be a string, not a number"),
        ('category = "analytics"', 'category = "analitics"', ":6: .*did you mean 'analytics'.*allowed: analytics, ess"),
        ('kind = "analytics"', 'kind = "tracker"', ":7: `kind` is 'tracker'; .*allowed: .*widget"),
        ('country = "GB"', 'country = "Britain"', "ISO 3166"),
        ("summary =", "sumary =", ":8: unknown key 'sumary' in .service.; did you mean 'summary'"),
        ("[[cookie]]", "[[cookies]]", "unknown table 'cookies'; did you mean 'cookie'"),
        ("[[cookie]]", "[cookie]", r"`cookie` must be written as \[\[cookie\]\]"),
        ('hosts = ["acme.example"]', 'hosts = "acme.example"', ":11: `hosts` must be a list of strings"),
        ('hosts = ["acme.example"]', "hosts = [1]", "`hosts` must be a list of strings"),
        ('hosts = ["acme.example"]', 'hosts = ["https://acme.example"]', "a host is lower-case, without scheme"),
        ('"*/acme.js"', '"https://x.example/acme.js"', "without a scheme"),
        ('"*/acme.js"', '""', "`urls` holds an empty string"),
        ("acme.init('key', ...)", "acme.init('key', ...", ":13: `calls` holds .*it ends too soon"),
        ("acme.init('key', ...)", "acme.init(key)", "'key' is no argument"),
        ("acme.init('key', ...)", "acme.init(..., 'key')", "must come last"),
        ('"acme-player"', '"acme-player["', ":15: `elements` holds .*no CSS selector"),
        ('"AcmeBox"', '"Acme Box"', "expected `Name` or `Name from package`"),
        (r"'AC-(\d+)'", r"'AC-(\d+'", "no regular expression"),
        ("npm =", "nmp =", ":24: `packages` has the unknown ecosystem|unknown ecosystem 'nmp'; did you mean 'npm'"),
        ('npm = ["@acme/web"]', 'npm = "@acme/web"', "must be a list of strings"),
        ('key = "params.acme"\n', "", r"\[config\] needs `key`"),
        ("'^AC-\\d+$'", "'^(AC'", "`when` holds .*no regular expression"),
        ('technique = "script-src"', 'technique = "script"', "`technique` is 'script'; .*allowed: api-call"),
        ('why = "A link loads nothing."\n', "", r"\[counterexample\] needs `why`"),
        ("[[counterexample]]", "[[example]]", r"has no \[\[counterexample\]\]"),
        ("[service]", "[service", "not valid TOML"),
        ("[service]", "[servic]", r"the table \[service\] is missing"),
    ],
)
def test_each_mistake_in_a_service_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert SERVICE.count(old) >= 1
    folder = write(tmp_path, {"acme": SERVICE.replace(old, new, 1)})
    with pytest.raises(RulesetError, match=message):
        load(folder=folder, validate=True)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('type = "cmp"', 'type = "banner"', "gate.toml:4: `type` is 'banner'; .*allowed: cmp, signal, vendor-native"),
        ('before_choice = "deny"', 'before_choice = "denied"', "did you mean 'deny'"),
        ('stats = "analytics"', 'stats = "statistics"', "`categories` maps 'stats' to 'statistics'"),
        ("[data-gate]", "[data-gate", "no CSS selector"),
        ('in = ["Gate.run"]', 'within = ["Gate.run"]', "unknown key 'within' in .callback."),
        ("gate.jobs.push(*)", "gate.jobs.push(*", "`call` holds"),
        ('"strict: false"', '"strict=false"', "expected `key: value`"),
        ("allowed('*')", "allowed(*)", "`expression` is .*expected a path"),
        ('call = "gate.wait()"\n', "", "needs either `call` or `assignment`"),
        ('effect = "silent"', 'effect = "quiet"', "allowed: cookieless, silent"),
        ('holds = ["acme"]\n', "", r"\[setting\] needs `holds`"),
        ('state = "gated"', 'state = "blocked"', "`state` is 'blocked'"),
        ('state = "gated"\n', "", "needs `state`"),
    ],
)
def test_each_mistake_in_a_manager_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in MANAGER
    folder = write(tmp_path, {}, {"gate": MANAGER.replace(old, new, 1)})
    with pytest.raises(RulesetError, match=message):
        load(folder=folder, validate=True)


def test_all_problems_of_all_files_are_listed(tmp_path: Path) -> None:
    services = {
        "acme": SERVICE.replace('kind = "analytics"', 'kind = "x"').replace("summary", "sumary"),
        "other": "[[",
    }
    with pytest.raises(RulesetError) as error:
        load(folder=write(tmp_path, services), validate=True)
    assert len(error.value.problems) == 3
    assert str(error.value).splitlines() == list(error.value.problems)


def test_one_slug_cannot_have_two_files(tmp_path: Path) -> None:
    folder = write(tmp_path, {"acme": SERVICE})
    (folder / "acme.toml").write_text(SERVICE, encoding="utf-8")
    with pytest.raises(RulesetError, match="service 'acme' is already in"):
        load(folder=folder, validate=True)


def test_one_host_cannot_have_two_services(tmp_path: Path) -> None:
    other = SERVICE.replace('"acme"', '"other"', 1)
    with pytest.raises(RulesetError, match=r"host 'acme\.example' also belongs to 'acme'"):
        load(folder=write(tmp_path, {"acme": SERVICE, "other": other}), validate=True)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("tail.example\tTail", "hosts.tsv:1: has 2 columns"),
        ("Tail.example\tTail\t\t\t", "no lower-case host name"),
        ("tail.example\t\t\t\t", "the name is empty"),
        ("tail.example\tTail\t\tads\t", "category 'ads'"),
        ("tail.example\tTail\t\t\tpixel", "kind 'pixel'"),
    ],
)
def test_each_mistake_in_the_table_of_hosts_is_named(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(RulesetError, match=message):
        load(folder=write(tmp_path, {"acme": SERVICE}, hosts=row), validate=True)


def test_a_broken_shipped_rule_is_an_error_even_when_it_is_not_checked(tmp_path: Path) -> None:
    with pytest.raises(RulesetError, match="unknown key 'host'"):
        load(folder=write(tmp_path, {"acme": SERVICE.replace("hosts =", "host =")}))


# ------------------------------------------------------------------------------------------------------------ URLs


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.example/a.js",
        "HTTP://CDN.Acme.Example/a.js",
        "//acme.example",
        "acme.example/a.js?x=1",
        "https://user:pw@acme.example:8443/a.js#top",
        r"https:\/\/acme.example\/a.js",
        " https://acme.example/a.js\n",
        "…//acme.example/a.js",
        "https://\ue000\ue000.acme.example/a.js",
        "https://…acme.example/a.js",
        "https://acme.example./a.js",
        "shared.example/acme/x.js",
        "https://shared.example/acme/…",
        "/static/acme.js",
        "acme.js",
        "../lib/acme.js?v=3",
        "https://www.site.example/js/acme.js",
        "…/acme.js",
        "\ue000acme.js",
        "https://acme-alias.example/x",
    ],
)
def test_a_url_of_the_service_is_recognised(ruleset: Ruleset, url: str) -> None:
    found = ruleset.service_for_url(url)
    assert found is not None and found.slug == "acme"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/",
        "https://example.org/acme",
        "https://acme.example.org/a.js",
        "https://notacme.example/a.js",
        "https://shared.example/other/x.js",
        "https://SHARED.example/ACME/x.js",
        "mailto:info@acme.example",
        "data:text/html,<script src=//acme.example>",
        "javascript:acme.js",
        "/static/notacme.js",
        "https://example.org/?u=https://acme.example/a.js",
        "https://example.org/x#//acme.example",
        "…",
    ],
)
def test_another_url_is_not(ruleset: Ruleset, url: str) -> None:
    assert ruleset.service_for_url(url) is None


def test_the_longest_glob_wins_over_the_host(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "tags": minimal("tags", 'hosts = ["tags.example"]'),
            "stats": minimal("stats", 'urls = ["tags.example/gtag/js*"]'),
            "ads": minimal("ads", 'urls = ["tags.example/gtag/js?id=AW-*", "*/js?id=*"]'),
            "sub": minimal("sub", 'hosts = ["ads.tags.example"]'),
        },
    )
    ruleset = load(folder=folder)

    def slug(url: str) -> str | None:
        found = ruleset.service_for_url(url)
        return found.slug if found else None

    assert slug("https://tags.example/other.js") == "tags"
    assert slug("https://tags.example/gtag/js?id=G-1") == "stats"
    assert slug("https://tags.example/gtag/js?id=…") == "stats"
    assert slug("https://tags.example/gtag/js?id=AW-1") == "ads"
    assert slug("https://else.example/js?id=1") == "ads"
    assert slug("https://x.ads.tags.example/") == "sub"


def test_of_hosts_the_most_specific_wins_whoever_it_belongs_to(tmp_path: Path) -> None:
    services = {
        "suite": minimal("suite", 'hosts = ["gate.example"]\nurls = ["*/gate-banner.js"]'),
        "vendor": minimal("vendor", 'hosts = ["vendor.example"]'),
    }
    manager = MANAGER.replace('["gate.example"]', '["gate.example", "consent.vendor.example"]')
    ruleset = load(folder=write(tmp_path, services, {"gate": manager}))
    for url, slug in {
        "https://consent.vendor.example/x.js": "cmp:gate",
        "https://vendor.example/x.js": "vendor",
        "https://gate.example/x.js": "suite",
        "/gate-banner.js": "suite",
    }.items():
        found = ruleset.service_for_url(url)
        assert found is not None and found.slug == slug


def test_rules_win_over_the_long_tail(tmp_path: Path) -> None:
    tail = "gate.example\tTail\t\t\t\nacme.example\tTail\t\t\t\n"
    ruleset = load(folder=write(tmp_path, {"acme": SERVICE}, {"gate": MANAGER}, tail))
    gate = ruleset.service_for_url("https://cdn.gate.example/x.js")
    acme = ruleset.service_for_url("https://acme.example/x.js")
    copy = ruleset.service_for_url("/assets/gate-banner.js")
    assert gate is not None and gate.slug == "cmp:gate"
    assert acme is not None and acme.slug == "acme"
    assert copy is not None and copy.kind == "consent"


def test_the_long_tail_names_a_host(ruleset: Ruleset) -> None:
    found = ruleset.service_for_url("https://eu.cdn.tail.example/p.gif")
    assert found is not None
    assert (found.slug, found.name, found.company, found.category) == (
        "tail-cdn",
        "Tail CDN",
        "Tail Ltd",
        "marketing",
    )
    assert ruleset.service_for_url("https://tail.example/p.gif") is None


@given(st.text())
def test_any_text_may_be_asked_for(text: str) -> None:
    Ruleset("", {}, {}).service_for_url(text)


@given(st.text(alphabet="ab*", max_size=12), st.text(alphabet="ab", max_size=12))
def test_a_glob_matches_what_its_expansion_matches(glob: str, text: str) -> None:
    def naive(glob: str, text: str) -> bool:
        if not glob:
            return not text
        if glob[0] == "*":
            return naive(glob[1:], text) or (bool(text) and naive(glob, text[1:]))
        return bool(text) and glob[0] == text[0] and naive(glob[1:], text[1:])

    short = "".join(letter for index, letter in enumerate(glob) if letter != "*" or glob[:index].count("*") < 3)
    assert glob_matches(short, text) == naive(short, text)


# ----------------------------------------------------------------------------------------------------------- calls


def test_a_call_pattern_is_parsed() -> None:
    pattern = CallPattern.parse("new window.YT.Player(*, ['a', \"b*\"], 2, {k: 'v'}, ...)", "youtube")
    assert pattern.new
    assert (pattern.callee, pattern.last) == ("YT.Player", "Player")
    assert pattern.arguments == (
        AnyValue(),
        Array((Exact("a"), Exact("b*"))),
        Exact("2"),
        Object((("k", Exact("v")),)),
        Rest(),
    )


@pytest.mark.parametrize(
    ("pattern", "arguments", "matches"),
    [
        ("hj('init', ...)", ["init"], True),
        ("hj('init', ...)", ["init", None, {}], True),
        ("hj('init', ...)", ["event"], False),
        ("hj('init', ...)", [None], False),
        ("hj('init', ...)", [], False),
        ("f()", [], True),
        ("f()", ["x"], False),
        ("f(*)", [None], True),
        ("f(*)", [], False),
        ("f(...)", [], True),
        ("f(['setTrackerUrl', *])", [["setTrackerUrl", None]], True),
        ("f(['setTrackerUrl', *])", [["setTrackerUrl"]], False),
        ("f(['setTrackerUrl', *])", [None], False),
        ("f('G-*')", ["G-ABC"], True),
        ("f('G-*')", ["UA-1"], False),
        ("f({})", [{}], True),
        ("f({})", [["x"]], False),
        ("f({event: 'gtm.js', ...})", [{"event": "gtm.js", "x": None}], True),
        ("f({event: 'gtm.js'})", [{"x": None}], False),
        ("f('a', 2, true)", ["a", 2, True], True),
        ("f('a', 2)", ["a", 3], False),
    ],
)
def test_arguments_are_matched(pattern: str, arguments: list[object], matches: bool) -> None:
    assert CallPattern.parse(pattern).matches_arguments(arguments) is matches


@pytest.mark.parametrize("text", ["", "f", "f(", "f)", "f(,)", "f('a' 'b')", "f(*) x", "1f()", "f(" + "[" * 99])
def test_a_bad_call_pattern_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        CallPattern.parse(text)


@given(st.text(alphabet="fg.(['a', *])}{:\"$ new", max_size=40))
def test_a_pattern_is_parsed_or_refused(text: str) -> None:
    try:
        CallPattern.parse(text)
    except ValueError as error:
        assert str(error)


def test_calls_are_found_by_the_last_name(ruleset: Ruleset) -> None:
    assert [pattern.callee for pattern in ruleset.calls("init")] == ["acme.init"]
    assert [pattern.weak for pattern in ruleset.calls("ac")] == [True]
    assert [(pattern.service, pattern.manager) for pattern in ruleset.calls("push")] == [("cmp:gate", True)]
    assert ruleset.calls("unknown") == ()


# --------------------------------------------------------------------------------------------------------- indexes


def test_packages_are_found_by_name_and_sub_path(ruleset: Ruleset) -> None:
    for name in ("@acme/web", "@acme/web/next", "npm:@acme/web/a/b"):
        found = ruleset.package("npm", name)
        assert found is not None and found.slug == "acme"
    assert ruleset.package("npm", "@acme/webber") is None
    assert ruleset.package("npm", "@acme") is None
    assert ruleset.package("pypi", "django-acme") is not None
    assert ruleset.package("npm", "django-acme") is None


def test_the_other_indexes_list_what_the_files_say(ruleset: Ruleset) -> None:
    acme = ruleset.services["acme"]
    assert ruleset.elements == [(acme, "acme-player", acme.first_host)]
    assert ruleset.attributes == [(acme, "script[data-acme-id]")]
    assert ruleset.components == {"Acme": [(acme, "@acme/react")], "AcmeBox": [(acme, None)]}
    assert ruleset.shortcodes == {"acmebox": acme}
    assert ruleset.template_calls == {"acme_tags": acme}
    assert ruleset.bundle_markers == [(acme, "No Acme key given")]
    assert [key.key for _, key in ruleset.config_keys] == ["params.acme"]


def test_a_configuration_file_is_known_by_the_last_parts_of_its_path(ruleset: Ruleset) -> None:
    key = ruleset.services["acme"].config[0]
    assert key.matches_path("hugo.toml")
    assert key.matches_path("site/hugo.toml")
    assert key.matches_path("site/config/_default/params.toml")
    assert not key.matches_path("config/params.toml")
    assert not key.matches_path("config/_default/deep/params.toml")


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://CDN.acme.example/a.js">',
        '<script src="/js/acme.js">',
        "var u = '//shared.example/' + 'acme/x.js'",
        "acme.init('key')",
        "<acme-player>",
        "<script data-acme-id=1 src=/x.js>",
        "import { Acme } from '@acme/react'",
        "<AcmeBox />",
        "<acme-box></acme-box>",
        "{{< acmebox 1 >}}",
        "{% acmebox 1 %}",
        "[acmebox id=1]",
        "{{ acme_tags() }}",
        "throw Error('No Acme key given')",
        "require('@acme/web')",
        "gate.jobs.push('acme')",
    ],
)
def test_every_kind_of_sign_has_a_keyword(ruleset: Ruleset, text: str) -> None:
    assert any(keyword in text.lower() for keyword in ruleset.keywords())


def test_keywords_do_not_match_ordinary_code(ruleset: Ruleset) -> None:
    text = "import { init } from './app'; player.init('key'); list.push(1); <div class=box></div>"
    assert not any(keyword in text for keyword in ruleset.keywords())


@pytest.mark.parametrize(
    "text",
    [
        "ReactDOM.render(<App />, box); const store = createClient(options);",
        "measured daily against the baseline, probably in a square of reasonably equal sides",
        "import { connect } from 'react-redux'; payments.identify(widgets, donation);",
    ],
)
def test_ordinary_code_has_no_sign_of_a_service(text: str) -> None:
    assert [word for word in load().keywords() if word in text.lower()] == []

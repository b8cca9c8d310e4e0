"""The configuration: what is read, what is refused and how it says so, and what an extending file may not loosen."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracklint.policy import KEYS, Policy, PolicyError, at_least, describe, load, loosened, parse


def write(folder: Path, text: str, name: str = "tracklint.toml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refused(folder: Path, text: str, name: str = "tracklint.toml") -> str:
    write(folder, text, name)
    with pytest.raises(PolicyError) as error:
        load(folder)
    message = str(error.value)
    assert "\n" not in message
    return message


def test_without_configuration_the_defaults_apply(tmp_path: Path) -> None:
    assert load(tmp_path) == Policy()


def test_every_key_is_read(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    write(tmp_path, "ssh-ed25519 …", "signers")
    path = write(
        tmp_path,
        """
        manifest = "approvals.toml"
        exclude = ["archive/**"]
        include = ["vendor/**"]
        first_party = ["WWW.Trust.example", "*.cdn.trust.example", "localhost:8080"]
        rulesets = ["rules"]
        select = ["TL1", "TL204"]
        ignore = ["TL502"]
        severity = { TL204 = "error", TL501 = "off" }
        require_approval = true
        max_review_days = 180
        legacy_days = 30
        due_days = 14
        approval_proof = "signature"
        allowed_signers = "signers"
        sensitive_pages = ["conditions/**"]
        policy_page = "./cookies.html"
        cmp = "cmp:cookiebot"
        essential_names = ["session", "csrf_*"]
        consent = { analytics = "opt-out" }
        consent_reason = "Aggregated; see the assessment of 2026."
        allow_inline_approval = true
        max_file_bytes = 1_000_000
        time_limit = 5
        jobs = 2
        report_unused_suppressions = false
        """,
    )
    policy = load(tmp_path)
    assert policy == Policy(
        manifest="approvals.toml",
        exclude=("archive/**",),
        include=("vendor/**",),
        first_party=("www.trust.example", "*.cdn.trust.example", "localhost:8080"),
        rulesets=(tmp_path / "rules",),
        select=("TL1", "TL204"),
        ignore=("TL502",),
        severity={"TL204": "error", "TL501": "off"},
        require_approval=True,
        max_review_days=180,
        legacy_days=30,
        due_days=14,
        approval_proof="signature",
        allowed_signers=tmp_path / "signers",
        sensitive_pages=("conditions/**",),
        policy_page="cookies.html",
        cmp="cookiebot",
        essential_names=("session", "csrf_*"),
        consent={"analytics": "opt-out"},
        consent_reason="Aggregated; see the assessment of 2026.",
        allow_inline_approval=True,
        max_file_bytes=1_000_000,
        time_limit=5,
        jobs=2,
        report_unused_suppressions=False,
        source=path,
        files=(path,),
        stated=frozenset(key.name for key in KEYS),
    )
    assert policy.severity_of("TL204", "warning") == "error"
    assert policy.severity_of("TL101", "error") == "error"
    assert policy.consent_basis("analytics") == "opt-out"
    assert policy.consent_basis("marketing") == "required"


def test_pyproject_table(tmp_path: Path) -> None:
    write(tmp_path, '[project]\nname = "x"\n[tool.tracklint]\nlegacy_days = 7\n', "pyproject.toml")
    assert load(tmp_path).legacy_days == 7


def test_pyproject_of_another_tool_is_none_of_our_business(tmp_path: Path) -> None:
    write(tmp_path, "[tool.other]\nx = [", "pyproject.toml")
    assert load(tmp_path) == Policy()


def test_two_configurations_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "[tool.tracklint]\n", "pyproject.toml")
    assert "keep one" in refused(tmp_path, "legacy_days = 7")


def test_explicit_file_wins(tmp_path: Path) -> None:
    write(tmp_path, "legacy_days = 7")
    other = write(tmp_path, "legacy_days = 8", "other/strict.toml")
    assert load(tmp_path, other).legacy_days == 8


def test_explicit_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"absent\.toml: cannot be read"):
        load(tmp_path, tmp_path / "absent.toml")


def test_explicit_pyproject_must_have_the_table(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"no table \[tool.tracklint\]"):
        load(tmp_path, write(tmp_path, "[project]\n", "pyproject.toml"))


@pytest.mark.parametrize(
    ("text", "place", "near"),
    [
        ("exlude = []", "tracklint.toml:1", '"exclude"'),
        ("jobs = 1\n\nrequire-approval = true", "tracklint.toml:3", '"require_approval"'),
        ("[consent_managers]\nx = 1", "tracklint.toml:1", '"consent'),
    ],
)
def test_unknown_key_names_place_and_nearest(tmp_path: Path, text: str, place: str, near: str) -> None:
    message = refused(tmp_path, text)
    assert place in message
    assert f"did you mean {near}" in message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('exclude = "archive"', "a list of patterns"),
        ("exclude = [1]", "a list of patterns"),
        ('exclude = ["*a*b*c*d"]', "up to three"),
        ('max_review_days = "a year"', "a whole number of days from 1 to 3650"),
        ("max_review_days = 0", "from 1 to 3650"),
        ("max_review_days = true", "a whole number"),
        ("require_approval = 1", "true or false"),
        ('approval_proof = "seal"', '"none", "author", "signature"'),
        ("approval_proof = {}", '"none", "author", "signature"'),
        ('severity = { TL204 = "fatal" }', 'TL204 has "fatal"'),
        ('severity = { tracker = "error" }', '"tracker" is none'),
        ('severity = "error"', "a table"),
        ('consent = { statistics = "exempt" }', "unknown category"),
        ('consent = { analytics = "maybe" }', 'analytics has "maybe"'),
        ('first_party = ["https://trust.example/"]', "without a scheme or a path"),
        ('manifest = "../elsewhere.toml"', "inside the repository"),
        ('manifest = "/etc/approvals.toml"', "inside the repository"),
        ('manifest = "C:/approvals.toml"', "inside the repository"),
        ('rulesets = ["absent"]', "where no folder is"),
        ('allowed_signers = "absent"', "where no file is"),
        ('cmp = "Cookie Bot"', "slug"),
        ('select = ["tracker"]', "rule codes"),
        ('overridable = ["exlude"]', 'did you mean "exclude"'),
        ("overridable = true", "a list of keys"),
        ('extends = "https://org.example/tracklint.toml"', "the path of a local file"),
        ('extends = "absent.toml"', "does not exist"),
        ("extends = 3", "the path of a local file"),
        ('consent = { analytics = "exempt" }', "consent_reason"),
    ],
)
def test_wrong_values_are_refused(tmp_path: Path, text: str, says: str) -> None:
    message = refused(tmp_path, text)
    assert "tracklint.toml:1: " in message
    assert text.split()[0] in message
    assert says in message


@pytest.mark.parametrize("text", ["exclude = [", "a = 1\na = 2", "= 3"])
def test_broken_toml_is_refused(tmp_path: Path, text: str) -> None:
    assert "is not valid TOML" in refused(tmp_path, text)


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    (tmp_path / "tracklint.toml").write_bytes(b'jobs = 1\nconsent_reason = "caf\xe9"')
    with pytest.raises(PolicyError, match=r"tracklint\.toml:2: is not UTF-8"):
        load(tmp_path)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_policy_or_one_line(data: bytes) -> None:
    try:
        policy = parse(data, Path("tracklint.toml"))
    except PolicyError as error:
        assert str(error).startswith("tracklint.toml")
    else:
        assert policy.source == Path("tracklint.toml")


# Each: the organisation's file, a local one that is as strict or stricter, and one that is laxer.
STRICTNESS = [
    ('exclude = ["a/**", "b/**"]', 'exclude = ["a/**"]', 'exclude = ["c/**"]'),
    ('ignore = ["TL502"]', "ignore = []", 'ignore = ["TL502", "TL201"]'),
    ('first_party = ["trust.example"]', 'first_party = ["trust.example"]', 'first_party = ["tracker.example"]'),
    ('essential_names = ["session"]', "essential_names = []", 'essential_names = ["_ga"]'),
    ("", 'include = ["vendor/**"]', None),
    ('sensitive_pages = ["a/**"]', 'sensitive_pages = ["b/**"]', None),
    ('select = ["TL1"]', 'select = ["TL1", "TL2"]', 'select = ["TL2"]'),
    ('select = ["TL101"]', 'select = ["TL1"]', 'select = ["TL102"]'),
    ("", "select = []", 'select = ["TL1"]'),
    ('severity = { TL204 = "warning" }', 'severity = { TL204 = "error" }', 'severity = { TL204 = "note" }'),
    ("", 'severity = { TL204 = "error" }', 'severity = { TL101 = "warning" }'),
    ("require_approval = true", "require_approval = true", "require_approval = false"),
    ("max_review_days = 180", "max_review_days = 90", "max_review_days = 181"),
    ("legacy_days = 30", "legacy_days = 0", "legacy_days = 31"),
    ("due_days = 14", "due_days = 15", "due_days = 13"),
    ('approval_proof = "author"', 'approval_proof = "author"', 'approval_proof = "none"'),
    ('manifest = "a.toml"', 'manifest = "a.toml"', 'manifest = "b.toml"'),
    ("", 'manifest = "b.toml"', None),
    ("", 'policy_page = "cookies.html"', None),
    ('cmp = "cookiebot"', 'cmp = "cookiebot"', 'cmp = "onetrust"'),
    (
        'consent = { analytics = "opt-out" }\nconsent_reason = "x"',
        'consent = { analytics = "required" }',
        'consent = { analytics = "exempt" }',
    ),
    ("", 'consent = { essential = "required" }', 'consent = { marketing = "opt-out" }\nconsent_reason = "x"'),
    ("", "allow_inline_approval = false", "allow_inline_approval = true"),
    ("max_file_bytes = 5000", "max_file_bytes = 6000", "max_file_bytes = 4000"),
    ("time_limit = 5", "time_limit = 6", "time_limit = 4"),
    ("", "report_unused_suppressions = true", "report_unused_suppressions = false"),
    ("", "jobs = 3", None),
    ("", "rulesets = []", 'rulesets = ["."]'),
]


@pytest.mark.parametrize(("organisation", "stricter", "laxer"), STRICTNESS)
def test_a_site_may_only_be_stricter(tmp_path: Path, organisation: str, stricter: str, laxer: str | None) -> None:
    write(tmp_path, organisation, "org.toml")
    write(tmp_path, f'extends = "org.toml"\n{stricter}')
    load(tmp_path)
    if laxer is None:
        return
    message = refused(tmp_path, f'extends = "org.toml"\n{laxer}')
    key = laxer.split()[0]
    assert f"tracklint.toml:2: {key} " in message
    assert "org.toml allows only stricter values" in message
    write(tmp_path, f'overridable = ["{key}"]\n{organisation}', "org.toml")
    load(tmp_path)


def test_every_key_but_free_ones_has_a_laxer_case() -> None:
    tried = {laxer.split()[0] for _, _, laxer in STRICTNESS if laxer}
    # Lists that are joined cannot shrink; allowed_signers and policy_page follow the rule of manifest and cmp.
    free = {"include", "sensitive_pages", "jobs", "consent_reason", "allowed_signers", "policy_page"}
    assert tried | free == {key.name for key in KEYS}


def test_what_the_organisation_sets_is_inherited_and_joined(tmp_path: Path) -> None:
    write(
        tmp_path,
        'legacy_days = 10\nsensitive_pages = ["a/**"]\nseverity = { TL204 = "error" }\nrulesets = ["rules"]',
        "org/base.toml",
    )
    (tmp_path / "org/rules").mkdir()
    write(
        tmp_path,
        'extends = "../org/base.toml"\nsensitive_pages = ["b/**"]\nseverity = { TL502 = "error" }',
        "site/tracklint.toml",
    )
    policy = load(tmp_path / "site")
    assert policy.legacy_days == 10
    assert policy.sensitive_pages == ("a/**", "b/**")
    assert policy.severity == {"TL204": "error", "TL502": "error"}
    assert [path.resolve() for path in policy.rulesets] == [tmp_path / "org/rules"]
    assert policy.source == tmp_path / "site/tracklint.toml"


def test_a_file_in_between_may_not_invent_liberties(tmp_path: Path) -> None:
    write(tmp_path, 'overridable = ["legacy_days"]', "org.toml")
    write(tmp_path, 'extends = "org.toml"\noverridable = ["exclude"]', "middle.toml")
    message = refused(tmp_path, 'extends = "middle.toml"\nexclude = ["**"]')
    assert "middle.toml:2: overridable may not name exclude" in message


def test_a_file_in_between_may_take_liberties_away(tmp_path: Path) -> None:
    write(tmp_path, 'overridable = ["legacy_days"]\nlegacy_days = 10', "org.toml")
    write(tmp_path, 'extends = "org.toml"', "middle.toml")
    assert "middle.toml allows only stricter" in refused(tmp_path, 'extends = "middle.toml"\nlegacy_days = 20')


def test_a_circle_of_extends_is_refused(tmp_path: Path) -> None:
    write(tmp_path, 'extends = "tracklint.toml"', "org.toml")
    assert "break the circle" in refused(tmp_path, 'extends = "org.toml"')


def test_loosened_compares_two_versions_of_a_policy() -> None:
    base = parse(b"legacy_days = 30\nrequire_approval = true", Path("tracklint.toml"))
    changed = parse(b'legacy_days = 60\nexclude = ["**"]', Path("tracklint.toml"))
    assert [name for name, _ in loosened(base, changed)] == ["exclude", "require_approval", "legacy_days"]
    assert loosened(base, base) == []


def test_description_covers_every_key() -> None:
    rows = describe()
    assert [row[0] for row in rows] == [*(key.name for key in KEYS), "extends", "overridable"]
    assert all(description.endswith((".", ")", "}.")) for *_, description in rows)
    defaults = {name: default for name, _, default, _ in rows}
    assert defaults["max_review_days"] == "366"
    assert defaults["manifest"] == '"tracker-approvals.toml"'
    assert defaults["require_approval"] == "false"
    assert defaults["exclude"] == "[]"


@pytest.mark.parametrize("key", [key.name for key in KEYS])
def test_a_change_may_be_stricter_than_its_base_and_never_looser(tmp_path: Path, key: str) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "keys").write_text("")
    lax = {
        "manifest": '"other.toml"', "exclude": '["a/**"]', "first_party": '["a.example"]', "rulesets": '["rules"]',
        "select": '["TL5"]', "ignore": '["TL1"]', "severity": '{ TL101 = "note" }', "max_review_days": "3650",
        "legacy_days": "3650", "due_days": "0", "allowed_signers": '"keys"', "policy_page": '"a.html"', "cmp": '"cookiebot"',
        "essential_names": '["a"]', "consent": '{ analytics = "exempt" }', "allow_inline_approval": "true",
        "max_file_bytes": "2000", "time_limit": "1", "report_unused_suppressions": "false",
    }  # fmt: skip
    strict = {
        "include": '["vendor/**"]',
        "require_approval": "true",
        "approval_proof": '"author"',
        "sensitive_pages": '["a"]',
    }
    reason = 'consent_reason = "agreed"\n' if key == "consent" else ""
    base = parse((f"{key} = {strict[key]}\n" if key in strict else "").encode(), tmp_path / "tracklint.toml")
    local = parse(
        (f"{key} = {lax[key]}\n" if key in lax else "").encode() + reason.encode(), tmp_path / "tracklint.toml"
    )
    held, wrong = at_least(base, local)
    assert getattr(held, key) == getattr(base, key)
    assert [name for name, _ in wrong] == ([key] if key in lax or key in strict else [])
    assert at_least(base, base) == (base, [])

"""The long tail of hosts (rulesets/hosts.tsv): its form, and that it adds to the rules without shadowing them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from tracklint import ruleset
from tracklint.model import CATEGORIES

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "rulesets" / "hosts.tsv"


@pytest.fixture(scope="module")
def rows() -> list[list[str]]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    data = [line.split("\t") for line in lines if line and not line.startswith("#")]
    assert data[0] == ["host", "name", "company", "category", "kind"]
    return data[1:]


@pytest.fixture(scope="module")
def rules() -> ruleset.Ruleset:
    return ruleset.load()


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_hosts", ROOT / "tools" / "build_hosts.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["build_hosts"] = module
    spec.loader.exec_module(module)
    return module


def test_names_its_source_and_licence() -> None:
    head = TABLE.read_text(encoding="utf-8")[:400]
    assert "third-party-web 0.30.0" in head
    assert "MIT" in head
    assert "third-party-web" in (ROOT / "NOTICE").read_text(encoding="utf-8")


def test_is_sorted_and_has_each_host_once(rows: Sequence[Sequence[str]]) -> None:
    hosts = [row[0] for row in rows]
    assert hosts == sorted(set(hosts))
    assert len(hosts) > 2000


def test_every_row_is_complete(rows: Sequence[Sequence[str]]) -> None:
    wrong = [
        row for row in rows if len(row) != 5 or not row[1] or row[3] not in CATEGORIES or row[4] not in ruleset.KINDS
    ]
    assert wrong == []


def test_leaves_hosts_of_rules_to_the_rules(rows: Sequence[Sequence[str]], rules: ruleset.Ruleset) -> None:
    ours = {host for service in rules.services.values() for host in service.match.hosts}
    ours |= {host for manager in rules.managers.values() for host in manager.hosts}
    assert [row[0] for row in rows if row[0] in ours] == []


def test_is_consulted_after_the_rules(rows: Sequence[Sequence[str]], rules: ruleset.Ruleset) -> None:
    hotjar = rules.service_for_url("https://static.hotjar.com/c/hotjar-1.js")
    assert hotjar is not None and hotjar.slug == "hotjar"
    tail = rules.service_for_url("https://static.mgid.com/x.js")
    assert tail is not None and (tail.name, tail.category, tail.kind) == ("MGID", "marketing", "advertising")


@pytest.mark.parametrize("host", ["example.s3.amazonaws.com", "example.github.io", "example.azurewebsites.net"])
def test_rented_space_stays_unknown(host: str, rules: ruleset.Ruleset) -> None:
    assert rules.service_for_host(host) is None


def test_build_takes_what_no_rule_has(tool: ModuleType) -> None:
    entities = [
        {"name": "Known", "category": "ad", "domains": ["*.known.example", "eu.known.example", "*.extra.example"]},
        {"name": "Other", "company": "Other Ltd", "category": "video", "domains": ["*.Extra.example", "192.0.2.1"]},
        {"name": "Cloud", "category": "cdn", "domains": ["*.amazonaws.com", "*.cloud.example"]},
    ]
    rows = tool.build(entities, frozenset({"known.example"}), frozenset({"known"}))
    assert [tuple(row) for row in rows] == [
        ("cloud.example", "Cloud", "", "functional", "cdn"),
        ("extra.example", "known", "", "marketing", "advertising"),
    ]


def test_another_version_is_refused(tool: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "package.json").write_text('{"name": "third-party-web", "version": "0.1.0"}', encoding="utf-8")
    before = TABLE.read_bytes()
    assert tool.main([str(tmp_path)]) == 1
    assert "expected third-party-web 0.30.0" in capsys.readouterr().err
    assert TABLE.read_bytes() == before

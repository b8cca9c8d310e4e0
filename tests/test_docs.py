"""The documentation: generated pages are what the code says, examples run, and commands and links exist."""

from __future__ import annotations

import importlib.util
import re
import shlex
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

from tracklint import check, cli, explain, model, rules
from tracklint import manifest as m
from tracklint.changes import KINDS, Change
from tracklint.report import Context, json_report

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


@lru_cache
def update_docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("update_docs", ROOT / "tools" / "update_docs.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["update_docs"] = module
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_what_the_code_says() -> None:
    for path, text in update_docs().pages().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is out of date; run make update"


# --------------------------------------------------------------------------------------------------------------- rules


@pytest.mark.parametrize("code", rules.RULES)
def test_the_example_of_a_rule_gives_that_finding_and_its_mended_form_gives_none(code: str) -> None:
    example = update_docs().examples()[code]
    assert {one.code for one in example.findings(mended=False)} == {code}
    assert example.findings(mended=True) == ()


def test_each_rule_has_a_page_of_its_own_and_no_page_is_left_over() -> None:
    assert {path.stem for path in (ROOT / "docs" / "rules").glob("*.md")} == set(rules.RULES)
    assert set(update_docs().examples()) == set(rules.RULES)


@pytest.mark.parametrize("code", rules.RULES)
def test_explain_and_the_page_say_the_same(code: str) -> None:
    page = " ".join((ROOT / "docs" / "rules" / f"{code}.md").read_text("utf-8").split())
    for part in explain.rule_text(rules.RULES[code]).split("\n\n")[1:]:
        assert " ".join(part.split()).rstrip() in page


# ----------------------------------------------------------------------------------------------------- commands and links


def commands() -> list[tuple[str, str]]:
    """(page, command) of each `tracklint …` in the documentation."""
    found = []
    for page in PAGES:
        text = page.read_text("utf-8")
        spans = re.findall(r"(?<!`)`(tracklint(?: [^`]+)?)`(?!`)", re.sub(r"(?ms)^```.*?^```", "", text))
        blocks = re.findall(r"(?ms)^```(?:console|sh|bash)\n(.*?)^```", text)
        lines = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ tracklint")]
        found += [(page.relative_to(ROOT).as_posix(), one) for one in dict.fromkeys([*spans, *lines])]
    return found


@pytest.mark.parametrize(("page", "command"), commands())
def test_commands_exist_as_they_are_shown(page: str, command: str) -> None:
    words = shlex.split(" ".join(command.split()).partition(" > ")[0])[1:]
    name = words.pop(0) if words[:1] and words[0] in cli.COMMANDS else ""
    parser = cli._PARSERS[name]() if name else cli._check_parser()
    known = {option for action in parser._actions for option in action.option_strings}
    assert {word.partition("=")[0] for word in words if word.startswith("-")} <= known
    if name and words and not words[0].startswith("-"):  # else it only names a command, or an option of it
        parser.parse_args(words)
    elif not name and "--help" not in words:
        cli._outputs(parser.parse_intermixed_args(words).outputs)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!<?https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)", page.read_text("utf-8")):
        other = page.parent / target if target else page
        assert other.exists(), target
        if anchor:
            headings = re.findall(r"(?m)^#+ (.*)$", other.read_text("utf-8"))
            slugs = {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}
            assert anchor in slugs, f"{target}#{anchor}"


# ------------------------------------------------------------------------------------------------------------ references


def test_the_tables_of_keys_are_those_of_the_manifest() -> None:
    page = (ROOT / "docs" / "manifest.md").read_text("utf-8")
    for heading, known in (("`[approvers.ID]`", m._APPROVER_KEYS), ("`[[tracker]]`", m._KEYS)):
        section = page.partition(f"## Keys of {heading}")[2].partition("\n## ")[0]
        rows = re.findall(r"(?m)^\| (`[a-z_`, ]+`) \|", section)
        assert re.findall(r"`([a-z_]+)`", " ".join(rows)) == list(known), heading


LOADER = """\
function load() {
  const tag = document.createElement("script");
  tag.src = "https://static.hotjar.com/c/hotjar-1234567.js?sv=6";
  document.head.append(tag);
}
"""


def verdicts() -> list[tuple[str, str]]:
    page = (ROOT / "docs" / "for-developers.md").read_text("utf-8")
    found: list[tuple[str, str]] = re.findall(r"(?m)^\| `(.+)` \| (gated|ungated) \|$", page)
    assert found
    return found


@pytest.mark.parametrize(("code", "state"), verdicts())
def test_what_waits_for_consent_is_as_the_developers_guide_says(tmp_path: Path, code: str, state: str) -> None:
    (tmp_path / "stats.js").write_text(LOADER + code + "\n", encoding="utf-8")
    report = check.run(check.Request(paths=(tmp_path,))).report
    assert [one.consent.state for one in report.detections] == [state]


# ------------------------------------------------------------------------------------------------------- the JSON report


def test_the_page_on_json_names_every_key_and_word(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<script src="https://static.hotjar.com/c/hotjar-1234567.js"></script>')
    report = check.run(check.Request(paths=(tmp_path,))).report
    document = json_report.document(report, Context(changes=(Change("service added", "Hotjar"),)))
    parts = (ROOT / "docs" / "json.md").read_text("utf-8").split("\n## ")
    cells = [re.findall(r"^\| (`.+?) \|", part, re.MULTILINE) for part in parts]
    told = [[word for cell in part for word in re.findall(r"`(\w+)`", cell)] for part in cells]
    assert told[0] == [*document]
    assert told[3] == [*document["detections"][0]["consent"]]
    for keys, name in ((told[1], "services"), (told[2], "detections"), (told[4], "findings"), (told[5], "changes")):
        assert keys == [*document[name][0]], name
    words = {word for part in parts for word in re.findall(r"`([\w -]+)`", part)}
    kinds = {*model.TECHNIQUES, *model.CATEGORIES, *KINDS, *get_args(model.SkipReason), *get_args(model.ConsentState)}
    verdicts = set(get_args(m.VerdictKind)) - {"gone", "review-due"}  # these are of entries without a detection
    assert kinds | verdicts <= words

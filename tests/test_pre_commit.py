"""The hooks in real git repositories: a commit with a tracker is refused until the manifest has an entry for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOOKS = ("tracklint", "tracklint-full")
MANIFEST = """\
version = 1

[approvers.ig-lead]
name = "Head of Information Governance"
email = "ig@trust.example"
"""
PAGE = """\
<!doctype html>
<title>Our clinic</title>
<script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>
"""
# Consent has its own tests; here the question is the approval.
SETTINGS = 'ignore = ["TL2"]\n'


class Repository:
    """A git repository with an author, free of the settings of whoever runs the tests."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTHONPATH", "TRACKLINT"))
        }
        self.environment = {
            **kept,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_AUTHOR_NAME": "Dev",
            "GIT_AUTHOR_EMAIL": "dev@trust.example",
            "GIT_COMMITTER_NAME": "Dev",
            "GIT_COMMITTER_EMAIL": "dev@trust.example",
            "TRACKLINT_TODAY": "2026-06-01",
            **environment,
        }
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch", "main")

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, encoding="utf-8", check=False
        )

    def git(self, *arguments: str) -> str:
        result = self.run("git", *arguments)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def commit(self, message: str = "change") -> tuple[bool, str]:
        """Whether git took it, and what the person saw."""
        self.git("add", "--all")
        result = self.run("git", "commit", "--message", message)
        return result.returncode == 0, result.stdout + result.stderr


def tracklint(repository: Repository, *arguments: str) -> subprocess.CompletedProcess[str]:
    """As a person would run it, from this checkout."""
    repository.environment["PYTHONPATH"] = str(ROOT / "src")
    try:
        return repository.run(sys.executable, "-m", "tracklint", *arguments)
    finally:
        del repository.environment["PYTHONPATH"]


def from_refusal_to_pending(site: Repository) -> None:
    site.write("index.html", PAGE)
    taken, shown = site.commit("Add statistics")
    assert not taken
    assert "index.html:3:1: error TL101 tracker-not-in-manifest" in shown
    assert "run `tracklint --fix-manifest`" in shown

    fixed = tracklint(site, "--fix-manifest")
    assert fixed.returncode == 0, fixed.stderr
    assert "google-analytics (G-ABC1234567) is pending" in fixed.stdout
    # An entry that is not part of the commit does not count.
    assert site.run("git", "commit", "--message", "Add statistics").returncode != 0
    taken, shown = site.commit("Add statistics")
    assert taken, shown

    pending = tracklint(site)
    assert pending.returncode == 0
    assert "warning TL102 approval-pending" in pending.stdout

    site.write("index.html", PAGE + PAGE.splitlines()[2].replace("G-ABC1234567", "G-XYZ7654321") + "\n")
    taken, shown = site.commit("Add a second property")
    assert not taken
    assert "error TL105 outside-approved-scope" in shown
    assert "account id G-XYZ7654321 is not in ids (G-ABC1234567)" in shown

    site.write("index.html", "<!doctype html>\n\n\n" + PAGE.partition("\n")[2])
    taken, shown = site.commit("Only move it")
    assert taken, shown


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """This checkout as a repository with one commit, since pre-commit installs from commits only."""
    folder = tmp_path_factory.mktemp("published") / "tracklint"
    folder.mkdir()
    for name in ("src", "rulesets"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder)
    repository = Repository(folder)
    repository.git("add", "--all", "--force")
    repository.git("commit", "--quiet", "--message", "tracklint")
    return repository


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def site(published: Repository, cache: Path, tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "site", PRE_COMMIT_HOME=str(cache))
    rev = published.git("rev-parse", "HEAD").strip()
    hooks = "".join(f"      - id: {name}\n" for name in HOOKS)
    repository.write(
        ".pre-commit-config.yaml", f"repos:\n  - repo: {published.folder}\n    rev: {rev}\n    hooks:\n{hooks}"
    )
    repository.write("tracker-approvals.toml", MANIFEST)
    repository.write("tracklint.toml", SETTINGS)
    repository.write("index.html", "<!doctype html>\n<title>Our clinic</title>\n")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "A site")
    installed = repository.run(sys.executable, "-m", "pre_commit", "install", "--install-hooks")
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return repository


@pytest.mark.slow
def test_pre_commit_refuses_a_tracker_until_the_manifest_has_an_entry(site: Repository) -> None:
    from_refusal_to_pending(site)


@pytest.mark.slow
def test_pre_commit_notices_a_removed_tracker(site: Repository) -> None:
    entry = """
[[tracker]]
service = "hotjar"
status = "approved"
category = "analytics"
purpose = "A survey of visitors"
owner = "Digital team"
approved_by = "ig-lead"
approved_on = 2026-05-07
review_by = 2027-05-07
ids = ["2847193"]
"""
    load = "<script src='https://static.hotjar.com/c/hotjar-2847193.js?sv=6'></script>\n"
    site.write("survey.html", load)
    site.write("tracker-approvals.toml", MANIFEST + entry)
    taken, shown = site.commit("Add a survey")
    assert taken, shown
    (site.folder / "survey.html").unlink()
    taken, shown = site.commit("Take it out")
    assert not taken
    assert "TL106 removed-without-approval" in shown
    assert "tracklint retire hotjar" in shown


@pytest.fixture
def plain(tmp_path: Path) -> Repository:
    """A repository with the plain git hook, and a command for it."""
    repository = Repository(tmp_path / "site")
    command = tmp_path / "tracklint"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT / "src"}" exec "{sys.executable}" -m tracklint "$@"\n')
    command.chmod(0o755)
    repository.environment["TRACKLINT"] = str(command)
    repository.write("tracker-approvals.toml", MANIFEST)
    repository.write("tracklint.toml", SETTINGS)
    repository.write("index.html", "<!doctype html>\n<title>Our clinic</title>\n")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "A site")
    hook = repository.folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    shutil.copy(ROOT / "hooks" / "pre-commit", hook)
    return repository


@pytest.mark.skipif(os.name == "nt", reason="the hook is a shell script")
def test_the_plain_hook_refuses_a_tracker_until_the_manifest_has_an_entry(plain: Repository) -> None:
    from_refusal_to_pending(plain)


@pytest.mark.skipif(os.name == "nt", reason="the hook is a shell script")
def test_the_plain_hook_refuses_when_it_cannot_check(plain: Repository) -> None:
    plain.environment["TRACKLINT"] = "no-such-command"
    plain.write("index.html", PAGE)
    taken, shown = plain.commit()
    assert not taken
    assert "was not checked: pip install tracklint" in shown


@pytest.mark.skipif(os.name == "nt", reason="the hook is a shell script")
def test_a_partly_staged_file_is_judged_as_it_will_be_committed(plain: Repository) -> None:
    plain.write("index.html", "<!doctype html>\n<title>Our new clinic</title>\n")
    plain.git("add", "index.html")
    plain.write("index.html", PAGE)
    assert plain.run("git", "commit", "--message", "Only the title").returncode == 0
    plain.git("add", "index.html")
    plain.write("index.html", "<!doctype html>\n")
    assert plain.run("git", "commit", "--message", "The tracker").returncode != 0

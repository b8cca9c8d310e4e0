"""The hooks in real git repositories: a commit with a tracker is refused until the manifest has an entry for it.

The walk-through is also a page of the documentation, which `make update` writes.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
WALKTHROUGH = ROOT / "docs" / "examples" / "walkthrough.md"
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

    def run(self, *command: str | Path, together: bool = False) -> subprocess.CompletedProcess[str]:
        """`together`: what goes to stderr is part of stdout, as on a terminal."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if together else subprocess.PIPE,
            encoding="utf-8",
            check=False,
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


def tracklint(repository: Repository, *arguments: str, together: bool = False) -> subprocess.CompletedProcess[str]:
    """As a person would run it, from this checkout."""
    repository.environment["PYTHONPATH"] = str(ROOT / "src")
    try:
        return repository.run(sys.executable, "-m", "tracklint", *arguments, together=together)
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


def recommended(published: Repository) -> str:
    """The settings of pre-commit as README.md shows them, with the address and commit of this checkout."""
    (shown,) = re.findall(r"^```yaml\n(repos:\n.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.DOTALL | re.M)
    rev = published.git("rev-parse", "HEAD").strip()
    filled, count = re.subn(r"<the address of this repository>", str(published.folder), shown)
    assert count == 1
    return re.sub(r"rev: \S+", f"rev: {rev}", filled)


@pytest.fixture
def site(published: Repository, cache: Path, tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "site", PRE_COMMIT_HOME=str(cache))
    repository.write(".pre-commit-config.yaml", recommended(published))
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


@pytest.mark.slow
def test_a_finding_is_told_once_and_files_that_nobody_touched_are_judged_too(site: Repository) -> None:
    banner = '<script id="Cookiebot" src="https://consent.cookiebot.com/uc.js" data-blockingmode="auto"></script>\n'
    site.write("tracklint.toml", 'ignore = ["TL1"]\n')
    site.write("layout.html", f"<!doctype html>\n<title>Clinic</title>\n{banner}{{% include 'stats.html' %}}\n")
    site.write("stats.html", '<script src="https://static.hotjar.com/c/hotjar-2847193.js?sv=6"></script>\n')
    taken, shown = site.commit("Statistics after consent")
    assert taken, shown
    site.write("layout.html", "<!doctype html>\n<title>Clinic</title>\n{% include 'stats.html' %}\n")
    taken, shown = site.commit("No banner any more")
    assert not taken
    assert shown.count("stats.html:1:1: error TL201") == 1


@pytest.mark.slow
def test_on_a_large_site_changed_files_can_be_looked_at_alone(published: Repository, site: Repository) -> None:
    site.write(".pre-commit-config.yaml", recommended(published).replace("id: tracklint", "id: tracklint-changed"))
    site.commit("Changed files alone")
    site.write("old.html", PAGE)
    site.git("add", "--all")
    site.git("commit", "--no-verify", "--message", "Past the hook")
    site.write("new.html", "<!doctype html>\n<title>New</title>\n")
    taken, shown = site.commit("A page without trackers")
    assert taken, shown
    site.write("index.html", PAGE)
    taken, shown = site.commit("A tracker")
    assert not taken
    assert "index.html:3:1: error TL101" in shown
    assert "old.html:3:1" not in shown


class Transcript:
    """What a person types and sees, as a page of the documentation. Hashes and folders of this run are evened out."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.page: list[str] = []
        self.seen = ""  # what the last commands said, white space evened out

    def say(self, text: str) -> None:
        self.page.append(text + "\n")

    def file(self, name: str, language: str, text: str, shown: str) -> None:
        self.repository.write(name, text)
        self.page.append(f"```{language}\n{shown.rstrip()}\n```\n")

    def run(self, *commands: str, code: int = 0) -> None:
        """Commands as one block; the last one has this exit code, the others 0."""
        lines: list[str] = []
        for index, command in enumerate(commands):
            words = shlex.split(command)
            if words[0] == "tracklint":
                done = tracklint(self.repository, *words[1:], together=True)
            elif words[0] == "pre-commit":
                done = self.repository.run(sys.executable, "-m", "pre_commit", *words[1:], together=True)
            else:
                done = self.repository.run(*words, together=True)
            text = done.stdout
            assert done.returncode == (code if index == len(commands) - 1 else 0), text
            text = re.sub(r"(?m)^(\[[\w-]+(?: \(root-commit\))?) [0-9a-f]{7,}\]", r"\1 1a2b3c4]", text)
            lines += [f"$ {command}", *text.rstrip().splitlines()]
        text = "\n".join(line.rstrip() for line in lines)
        self.seen = " ".join(text.split())
        self.page.append(f"```console\n{text}\n```\n")

    def told(self, command: str) -> str:
        """A command that the last output named, so that nobody has to know it."""
        assert f"`{command}`" in self.seen, f"nothing names {command}:\n{self.seen}"
        return command


SNIPPET = """\
<script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>
<script>
  window.dataLayer = window.dataLayer || [];
  function gtag() { dataLayer.push(arguments); }
  gtag("js", new Date());
  gtag("config", "G-ABC1234567");
</script>
"""
CLINIC = """\
<!doctype html>
<html lang="en">
<head>
<title>Riverside Clinic</title>
<script id="Cookiebot" src="https://consent.cookiebot.com/uc.js" data-cbid="00000000-0000-0000-0000-000000000000"></script>
</head>
<body><h1>Riverside Clinic</h1></body>
</html>
"""
PEOPLE = """\

[approvers.ig-lead]
name = "Head of Information Governance"
email = "ig@trust.example"
"""


@pytest.mark.slow
def test_walkthrough_from_nothing_to_an_approved_pull_request(
    published: Repository, cache: Path, tmp_path: Path
) -> None:
    origin = tmp_path / "origin.git"
    site = Repository(tmp_path / "site", PRE_COMMIT_HOME=str(cache))
    site.git("init", "--quiet", "--bare", str(origin))
    site.git("remote", "add", "origin", str(origin))
    site.write("index.html", CLINIC)
    site.git("add", "--all")
    site.git("commit", "--quiet", "--message", "A site")

    story = Transcript(site)
    story.say("# From nothing to an approved pull request")
    story.say(
        "A test runs all that stands here, with real git and real pre-commit, and `make update` writes down what it "
        "saw. Each command comes from [README.md](../../README.md) or from the message before it."
    )
    story.say("The website is one page, `index.html`:")
    story.page.append(f"```html\n{CLINIC}```\n")
    story.say("## From nothing to a blocked commit")
    story.say("The hook, in `.pre-commit-config.yaml`:")
    settings = recommended(published)
    shown = settings.replace(str(published.folder), "https://git.example/tracklint")
    story.file(".pre-commit-config.yaml", "yaml", settings, re.sub(r"rev: \w+", "rev: v0.1.0", shown))
    story.run("pre-commit install")
    warmed = site.run(sys.executable, "-m", "pre_commit", "install-hooks")
    assert warmed.returncode == 0, warmed.stdout + warmed.stderr
    story.say("What is there already is written down, to be decided within 90 days:")
    story.run("tracklint --fix-manifest")
    story.say("It says that nobody can approve yet. So whoever may is added to `tracker-approvals.toml`:")
    manifest = (site.folder / "tracker-approvals.toml").read_text("utf-8")
    story.file("tracker-approvals.toml", "toml", manifest + PEOPLE, PEOPLE.strip())
    story.run("git add --all", "git commit --message 'Adopt tracklint'")
    site.git("push", "--quiet", "origin", "main")
    site.git("fetch", "--quiet", "origin")
    story.say("Then somebody adds statistics before `</head>`, as the vendor's page says:")
    site.git("switch", "--quiet", "--create", "statistics")
    story.file("index.html", "html", CLINIC.replace("</head>", SNIPPET + "</head>"), SNIPPET)
    story.run("git commit --all --message 'Add statistics'", code=1)
    assert "index.html:6:1: error TL101 tracker-not-in-manifest" in story.seen
    story.say("The commit was refused: nobody has agreed to this tracker, and it would run before the visitor has.")

    story.say("## From a blocked commit to a pull request")
    story.say("The messages name two commands. The first writes the entry that is missing:")
    story.run(story.told("tracklint --fix-manifest"))
    added = story.told("git add tracker-approvals.toml")
    story.say(
        "The second shows how the tag is tied to the consent manager that the site has; without `--diff` it does it:"
    )
    story.run("tracklint --fix --diff", code=1)
    story.run("tracklint --fix")
    story.run(added, "git commit --all --message 'Add statistics'")

    story.say("## From a blocked pull request to an approved one")
    check = "tracklint --diff-base origin/main --require-approval"
    assert check in (ROOT / "README.md").read_text("utf-8")
    story.say("Continuous integration runs this, and a pending entry now blocks:")
    story.run(check, code=1)
    told = story.told("tracklint approve google-analytics --by ID --purpose … --owner …")
    story.say("The approver does what the message says:")
    approve = told.replace("ID", "ig-lead").replace("purpose …", "purpose 'Which pages are read'")
    story.run(approve.replace("owner …", "owner 'Digital team'"))
    assert "commit this change" in story.seen
    story.run("git commit --all --message 'Approve statistics'")
    story.run(check)
    story.say("That was exit code 0: nothing blocks, and the pull request can be merged.")

    text = "\n".join(story.page)
    if os.environ.get("UPDATE_GOLDENS"):
        WALKTHROUGH.write_text(text, encoding="utf-8")
    assert WALKTHROUGH.read_text("utf-8") == text, "the walk-through differs; if it is right, run make update"


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

"""The recipes of docs/ci for other servers, and the plain git hook: their own lines, run in real repositories."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
import yaml

from test_action import ANALYTICS, GA, HOTJAR, MANIFEST, PAGE, PENDING_HOTJAR, Origin, environment, git

ROOT = Path(__file__).resolve().parents[1]
RECIPES = ROOT / "docs" / "ci"
TRACKLINT = f'#!/bin/sh\nPYTHONPATH="{ROOT / "src"}" exec "{sys.executable}" -m tracklint "$@"\n'
# The address of a repository is for the reader to put in, so the installation alone is played.
PIP = '#!/bin/sh\n[ "$*" = "install --quiet tracklint @ git+https://ADDRESS/tracklint@COMMIT" ]\n'

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the recipes and the hook are in shell")


def executable(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder for PATH in which tracklint is installed."""
    folder = tmp_path / "bin"
    executable(folder / "tracklint", TRACKLINT)
    executable(folder / "pip", PIP)
    return folder


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    """A pull request that adds one tracker with a pending entry and drops an approved one."""
    found = Origin(tmp_path / "origin", {"tracker-approvals.toml": MANIFEST + ANALYTICS, "index.html": PAGE + GA})
    found.pull_request({"tracker-approvals.toml": MANIFEST + ANALYTICS + PENDING_HOTJAR, "index.html": PAGE + HOTJAR})
    return found


def clone(origin: Origin, revision: str) -> Path:
    folder = origin.folder.with_name("workspace")
    subprocess.run(["git", "clone", "--quiet", origin.folder, folder], env=environment(), check=True)
    git(folder, "fetch", "--quiet", "origin", revision)
    git(folder, "checkout", "--quiet", "--detach", revision)
    return folder


def run(
    shell: list[str], script: str | tuple[str, ...], folder: Path, tools: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    surroundings = {**environment(), "TRACKLINT_TODAY": "2026-06-01", **variables}
    surroundings["PATH"] = f"{tools}{os.pathsep}{surroundings['PATH']}"
    words = [script] if isinstance(script, str) else script
    return subprocess.run(
        [*shell, *words], cwd=folder, env=surroundings, capture_output=True, encoding="utf-8", check=False
    )


def block(page: str, language: str) -> str:
    (text,) = re.findall(rf"^```{language}\n(.*?)^```$", (RECIPES / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return str(text)


# --------------------------------------------------------------------------------------------------------------- GitLab


def gitlab(job: str) -> tuple[dict[str, Any], str]:
    """A job and its script; the runner joins the lines into one."""
    content = yaml.safe_load(block("gitlab.md", "yaml"))[job]
    return content, "\n".join([*content["before_script"], *content["script"]])


def test_gitlab_refuses_the_merge_request_and_has_a_code_quality_report(origin: Origin, tools: Path) -> None:
    folder = clone(origin, origin.head)
    job, script = gitlab("tracklint")
    assert job["variables"]["GIT_DEPTH"] == "0"
    done = run(["bash", "-eo", "pipefail", "-c"], script, folder, tools, CI_MERGE_REQUEST_DIFF_BASE_SHA=origin.main)
    assert done.returncode == 1, done.stderr
    assert "error TL102 approval-pending" in done.stdout
    assert "service removed" in done.stdout
    issues = json.loads((folder / job["artifacts"]["reports"]["codequality"]).read_bytes())
    assert sorted(issue["check_name"][:5] for issue in issues) == ["TL102", "TL106"]


def test_gitlab_monitoring_compares_with_the_run_before(origin: Origin, tools: Path) -> None:
    folder = clone(origin, origin.main)
    job, script = gitlab("tracklint-monitoring")
    (page,) = (folder / name for name in job["artifacts"]["paths"])
    first = run(["sh", "-e", "-c"], script, folder, tools)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "What this change does" not in page.read_text(encoding="utf-8")
    assert (folder / job["cache"]["paths"][0] / "previous.json").is_file()
    git(folder, "checkout", "--quiet", origin.head)
    second = run(["sh", "-e", "-c"], script, folder, tools)
    assert second.returncode == 1, second.stderr
    assert "| service added | Hotjar (2847193) |" in page.read_text(encoding="utf-8")


# ---------------------------------------------------------------------------------------------------------------- Azure


@pytest.mark.parametrize("target", ["refs/heads/main", "main"])  # of Azure Repos, of GitHub
def test_azure_refuses_the_pull_request_and_shows_report_and_summary(origin: Origin, tools: Path, target: str) -> None:
    folder = clone(origin, origin.merge)
    steps = yaml.safe_load(block("azure-devops.md", "yaml"))["steps"]
    assert steps[0]["fetchDepth"] == 0
    failed, shown = False, ""
    for step in steps:
        if "bash" in step and (not failed or step.get("condition") == "succeededOrFailed()"):
            done = run(
                ["bash", "--noprofile", "--norc", "-c"],
                step["bash"],
                folder,
                tools,
                SYSTEM_PULLREQUEST_TARGETBRANCH=target,
            )
            failed = failed or done.returncode != 0
            shown += done.stdout
    assert failed
    assert f"##vso[task.uploadsummary]{folder}/tracklint.md\n" in shown
    assert "service added" in (folder / "tracklint.md").read_text(encoding="utf-8")
    (publish,) = [step for step in steps if step.get("task", "").startswith("PublishTestResults@")]
    assert publish["condition"] == "succeededOrFailed()"
    report = ElementTree.parse(folder / publish["inputs"]["testResultsFiles"]).getroot()
    assert report.get("failures") == "2"


# -------------------------------------------------------------------------------------------------------------- Jenkins


@pytest.mark.parametrize("fetched", [True, False])
def test_jenkins_refuses_the_change_request_and_has_a_report(origin: Origin, tools: Path, fetched: bool) -> None:
    folder = clone(origin, origin.head)
    if not fetched:
        git(folder, "update-ref", "-d", "refs/remotes/origin/main")
    # A Groovy string in three quotes: a backslash is written twice.
    scripts = [
        textwrap.dedent(text.replace("\\\\", "\\"))
        for text in re.findall(r"sh '''\n(.*?)'''", block("jenkins.md", "groovy"), re.DOTALL)
    ]
    make = f'#!/bin/sh\n[ "$1 $2" = "-m venv" ] && mkdir -p "$3/bin" && cp "{tools}/pip" "{tools}/tracklint" "$3/bin"\n'
    executable(tools / "python3", make)
    temp = folder.with_name("workspace@tmp")
    install, check = (
        run(["sh", "-xe", "-c"], script, folder, tools, CHANGE_TARGET="main", WORKSPACE_TMP=str(temp))
        for script in scripts
    )
    assert install.returncode == 0, install.stderr
    assert check.returncode == 1, check.stderr
    assert "error TL102 approval-pending" in check.stdout
    assert ElementTree.parse(folder / "tracklint.xml").getroot().get("failures") == "2"
    assert git(folder, "status", "--porcelain") == "?? tracklint.xml\n"


# ------------------------------------------------------------------------------------------------------- the plain hook


@pytest.fixture
def hooked(tmp_path: Path, tools: Path) -> Path:
    """A repository without a commit, with the plain hook installed as its first lines say."""
    folder = tmp_path / "with hook"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    (folder / "hooks").mkdir()
    shutil.copy(ROOT / "hooks" / "pre-commit", folder / "hooks")
    (install,) = re.findall(r"^#\s+(cp .*)$", (ROOT / "hooks" / "pre-commit").read_text("utf-8"), re.MULTILINE)
    (folder / ".git" / "hooks").mkdir(exist_ok=True)
    subprocess.run(install, cwd=folder, shell=True, check=True)
    shutil.rmtree(folder / "hooks")
    write(folder, "tracker-approvals.toml", MANIFEST)
    write(folder, "tracklint.toml", 'ignore = ["TL2", "TL3"]\n')
    return folder


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def commit(folder: Path, tools: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(["sh", "-c", 'git commit --message change "$@"', "sh"], arguments, folder, tools)


def test_the_hook_judges_the_first_commit(hooked: Path, tools: Path) -> None:
    write(hooked, "index.html", PAGE + HOTJAR)
    git(hooked, "add", "--all")
    refused = commit(hooked, tools)
    assert refused.returncode == 1
    assert "index.html:3:1: error TL101" in refused.stdout + refused.stderr
    write(hooked, "index.html", PAGE)
    git(hooked, "add", "--all")
    assert commit(hooked, tools).returncode == 0


def test_the_hook_judges_a_partial_commit_by_what_it_commits(hooked: Path, tools: Path) -> None:
    write(hooked, "index.html", PAGE)
    write(hooked, "about.html", PAGE)
    git(hooked, "add", "--all")
    assert commit(hooked, tools).returncode == 0
    write(hooked, "index.html", PAGE + HOTJAR)
    write(hooked, "about.html", PAGE + "<p>Welcome</p>\n")
    assert commit(hooked, tools, "about.html").returncode == 0
    refused = commit(hooked, tools, "--all")
    assert refused.returncode == 1
    assert "index.html:3:1: error TL101" in refused.stdout + refused.stderr


def test_the_hook_works_from_a_subfolder_and_in_a_linked_worktree(hooked: Path, tools: Path) -> None:
    write(hooked, "pages/index.html", PAGE)
    git(hooked, "add", "--all")
    assert commit(hooked / "pages", tools).returncode == 0
    other = hooked.with_name("other worktree")
    git(hooked, "worktree", "add", "--quiet", "-b", "other", str(other))
    write(other, "pages/index.html", PAGE + HOTJAR)
    git(other, "add", "--all")
    refused = commit(other / "pages", tools)
    assert refused.returncode == 1
    assert "pages/index.html:3:1: error TL101" in refused.stdout + refused.stderr

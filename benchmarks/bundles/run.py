"""Are SDKs found in real bundles? Builds pinned packages with six bundlers and runs tracklint on each output.

    python benchmarks/bundles/run.py [--work DIR] [--bundler NAME …] [--json FILE] [--no-build]

Needs Node 20 and npm; the packages of package.json go to DIR (default: build/bundles). For each bundler it prints which
SDK was found as which service, and whether a library that tracks nobody gave a finding. Exit 1 if less than 95 % of the
SDKs were found with one of the bundlers or if an innocuous library gave any finding.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUNDLERS = ("esbuild", "rollup", "webpack", "vite", "parcel", "swc")


def install(work: Path) -> None:
    work.mkdir(parents=True, exist_ok=True)
    wanted = (HERE / "package.json").read_text("utf-8")
    installed = work / "package.json"
    if (work / "node_modules").is_dir() and installed.is_file() and installed.read_text("utf-8") == wanted:
        return
    shutil.copy(HERE / "package.json", installed)
    options = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--legacy-peer-deps"]
    subprocess.run(["npm", "install", *options], cwd=work, check=True, stdout=sys.stderr)


def build(work: Path, bundlers: tuple[str, ...]) -> None:
    # One process for each bundler: some keep workers and watchers that disturb the next.
    for bundler in bundlers:
        subprocess.run(["node", str(HERE / "build.mjs"), str(work), bundler], cwd=work, check=False, stdout=sys.stderr)


def services_in(folder: Path) -> set[str] | None:
    """The services that tracklint finds in a folder; None where nothing was built."""
    if not any(folder.rglob("*.js")):
        return None
    sys.path.insert(0, str(ROOT / "src"))
    from tracklint import ruleset
    from tracklint.policy import Policy
    from tracklint.scan import scan
    from tracklint.source import working_tree

    found = scan(working_tree(folder, (), policy=Policy()), ruleset.load(), jobs=1)
    return {one.service for one in found.detections}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "bundles")
    parser.add_argument("--bundler", nargs="+", choices=BUNDLERS, default=BUNDLERS)
    parser.add_argument("--json", type=Path, help="write the table to this file")
    parser.add_argument("--no-build", action="store_true", help="judge what was built before")
    given = parser.parse_args()
    work: Path = given.work.resolve()
    bundlers = tuple(given.bundler)
    if not given.no_build:
        install(work)
        build(work, bundlers)
    cases = json.loads((HERE / "cases.json").read_text("utf-8"))
    table: dict[str, dict[str, str]] = {}
    failed = False
    for bundler in bundlers:
        rows = table.setdefault(bundler, {})
        found = built = alarms = quiet = 0
        for name, case in cases["sdks"].items():
            services = services_in(work / "out" / bundler / slug(name))
            if services is None:
                rows[name] = "not built"
                continue
            built += 1
            found += case["service"] in services
            others = sorted(services - {case["service"]})
            rows[name] = ("found" if case["service"] in services else "MISSED") + (
                f" +{','.join(others)}" if others else ""
            )
        for name in cases["innocuous"]:
            services = services_in(work / "out" / bundler / slug(name))
            if services is None:
                rows[name] = "not built"
                continue
            quiet += 1
            alarms += bool(services)
            rows[name] = f"FALSE ALARM {','.join(sorted(services))}" if services else "nothing"
        share = found / built if built else 0.0
        print(
            f"{bundler}: {found} of {built} SDKs found ({share:.0%}), {alarms} false alarms in {quiet} innocuous builds"
        )
        for name, row in rows.items():
            if row not in ("found", "nothing"):
                print(f"    {name}: {row}")
        failed |= share < 0.95 or alarms > 0
    if given.json:
        given.json.write_text(json.dumps(table, indent=1) + "\n", "utf-8")
    return int(failed)


def slug(name: str) -> str:
    return name.removeprefix("@").replace("/", "-")


if __name__ == "__main__":
    sys.exit(main())

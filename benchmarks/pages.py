"""What tracklint says of rendered pages, held against a real browser: `python benchmarks/pages.py FOLDER [PAGE…]`.

Chromium opens each page of FOLDER (all `*.html` by default) as a visitor who has made no choice; nothing reaches the network.
The third-party hosts that it asks are compared with those of the loads that tracklint finds in the page and in the files of
the site that the page fetched, and that it does not call gated. Prints one line for each page that differs, then recall and
precision by page and host. Needs what `make test` sets up: Chromium, Node and the packages of tests/browser.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tracklint import ruleset, scan, source

VISIT = Path(__file__).parents[1] / "tests" / "browser" / "visit.mjs"


@dataclass(frozen=True)
class Visit:
    """What a browser saw of one page, and what tracklint says of it: hosts."""

    page: str
    before: frozenset[str]  # asked before any choice
    after: frozenset[str]  # asked when the visitor agreed
    open: frozenset[str]  # of loads that are not called gated
    gated: frozenset[str]


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next((path for name in names if (path := shutil.which(name))), None)


def visits(folder: Path, pages: Sequence[str], program: str) -> list[Visit]:
    """Open the pages of a folder in the browser `program`, and check the same files."""
    run = subprocess.run(
        ["node", str(VISIT), program, str(folder), *pages],
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=600,
    )
    seen = json.loads(run.stdout)
    detections = scan.scan(source.working_tree(folder), ruleset.load()).detections
    compared = []
    for page in pages:
        files = {page, *seen[page]["files"]}
        # A hint alone and what stands in <noscript> are nothing that a browser with scripts fetches.
        loads = [
            one
            for one in detections
            if one.path in files and one.host and one.consent.mechanism not in ("hint", "noscript")
        ]
        gated = frozenset(one.host for one in loads if one.host and one.consent.state in ("gated", "not-required"))
        opened = frozenset(one.host for one in loads if one.host and one.consent.state not in ("gated", "not-required"))
        compared.append(Visit(page, frozenset(seen[page]["before"]), frozenset(seen[page]["after"]), opened, gated))
    return compared


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    program = chromium()
    if program is None:
        print("Chromium is needed; `make test` installs it", file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    pages = sys.argv[2:] or sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))
    found = asked = said = 0
    for visit in visits(folder, pages, program):
        found += len(visit.before & visit.open)
        asked += len(visit.before)
        said += len(visit.open)
        for what, hosts in (("missed", visit.before - visit.open), ("not asked", visit.open - visit.before)):
            if hosts:
                print(f"{visit.page}: {what}: {', '.join(sorted(hosts))}")
    print(f"{len(pages)} pages; recall {found}/{asked}, precision {found}/{said}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

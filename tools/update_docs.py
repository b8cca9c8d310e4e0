"""Writes what the documentation shows of the code itself: the rules, the configuration's keys and the run in README.md.

`make update` runs it; a test fails when the result would differ from what is committed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tracklint import policy, rules

ROOT = Path(__file__).resolve().parents[1]
DAY = "2026-06-01"
BEGIN, END = "<!-- run: begin (make update) -->\n", "<!-- run: end -->\n"
SHOWN = ("templates/partials/footer.njk", "templates/partials/tag-manager.njk")


def rules_page() -> str:
    """docs/rules.md"""
    parts = [
        "# Rules\n",
        "Generated from `src/tracklint/rules.py` by `make update`. `tracklint explain CODE` shows the same.\n",
        "| code | name | default | finds |\n| --- | --- | --- | --- |\n"
        + "".join(
            f"| [{one.code}](#{one.code.lower()}-{one.name}) | {one.name} "
            f"| {one.severity if one.default else f'off ({one.severity})'} | {one.summary} |\n"
            for one in rules.RULES.values()
        ),
    ]
    for one in rules.RULES.values():
        parts.append(f"## {one.code} {one.name}\n\n{one.summary}\n\n**Why it matters.** {one.why}\n\n{one.fix}\n")
    return "\n".join(parts)


def configuration_page() -> str:
    """docs/configuration.md"""
    rows = "".join(
        f"| `{name}` | {kind} | {f'`{default}`' if default else ''} | {text} |\n"
        for name, kind, default, text in policy.describe()
    )
    return (
        "# Configuration\n\n"
        "Generated from `src/tracklint/policy.py` by `make update`.\n\n"
        "`tracklint.toml` at the root of the site, or `[tool.tracklint]` in `pyproject.toml`. Nothing is required. An "
        "unknown key is an error that names the nearest.\n\n"
        f"| key | type | default | |\n| --- | --- | --- | --- |\n{rows}"
    )


def readme(text: str) -> str:
    """README.md with a fresh run on two pages of the fixture."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    site = ROOT / "tests" / "fixtures" / "clinic-site"
    return f"{before}{BEGIN}```console\n$ tracklint {' '.join(SHOWN)}\n{run(site, *SHOWN)}```\n{END}{after}"


def run(site: Path, *arguments: str) -> str:
    """What tracklint prints about the fixture."""
    environment = {**os.environ, "TRACKLINT_TODAY": DAY, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "tracklint", *arguments]
    done = subprocess.run(command, cwd=site, env=environment, capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 1:
        raise SystemExit(f"exit code {done.returncode}: {done.stderr}")
    return done.stdout


def examples() -> dict[Path, str]:
    """The audit page and the cookie policy of the fixture."""
    site, folder = ROOT / "tests" / "fixtures" / "clinic-site", ROOT / "docs" / "examples"
    # The rule set's version changes with each rule, whether or not it is one that this site meets.
    audit = re.sub(r"(?<=with rule set )\w+", "of the day", run(site, "--format", "html"))
    return {
        folder / "audit-report.html": audit,
        folder / "cookie-policy.md": run(site, "--format", "cookie-policy"),
    }


def pages() -> dict[Path, str]:
    """Each generated file with what should be in it."""
    return {
        ROOT / "docs" / "rules.md": rules_page(),
        ROOT / "docs" / "configuration.md": configuration_page(),
        ROOT / "README.md": readme((ROOT / "README.md").read_text(encoding="utf-8")),
        **examples(),
    }


def main() -> int:
    for path, text in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

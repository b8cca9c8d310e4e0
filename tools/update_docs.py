"""Writes what the documentation shows of the code itself: rules, services, consent managers, keys of the configuration and
the run in README.md.

`make update` runs it; a test fails when the result would differ from what is committed.
"""

from __future__ import annotations

import datetime
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import tomli

from tracklint import check, policy, rules, ruleset
from tracklint.model import Finding

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "docs" / "rules" / "examples.toml"
DAY = "2026-06-01"
BEGIN, END = "<!-- run: begin (make update) -->\n", "<!-- run: end -->\n"
SHOWN = ("templates/partials/footer.njk", "templates/partials/tag-manager.njk")


# --------------------------------------------------------------------------------------------------------------- rules


@dataclass(frozen=True)
class Example:
    """What is wrong and how it is right; see docs/rules/examples.toml. Files by path."""

    code: str
    given: dict[str, str]
    before: dict[str, str]
    after: dict[str, str]
    command: str
    note: str
    encoding: str

    def findings(self, *, mended: bool) -> tuple[Finding, ...]:
        """What tracklint says of the files before or after."""
        files = {**self.given, **self.before, **(self.after if mended else {})}
        # Approvals and consent are two questions; a rule about one leaves the other aside.
        aside = {"TL108": "TL101", "TL109": "TL101"}.get(self.code, "TL2" if self.code.startswith("TL1") else "TL1")
        files["tracklint.toml"] = f'ignore = ["{aside}"]\n{files.get("tracklint.toml", "")}'
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode("utf-8" if mended or name.endswith(".toml") else self.encoding))
            request = check.Request(
                paths=(Path(folder),),
                require_approval="--require-approval" in self.command,
                today=datetime.date.fromisoformat(DAY),
            )
            return check.run(request).report.findings


def examples() -> dict[str, Example]:
    """By code."""
    with EXAMPLES.open("rb") as file:
        read = tomli.load(file)
    return {
        code: Example(
            code,
            one.get("given", {}),
            one["before"],
            one["after"],
            one.get("command", "tracklint"),
            one.get("note", "So it is right:"),
            one.get("encoding", "utf-8"),
        )
        for code, one in read.items()
    }


def rules_page() -> str:
    """docs/rules.md"""
    rows = "".join(
        f"| [{one.code}](rules/{one.code}.md) | {one.name} "
        f"| {one.severity if one.default else f'off ({one.severity})'} | {one.summary} |\n"
        for one in rules.RULES.values()
    )
    return (
        "# Rules\n\n"
        "Each has a page that says what it means, why it matters and how to mend it, with an example. `tracklint explain "
        "CODE` shows the same words. Severities can be changed in the [configuration](configuration.md).\n\n"
        "TL1: approval. TL2: consent. TL3: third parties that no rule knows, and the site's own identifiers. TL4: what "
        "must not reach a tracker even with consent. TL5: what the public is told. TL9: the check itself.\n\n"
        f"| code | name | default | finds |\n| --- | --- | --- | --- |\n{rows}"
    )


def rule_page(rule: rules.Rule, example: Example) -> str:
    """docs/rules/CODE.md"""
    state = (
        rule.severity
        if rule.default
        else f"off; `severity` or `select` in the configuration switches it on ({rule.severity})"
    )
    if rule.code == "TL108":
        allowed = "No comment can suppress it."
    elif rule.code in rules.APPROVAL_CODES:
        allowed = "Only the [manifest](../manifest.md) can allow it; a comment cannot."
    else:
        allowed = f"A comment can suppress it, if it says why: `tracklint: ignore[{rule.code}] the reason`."
    told = "\n\n".join(
        f"{one.path}:{one.line}:{one.column}: {one.severity} {one.code} {one.name}\n  {one.message}\n  help: {one.help}"
        for one in example.findings(mended=False)
    )
    return "\n".join(
        [
            f"# {rule.code} {rule.name}\n",
            f"{rule.summary}\n",
            f"Default: {state}. {allowed} [All rules](../rules.md)\n",
            f"## Why it matters\n\n{rule.why}\n",
            f"## What to do\n\n{rule.fix}\n",
            "## Example\n",
            *(_file(name, text) for name, text in {**example.given, **example.before}.items()),
            f"`{example.command}` says:\n\n```text\n{told}\n```\n",
            f"{example.note}\n",
            *(_file(name, text) for name, text in example.after.items()),
        ]
    )


def _file(name: str, text: str) -> str:
    language = name.rpartition(".")[2]
    return f"`{name}`\n\n```{language}\n{text.strip()}\n```\n"


# ------------------------------------------------------------------------------------------------------------- rule set


def services_page(known: ruleset.Ruleset) -> str:
    """docs/services.md"""
    rows = "".join(
        _row(
            f"`{one.slug}`",
            one.name,
            one.company or "",
            one.category or "",
            one.kind,
            _needs(one),
            str(len(one.match.hosts) or ""),
            str(len(one.cookies) or ""),
        )
        for one in sorted(known.services.values(), key=lambda one: one.slug)
    )
    return (
        "# Services\n\n"
        "What tracklint knows by name, from `rulesets/services`. `tracklint services WORD` searches the list, and `tracklint "
        "explain SLUG` tells the hosts, cookies and purposes of one. A host that is not here is reported as an unknown third "
        "party (TL301, TL302). [How to add one](rulesets.md).\n\n"
        "Consent: *yes*, it has to wait for the visitor's choice; *embed*, it has to wait where it is shown in the page; "
        "*no*, it needs an approval alone. The manifest and the configuration can say otherwise, with a reason.\n\n"
        f"{len(known.services)} services.\n\n"
        "| slug | name | company | category | kind | consent | hosts | cookies |\n"
        f"| --- | --- | --- | --- | --- | --- | ---: | ---: |\n{rows}"
    )


def _needs(service: ruleset.Service) -> str:
    if service.category == "essential":
        return "no"
    if service.category in rules.TRACKING:
        return "yes"
    return "embed" if service.kind in rules.EMBED_KINDS or service.kind == "widget" else "no"


def managers_page(known: ruleset.Ruleset) -> str:
    """docs/consent-managers.md"""
    managers = sorted(known.managers.values(), key=lambda one: one.name.casefold())
    products = [one for one in managers if one.type == "cmp"]
    rows = "".join(
        _row(
            one.name,
            f"`{one.slug}`",
            one.company or "",
            _code(_held(one)),
            _code(_fix(one)),
            _code(_read(one)),
            _code(_called(one)),
        )
        for one in products
    )
    signals = "".join(
        _row(one.name, f"`{one.slug}`", {"signal": "signal", "vendor-native": "a vendor's own switch"}[one.type])
        for one in managers
        if one.type != "cmp"
    )
    return (
        "# Consent managers\n\n"
        "What tracklint understands of the consent managers in `rulesets/consent`. Each column shows the first of what the "
        "file lists. A manager that is loaded from elsewhere can be named with `cmp` in the "
        "[configuration](configuration.md). [How to add one](rulesets.md).\n\n"
        "- *Markup that waits*, as a CSS selector, and what `tracklint --fix` writes. Where both are empty, load the service "
        "in a callback.\n"
        "- *Choice*: how a script asks for it; all of these count as absent before the visitor has chosen.\n"
        "- *Called*: what runs after an answer. Where the answer may be no, the choice has to be asked for in it.\n\n"
        f"{len(products)} managers.\n\n"
        "| name | slug | company | markup that waits | `--fix` writes | choice | called |\n"
        f"| --- | --- | --- | --- | --- | --- | --- |\n"
        f"{rows}\n## Signals and switches\n\n"
        "A signal tells other scripts of a choice. A vendor's own switch makes a loaded tracker silent or cookieless; its "
        "script is still fetched (TL204).\n\n| name | slug | |\n| --- | --- | --- |\n"
        f"{signals}"
    )


def _held(manager: ruleset.Manager) -> str:
    return manager.markup[0].selector if manager.markup else ""


def _fix(manager: ruleset.Manager) -> str:
    for rewrite in manager.fixes:
        words = rewrite.values.get("analytics") or ("…",)
        held = " ".join(f'{name}="{value.replace("{value}", words[0])}"' for name, value in rewrite.set.items())
        moved = " ".join(f'{new}="…"' for new in rewrite.rename.values())
        return f"<{rewrite.elements[0]} {' '.join(part for part in (held, moved) if part)}>"
    return ""


def _read(manager: ruleset.Manager) -> str:
    return next((one.expression for one in manager.api if one.category != "essential"), "")


def _called(manager: ruleset.Manager) -> str:
    for one in (*manager.callbacks, *manager.events):
        return f"{one.name[4:]}: fn" if one.name.startswith("key:") else one.name
    return ""


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


# -------------------------------------------------------------------------------------------------------- configuration


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
        f"| key | type | default | |\n| --- | --- | --- | --- |\n{rows}\n"
        "With `--diff-base REV` the configuration of that revision holds: a change may make it stricter at once, and "
        "looser only when it is merged. The report lists what would be looser. See [the manifest]"
        "(manifest.md#who-may-approve).\n"
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


def reports() -> dict[Path, str]:
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
    docs, known, shown = ROOT / "docs", ruleset.load(), examples()
    return {
        docs / "rules.md": rules_page(),
        **{docs / "rules" / f"{code}.md": rule_page(rule, shown[code]) for code, rule in rules.RULES.items()},
        docs / "services.md": services_page(known),
        docs / "consent-managers.md": managers_page(known),
        docs / "configuration.md": configuration_page(),
        ROOT / "README.md": readme((ROOT / "README.md").read_text(encoding="utf-8")),
        **reports(),
    }


def main() -> int:
    for path, text in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

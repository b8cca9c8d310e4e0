"""Every example and counterexample of the shipped rules, through the whole pipeline: a rule that finds nothing is no rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from tracklint.manifest import judge
from tracklint.model import Detection
from tracklint.policy import Policy
from tracklint.project import Project
from tracklint.rules import with_manifest
from tracklint.ruleset import Example, Manager, Ruleset, Service, load
from tracklint.scan import examine
from tracklint.source import Tree

RULES: Ruleset = load()


def scanned(files: Mapping[str, str]) -> list[Detection]:
    """The detections in a project that is these files and nothing else."""
    contents = {path: text.encode() for path, text in files.items()}
    paths = tuple(sorted(contents))
    tree = Tree(Path(), paths, paths, (), contents.__getitem__, lambda path: len(contents[path]))
    project = Project(tree, RULES)
    found: list[Detection] = []
    for path in paths:
        one = examine(project, path)
        assert not one.skipped, f"{path} was not analysed: {one.skipped}"
        found += one.detections
    verdicts = judge(None, found, today=date(2026, 1, 1), full_scan=True)
    return list(with_manifest(found, verdicts, Policy()))


def told(detection: Detection) -> str:
    return f"{detection.line}: {detection.service} ({detection.technique}, {detection.url or detection.host})"


def service_problems(service: Service) -> list[str]:
    problems: list[str] = []
    for number, example in enumerate(service.examples, 1):
        found = scanned({example.path: example.source})
        own = [one for one in found if one.service == service.slug]
        others = sorted({told(one) for one in found if one.service != service.slug})
        where = f"example {number} ({example.path})"
        if not own:
            problems.append(f"{where}: not found; found instead: {others or 'nothing'}\n{example.source}")
            continue
        if others:
            problems.append(f"{where}: also found: {others}\n{example.source}")
        if example.technique is not None and not any(one.technique == example.technique for one in own):
            problems.append(f"{where}: technique is {sorted({one.technique for one in own})}, not {example.technique}")
        ids = {value for one in own for value in one.ids}
        if not set(example.ids) <= ids:
            problems.append(f"{where}: ids are {sorted(ids)}, not {sorted(example.ids)}\n{example.source}")
        if ids & {"http", "https"}:
            problems.append(f"{where}: the beginning of an address is taken for an id\n{example.source}")
    for number, example in enumerate(service.counterexamples, 1):
        found = scanned({example.path: example.source})
        if found:
            problems.append(
                f"counterexample {number} ({example.path}): found {[told(one) for one in found]}\n{example.source}"
            )
    return problems


def manager_problems(manager: Manager) -> list[str]:
    problems: list[str] = []
    for kind, examples in (("example", manager.examples), ("counterexample", manager.counterexamples)):
        for number, example in enumerate(examples, 1):
            problems += [
                f"{kind} {number} ({example.path}): {problem}\n{example.source}" for problem in wrong_verdicts(example)
            ]
    return problems


def wrong_verdicts(example: Example) -> list[str]:
    found = scanned({example.path: example.source})
    judged = [one for one in found if not one.service.startswith("cmp:")]
    if example.state == "not-required" and not judged:
        judged = found
    if example.state is None:
        return []
    problems = [] if judged else ["nothing was found"]
    for one in judged:
        verdict = one.consent
        if verdict.state != example.state:
            problems.append(f"{told(one)} is {verdict.state}, not {example.state} ({verdict.mechanism}: {verdict.why})")
        elif example.mechanism is not None and verdict.mechanism != example.mechanism:
            problems.append(f"{told(one)}: mechanism {verdict.mechanism}, not {example.mechanism} ({verdict.why})")
        elif example.category is not None and verdict.category != example.category:
            problems.append(f"{told(one)}: category {verdict.category}, not {example.category} ({verdict.why})")
    return problems


@pytest.mark.parametrize("slug", sorted(RULES.services))
def test_service(slug: str) -> None:
    problems = service_problems(RULES.services[slug])
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("slug", sorted(RULES.managers))
def test_manager(slug: str) -> None:
    problems = manager_problems(RULES.managers[slug])
    assert not problems, "\n".join(problems)

"""Where a package is started that does nothing until it is: its import, and what is told to it before, contact nobody.

The rules name such packages and what starts them (`starts`). Every file that imports one is looked into. Where the package
itself is handed to other code, nothing is concluded for the whole service.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from tree_sitter import Node

from tracklint.ruleset import CallPattern, Service
from tracklint.script import JSX_TAGS, Script, imported_names

if TYPE_CHECKING:
    from tracklint.project import Project

_STATEMENTS = frozenset({"import_statement", "export_statement", "call_expression"})
_TYPES = frozenset(
    {
        "type_identifier",
        "nested_type_identifier",
        "type_query",
        "type_annotation",
        "extends_type_clause",
        "type_arguments",
    }
)
_TAGS = JSX_TAGS | {"jsx_closing_element"}
_ANYTHING = "*"


class Use(NamedTuple):
    """One use of what a package exports: the names that lead there, outermost first; none where it is handed on whole."""

    names: tuple[str, ...]
    node: Node


class Starts:
    """The starts of such packages in one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, tuple[tuple[Script, Node], ...] | None] = {}

    def places(self, service: Service) -> Sequence[tuple[Script, Node]] | None:
        """The places that start a service's packages in browsers; None where they cannot all be told."""
        if service.slug not in self._known:
            self._known[service.slug] = self._find(service)
        return self._known[service.slug]

    def _find(self, service: Service) -> tuple[tuple[Script, Node], ...] | None:
        ruleset = self._project.ruleset
        packages = [name for name in service.match.packages.get("npm", ()) if ruleset.starts(name)]
        found: list[tuple[Script, Node]] = []
        importing: set[str] = set()
        for package in packages:
            for path in self._project.paths_with([package]):
                if path.endswith((".md", ".markdown", ".d.ts")) or self._project.modules.is_for_servers(path):
                    continue
                for script in self._project.scripts_of(path):
                    here = started_in(script, package, ruleset.starts(package))
                    if here is None:
                        return None
                    found += ((script, node) for node in here)
                    importing.add(path)
        return None if self._is_started_otherwise(service, packages, importing) else tuple(found)

    def _is_started_otherwise(self, service: Service, packages: Sequence[str], importing: set[str]) -> bool:
        """Whether a call of a global, or a package that starts by itself, may do it too."""
        names = {name for package in packages for name in self._project.ruleset.starts(package)}
        calls = map(CallPattern.parse, (*service.match.calls, *service.match.weak_calls))
        spelled = {call.callee for call in calls if call.last in names and "." in call.callee}
        if any(
            path not in importing
            and not path.endswith((".md", ".markdown"))
            and not self._project.modules.is_for_servers(path)
            for callee in spelled
            for path in self._project.paths_with([callee])
        ):
            return True
        others = [f'"{one}"' for one in service.match.packages.get("npm", ()) if one not in packages]
        return any(one in text for text in self._dependencies for one in others)

    @cached_property
    def _dependencies(self) -> tuple[str, ...]:
        files = (path for path in self._project.tree.paths if posixpath.basename(path) == "package.json")
        return tuple(map(self._project.tree.text, files))


def started_in(script: Script, package: str, names: frozenset[str]) -> list[Node] | None:
    """The places of a script that start a package; None if the script hands the package on, or names it in another manner."""
    found: list[Node] = []
    for statement in imports_of(script, package):
        uses = list(uses_of(script, statement))
        if not uses and statement.type != "import_statement":
            return None
        for use in uses:
            if not use.names:
                return None
            if _ANYTHING in use.names or not names.isdisjoint(use.names):
                found.append(use.node)
    spelled = [node for name in names for node in script.occurrences(name) or () if node.type == "property_identifier"]
    if not found and any((parent := script.parent(node)) and parent.type == "member_expression" for node in spelled):
        return None
    return found


def imports_of(script: Script, package: str) -> Iterator[Node]:
    """The statements and calls that import a package or a part of it, but for those of types alone."""
    for match in re.finditer(rf"['\"`]{re.escape(package)}(?:/[\w./-]*)?['\"`]", script.text):
        node = script.node_at(match.start() + 1, match.end() - 1)
        holder = script.enclosing(node, _STATEMENTS)
        if (
            holder is None
            or script.enclosing(node, {"comment"}) is not None
            or re.search(r"\.(?:s?css|less)['\"`]$", match[0])
        ):
            continue
        text = script.text_of(holder)
        if holder.type == "call_expression":
            if not re.match(r"(?:require|import)\s*\(", text):
                continue
        elif re.match(r"(?:im|ex)port\s+type\b", text):
            continue
        elif holder.type == "export_statement" and holder.child_by_field_name("source") is None:
            continue  # a text that is the package's name
        yield holder


def uses_of(script: Script, statement: Node) -> Iterator[Use]:
    """What a script does with what it imports; a use without names where that cannot be told."""
    if statement.type == "export_statement":
        yield Use((), statement)
        return
    if statement.type == "import_statement":
        declared = list(imported_names(statement))
        if not declared:
            yield Use((), statement)  # for what it does by itself
        for name in declared:
            yield from _uses_of_name(script, name, _exported_name(script, name))
        return
    if script.text_of(statement).startswith("import"):
        yield Use((_ANYTHING,), statement)  # whatever is done with it comes after
        return
    outer, holder = script.unwrapped_parent(statement)
    if holder is None or holder.type != "variable_declarator":
        yield _use(script, outer, ())
        return
    pattern = holder.child_by_field_name("name")
    yield from _uses_of_pattern(script, pattern, ())


def _uses_of_pattern(script: Script, pattern: Node | None, names: tuple[str, ...]) -> Iterator[Use]:
    if pattern is None:
        return
    if pattern.type == "identifier":
        yield from _uses_of_name(script, pattern, None, names)
    elif pattern.type == "object_pattern":
        for part in pattern.named_children:
            if part.type == "shorthand_property_identifier_pattern":
                yield from _uses_of_name(script, part, script.text_of(part), names)
            elif part.type == "pair_pattern":
                key = part.child_by_field_name("key")
                given = (*names, script.text_of(key)) if key is not None else names
                yield from _uses_of_pattern(script, part.child_by_field_name("value"), given)
            else:
                yield Use((), part)
    else:
        yield Use((), pattern)


def _exported_name(script: Script, name: Node) -> str | None:
    """The name under which a package exports what an import declares; None for the package itself."""
    holder = script.parent(name)
    if holder is None or holder.type == "namespace_import":
        return None
    if holder.type == "import_specifier":
        original = holder.child_by_field_name("name")
        return script.text_of(original) if original is not None else None
    return "default"


def _uses_of_name(script: Script, name: Node, exported: str | None, names: tuple[str, ...] = ()) -> Iterator[Use]:
    binding = script.binding(name)
    if binding is None:
        yield Use((), name)
        return
    known = (*names, exported) if exported is not None else names
    for use in script.uses(binding):
        above = script.parent(use)
        if above is None or use.type in _TYPES or above.type in _TYPES:
            continue
        yield _use(script, use, known)


def _use(script: Script, use: Node, known: tuple[str, ...]) -> Use:
    """One use of a value: the names that are read of it; none where it is handed on as it is."""
    names = list(known)
    node, parent = script.unwrapped_parent(use)
    used = False
    while parent is not None:
        if parent.type == "member_expression" and parent.child_by_field_name("object") == node:
            names.append(script.property_name(parent))
        elif (
            parent.type in ("call_expression", "new_expression")
            and node
            in (
                parent.child_by_field_name("function"),
                parent.child_by_field_name("constructor"),
            )
        ) or parent.type in _TAGS:
            pass
        elif parent.type == "variable_declarator" and not used:
            pattern = parent.child_by_field_name("name")
            parts = pattern.named_children if pattern is not None and pattern.type == "object_pattern" else ()
            keys = [script.text_of(part.child_by_field_name("key") or part) for part in parts]
            return Use((*names, *keys) if keys else (), use)
        else:
            break
        used = True
        node, parent = script.unwrapped_parent(parent)
    return Use(tuple(names) if used else (), use)

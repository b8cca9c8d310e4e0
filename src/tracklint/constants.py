"""What is written out in the repository and never changes: constants of modules that conditions and addresses name.

A condition on `ANALYTICS.ga4Id` with `ga4Id: ''` never holds. That is only told where nothing else may give the
constant a value: no assignment, no settings of a build or an editor that name it, no other module in its place.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from tree_sitter import Node

from tracklint import lazy_re
from tracklint.consent.expression import Call, Expression, Index, Literal, Member, Name, from_script
from tracklint.consent.world import FREE, Abstract, World, known
from tracklint.detect.script import is_test_code
from tracklint.model import SourceFile
from tracklint.script import FUNCTIONS, UNKNOWN, Binding, Script, nth_child
from tracklint.source import is_bundle

if TYPE_CHECKING:
    from tracklint.project import Project

_MAX_DEPTH = 30
_LONGEST = 2000  # characters of an expression
_MAX_SETTINGS = 200_000  # bytes of a file with settings of builds
_SAME = frozenset({"trim", "toString", "toLowerCase", "toUpperCase", "valueOf"})
_OF_ENVIRONMENT = lazy_re.compile(r"(?:import\.meta|process)\.env\.\w+$")
_LEFT_ALONE = frozenset({"Object.freeze", "Object.seal"})
# What builds, servers and editors of content are told, and may put in the place of a constant.
_SETTINGS = lazy_re.compile(
    r"(?:^|/)(?:(?:Docker|Container|Make|Just|Rake|Jenkins|Proc)file[^/]*|\.env[^/]*|package\.json|project\.json|angular\.json|"
    r"[^/]+\.(?:ya?ml|toml|sh|bash|ps1|py|rb|tf|conf|ini|bat|cmd))$"
)
_FRONT = lazy_re.compile(r"\s*---[ \t]*\r?\n(?P<code>.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)
_EXPORTED = lazy_re.compile(r"(?:^|[;}\s])(?:export\b|module\.exports\b|exports\.)")
_DEFAULT_NAME = lazy_re.compile(r"\bmodule\.exports\s*=\s*([\w$]+)[ \t]*(?:;|$)", re.MULTILINE)
_DEFAULT = lazy_re.compile(r"\b(?:export\s+default\s+|module\.exports\s*=\s*)(?:Object\s*\.\s*freeze\s*\(\s*)?(?=\{)")
_NAME = lazy_re.compile(r"(?<![\w$.])[A-Za-z_$][\w$]*")
_SCRIPTS = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".tsx", ".vue", ".svelte", ".astro")


_Used: TypeAlias = "set[tuple[str, tuple[str, ...]]]"  # files, with the names of constants and their entries


class _Written(NamedTuple):
    """An expression of a constant, and the name of that, "" for a default export, with those of its entries on the way."""

    script: Script
    node: Node
    names: tuple[str, ...]


class Constants:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._given: dict[tuple[str, str, bool], bool] = {}
        self._codes: dict[str, tuple[str, str]] = {}
        self._objects: dict[str, Script | None] = {}
        self._texts: list[str] | None = None

    # ---- questions

    def truth(self, script: Script, node: Node) -> bool | None:
        """Whether a condition always holds, or never, by what is written out; None where anything else takes part in it."""
        if is_bundle(script.file):
            return None
        used: _Used = set()
        value = self._evaluate(script, from_script(script, node), used, 0)
        if value.truth is None or not used or not all(self._is_fixed(path, names) for path, names in used):
            return None
        return value.truth

    def truth_in(self, file: SourceFile, expression: str) -> bool | None:
        """The same for an expression in the markup of a component."""
        found = self.in_component(file, expression)
        return self.truth(*found) if found is not None else None

    def in_component(self, file: SourceFile, expression: str) -> tuple[Script, Node] | None:
        """An expression in the markup of a component, after the component's own code; None where that cannot be read."""
        code, markup = self._code_of(file)
        names = set(_NAME.findall(expression)) if len(expression) < _LONGEST else set()
        if not code or not names or any(_declared_again(name, markup) for name in names):
            return None
        script = Script(f"{code}\n;({expression});", "ts", file)
        modules = self._project.modules
        script.imported, script.imported_results = modules.values, modules.results
        last = nth_child(script.root, -1)
        while last is not None and last.type == "empty_statement":
            last = last.prev_named_sibling
        if last is None or last.type != "expression_statement" or last.has_error:
            return None
        inner = nth_child(last, 0)
        return (script, inner) if inner is not None else None

    def text(self, script: Script, node: Node) -> str | None:
        """The text that an expression is, as far as constants hold it; None for any other."""
        written = self._written(script, from_script(script, node), 0)
        return written.script.fold_text(written.node) if written is not None else None

    def text_in(self, file: SourceFile, name: str) -> str | None:
        """The same for a name in the markup of a component."""
        found = self.in_component(file, name)
        inner = _plain(found[1]) if found is not None else None
        return self.text(found[0], inner) if found is not None and inner is not None else None

    def texts(self, file: SourceFile, name: str) -> list[str]:
        """What a name, or a function of that name, in the markup of a component gives where the text of it is written out.

        Parts that are not known are UNKNOWN characters.
        """
        found = self.in_component(file, name)
        if found is None:
            return []
        written = self._written(found[0], from_script(*found), 0)
        if written is not None and written.node.type not in FUNCTIONS:
            kept = written.script.text_of(written.node)
            settings = self._project.kept_settings(file.path, kept) if _OF_ENVIRONMENT.match(kept) else ()
            return [*settings] or _texts(written.script, [written.node])
        function = self._project.flow(found[0]).values.definition(found[1])
        return _texts(function[0], function[0].returned(function[1])) if function is not None else []

    # ---- the code of a component

    def _code_of(self, file: SourceFile) -> tuple[str, str]:
        """(the script that a component's markup takes its names from, the rest of the file)."""
        if file.path not in self._codes:
            parts: list[str] = []
            front = _FRONT.match(file.text) if file.dialect == "astro" else None
            document = self._project.document(file.path) if file.dialect in ("svelte", "vue") else None
            if front is not None:
                parts.append(front["code"])
            for one in document.elements if document is not None else ():
                seen = file.dialect == "svelte" or "setup" in one.attributes
                if one.tag == "script" and one.content is not None and one.parent is None and seen:
                    parts.append(file.text[one.content.start : one.content.end])
            markup = file.text
            for part in parts:
                markup = markup.replace(part, "", 1)
            self._codes[file.path] = ("\n;".join(parts), markup)
        return self._codes[file.path]

    # ---- values

    def _evaluate(self, script: Script, expression: Expression, used: _Used, depth: int) -> Abstract:
        """What an expression is worth by what is written out; FREE where anything else takes part."""
        if depth > _MAX_DEPTH:
            return FREE

        def resolve(inner: Expression) -> Abstract:
            match inner:
                case Call(callee=Member(target=target, name=name), arguments=()) if name in _SAME:
                    value = self._evaluate(script, target, used, depth + 1)
                    return known(value.value.strip()) if isinstance(value.value, str) else FREE
                case Member(target=target, name="length"):
                    length = self._length(script, target, used, depth + 1)
                    if length is not None:
                        return known(length)
            return self._value(script, inner, used, depth + 1)

        found = World((), resolve).evaluate(expression)
        return FREE if found.consent or found.implied or found.by_name else found

    def _value(self, script: Script, expression: Expression, used: _Used, depth: int) -> Abstract:
        written = self._written(script, expression, depth)
        if written is None:
            return FREE
        inner = from_script(written.script, written.node)
        found = self._evaluate(written.script, inner, used, depth)
        if found.truth is not None and isinstance(inner, Literal):
            used.add((written.script.file.path, written.names))
        return found

    def _length(self, script: Script, target: Expression, used: _Used, depth: int) -> int | None:
        written = self._written(script, target, depth)
        if written is None:
            value = self._evaluate(script, target, used, depth)
            return len(value.value) if isinstance(value.value, str) else None
        node = _plain(written.node)
        if node is None or node.type != "array" or node.named_child_count:
            value = self._value(script, target, used, depth)
            return len(value.value) if isinstance(value.value, str) else None
        used.add((written.script.file.path, written.names))
        return 0

    def _written(self, script: Script, expression: Expression, depth: int) -> _Written | None:
        """The expression that a name, or an entry of a constant object, was given."""
        if depth > _MAX_DEPTH:
            return None
        match expression:
            case Name(node=node) if node is not None and node.type in ("identifier", "shorthand_property_identifier"):
                binding = script.binding(node)
                return self._declared(script, binding, depth + 1) if binding is not None else None
            case Member(target=target, name=name):
                return self._entry(script, target, name, depth + 1)
            case Index(target=target, index=Literal(value=str() as name)):
                return self._entry(script, target, name, depth + 1)
        return None

    def _declared(self, script: Script, binding: Binding, depth: int) -> _Written | None:
        if binding.kind == "import":
            found = self._project.modules.imported(script, binding)
            if found is not None:
                return self._declared(*found, depth + 1) if depth < _MAX_DEPTH else None
            return self._default_object(script, binding, depth)
        holder = script.parent(binding.declaration)
        value = binding.value
        if binding.kind != "variable" or holder is None or value is None or script.assignments(binding):
            return None
        if binding.declaration.type == "shorthand_property_identifier_pattern" and holder.type == "object_pattern":
            declarator = script.parent(holder)
            if declarator is None or not _is_const(script, declarator):
                return None
            return self._entry(script, from_script(script, value), binding.name, depth + 1)
        if not _is_const(script, holder):
            return None
        return _Written(script, value, (binding.name,))

    def _default_object(self, script: Script, binding: Binding, depth: int) -> _Written | None:
        """The object that a module gives as its default."""
        holder = script.parent(binding.declaration)
        source = script.imported_from(binding)
        if holder is None or holder.type != "import_clause" or not source:
            return None
        path = self._project.modules.resolve(script.file.path, source)
        if path is not None and path.endswith(".json"):
            return self._data(path)
        module = self._project.script(path) if path is not None else None
        by_name = _DEFAULT_NAME.search(module.text) if module is not None else None
        declared = module.declaration(by_name[1]) if module is not None and by_name is not None else None
        if module is not None and declared is not None and declared.kind == "variable":
            return self._declared(module, declared, depth + 1)
        match = _DEFAULT.search(module.text) if module is not None else None
        if module is None or match is None:
            return None
        node = module.node_at(match.end(), match.end() + 1)
        node = node if node.type == "object" else (module.parent(node) or node)
        return _Written(module, node, ("",)) if node.type == "object" else None

    def _data(self, path: str) -> _Written | None:
        """The object that a file of JSON is."""
        if path not in self._objects:
            file = self._project.tree.text_file(path)
            known = isinstance(file, SourceFile) and len(file.text) < _MAX_SETTINGS
            script = Script(f"({file.text})", "js", file) if isinstance(file, SourceFile) and known else None
            self._objects[path] = script
        script = self._objects[path]
        node = script.node_at(1, 2) if script is not None and script.text[1:2] == "{" else None
        node = script.parent(node) if script is not None and node is not None and node.type == "{" else node
        return _Written(script, node, ("",)) if script is not None and node is not None else None

    def _entry(self, script: Script, target: Expression, key: str, depth: int) -> _Written | None:
        written = self._written(script, target, depth + 1)
        for _ in range(6):  # `const a = b.c` of another constant
            node = _plain(written.node) if written is not None else None
            if written is None or node is None:
                return None
            if node.type == "call_expression":
                callee = written.script.dotted(node.child_by_field_name("function"))
                arguments = written.script.arguments(node)
                if callee not in _LEFT_ALONE or len(arguments) != 1:
                    return None
                written = written._replace(node=arguments[0])
                continue
            if node.type == "object":
                return _entry_of(written, node, key)
            inner = self._written(written.script, from_script(written.script, node), depth + 1)
            written = inner
        return None

    # ---- whether anything else may give it a value

    def _is_fixed(self, path: str, names: tuple[str, ...]) -> bool:
        """Whether nothing else may give a value to a constant, or to its entry of these names."""
        root, *entries = names
        if root and entries and self._is_given(path, root, merged=True):
            return False
        *around, last = entries or [root]
        base = posixpath.basename(path)
        told = (text for text in self._settings() if _stands_in(last, text))
        if any(base in text or all(_stands_in(one, text) for one in around) for text in told):
            return False
        return not self._is_given(path, last)

    def _is_given(self, path: str, name: str, *, merged: bool = False) -> bool:
        """Whether a script may give this name a value, or, `merged`, entries."""
        key = (path, name, merged)
        if key not in self._given:
            self._given[key] = self._may_be_given(path, name, merged)
        return self._given[key]

    def _may_be_given(self, path: str, name: str, merged: bool) -> bool:
        project = self._project
        spelled_out = re.escape(name)
        into = rf"\b(?:assign|merge\w*|extend|set|defu|reactive|observable)\s*\(\s*(?:[\w$]+\s*,\s*)?{spelled_out}\b"
        given = re.compile(
            into
            if merged
            else rf"\.{spelled_out}\s*(?:\?\?|\|\||&&)?=(?![=>])|['\"]{spelled_out}['\"](?!\s*:)|"
            rf"(?:\b(?:const|let|var)\s+{spelled_out}\s*(?::[^=\n]{{1,60}})?=|(?<![\w$.-]){spelled_out}['\"]?\s*:)"
            rf"\s*(?:['\"`][^'\"`\s]|process\.|import\.meta|\$\{{|\{{\{{|<%)|" + into
        )
        own = posixpath.basename(path).split(".")[0]
        data = path.endswith(".json")
        if data and any(posixpath.basename(one).split(".")[0] == own != "index" for one in self._data_beside(path)):
            return True
        everywhere = data or _EXPORTED.search(project.text_of(path)) is not None
        for other in project.paths_with([name]) if everywhere else [path]:
            if not other.endswith(_SCRIPTS) or is_test_code(other):
                continue
            text = project.text_of(other)
            twin = other != path and posixpath.basename(other).split(".")[0] == own and own != "index"
            if twin and re.search(rf"(?<![\w$.-]){spelled_out}['\"]?\s*[:=](?!=)", text):
                return True  # environment.prod.ts takes the place of environment.ts
            if any(not project.is_in_a_comment(other, match.start()) for match in given.finditer(text)):
                return True
        return False

    def _data_beside(self, path: str) -> Iterable[str]:
        return (one for one in self._project.tree.paths if one != path and one.endswith(".json"))

    def _settings(self) -> list[str]:
        if self._texts is None:
            self._texts = []
            for path in self._project.tree.paths:
                if _SETTINGS.search(path) is not None and not path.endswith(("-lock.yaml", "-lock.yml")):
                    file = self._project.tree.text_file(path)
                    if isinstance(file, SourceFile) and len(file.text) < _MAX_SETTINGS:
                        self._texts.append(file.text)
        return self._texts


def _stands_in(name: str, text: str) -> bool:
    return name in text and re.search(rf"(?<![\w$-]){re.escape(name)}(?![\w$-])", text) is not None


def _declared_again(name: str, markup: str) -> bool:
    """Whether markup itself gives a name to something: in a function, a loop or a slot."""
    spelled = re.escape(name)
    again = (
        rf"(?<![\w$.]){spelled}(?![\w$])[^()<>\n]{{0,80}}\)?\s{{0,9}}=>|\blet:{spelled}(?![\w$])|"
        rf"\b(?:as|then|catch|const|let)\b[\s:({{\[\w,]{{0,80}}(?<![\w$]){spelled}(?![\w$])|"
        rf"(?:v-for|slot)[\w:.-]{{0,40}}\s*=\s*['\"][^'\"]{{0,80}}(?<![\w$.]){spelled}(?![\w$])"
    )
    return name in markup and re.search(again, markup) is not None


def _entry_of(written: _Written, node: Node, key: str) -> _Written | None:
    script = written.script
    found = None
    for pair in node.named_children:
        if pair.type == "comment":
            continue
        if pair.type not in ("pair", "shorthand_property_identifier", "method_definition"):
            return None  # what is spread into it may have the entry
        if pair.type == "pair" and script.key_of(pair) == key:
            found = pair.child_by_field_name("value")
    return _Written(script, found, (*written.names, key)) if found is not None else None


def _plain(node: Node | None) -> Node | None:
    while node is not None and node.type in ("parenthesized_expression", "as_expression", "satisfies_expression"):
        node = nth_child(node, 0)
    return node


def _is_const(script: Script, declarator: Node) -> bool:
    statement = script.parent(declarator)
    if declarator.type != "variable_declarator" or statement is None or statement.type != "lexical_declaration":
        return False
    return script.text_of(statement).startswith("const")


def _texts(script: Script, nodes: Iterable[Node]) -> list[str]:
    values = (value for node in nodes for value in script.alternatives(node))
    return [value for value in values if isinstance(value, str) and value.strip(UNKNOWN)]

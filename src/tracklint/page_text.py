"""What a page that is code says to visitors: a module of JavaScript with elements.

`texts` are its strings and the text of its elements. `is_written_out` tells whether that is all it says: a page of which
any part comes from elsewhere (properties, an editor's content, translations, a component that prints what it is told by
a key) may say more than its file.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from tracklint import lazy_re
from tracklint.script import FUNCTIONS, JSX_TAGS, Binding, Script, nth_child

_MAX_DEPTH = 30
# Attributes of JSX that no visitor reads.
_UNREAD = frozenset({"className", "class", "id", "href", "src", "to", "key", "name", "style", "type", "rel"})
# … and those that make a component look one way or another, and tell it nothing to print.
_LOOKS = frozenset(
    {"size", "width", "height", "color", "fill", "stroke", "strokeWidth", "variant", "weight", "ref", "role"}
)
_LOOKS_PREFIX = lazy_re.compile(r"aria-|data-|on[A-Z]")
_NEVER = lazy_re.compile(
    r"(?i:privacy|cookie|polic|legal|terms|trans|message|content|markdown|html|embed|widget|script|frame)"
)
# Parts that stand on all pages of a site and hold its name, its menus and lines between.
_OF_ALL_PAGES = lazy_re.compile(
    r"(?:[A-Z]\w*)?(?:Header|Footer|Head|Nav|Navbar|Navigation|Menu|Sidebar|Breadcrumbs?|Logo|Icon|Separator|Divider|Spacer|SEO|Seo|Meta|Hero"
    r"|Button|Toggle|Image|Link|Line)"
)
_FROM_ELSEWHERE = frozenset({"script", "iframe", "embed", "object", "slot", "Script"})
_PUT_IN = frozenset({"dangerouslySetInnerHTML", "innerHTML"})
# What code does that puts text or other people's scripts into a page.
_WRITES = lazy_re.compile(
    r"\b(?:inner|outer)HTML\b|\bcreateElement\b|\binsertAdjacent|\bappendChild\b|\btextContent\b|\buseEffect\b"
)
_LITERALS = frozenset(
    """
    string number true false null undefined regex comment jsx_element jsx_self_closing_element jsx_fragment jsx_text
    jsx_namespace_name
    """.split()
)
_WRAPPERS = frozenset(
    {"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "spread_element"}
)
_OF_LISTS = frozenset("map flatMap filter slice sort reverse concat forEach".split())
_OF_OBJECTS = frozenset({"Object.entries", "Object.values", "Object.keys", "Array.from", "Object.freeze"})


def texts(script: Script) -> Iterator[tuple[int, str]]:
    """What the page may show, with its offsets; names in the code tell nothing."""
    pending = [script.root]
    while pending:
        node = pending.pop()
        if node.type in ("string_fragment", "jsx_text", "ERROR"):
            yield node.start_byte, script.text_of(node)
        elif node.type == "jsx_attribute" and script.text_of(node.named_children[0]) in _UNREAD:
            continue
        elif node.type not in ("import_statement", "comment"):
            pending += reversed(node.children)


def is_written_out(script: Script) -> bool:
    """Whether all text that the page's elements show stands in its own file."""
    if script.broken or _WRITES.search(script.text):
        return False
    pending, elements = [script.root], 0
    while pending:
        node = pending.pop()
        if node.type in JSX_TAGS:
            elements += 1
            if not _shows_no_other(script, node):
                return False
        elif node.type in ("jsx_element", "jsx_fragment"):
            shown = (child for child in node.named_children if child.type == "jsx_expression")
            if not all(_is_written(script, inner, 0) for child in shown for inner in child.named_children):
                return False
        if node.type not in ("import_statement", "comment"):
            pending += node.named_children
    return elements > 0


def _shows_no_other(script: Script, tag: Node) -> bool:
    """Whether an element by itself shows no text but what is given to it in this file."""
    name = tag.child_by_field_name("name")
    spelled = script.text_of(name) if name is not None else ""
    component = spelled[:1].isupper() or "." in spelled
    if spelled in _FROM_ELSEWHERE:
        return False
    looks_alone = True
    for attribute in tag.named_children:
        if attribute.type == "jsx_expression":  # {...properties}
            return False
        parts = attribute.named_children if attribute.type == "jsx_attribute" else []
        key = script.text_of(parts[0]) if parts else ""
        if key in _PUT_IN:
            return False
        unread = (key in _UNREAD and key not in ("id", "name", "src")) or key in _LOOKS or _LOOKS_PREFIX.match(key)
        looks_alone = looks_alone and (not parts or bool(unread))
        if len(parts) < 2 or parts[1].type != "jsx_expression" or not (component or key == "children"):
            continue
        if not unread and not all(_is_given(script, inner) for inner in parts[1].named_children):
            return False
    if not component or tag.type != "jsx_self_closing_element" or name is None:
        return True
    return _is_harmless(script, name, spelled, looks_alone=looks_alone)


def _is_harmless(script: Script, name: Node, spelled: str, *, looks_alone: bool) -> bool:
    """Whether a component that is given no text has none of its own that this file does not hold."""
    first: Node | None = name
    while first is not None and first.type == "member_expression":
        first = first.child_by_field_name("object")
    binding = script.binding(first) if first is not None and first.type == "identifier" else None
    if binding is not None and binding.kind in ("function", "class"):
        return True
    if binding is not None and binding.kind == "variable" and script.function_of(binding) is not None:
        return True
    last = spelled.rpartition(".")[2]
    if _NEVER.search(last):
        return False
    if _OF_ALL_PAGES.fullmatch(last):
        return True
    source = script.imported_from(binding)
    package = source[:1].isalpha() or (source[:1] == "@" and source[1:2].isalpha())
    return looks_alone and package


def _is_given(script: Script, node: Node) -> bool:
    """What a component may be given: text of this file, what is to be called, a component."""
    if node.type in FUNCTIONS:
        return True
    if node.type == "identifier" and script.text_of(node)[:1].isupper():
        binding = script.binding(node)
        return binding is not None and not script.text_of(node).isupper()
    return _is_written(script, node, 0)


def _is_written(script: Script, node: Node | None, depth: int) -> bool:
    """Whether the text that an expression gives stands in this file."""
    if node is None or depth > _MAX_DEPTH:
        return False
    kind = node.type
    if kind in _LITERALS:
        return True

    def written(*parts: Node | None) -> bool:
        return all(_is_written(script, part, depth + 1) for part in parts)

    if kind in _WRAPPERS:
        return written(nth_child(node, 0))
    if kind == "template_string":
        return written(*(nth_child(one, 0) for one in node.named_children if one.type == "template_substitution"))
    if kind == "ternary_expression":
        return written(node.child_by_field_name("consequence"), node.child_by_field_name("alternative"))
    if kind == "binary_expression":
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        sign = node.child_by_field_name("operator")
        return written(right) if sign is not None and script.text_of(sign) == "&&" else written(left, right)
    if kind in ("array", "object"):
        return written(*node.named_children)
    if kind == "pair":
        return _is_given(script, value) if (value := node.child_by_field_name("value")) is not None else False
    if kind in FUNCTIONS:
        return written(*script.returned(node))
    if kind in ("member_expression", "subscript_expression"):
        return written(node.child_by_field_name("object"))
    if kind == "new_expression":
        maker = node.child_by_field_name("constructor")
        return maker is not None and script.text_of(maker) == "Date" and written(*script.arguments(node))
    if kind == "call_expression":
        return _is_written_call(script, node, depth)
    if kind in ("identifier", "shorthand_property_identifier"):
        binding = script.binding(node)
        return script.text_of(node) == "undefined" if binding is None else _is_written_name(script, binding, depth)
    return False


def _is_written_call(script: Script, call: Node, depth: int) -> bool:
    callee = call.child_by_field_name("function")
    if callee is None:
        return False
    given = all(_is_written(script, one, depth + 1) for one in script.arguments(call))
    if not given:
        return False
    if callee.type == "member_expression" and script.dotted(callee) not in _OF_OBJECTS:
        return _is_written(script, callee.child_by_field_name("object"), depth + 1)
    if script.dotted(callee) in _OF_OBJECTS:
        return True
    function = script.definition(callee) if callee.type == "identifier" else None
    return function is not None and not _is_exported(script, function) and _is_written(script, function, depth + 1)


def _is_written_name(script: Script, binding: Binding, depth: int) -> bool:
    if binding.kind == "variable":
        return not script.assignments(binding) and _is_written(script, binding.value, depth + 1)
    if binding.kind != "parameter":
        return False
    function = binding.scope
    holder = script.unwrapped_parent(function)[1]
    call = script.parent(holder) if holder is not None and holder.type == "arguments" else None
    callee = call.child_by_field_name("function") if call is not None else None
    if callee is not None and callee.type == "member_expression":  # LIST.map((entry) => …)
        prop = callee.child_by_field_name("property")
        listed = prop is not None and script.text_of(prop) in _OF_LISTS
        return listed and _is_written(script, callee.child_by_field_name("object"), depth + 1)
    # What a component or a function of this file is given, is given in this file, where all of that is looked at.
    return bool(script.name_of(function)) and not _is_exported(script, function)


def _is_exported(script: Script, function: Node) -> bool:
    """Whether other files may use a function of this one."""
    if any(above.type == "export_statement" for above in script.ancestors(function)):
        return True
    for use in script.uses_of(function):
        around = script.parent(use)
        used = around is not None and (
            around.type in JSX_TAGS
            or around.type == "jsx_closing_element"
            or (around.type == "call_expression" and around.child_by_field_name("function") == use)
        )
        if not used:
            return True
    return False

"""Parses markup into elements with exact spans: HTML after masking, the indent languages, HTML inside strings.

Start tags are found by a linear tokenizer over the masked text, which has the same offsets as the file. A tree is only
built, with lxml, when a CSS selector is asked for: each start tag is given its number as an attribute first, so that an
element of the tree leads back to its exact span.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from tracklint import lazy_re
from tracklint.model import Attribute, SourceFile, Span
from tracklint.template import FILLER, Condition, Masked, mask

if TYPE_CHECKING:
    from lxml import etree

    from tracklint.indent import Node

_VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr keygen frame basefont bgsound".split()
)
_RAW = frozenset("script style textarea title xmp iframe noembed noframes".split())
_CLOSING = {tag: lazy_re.compile(rf"</{tag}(?=[\s/>])", re.IGNORECASE) for tag in _RAW}
# single-file components wrap live markup in a top-level <template>
COMPONENT_DIALECTS = frozenset({"vue", "svelte", "astro", "riot"})
_MARK = lazy_re.compile(
    rf"<(?:(?P<comment>!--)|(?P<declaration>[!?])|/(?P<close>[A-Za-z][^\s/>{FILLER}]*)"
    rf"|(?P<open>[A-Za-z][^\s/>{FILLER}<]*))"
)
_CONDITIONAL = lazy_re.compile(r"\[if [^\]]{0,200}\]>", re.IGNORECASE)
_NAME = lazy_re.compile(rf"[^\s/>={FILLER}\"'][^\s/>={FILLER}]*")
_GAP = lazy_re.compile(rf"[\s/{FILLER}\"'=]*")
_EQUALS = lazy_re.compile(r"\s*=\s*")
_UNQUOTED = lazy_re.compile(r"[^\s>]+")
_BOUND = lazy_re.compile(
    r"^(?::|v-bind:|bind:|x-bind:|\[attr\.|\[|ng-(?=src)|(?:data-)?th[:-](?=(?:src|href|data)$))(?P<name>[\w:.-]+)\]?(?:\.\w+)*$"
)
_LITERAL = lazy_re.compile(r"""^\s*(?:"([^"\\$]*)"|'([^'\\]*)'|`([^`\\$]*)`)\s*$""")
# Thymeleaf's @{https://…(parameter=${x})}
_LINK_EXPRESSION = lazy_re.compile(r"^\s*@\{\s*(?P<url>[^}(]*(?:\}[^}(]+)*)")
_VARIABLE = lazy_re.compile(r"[$*]\{[^}]*\}?")
_MOST_ATTRIBUTES = 1000  # of one element; to add one, libxml2 walks along all that are there
_CONTROL = lazy_re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, eq=False)
class Element:
    """One start tag. Spans are those of the original text."""

    index: int
    tag: str  # lower-cased
    attributes: Mapping[str, Attribute]
    span: Span  # the start tag, from "<" to after ">"
    content: Span | None  # raw text of script, style, textarea …; None for others
    parent: Element | None
    conditional_comment: bool = False  # inside <!--[if lt IE 9]>: no browser of today parses it
    live_template: bool = False  # a <template> that its framework renders

    @cached_property
    def names(self) -> frozenset[str]:
        """Its attributes, and its classes with a dot before them."""
        return frozenset((*self.attributes, *(f".{name}" for name in (self.value("class") or "").split())))

    def value(self, name: str) -> str | None:
        """An attribute's value without outer white space; None when the attribute is absent."""
        attribute = self.attributes.get(name)
        return attribute.value.strip() if attribute is not None else None


class Document:
    def __init__(
        self, file: SourceFile, masked: Masked, elements: Sequence[Element], comments: Sequence[Span],
        gaps: Sequence[Span] = (), rebuilt: bool = False, conditions: Callable[[int], tuple[Condition, ...]] | None = None,
    ) -> None:  # fmt: skip
        self.file = file
        self.masked = masked
        self.elements = elements
        self.comments = comments
        self._gaps = gaps
        self._rebuilt = rebuilt  # the source is no HTML: the tree is written from the elements
        self.conditions = conditions or masked.conditions  # the template conditions that enclose an offset
        self._selected: dict[str, dict[int, Element]] = {}
        self._inside: dict[str, frozenset[int]] = {}

    def text_regions(self) -> Iterator[Span]:
        """Text between tags, outside scripts, styles and comments."""
        yield from self._gaps

    def at(self, offset: int) -> Element | None:
        """The element whose start tag or raw text holds the offset."""
        low, high = 0, len(self.elements)
        while low < high:
            middle = (low + high) // 2
            if self.elements[middle].span.start <= offset:
                low = middle + 1
            else:
                high = middle
        for element in reversed(self.elements[max(0, low - 3) : low]):
            end = element.content.end if element.content else element.span.end
            if element.span.start <= offset < end:
                return element
        return None

    def select(self, selector: str) -> Sequence[Element]:
        """The elements that a CSS selector names; none for a selector that cannot be read."""
        return tuple(self._found(selector).values())

    def matches(self, element: Element, selector: str) -> bool:
        """Whether a CSS selector names the element. It is only run for an element with the names that it needs."""
        return any(
            one.own <= element.names and element.index in self._found(one.selector) for one in _alternatives(selector)
        )

    def _found(self, selector: str) -> Mapping[int, Element]:
        if selector not in self._selected:
            found: dict[int, Element] = {}
            expression = _xpath(selector) if self._could_match(selector) else None
            if expression is not None and self._tree is not None:
                for node in expression(self._tree):
                    number = node.get("data-tracklint")
                    if number is not None and number.isdigit() and int(number) < len(self.elements):
                        found[int(number)] = self.elements[int(number)]
            self._selected[selector] = found
        return self._selected[selector]

    def _could_match(self, selector: str) -> bool:
        """False where a name that the selector needs stands nowhere: most pages need no tree at all."""
        return self._rebuilt or any(
            all(word in self._lowered for word in one.needed) for one in _alternatives(selector)
        )

    def inside(self, tag: str) -> frozenset[int]:
        """The indexes of the elements that stand in one with this tag."""
        if tag not in self._inside:
            holders = {one.index for one in self.elements if one.tag == tag and not one.live_template}
            self._inside[tag] = self.below(holders) if holders else frozenset()
        return self._inside[tag]

    def holds_text(self, tag: str, offset: int) -> bool:
        """Whether text, such as what a template prints, stands in an element with this tag."""
        holder = next((one for one in reversed(self.elements) if one.tag == tag and one.span.end <= offset), None)
        if holder is None or holder.live_template:
            return False
        if not self._rebuilt or self.file.text.startswith("<", holder.span.start):
            return re.search(rf"</{tag}\b", self.masked.text[holder.span.end : offset], re.IGNORECASE) is None
        text, start = self.file.text, holder.span.start
        column = start - text.rfind("\n", 0, start) - 1
        lines = text[start : max(text.find("\n", offset), offset)].split("\n")[1:]
        return all(len(line) - len(line.lstrip()) > column for line in lines if line.strip())

    def below(self, indexes: Collection[int]) -> frozenset[int]:
        """The indexes of all that stands in these elements. One walk, however deep they are nested."""
        found: set[int] = set()
        for element in self.elements:
            parent = element.parent
            if parent is not None and (parent.index in indexes or parent.index in found):
                found.add(element.index)
        return frozenset(found)

    @cached_property
    def _lowered(self) -> str:
        return self.file.text.lower()

    @cached_property
    def _tree(self) -> etree._Element | None:
        from lxml import etree

        parts: list[str] = []
        if self._rebuilt:
            open_elements: list[Element] = []
            for element in self.elements:
                while open_elements and open_elements[-1] is not element.parent:
                    parts.append(f"</{open_elements.pop().tag}>")
                attributes = "".join(f' {name}="{html.escape(a.value)}"' for name, a in islice(element.attributes.items(), _MOST_ATTRIBUTES)
                                     if re.fullmatch(r"[\w:.@-]+", name))  # fmt: skip
                parts.append(f'<{element.tag} data-tracklint="{element.index}"{attributes}>')
                if element.tag not in _VOID:
                    open_elements.append(element)
        else:
            text = self.masked.text
            position = 0
            for element in self.elements:
                if element.conditional_comment:
                    continue
                after_name = element.span.start + 1 + len(element.tag)
                parts += (text[position:after_name], f' data-tracklint="{element.index}"')
                position = after_name
                beyond = [*islice(element.attributes.values(), _MOST_ATTRIBUTES, None)]
                if beyond:
                    parts.append(text[position : beyond[0].span.start])
                    position = beyond[-1].span.end
            parts.append(text[position:])
        source = _CONTROL.sub(" ", "".join(parts)).encode("utf-8", "replace")
        if not source.strip():
            return None
        parser = etree.HTMLParser(encoding="utf-8", recover=True, huge_tree=True)
        try:
            return etree.fromstring(source, parser)
        except etree.XMLSyntaxError:
            return None


class _Alternative(NamedTuple):
    """One selector of a list, and the names without which it matches nothing."""

    selector: str
    needed: frozenset[str]  # tags, attributes, classes and ids that have to stand in the page, in lower case
    own: frozenset[str]  # of them what the element itself must have, as in Element.names


@lru_cache(maxsize=1024)
def _alternatives(selector: str) -> tuple[_Alternative, ...]:
    if "\\" in selector:
        tag = selector.replace("\\", "").lower() if _ESCAPED_TAG.fullmatch(selector) is not None else ""
        return (_Alternative(selector, frozenset({tag} if tag else ()), frozenset()),)
    found = []
    for one in _LIST_COMMA.split(selector):
        bare = _ATTRIBUTE.sub(r"[\1]", _PSEUDO.sub("", _QUOTED.sub("", one))).strip()
        words = (word for words in _NEEDED.findall(bare) for word in words if word)
        own = _NEEDED.findall(_COMBINATOR.split(bare)[-1])
        found.append(
            _Alternative(
                one.strip(),
                frozenset(word.lstrip(".").lower() for word in words),
                frozenset(
                    [*(attribute.lower() for attribute, *_ in own if attribute), *(mark for _, mark, *_ in own if mark)]
                ),
            )
        )
    return tuple(found)


_ESCAPED_TAG = lazy_re.compile(r"[a-zA-Z](?:[\w-]|\\[:.])*")  # x-gtm\:\:script
_QUOTED = lazy_re.compile(r"'[^']*'|\"[^\"]*\"")
_LIST_COMMA = lazy_re.compile(r",(?![^\[(]*[\])])")
_ATTRIBUTE = lazy_re.compile(r"\[\s*([\w-]+)[^\]]*\]")
_PSEUDO = lazy_re.compile(r":[\w-]+\([^)]*\)|:[\w-]+")
_COMBINATOR = lazy_re.compile(r"[\s>+~]+")
# An attribute, a class with its dot, an id, a tag.
_NEEDED = lazy_re.compile(r"\[([\w-]+)\]|(\.[\w-]+)|#([\w-]+)|(?:^|[\s>+~])([a-zA-Z][\w-]*)")


@lru_cache(maxsize=1024)
def _xpath(selector: str) -> etree.XPath | None:
    from cssselect import HTMLTranslator, SelectorError
    from lxml import etree

    try:
        return etree.XPath(HTMLTranslator().css_to_xpath(selector))
    except (SelectorError, etree.XPathSyntaxError):
        return None


def parse(file: SourceFile) -> Document:
    """The elements of a file, whatever its template language. Never raises."""
    if file.language == "indent":
        from tracklint.indent import outline

        drawn = outline(file.text, file.dialect)
        written = _parse(file, replace(drawn.masked, text=_only(drawn.masked.text, drawn.raw_html)))
        comments = sorted((*drawn.comments, *written.comments))
        elements = _nested(file.text, drawn.nodes, written.elements)
        return Document(file, drawn.masked, elements, comments, rebuilt=True, conditions=drawn.conditions)
    return _parse(file, mask(file.text, file.dialect))


def _only(text: str, spans: Sequence[Span]) -> str:
    """The text with all else blanked out."""
    pieces: list[str] = []
    end = 0
    for span in spans:
        pieces += [" " * (span.start - end), text[span.start : span.end]]
        end = span.end
    return "".join((*pieces, " " * (len(text) - end)))


def _nested(text: str, nodes: Sequence[Node], written: Sequence[Element]) -> list[Element]:
    """The elements of an outline and those that are written as HTML in it, which stand in what is less indented."""
    elements: list[Element] = []
    drawn: dict[int, Element] = {}
    again: dict[int, Element] = {}
    stack: list[tuple[int, Element]] = []
    places = [(node.span.start, 0, number) for number, node in enumerate(nodes)]
    places += [(one.span.start, 1, number) for number, one in enumerate(written)]
    lines = [0, *(found.end() for found in re.finditer("\n", text))]
    for start, kind, number in sorted(places):
        column = start - lines[bisect_right(lines, start) - 1]
        while stack and stack[-1][0] >= column:
            stack.pop()
        if kind:
            one = written[number]
            parent = again.get(one.parent.index) if one.parent is not None else stack[-1][1] if stack else None
            again[number] = replace(one, index=len(elements), parent=parent)
            elements.append(again[number])
            continue
        node = nodes[number]
        attributes = {attribute.name: attribute for attribute in node.attributes}
        parent = drawn.get(node.parent) if node.parent is not None else None
        drawn[number] = Element(len(elements), node.tag, attributes, node.span, node.content, parent)
        elements.append(drawn[number])
        stack.append((column, drawn[number]))
    return elements


def parse_fragment(text: str) -> Document:
    """HTML that came out of a string; offsets are those of `text`."""
    return _parse(SourceFile("", text, "html", "plain"), mask(text, "plain"))


def _parse(file: SourceFile, masked: Masked) -> Document:
    text = masked.text
    size = len(text)
    component = file.dialect in COMPONENT_DIALECTS
    elements: list[Element] = []
    comments: list[Span] = []
    gaps: list[Span] = []
    stack: list[Element] = []
    open_tags: dict[str, int] = {}
    exhausted: set[str] = set()  # quotes that do not occur again: an unclosed one is looked for only once
    position = gap = 0
    hidden_until = 0
    while (match := _MARK.search(text, position)) is not None:
        start = match.start()
        if gap < start:
            gaps.append(Span(gap, start))
        if match["comment"]:
            downlevel = _CONDITIONAL.match(text, match.end())
            end = text.find("-->", match.end())
            if downlevel is not None:  # what stands in it is looked at, though it is a comment up to its end
                hidden_until = size if end < 0 else end
                position = gap = downlevel.end()
                continue
            if text.startswith(">", match.end()):  # <!-->
                end = match.end() - 2
            end = size if end < 0 else end + 3
            comments.append(Span(start, end))
            position = gap = end
            continue
        if match["declaration"]:
            end = text.find("]]>", start) + 2 if text.startswith("<![CDATA[", start) else text.find(">", start)
            position = gap = size if end < start else end + 1
            continue
        if match["close"]:
            tag = match["close"].lower()
            if open_tags.get(tag):
                while stack:
                    closed = stack.pop()
                    open_tags[closed.tag] -= 1
                    if closed.tag == tag:
                        break
            end = text.find(">", match.end())
            position = gap = size if end < 0 else end + 1
            continue
        tag = match["open"].lower()
        attributes, end, self_closing = _attributes(file.text, masked, match.end(), exhausted)
        content = None
        position = end
        if tag in _RAW and not self_closing:
            closing = _CLOSING[tag].search(text, end)
            content = Span(end, closing.start() if closing else size)
            position = content.end
        parent = stack[-1] if stack else None
        live = tag == "template" and component and parent is None
        element = Element(len(elements), tag, attributes, Span(start, end), content, parent, start < hidden_until, live)
        elements.append(element)
        if tag not in _VOID and not self_closing:
            stack.append(element)
            open_tags[tag] = open_tags.get(tag, 0) + 1
        gap = position
    if gap < size:
        gaps.append(Span(gap, size))
    return Document(file, masked, elements, comments, gaps)


def _attributes(
    original: str, masked: Masked, position: int, exhausted: set[str]
) -> tuple[dict[str, Attribute], int, bool]:
    """(attributes, offset after the tag, whether it closes itself) from the end of a tag's name."""
    text = masked.text
    found: dict[str, Attribute] = {}
    size = len(text)
    while True:
        gap = _GAP.match(text, position)
        assert gap is not None
        position = gap.end()
        if position >= size:
            return found, size, False
        if text[position] == ">":
            return found, position + 1, text[position - 1] == "/"
        if text[position] == "<":  # the tag was never closed; the next one starts here
            return found, position, False
        name_match = _NAME.match(text, position)
        if name_match is None:
            position += 1
            continue
        name = name_match[0]
        start = position
        position = name_match.end()
        value_span = Span(position, position)
        equals = _EQUALS.match(text, position)
        if equals is not None:
            position = equals.end()
            quote = text[position] if position < size else ""
            if quote in "\"'" and quote:
                end = -1 if quote in exhausted else text.find(quote, position + 1)
                if end < 0:
                    exhausted.add(quote)
                    unquoted = _UNQUOTED.match(text, position + 1)
                    end = unquoted.end() if unquoted else position + 1
                    value_span = Span(position + 1, end)
                    position = end
                else:
                    value_span = Span(position + 1, end)
                    position = end + 1
            elif quote == "{":
                end = _brace_end(text, position)
                value_span = Span(position, end)
                position = end
            else:
                unquoted = _UNQUOTED.match(text, position)
                if unquoted is not None:
                    value_span = Span(position, unquoted.end())
                    if unquoted[0].endswith("/") and text.startswith(">", unquoted.end()) and "://" not in unquoted[0]:
                        value_span = Span(position, unquoted.end() - 1)
                    position = value_span.end
        attribute = _attribute(name, masked, Span(start, position), value_span)
        found.setdefault(attribute.name, attribute)


def _attribute(name: str, masked: Masked, span: Span, value_span: Span) -> Attribute:
    raw = masked.text[value_span.start : value_span.end]
    bound = _BOUND.match(name)
    if bound is not None:
        name = bound["name"]
        literal = _LITERAL.match(raw)
        if literal is not None:
            return Attribute(name.lower(), next(g for g in literal.groups() if g is not None), span, value_span, False)
        link = _LINK_EXPRESSION.match(raw)
        if link is not None:
            url = _VARIABLE.sub(FILLER, link["url"].strip())
            return Attribute(name.lower(), url, span, value_span, FILLER in url)
        return Attribute(name.lower(), raw, span, value_span, True)
    if raw.startswith("{") and raw.endswith("}"):
        literal = _LITERAL.match(raw[1:-1])
        if literal is not None:
            return Attribute(name.lower(), next(g for g in literal.groups() if g is not None), span, value_span, False)
        return Attribute(name.lower(), raw[1:-1], span, value_span, True)
    dynamic = FILLER in raw
    if dynamic and raw.strip(FILLER) == "":
        region = masked.region_at(value_span.start)
        literal = _LITERAL.match(region.text) if region is not None and region.span.contains(value_span) else None
        if literal is not None:
            return Attribute(name.lower(), next(g for g in literal.groups() if g is not None), span, value_span, False)
    return Attribute(name.lower(), html.unescape(raw) if "&" in raw else raw, span, value_span, dynamic)


def _brace_end(text: str, start: int) -> int:
    """The offset after the brace that closes the one at `start`; strings are skipped, never past 10,000 characters."""
    level = 0
    quote = ""
    for position in range(start, min(len(text), start + 10_000)):
        char = text[position]
        if quote:
            if char == quote and text[position - 1] != "\\":
                quote = ""
        elif char in "\"'`":
            quote = char
        elif char == "{":
            level += 1
        elif char == "}":
            level -= 1
            if level == 0:
                return position + 1
    end = text.find(">", start)
    return len(text) if end < 0 else end

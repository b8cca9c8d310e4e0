"""What visitors typed and who gets it: their input in the arguments of a tracker (TL401), recorders on forms (TL403).

Consent to statistics is no basis for either, so a gate makes no difference here; only what never runs is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tree_sitter import Node

from tracklint import lazy_re
from tracklint.consent import page, words
from tracklint.detect import handed
from tracklint.detect.email import is_email
from tracklint.detect.load import ScriptPlace
from tracklint.detect.origins import origins
from tracklint.detect.script import calls_in_strings, is_server_code, is_test_code
from tracklint.markup import Document, Element, parse_fragment
from tracklint.model import Detection, Finding, Related, SourceFile, Span
from tracklint.project import Project
from tracklint.rules import finding, finding_about
from tracklint.ruleset import CallPattern, Service
from tracklint.script import FUNCTIONS, JSX_TAGS, UNKNOWN, Script, Unknown, nth_child

_STEPS = 2500  # of reasoning for one place
_LONG_LINE = 2000  # of minified code, which is somebody else's
# In lower case, one of which stands in every file that reads what a visitor gave.
_INPUT_WORDS = (
    "value .val formdata serialize search postcode post_code zipcode zip_code postal birth dob email e-mail phone surname "
    "firstname first_name lastname last_name nhsnumber nhs_number symptom"
).split()
# Kinds of services that are sent data in order to measure or to advertise; a map or a search is sent what it needs.
_TRACKING_KINDS = frozenset(
    {"analytics", "advertising", "session-replay", "ab-testing", "tag-manager", "email-tracking"}
)

# Names of values that visitors gave: the last words of a variable or property.
_PERSONAL = lazy_re.compile(
    r"(?:^| )(?:post ?code|zip ?code|postal ?code|date of birth|birth ?(?:date|day)|dob|nhs (?:number|no)|e ?mail(?: address)?|"
    r"(?:tele)?phone(?: number)?|mobile number|surname|(?:first|last|full) ?name|search (?:term|terms|query|text|keywords?|string|phrase)|"
    r"symptoms?)$"
)
_NOT_PERSONAL = lazy_re.compile(
    r"^(?:is|has|show|hide|no|num|count|valid|set|get|on|handle|validate|enable|use|with|allow|error|default) "
)
# What was looked for, in a call that speaks of a search.
_SEARCHED = frozenset("keyword keywords query term terms phrase q".split())
_SEARCHING = lazy_re.compile(r"[\"'`][^\"'`\n]{0,60}\bsearch", re.IGNORECASE)
_PRINTS_CODE = lazy_re.compile(r"<[sS]cript\b|dangerouslySetInnerHTML|\beval\(")
_HELD = frozenset({"identifier", "member_expression", "template_string", "subscript_expression"})
# Parameters of an address that carry what a visitor looked for or who they are.
_PERSONAL_PARAMETER = lazy_re.compile(
    r"^(?:q|query|s|search|k|kw|keywords?|terms?|search[-_]?(?:term|query|text)|e?mail|postcode|zip|dob|name|phone|address|location)$",
    re.IGNORECASE,
)
_CONTROL = lazy_re.compile(
    r"(?:^| )(?:input|inputs|field|textbox|textarea|text area|search|searchbox|search box|query|box|email|postcode|select|dropdown|"
    r"radio|checkbox|el|element|elem|node|target|control|form)$"
)
_FINDS_ELEMENT = lazy_re.compile(
    r"(?:^|\.)(?:getElementById|querySelector|getElementsByName|getElementsByTagName|closest)\(\)|^(?:\$|jQuery)\(\)"
)
_EVENTS = frozenset("e ev evt event".split())
_PAGING = lazy_re.compile(r"on\w{0,40}(?:Page|Rows|Sort|Limit)\w{0,40}[ \t\n]{0,4}=")
_OTHER_VALUE = lazy_re.compile(
    r"^(?:metric|perf|vital|entry|option|config|cookie|match|param|setting|data|item|result|state|response|props|row)s?\b"
)


def findings(project: Project, file: SourceFile, detections: Sequence[Detection]) -> Iterator[Finding]:
    """TL401 and TL403 for one file, of which these are the loads."""
    if file.language not in ("html", "indent", "markdown", "script") or is_test_code(file.path):
        return
    folded = file.text.lower()
    if any(word in folded for word in _INPUT_WORDS):
        yield from _sent(project, file, detections)
    recorders = [
        one for one in detections if one.kind == "session-replay" and one.technique not in ("dependency", "link")
    ]
    document = project.document(file.path) if recorders else None
    told: set[str] = set()
    if document is not None:
        for found in _recorded(project, file, document, recorders):
            told.add(found.service or "")
            yield found
    others = [one for one in recorders if one.service not in told and one.technique != "bundle"]
    yield from _recorded_elsewhere(project, file, others)


# ------------------------------------------------------------------------------------------------------------ what is sent


def _sent(project: Project, file: SourceFile, detections: Sequence[Detection]) -> Iterator[Finding]:
    known: set[int] = set()
    for script in project.scripts_of(file.path):
        if script.origin is None and is_server_code(script):
            continue
        sent = (
            *_calls(script, project),
            *_requests(script, project, detections),
            *handed.handed(script, project, _calls),
        )
        for node, parts, service in sent:
            if node.id in known or _is_minified(script, node):
                continue
            source = _source(script, node, parts)
            if source is None:
                continue
            project.budget.begin(_STEPS)
            if project.flow(script).reach(node).state == "dead":
                continue
            known.add(node.id)
            yield _told(file, source, service, script.span(node))
        yield from _sent_by_printed_code(project, file, script)


def _sent_by_printed_code(project: Project, file: SourceFile, script: Script) -> Iterator[Finding]:
    """The same of the scripts that a component prints."""
    for last, patterns in project.ruleset.event_calls.items() if _PRINTS_CODE.search(script.text) else ():
        for inner, call, span in calls_in_strings(script, project.ruleset, last) if last in script.text else ():
            service = _receiver(inner, call, patterns, project)
            source = _source(inner, call, inner.arguments(call)) if service is not None else None
            if service is not None and source is not None:
                yield _told(file, source, service, span)


def _source(script: Script, call: Node, parts: Sequence[Node]) -> str | None:
    """Which of a visitor's input is among what a call sends, in words."""
    searching = _SEARCHING.search(script.text_of(call)[:2000]) is not None
    return next((what for part in parts if (what := _input(script, part, searching))), None)


def _told(file: SourceFile, source: str, service: Service, span: Span) -> Finding:
    start, end = file.position(span.start), file.position(max(span.start, span.end - 1))
    return finding(
        "TL401",
        file.path,
        f"{source} is sent to {service.name}",
        "send the event without the value; if only its kind matters, send a word from a fixed list",
        line=start.line,
        column=start.column,
        end_line=end.line,
        end_column=end.column + 1,
        service=service.slug,
        excerpt=file.line_text(start.line)[:400],
    )


def _calls(script: Script, project: Project) -> Iterator[tuple[Node, list[Node], Service]]:
    """(call, what it sends, to whom) of each call that hands something to a tracker."""
    for last, patterns in project.ruleset.event_calls.items():
        if last not in script.text:
            continue
        for call in script.calls(last):
            service = _receiver(script, call, patterns, project)
            if service is not None:
                yield call, script.arguments(call), service


def _receiver(script: Script, call: Node, patterns: Sequence[CallPattern], project: Project) -> Service | None:
    named = script.called(call.child_by_field_name("function"))
    values: list[object] | None = None
    for pattern in patterns:
        if not project.ruleset.is_meant(pattern, named[:2], named.package):
            continue
        if values is None:
            values = script.given(call)
        if pattern.matches_arguments(values):
            return project.ruleset.services.get(pattern.service)
    return None


def _requests(
    script: Script, project: Project, detections: Sequence[Detection]
) -> Iterator[tuple[Node, list[Node], Service]]:
    """The same of each address of a tracker that is fetched."""
    size = len(script.text)
    for one in detections:
        service = project.ruleset.services.get(one.service)
        if service is None or service.kind not in _TRACKING_KINDS or one.technique in ("import", "bundle", "config"):
            continue
        start = one.start - script.base
        if one.url is None or not 0 <= start < size:
            continue
        node = script.node_at(start, min(size, one.end - script.base))
        for ancestor in reversed(script.ancestors(node)):
            if ancestor.type in FUNCTIONS or ancestor.type in ("program", "statement_block", "expression_statement"):
                break
            if ancestor.type in ("call_expression", "new_expression"):
                name = script.dotted(ancestor.child_by_field_name("function")).rsplit(".", 1)[-1]
                if name in ("fetch", "sendBeacon", "get", "post", "ajax", "open", "axios"):
                    yield ancestor, script.arguments(ancestor), service
                    break
            if ancestor.type in ("assignment_expression", "variable_declarator"):
                value = ancestor.child_by_field_name("right") or ancestor.child_by_field_name("value")
                if value is not None and value.type not in FUNCTIONS:
                    yield ancestor, [value], service
                break


def _is_minified(script: Script, node: Node) -> bool:
    start = script.text.rfind("\n", 0, node.start_byte)
    end = script.text.find("\n", node.start_byte)
    return (len(script.text) if end < 0 else end) - start > _LONG_LINE


def _input(script: Script, argument: Node, searching: bool = False) -> str | None:
    """What a visitor gave and this value holds, in words; None if nothing that is known to be so.

    `searching`: in a call that speaks of a search, in which a `keyword` or a `query` is what was looked for.
    """
    named: str | None = None
    for node in origins(script, argument):
        kind = node.type
        if kind == "member_expression":
            what = _member(script, node)
        elif kind in ("call_expression", "new_expression"):
            what = _call(script, node)
        elif kind in ("identifier", "shorthand_property_identifier"):
            what = _named(script, node, searching)
        else:
            named = named or (_told_by_its_key(script, node) if kind == "pair" else None)
            what = None
        if what is not None:
            return what
    return named


def _told_by_its_key(script: Script, pair: Node) -> str | None:
    """What is handed over under a name such as `email_address`, wherever it comes from."""
    key, value = script.key_of(pair), pair.child_by_field_name("value")
    if value is None or not _is_personal(key):
        return None
    folded = script.fold(value)
    if isinstance(folded, str):  # in code that a component prints, `${user.mail ?? ""}` is told by what it is else
        filled = UNKNOWN in folded or (not folded and isinstance(script.origin, ScriptPlace))
    else:
        filled = isinstance(folded, Unknown) and value.type in _HELD
    if not filled:
        return None
    return f"`{key}`, which names something personal,"


def _member(script: Script, node: Node) -> str | None:
    name = node.child_by_field_name("property")
    target = node.child_by_field_name("object")
    if name is None or target is None:
        return None
    last = script.text_of(name)
    if last == "search" and re.search(r"(?:^|\.)location$", script.dotted(target)):
        return "the query of the page's address (`location.search`)"
    if last == "value" and _is_control(script, target):
        return f"the value of a form field (`{_short(script, node)}`)"
    if _is_personal(last) and _is_of_visitor(script, node) and not _is_text(script, node):
        return f"`{_short(script, node)}`, which names something personal,"
    return None


def _is_of_visitor(script: Script, node: Node) -> bool:
    """Whether a property's object is a value that came to this code, and no settings of the site."""
    root: Node | None = node
    while root is not None and root.type in ("member_expression", "subscript_expression", "call_expression"):
        root = root.child_by_field_name("object") or root.child_by_field_name("function")
    if root is None or root.type != "identifier":
        return root is not None and root.type == "this"
    name = script.text_of(root)
    if re.search(r"config|settings|options|messages|labels|i18n|strings|content|errors?$", name, re.IGNORECASE):
        return False
    binding = script.binding(root)
    if binding is None:
        return bool(
            re.match(r"(?:user|customer|patient|visitor|member|form|values|formData|profile|person|contact)$", name)
        )
    return binding.kind not in ("import", "class")


def _is_control(script: Script, target: Node) -> bool:
    """Whether an expression is a form control."""
    spelled = script.dotted(target)
    if _FINDS_ELEMENT.search(spelled):
        return True
    parts = spelled.split(".")
    if len(parts) > 1 and parts[-1] in ("target", "currentTarget", "srcElement") and parts[0] in _EVENTS:
        return not _turns_pages(script, target)
    if target.type == "subscript_expression":
        inner = target.child_by_field_name("object")
        return inner is not None and _FINDS_ELEMENT.search(script.dotted(inner)) is not None
    if target.type == "this":
        return _in_field_handler(script, target)
    if target.type != "identifier":
        last = " ".join(words.words(parts[-1]))
        return (
            bool(_CONTROL.search(last))
            and not _OTHER_VALUE.match(last)
            and parts[0] not in _EVENTS
            and last not in ("target", "node")
        )
    binding = script.binding(target)
    if binding is not None and binding.value is not None:
        value = binding.value
        if value.type in ("call_expression", "subscript_expression"):
            return _FINDS_ELEMENT.search(script.dotted(value) or script.text_of(value)[:0]) is not None or (
                value.type == "subscript_expression"
                and _FINDS_ELEMENT.search(script.dotted(value.child_by_field_name("object"))) is not None
            )
        return False
    spoken = " ".join(words.words(spelled))
    return bool(re.search(r"(?:^| )(?:input|field|textbox|textarea|search box|searchbox)$", spoken))


def _turns_pages(script: Script, event: Node) -> bool:
    """Whether an event is of a table or a list of results: `<Pagination onRowsPerPageChange={…}>`."""
    function = script.enclosing(event, FUNCTIONS)
    places = [function, *script.uses_of(function)] if function is not None else []
    attributes = [script.enclosing(place, {"jsx_attribute"}) for place in places if place is not None]
    return any(one is not None and _PAGING.match(script.text_of(one)[:60]) for one in attributes)


def _in_field_handler(script: Script, node: Node) -> bool:
    """Whether `this` is what an event happened to, in a handler for what is typed or chosen."""
    function = script.enclosing(node, {"function_expression", "function", "function_declaration"})
    arguments = script.parent(function) if function is not None else None
    call = script.parent(arguments) if arguments is not None and arguments.type == "arguments" else None
    if call is None:
        return False
    name = script.dotted(call.child_by_field_name("function")).rsplit(".", 1)[-1]
    if name in ("change", "keyup", "keypress", "keydown", "blur", "input"):
        return True
    event = script.fold_text(script.arguments(call)[0]) if script.arguments(call) else None
    return (
        name in ("on", "addEventListener", "bind")
        and bool(event)
        and bool(re.match(r"(?:change|key|blur|input|search)", event or ""))
    )


def _call(script: Script, node: Node) -> str | None:
    callee = node.child_by_field_name("function") or node.child_by_field_name("constructor")
    spelled = script.dotted(callee)
    last = spelled.rsplit(".", 1)[-1]
    given = script.arguments(node)
    if node.type == "new_expression" and last == "FormData" and given:
        return "a whole form (`FormData`)"
    if callee is None:
        return None
    if callee.type == "member_expression":
        name = callee.child_by_field_name("property")
        last = script.text_of(name) if name is not None else last
        receiver = callee.child_by_field_name("object")
        owner = script.dotted(receiver)
        jquery = owner.startswith(("$", "jQuery"))
        if last == "val" and not given and (jquery or owner):
            return f"the value of a form field (`{_short(script, node)}`)"
        if last in ("serialize", "serializeArray") and not given and jquery:
            return f"a whole form (`{_short(script, node)}`)"
        if last == "get" and given and receiver is not None and _is_query(script, receiver):
            key = script.fold_text(given[0])
            if key and UNKNOWN not in key and _PERSONAL_PARAMETER.match(key):
                return f"`{key}` from the page's address"
    return None


def _is_query(script: Script, receiver: Node) -> bool:
    if "URLSearchParams" in script.text_of(receiver) or script.dotted(receiver).endswith("searchParams"):
        return True
    binding = script.binding(receiver) if receiver.type == "identifier" else None
    return (
        binding is not None
        and binding.value is not None
        and bool(re.search(r"URLSearchParams|searchParams|useSearchParams", script.text_of(binding.value)[:400]))
    )


def _named(script: Script, node: Node, searching: bool) -> str | None:
    name = script.text_of(node)
    personal = _is_personal(name)
    if not (personal or (searching and name in _SEARCHED)) or _is_text(script, node):
        return None
    return f"`{name}`, which names something personal," if personal else f"what was looked for (`{name}`)"


def _is_personal(name: str) -> bool:
    if name.isupper() and len(name) > 3:
        return False  # a constant of the code
    spoken = " ".join(words.words(name))
    return bool(_PERSONAL.search(spoken)) and not _NOT_PERSONAL.match(spoken)


def _is_text(script: Script, node: Node) -> bool:
    """Whether a name stands for something that the code itself says, or for a function."""
    folded = script.fold_name(node) if node.type == "shorthand_property_identifier" else script.fold(node)
    if not isinstance(folded, Unknown):
        return True
    binding = script.binding(node) if "identifier" in node.type else None
    if binding is not None and (binding.kind in ("import", "function", "class")):
        return True
    return (
        binding is not None
        and binding.value is not None
        and binding.value.type in {*FUNCTIONS, "binary_expression", "unary_expression"}
    )


def _short(script: Script, node: Node) -> str:
    text = re.sub(r"\s+", " ", script.text_of(node))
    return text if len(text) <= 60 else text[:57] + "…"


# --------------------------------------------------------------------------------------------------------------- recorders

_TYPED = frozenset("text email tel search number date datetime-local month week time url".split())


def _recorded(
    project: Project, file: SourceFile, document: Document, recorders: Sequence[Detection]
) -> Iterator[Finding]:
    asked: set[str] = set()
    for one in recorders:
        service = project.ruleset.services.get(one.service)
        if service is None or one.service in asked or not _tells_what_it_masks(service):
            continue
        asked.add(one.service)
        bare = _unmasked(document, service) if not _masks_all(service, file) else []
        if not bare:
            continue
        place = file.position(bare[0].span.start)
        others = f" and {len(bare) - 1} more" if len(bare) > 1 else ""
        yield finding_about(
            one,
            "TL403",
            f"{one.name} records this page, and its form field on line {place.line}{others} is not masked",
            _mask_it(service),
        )


def _tells_what_it_masks(recorder: Service) -> bool:
    masks = recorder.match
    return bool(masks.mask_attributes or masks.mask_settings or masks.unmask_attributes)


def _mask_it(recorder: Service) -> str:
    if recorder.match.unmask_attributes:
        ways = " or ".join(f"`{way}`" for way in recorder.match.unmask_attributes)
        return f"do not load the recorder on pages with forms, or take {ways} off the field, without which it is masked"
    ways = " or ".join(f"`{way}`" for way in (*recorder.match.mask_attributes, *recorder.match.mask_settings)[:3])
    return f"do not load the recorder on pages with forms, or mask every field with {ways}"


# Files that frameworks put around every page without a word in the page.
_AROUND_ALL = lazy_re.compile(
    r"(?:^|/)(?:_app\.[jt]sx?|_document\.[jt]sx?|app/layout\.[jt]sx?|app\.vue|layouts/default\.(?:vue|hbs)|src/app\.html"
    r"|layouts/_default/baseof\.html|gatsby-(?:browser|ssr)\.[jt]sx?|\+layout\.svelte"
    r"|views/layouts/application\.[\w.]+|_Layout\.cshtml|templates/layout/default\.php)$"
)
_MOST_PAGES = 150


def _recorded_elsewhere(project: Project, file: SourceFile, recorders: Sequence[Detection]) -> Iterator[Finding]:
    """Recorders in a layout, a partial or a script, and the pages with forms that get them."""
    told: set[str] = set()
    forms: dict[str, list[tuple[SourceFile, int]]] = {}
    for one in recorders:
        service = project.ruleset.services.get(one.service)
        if service is None or one.service in told or _masks_all(service, file) or not _tells_what_it_masks(service):
            continue
        if one.service not in forms:
            forms[one.service] = list(_forms(project, service))
        if not forms[one.service]:
            continue
        project.budget.begin(_STEPS)
        around = set(page.file_standing(project, file.path, one.line, one.start).places)
        pages = [
            (place.path, field)
            for place, field in forms[one.service]
            if place.path != file.path and _is_around(project, around, place, field)
        ]
        if not pages:
            continue
        told.add(one.service)
        others = f" and {len(pages) - 1} more pages" if len(pages) > 1 else ""
        yield finding_about(
            one,
            "TL403",
            f"{one.name} records the pages that get it, and form fields of {pages[0][0]}{others} are not masked",
            _mask_it(service),
            related=tuple(Related(path, line, "a field that is not masked") for path, line in pages[:10]),
        )


def _forms(project: Project, service: Service) -> Iterator[tuple[SourceFile, int]]:
    """(page, line of its first field) of the pages with a field that is not masked."""
    seen = 0
    for path in sorted(
        {*project.paths_with(["<input"]), *project.paths_with(["<textarea"]), *project.paths_with(["<select"])}
    ):
        file = project.tree.text_file(path)
        if is_test_code(path) or not isinstance(file, SourceFile) or is_email(file):
            continue
        document = project.document(path)
        script = project.script(path) if document is None else None
        if document is None and script is None:
            continue
        seen += 1
        if seen > _MOST_PAGES:
            return
        if _masks_all(service, file):
            continue
        if document is not None:
            bare = _unmasked(document, service)
            line = file.position(bare[0].span.start).line if bare else None
        else:
            line = _bare_field_of_script(script, service) if script is not None else None
        if line is not None:
            yield file, line


_FIELD_OF_SCRIPT = lazy_re.compile(r"<(?:input|textarea|select)\b")


def _bare_field_of_script(script: Script, service: Service) -> int | None:
    """The line of the first such field in JSX: each is looked at within the elements around it."""
    for match in list(_FIELD_OF_SCRIPT.finditer(script.text))[:100]:
        node = script.node_at(match.start() + 1, match.end())
        field = script.enclosing(node, JSX_TAGS)
        if field is None or field.start_byte != match.start():
            continue
        around = [nth_child(one, 0) for one in script.ancestors(field) if one.type == "jsx_element"]
        tags = [*(one for one in around if one is not None and one != field), field]
        if _unmasked(parse_fragment("".join(_as_html(script, tag) for tag in tags)), service):
            return script.line(field)
    return None


def _as_html(script: Script, tag: Node) -> str:
    """A tag of JSX with the attributes whose values are written out."""
    name = tag.child_by_field_name("name")
    parts = [script.text_of(name) if name is not None else "div"]
    for attribute in tag.named_children:
        if attribute.type == "jsx_attribute":
            key, value = nth_child(attribute, 0), nth_child(attribute, 1)
            written = f"={script.text_of(value)}" if value is not None and value.type == "string" else ""
            word = script.text_of(key) if key is not None else ""
            parts.append(("class" if word == "className" else word) + written)
    return f"<{' '.join(parts)}>"


def _is_around(project: Project, around: set[str], file: SourceFile, line: int) -> bool:
    """Whether one of these files is part of every page that a file stands in."""
    if file.path in around:
        return True
    if any(_AROUND_ALL.search(path) for path in around):
        return not project.is_whole_page(file.path)
    project.budget.begin(_STEPS)
    return not around.isdisjoint(page.file_standing(project, file.path, line, file.line_starts[line - 1]).places)


def _is_field(document: Document, element: Element) -> bool:
    """Whether visitors can type into an element, or choose something in it, that says something about them."""
    if (
        element.tag not in ("input", "textarea", "select")
        or element.conditional_comment
        or element.index in document.inside("noscript")
    ):
        return False
    if element.tag != "input":
        return element.index in document.inside("form")
    kind = (element.value("type") or "text").lower()
    if kind == "search" and element.index not in document.inside("form"):
        return False
    return kind in _TYPED and "readonly" not in element.attributes


def _unmasked(document: Document, service: Service) -> list[Element]:
    """The fields that a recorder's attributes do not leave out, or that they let in."""
    if service.match.unmask_attributes:
        shown = {one.index for selector in service.match.unmask_attributes for one in document.select(selector)}
        shown |= document.below(shown)
        return [element for element in document.elements if element.index in shown and _is_field(document, element)]
    masked = {element.index for selector in service.match.mask_attributes for element in document.select(selector)}
    masked |= document.below(masked)
    return [element for element in document.elements if element.index not in masked and _is_field(document, element)]


def _masks_all(service: Service, file: SourceFile) -> bool:
    for setting in service.match.mask_settings:
        key, _, value = setting.partition(":")
        if re.search(rf"\b{re.escape(key.strip())}['\"]?\s*:\s*{re.escape(value.strip())}", file.text):
            return True
    return False

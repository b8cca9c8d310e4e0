"""The tags inside a tag manager, when the repository holds its export.

Each tag is a load of its own: what it contacts by its type, its custom HTML or its template; its ids from its
parameters, with constant variables filled in; its verdict from consent settings and from what sets it off. Four
formats, told by their content, are brought to one form (`_Tag`):

- a container of Google Tag Manager: its export, or a copy of the script that browsers get;
- Adobe Experience Platform Tags (Launch): a built library, or the resources of a property as its API gives them;
- a version export or a built container of Matomo Tag Manager;
- a profile of Tealium iQ.

Types are names that a tag manager gives; which service they stand for is data (`tag_types` in the rulesets).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from tracklint import data, lazy_re
from tracklint.consent.words import key_meaning, meaning, words
from tracklint.data import Value
from tracklint.detect import markup
from tracklint.detect import script as script_loads
from tracklint.detect.load import (
    ElementPlace,
    FixedPlace,
    Load,
    find_ids,
    host_of,
    is_placeholder,
    loads_itself,
    name_url,
    service_by_name,
)
from tracklint.markup import Document, parse_fragment
from tracklint.model import Category, Consent, ConsentState, SourceFile, Span
from tracklint.ruleset import Ruleset, Service
from tracklint.script import UNKNOWN, Script


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SETTINGS = "tag-manager-consent"
_TRIGGER = "tag-manager-trigger"


_BUILT_LIBRARY = lazy_re.compile(r"_satellite\.container\s*=")


def is_built(file: SourceFile) -> bool:
    """Whether a script is the copy of a container that browsers get, of a form whose tags are read here."""
    text = file.text
    return ('"vtp_' in text and '"predicates"' in text) or (
        "modulePath" in text and _BUILT_LIBRARY.search(text) is not None
    )


def loads(file: SourceFile, ruleset: Ruleset) -> Iterator[Load]:
    """The loads of the tags that an export or a built container holds; none for any other file."""
    if file.language == "data" and markup.ENCODED_TAG.search(file.text):
        yield from _encoded(file, ruleset)
    for tag in _tags(file, ruleset):
        kept: dict[str | None, Load] = {}
        for load in _loads(tag, ruleset):
            # Pixel, script and <noscript> of one tag are one load.
            key = load.service.slug if load.service is not None else load.host
            first = kept.get(key)
            if first is None or (first.hint and not load.hint) or (load.ids and not first.ids):
                kept[key] = load if first is None or first.hint else replace(first, ids=load.ids)
        for load in kept.values():
            yield replace(load, span=data.with_quotes(file.text, load.span))


def _encoded(file: SourceFile, ruleset: Ruleset) -> Iterator[Load]:
    """Whole tags in base64, as consent plugins keep in their settings what they run after a choice."""
    stack = [("", root.value) for root in data.read(file)]
    seen = 0
    while stack and seen < 20_000:
        key, value = stack.pop()
        seen += 1
        stack += [(member.key, member.value) for member in value.members] + [(key, item) for item in value.items]
        if value.text:
            yield from markup.encoded_loads(value.text, key, file, value.span, ruleset)


@dataclass(frozen=True)
class _Tag:
    manager: str  # as in `tag_types`
    type: str
    name: str
    span: Span
    consent: Consent
    parameters: tuple[tuple[str, str], ...] = ()
    html: tuple[tuple[str, Span], ...] = ()
    code: tuple[tuple[str, Span], ...] = ()
    images: tuple[tuple[str, Span], ...] = ()
    template: str = ""  # of a template that is not the tag manager's own


_CONTAINER_ID = lazy_re.compile(r'"publicId"\s*:\s*"([^"\s]+)"')


def container_ids(file: SourceFile) -> list[str]:
    """The ids by which pages load the containers whose export this is; empty for any other file."""
    return _CONTAINER_ID.findall(file.text) if '"containerVersion"' in file.text else []


def _tags(file: SourceFile, ruleset: Ruleset) -> Iterator[_Tag]:
    text = file.text
    if file.language == "script":
        if "modulePath" in text and _BUILT_LIBRARY.search(text):
            for library in _assigned(file, "_satellite.container"):
                yield from _Launch(file, ruleset).library(library)
        elif '"vtp_' in text and '"predicates"' in text:
            for container in _holders(file, "predicates"):
                yield from _Published(file, ruleset, container).tags()
        elif "MatomoTagManager.addContainer(" in text:
            for container in _arguments(file, "MatomoTagManager.addContainer"):
                yield from _Matomo(file, ruleset, container).tags()
        return
    if data.notation(file) != "json":
        return
    if '"containerVersion"' in text or '"firingTriggerId"' in text:
        for container in _mappings(file, "tag", "parameter"):
            yield from _Google(file, ruleset, container).tags()
    elif '"fire_trigger_ids"' in text or '"fireTriggerIds"' in text:
        for container in _mappings(file, "tags", "type"):
            yield from _Matomo(file, ruleset, container).tags()
    elif '"delegate_descriptor_id"' in text:
        yield from _Launch(file, ruleset).resources(data.read(file)[0].value)
    elif '"modulePath"' in text:
        for library in _mappings(file, "rules", "actions"):
            yield from _Launch(file, ruleset).library(library)
    elif '"loadRules"' in text or '"loadrules"' in text or '"load_rules"' in text:
        for profile in _mappings(file, "tags", None):
            yield from _tealium(profile, ruleset)


def _mappings(file: SourceFile, key: str, of_items: str | None) -> Iterator[Value]:
    """The outermost mappings with a list below `key` whose items are mappings (some with the key `of_items`)."""
    stack = [root.value for root in data.read(file)]
    seen = 0
    while stack and seen < 20_000:
        value = stack.pop()
        seen += 1
        items = value.entries(key) if value.kind == "map" else []
        if any(item.kind == "map" and (of_items is None or item.get(of_items) is not None) for item in items):
            yield value
            continue
        stack += [member.value for member in value.members if member.value.kind != "scalar"]
        stack += [item for item in value.items if item.kind != "scalar"]


def _script(file: SourceFile) -> Script:
    return Script(file.text, file.dialect if file.dialect in ("js", "ts", "tsx") else "js", file)


def _assigned(file: SourceFile, target: str) -> list[Value]:
    script = _script(file)
    found: list[Value] = []
    for match in re.finditer(re.escape(target) + r"\s*=[^=]", file.text):
        assignment = script.enclosing(script.node_at(match.start(), match.end() - 2), {"assignment_expression"})
        right = assignment.child_by_field_name("right") if assignment is not None else None
        if right is not None:
            found += data.read_expression(script, right)
    return found


def _holders(file: SourceFile, key: str) -> list[Value]:
    """The objects with a property of this name."""
    script = _script(file)
    found: list[Value] = []
    for match in list(re.finditer(rf'"{key}"\s*:', file.text))[:4]:
        holder = script.enclosing(script.node_at(match.start() + 1), {"object"})
        if holder is not None:
            found += data.read_expression(script, holder)
    return found


def _arguments(file: SourceFile, callee: str) -> list[Value]:
    script = _script(file)
    found: list[Value] = []
    for call in script.calls(callee.rpartition(".")[2]):
        if script.dotted(call.child_by_field_name("function")).endswith(callee):
            found += [
                value for argument in script.arguments(call)[:1] for value in data.read_expression(script, argument)
            ]
    return found


# --------------------------------------------------------------------------------------------------- what a tag loads

_VARIABLE = lazy_re.compile(r"\{\{\s*([^{}]{1,200}?)\s*\}\}")
_ID_KEY = lazy_re.compile(
    r"(?:pixel|tracking|measurement|conversion|partner|site|property|advertiser|tag|project|app|account|uet|zone)"
    r"_?(?:site_?)?id(?:override|s)?$|^id_?site$|^[a-z]{2}id$|^trackerid$",
    re.IGNORECASE,
)
_URL_IN_TEMPLATE = lazy_re.compile(r"https?:(?:\\?/){2}[^\s\"'\\`,)]{4,300}(?:\\/[^\s\"'\\`,)]{0,200})*")


@lru_cache(maxsize=4)
def _services(ruleset: Ruleset) -> Mapping[tuple[str, str], Sequence[Service]]:
    """(tag manager, type in lower case) -> the services that claim it."""
    index: dict[tuple[str, str], list[Service]] = {}
    for service in ruleset.services.values():
        for manager, types in service.match.tag_types.items():
            for one in types:
                index.setdefault((manager, one.lower()), []).append(service)
    return index


def _loads(tag: _Tag, ruleset: Ruleset) -> Iterator[Load]:
    place = FixedPlace(tag.consent)
    for text, span in tag.html:
        yield from _fragment(parse_fragment(text) if "<" in text else None, span, place, ruleset)
    for text, span in tag.code:
        document = parse_fragment(f"<script>{text}</script>") if "</script" not in text.lower() else None
        if document is None:
            yield from (replace(load, span=span, place=place) for load in script_loads.loads(Script(text), ruleset))
        else:
            yield from _fragment(document, span, place, ruleset)
    for url, span in tag.images:
        if loads_itself(url):
            service, host = name_url(ruleset, url)
            if service is not None or (host is not None and not is_placeholder(host)):
                shown = url.replace(UNKNOWN, "…")
                yield Load(service, "image", span, place, host, shown, find_ids(service, url, _lines(tag)))
    if tag.html or tag.code or tag.images:
        return
    known = _service(tag, ruleset)
    if known is None:
        return
    address = next((text for key, text in tag.parameters if key.lower().endswith("url") and host_of(text)), None)
    own = known.match.hosts[0] if known.match.hosts else next(_hosts(known), None)
    host = (host_of(address) if address is not None and not known.match.hosts else None) or own
    yield Load(known, "config", tag.span, place, host, None, _ids(known, tag))


def _fragment(document: Document | None, span: Span, place: FixedPlace, ruleset: Ruleset) -> Iterator[Load]:
    if document is None:
        return
    for load in markup.loads(document, ruleset):
        kept = place
        inside = load.place
        if (
            isinstance(inside, ElementPlace)
            and inside.element.tag == "script"
            and markup.runs(inside.element) is False
            and place.consent.state == "ungated"
        ):
            why = "the tag's own HTML makes the element inert; what starts it is not in the export"
            kept = FixedPlace(replace(place.consent, state="unknown", mechanism="inert", why=why))
        yield replace(load, span=span, place=kept)


def _hosts(service: Service) -> Iterator[str]:
    for url in service.match.urls:
        host = url.partition("/")[0]
        if "*" not in host and "." in host:
            yield host


def _lines(tag: _Tag) -> str:
    return "\n".join(f'{key}: "{text}"' for key, text in tag.parameters)


def _ids(service: Service, tag: _Tag) -> tuple[str, ...]:
    found = find_ids(service, _lines(tag))
    if found:
        return found
    ids = (
        text for key, text in tag.parameters if _ID_KEY.search(key) and text and UNKNOWN not in text and len(text) < 80
    )
    return tuple(dict.fromkeys(ids))


def _service(tag: _Tag, ruleset: Ruleset) -> Service | None:
    claimed = _services(ruleset).get((tag.manager, tag.type.lower()), ())
    if claimed:
        lines = _lines(tag)
        return next((service for service in claimed if find_ids(service, lines)), claimed[0])
    if tag.template:
        for match in _URL_IN_TEMPLATE.finditer(tag.template):
            service = ruleset.service_for_url(match[0].replace("\\/", "/").rstrip("*"))
            if service is not None and service.kind != "cdn":
                return service
    if tag.manager == "gtm" and not tag.template:
        return None
    package = tag.type.rpartition("gcoe-")[2]
    return service_by_name(ruleset, package) or service_by_name(ruleset, tag.name)


# -------------------------------------------------------------------------------------------------- what sets it off


class _Cause(NamedTuple):
    """What one trigger says about consent."""

    state: ConsentState
    mechanism: str = "none"
    category: Category | None = None
    span: Span | None = None
    why: str = ""


_OPEN = _Cause("ungated")
_CHANGES = _words(
    """
    update updated updates change changed changes default init ready loaded saved submitted set
    """
)
_NEGATIVE = frozenset({"", "false", "0", "no", "denied", "deny", "off", "undefined", "null", "none", "rejected", "n"})


_DENIES = lazy_re.compile(r"[:=]\s*[\"']?(?:false|0|no|denied|rejected)\b", re.IGNORECASE)


def _by_event(ruleset: Ruleset, name: str, span: Span | None) -> _Cause:
    """What it proves that an event of this name was seen."""
    managers = _events(ruleset).get(name)
    if managers is not None:
        slug, proves = managers
        if proves == "consent":
            return _Cause("gated", slug, span=span, why=f"it waits for the event {name}, which comes after consent")
        return _Cause(
            "unknown", _TRIGGER, span=span, why=f"it waits for the event {name}, which comes after any answer"
        )
    said = meaning(name)
    if said == "consent" and not _CHANGES & set(words(name)):
        why = f"it waits for the event {name}, which by its name comes after consent"
        return _Cause("gated", _TRIGGER, span=span, why=why)
    if said in ("consent", "answered"):
        why = f"it waits for the event {name}, which by its name comes after any answer"
        return _Cause("unknown", _TRIGGER, span=span, why=why)
    return _OPEN


@lru_cache(maxsize=4)
def _events(ruleset: Ruleset) -> Mapping[str, tuple[str, str]]:
    return {
        event.name: (manager.slug, event.proves) for manager in ruleset.managers.values() for event in manager.events
    }


@lru_cache(maxsize=4)
def _globals(ruleset: Ruleset) -> Mapping[str, tuple[str, Category | None]]:
    """Expressions without calls that managers set, such as a list of the groups agreed to."""
    found: dict[str, tuple[str, Category | None]] = {}
    for manager in ruleset.managers.values():
        for api in manager.api:
            if api.category != "essential" and "(" not in api.expression and "*" not in api.expression:
                found[api.expression] = (manager.slug, api.category)
    return found


def _by_comparison(
    ruleset: Ruleset, names: Sequence[tuple[str, bool]], wanted: str, negated: bool, span: Span | None
) -> _Cause:
    """What it proves that a variable, known by these (name, is a cookie's), has a value (or has it not)."""
    positive = wanted.strip().lower() not in _NEGATIVE and not negated and not _DENIES.search(wanted)
    for name, is_cookie in names:
        known = _globals(ruleset).get(name.removeprefix("window."))
        if known is not None and positive:
            slug, category = known
            return _Cause("gated", slug, category, span, f"only if {name} has {wanted}")
        said = key_meaning(name) if is_cookie else meaning(name)
        if said == "consent" and positive:
            return _Cause("gated", _TRIGGER, _category_of(name), span, f"only if {name} is {wanted}")
        if said == "answered" and positive:
            return _Cause("unknown", _TRIGGER, None, span, f"only if {name} is {wanted}, which any answer may make it")
    return _OPEN


def _category_of(name: str) -> Category | None:
    parts = set(words(name))
    if parts & {"analytics", "statistics", "performance", "statistic"}:
        return "analytics"
    if parts & {"marketing", "ads", "ad", "advertising", "targeting"}:
        return "marketing"
    return "functional" if parts & {"functional", "preferences"} else None


def _all_of(causes: Sequence[_Cause]) -> _Cause:
    """All must hold: one gate is enough."""
    order = {"gated": 0, "unknown": 1}
    return min(causes, key=lambda cause: order.get(cause.state, 2), default=_OPEN)


def _one_of(causes: Sequence[_Cause]) -> _Cause:
    """Any of them sets it off: one that is open is enough."""
    order = {"ungated": 0, "unknown": 1}
    return min(causes, key=lambda cause: order.get(cause.state, 2), default=_OPEN)


def _verdict(file: SourceFile, cause: _Cause, fired_by: str) -> Consent:
    if cause.state == "ungated":
        why = f"the container fires it {fired_by}; it asks for no consent"
        return Consent("ungated", why=why)
    at = (file.path, file.position(cause.span.start).line) if cause.span is not None else None
    return Consent(cause.state, cause.mechanism, cause.category, at, cause.why)


def _place_of(value: Value, *keys: str) -> Span:
    """The member of a mapping that is best shown for it."""
    for key in keys:
        for member in value.members:
            if member.key == key and member.value.kind == "scalar":
                return Span(member.key_span.start, member.value.span.end)
    if value.members:
        return value.members[0].key_span
    return value.span


# ------------------------------------------------------------------------------------------------- Google Tag Manager

_ALWAYS_THERE = {
    "2147479553": "on every page",
    "2147479572": "on every page, at consent initialisation",
    "2147479573": "on every page, at initialisation",
}
_CONSENT_TYPES: dict[str, Category] = {
    "analytics_storage": "analytics",
    "ad_storage": "marketing",
    "ad_user_data": "marketing",
    "ad_personalization": "marketing",
    "functionality_storage": "functional",
    "personalization_storage": "functional",
    "security_storage": "essential",
}
# Where a variable keeps the value that it stands for.
_CONSTANTS = {"c": "value", "gas": "trackingId", "smm": "defaultValue", "remm": "defaultValue"}
_TRIGGER_WORDS = {
    "pageview": "on page views",
    "domready": "on page views",
    "windowloaded": "on page views",
    "init": "on page views",
    "consentinit": "on page views",
    "click": "on clicks",
    "linkclick": "on clicks",
    "formsubmission": "when a form is sent",
    "timer": "after some time",
    "scrolldepth": "on scrolling",
    "elementvisibility": "when an element is seen",
    "historychange": "on page views",
}


class _Google:
    def __init__(self, file: SourceFile, ruleset: Ruleset, container: Value) -> None:
        self.file = file
        self.ruleset = ruleset
        self.container = container
        self.variables = {variable.string("name") or "": variable for variable in container.entries("variable")}
        self.triggers = {trigger.string("triggerId") or "": trigger for trigger in container.entries("trigger")}
        self.named = {tag.string("name") or "": tag for tag in container.entries("tag")}
        self.templates: dict[str, str] = {}
        for template in container.entries("customTemplate"):
            text = template.string("templateData") or ""
            ids: tuple[str | None, ...] = (
                template.string("templateId"),
                f"{template.string('containerId')}_{template.string('templateId')}",
            )
            gallery = template.get("galleryReference")
            if gallery is not None:
                ids += (gallery.string("galleryTemplateId"),)
            self.templates.update({one: (template.string("name") or "") + "\n" + text for one in ids if one})

    def tags(self) -> Iterator[_Tag]:
        for tag in self.container.entries("tag"):
            kind = tag.string("type") or ""
            if not kind or tag.string("paused") == "true":
                continue
            consent = self.consent(tag)
            if consent is None:
                continue
            name = tag.string("name") or ""
            span = _place_of(tag, "name", "type")
            parameters = tuple((key, self.filled(text)) for key, text, _ in _parameters(tag))
            if kind in ("html", "img"):
                key = "html" if kind == "html" else "url"
                found = tuple((self.filled(text), where) for name_, text, where in _parameters(tag) if name_ == key)
                html, images = (found, ()) if kind == "html" else ((), found)
                if not html and not images:
                    continue
                yield _Tag("gtm", kind, name, span, consent, parameters, html, (), images)
                continue
            template = self.templates.get(kind.removeprefix("cvt_"), "") if kind.startswith("cvt_") else ""
            yield _Tag("gtm", kind, template.partition("\n")[0] or name, span, consent, parameters, template=template)

    def filled(self, text: str) -> str:
        """With constant variables in their places; U+E000 stands for others."""
        for _ in range(4):
            if "{{" not in text:
                break
            text = _VARIABLE.sub(lambda found: self.constant(found[1]), text)
        return text

    def constant(self, name: str) -> str:
        variable = self.variables.get(name)
        key = _CONSTANTS.get(variable.string("type") or "") if variable is not None else None
        if variable is None or key is None:
            return UNKNOWN
        return next((text for found, text, _ in _parameters(variable) if found == key), UNKNOWN)

    def consent(self, tag: Value) -> Consent | None:
        """The verdict on a tag; None for one that nothing fires."""
        settings = tag.get("consentSettings")
        if settings is not None and (settings.string("consentStatus") or "").lower() == "needed":
            wanted = settings.get("consentType")
            types = [item.string("value") or "" for item in wanted.entries("list")] if wanted is not None else []
            categories = [_CONSENT_TYPES.get(one) for one in types]
            if types and any(category != "essential" for category in categories):
                category = next((one for one in categories if one not in (None, "essential")), None)
                line = self.file.position(_place_of(settings, "consentStatus").start).line
                why = f"the tag fires only once {' and '.join(types)} is granted"
                return Consent("gated", _SETTINGS, category, (self.file.path, line), why)
        cause, fired_by = self.cause(tag)
        return None if cause is None else _verdict(self.file, cause, fired_by)

    def cause(self, tag: Value, depth: int = 0) -> tuple[_Cause | None, str]:
        blocked = [self.blocked(one.text or "") for one in tag.entries("blockingTriggerId")]
        gate = next((cause for cause in blocked if cause.state == "gated"), None)
        ids = [one.text or "" for one in tag.entries("firingTriggerId")]
        causes = [self.trigger(one) for one in ids]
        words_ = next(
            (self.fired_by(one) for one, cause in zip(ids, causes, strict=True) if cause.state == "ungated"), ""
        )
        if not ids and depth < 3:
            # A tag may be run before or after another.
            name = tag.string("name") or ""
            for other in self.container.entries("tag"):
                for role in ("setupTag", "teardownTag"):
                    if other is not tag and any(one.string("tagName") == name for one in other.entries(role)):
                        cause, by = self.cause(other, depth + 1)
                        if cause is not None and other.string("paused") != "true":
                            causes.append(cause)
                            words_ = by
        if not causes:
            return None, ""
        return gate or _one_of(causes), words_ or "by its triggers"

    def fired_by(self, trigger_id: str) -> str:
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            return _ALWAYS_THERE.get(trigger_id, "by a trigger that is not in the export")
        kind = (trigger.string("type") or "").lower().replace("_", "")
        return _TRIGGER_WORDS.get(kind, f'by the trigger "{trigger.string("name") or trigger_id}"')

    def trigger(self, trigger_id: str, depth: int = 0) -> _Cause:
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            return _OPEN
        span = _place_of(trigger, "name", "type")
        causes = [
            self.condition(one, span) for one in (*trigger.entries("customEventFilter"), *trigger.entries("filter"))
        ]
        causes += [self.condition(one, span) for one in trigger.entries("autoEventFilter")]
        if "group" in (trigger.string("type") or "").lower() and depth < 3:
            for parameter in trigger.entries("parameter"):
                for item in parameter.entries("list"):
                    causes.append(self.trigger(item.string("value") or "", depth + 1))
        return _all_of(causes)

    def condition(self, condition: Value, span: Span) -> _Cause:
        left, right, negated = _comparison(condition)
        variable = _VARIABLE.fullmatch(left.strip())
        if variable is None:
            return _OPEN
        if variable[1] in ("_event", "Event"):
            if negated or re.fullmatch(r"[.*^$]*", right):
                return _OPEN
            plain = re.sub(r"^\^|\$$|[()\\]", "", right)
            return _one_of(
                [_by_event(self.ruleset, one.strip(), span) for one in plain.split("|") if one.strip()] or [_OPEN]
            )
        return _by_comparison(self.ruleset, self.names(variable[1]), right, negated, span)

    def names(self, name: str) -> list[tuple[str, bool]]:
        """What a variable is called, and what it reads: (name, is a cookie's)."""
        variable = self.variables.get(name)
        kind = (variable.string("type") or "") if variable is not None else ""
        found = [(name, kind == "k")]
        if variable is not None:
            read = (text for key, text, _ in _parameters(variable) if key in ("name", "cookieName"))
            found += [(text, kind == "k") for text in read if text]
        return found

    def blocked(self, trigger_id: str) -> _Cause:
        """An exception that holds the tag back as long as there is no consent."""
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            return _OPEN
        span = _place_of(trigger, "name", "type")
        for condition in trigger.entries("filter"):
            left, right, negated = _comparison(condition)
            variable = _VARIABLE.fullmatch(left.strip())
            if variable is None:
                continue
            refuses = right.strip().lower() in _NEGATIVE
            if negated == refuses:
                continue  # it blocks those who agreed
            cause = _by_comparison(self.ruleset, self.names(variable[1]), "true" if refuses else right, False, span)
            if cause.state == "gated":
                why = f'the exception "{trigger.string("name") or trigger_id}" holds it back without consent'
                return cause._replace(why=why)
        return _OPEN


class _Published:
    """The script of a container: tags, predicates and variables are numbered, and rules add tags by their numbers."""

    def __init__(self, file: SourceFile, ruleset: Ruleset, resource: Value) -> None:
        self.file = file
        self.ruleset = ruleset
        self.found = resource.entries("tags")
        self.variables = resource.entries("macros")
        self.predicates = resource.entries("predicates")
        self.rules = resource.entries("rules")

    def tags(self) -> Iterator[_Tag]:
        causes = self.causes()
        for number, tag in enumerate(self.found):
            kind = (tag.string("function") or "").removeprefix("__")
            if not kind or kind == "paused" or number not in causes:
                continue
            wanted = [item.text or "" for item in tag.entries("consent")][1:]
            categories = [_CONSENT_TYPES[one] for one in wanted if one in _CONSENT_TYPES]
            span = _place_of(tag, "function")
            consent = _verdict(self.file, _one_of(causes[number]), "by its triggers")
            if any(category != "essential" for category in categories):
                category = next(one for one in categories if one != "essential")
                at = (self.file.path, self.file.position(span.start).line)
                why = f"the tag fires only once {' and '.join(wanted)} is granted"
                consent = Consent("gated", _SETTINGS, category, at, why)
            values = [
                (member.key.removeprefix("vtp_"), member.value)
                for member in tag.members
                if member.key.startswith("vtp_")
            ]
            parameters = tuple((key, self.text(value)) for key, value in values)
            shown = {"html": "html", "img": "url"}.get(kind)
            kept = tuple((self.text(value), value.span) for key, value in values if key == shown)
            html, images = (kept, ()) if kind == "html" else ((), kept)
            if shown is None or kept:
                yield _Tag("gtm", kind, kind, span, consent, parameters, html, (), images)

    def causes(self) -> dict[int, list[_Cause]]:
        """What sets each tag off, one cause for each rule that adds it."""
        found: dict[int, list[_Cause]] = {}
        gates: dict[int, _Cause] = {}
        for rule in self.rules:
            steps = [(step.items[0].text, _numbers(step.items[1:])) for step in rule.items if step.items]
            asked = [self.cause(number, False) for kind, numbers in steps if kind == "if" for number in numbers]
            asked += [self.cause(number, True) for kind, numbers in steps if kind == "unless" for number in numbers]
            cause = _all_of(asked)
            refusing = [self.cause(number, True) for kind, numbers in steps if kind == "if" for number in numbers]
            gate = next((one for one in refusing if one.state == "gated"), None)
            for kind, numbers in steps:
                for number in numbers if kind == "add" else ():
                    found.setdefault(number, []).append(cause)
                if kind == "block" and gate is not None:
                    gates.update(dict.fromkeys(numbers, gate))
        found.update({number: [gate] for number, gate in gates.items() if number in found})
        for number, tag in enumerate(self.found):
            for role in ("setup_tags", "teardown_tags"):
                for other in tag.entries(role)[1:]:  # ["list", ["tag", 3, 0]]
                    for named in _numbers(other.items[1:2]):
                        found.setdefault(named, found.get(number, [_OPEN]))
        return found

    def cause(self, number: int, negated: bool) -> _Cause:
        """What it proves that a predicate holds (or does not)."""
        predicate = self.predicates[number] if number < len(self.predicates) else None
        variable = self.variable(predicate.get("arg0")) if predicate is not None else None
        if predicate is None or variable is None:
            return _OPEN
        wanted = predicate.string("arg1") or ""
        kind = variable.string("function") or ""
        span = _place_of(predicate, "function")
        if kind == "__e":
            return _OPEN if negated or wanted.startswith("gtm.") else _by_event(self.ruleset, wanted, span)
        name = variable.string("vtp_name") or variable.string("vtp_cookieName") or ""
        if negated and wanted.strip().lower() in _NEGATIVE:
            wanted, negated = "true", False
        return _by_comparison(self.ruleset, [(name, kind == "__k")], wanted, negated, span)

    def variable(self, value: Value | None) -> Value | None:
        numbers = (
            _numbers(value.items[1:2]) if value is not None and value.items and value.items[0].text == "macro" else []
        )
        return self.variables[numbers[0]] if numbers and numbers[0] < len(self.variables) else None

    def text(self, value: Value, depth: int = 0) -> str:
        """A parameter's value with constant variables in their places; U+E000 stands for others."""
        if value.kind == "scalar":
            return value.text if value.text is not None else value.written
        head = value.items[0].text if value.items else None
        if head is None or depth > 20:
            return UNKNOWN
        if head == "macro":
            variable = self.variable(value)
            key = (
                _CONSTANTS.get((variable.string("function") or "").removeprefix("__")) if variable is not None else None
            )
            return (variable.string(f"vtp_{key}") or UNKNOWN) if variable is not None and key is not None else UNKNOWN
        if head == "escape":
            return self.text(value.items[1], depth + 1) if len(value.items) > 1 else UNKNOWN
        if head == "template":
            return "".join(self.text(item, depth + 1) for item in value.items[1:])
        return "\n".join(self.text(item, depth + 1) for item in value.items[1:])


def _numbers(items: Sequence[Value]) -> list[int]:
    return [int(text) for item in items if (text := item.text or item.written) and text.isdecimal()]


def _comparison(condition: Value) -> tuple[str, str, bool]:
    """(left, right, negated) of a filter."""
    found = {key: text for key, text, _ in _parameters(condition)}
    kind = (condition.string("type") or "").lower()
    return found.get("arg0", ""), found.get("arg1", ""), found.get("negate") == "true" or "not" in kind


def _parameters(holder: Value) -> list[tuple[str, str, Span]]:
    """(key, text, place of the text) of an entity's parameters, those inside lists and maps too."""
    found: list[tuple[str, str, Span]] = []
    stack = list(reversed(holder.entries("parameter")))
    while stack and len(found) < 2000:
        parameter = stack.pop()
        value = parameter.get("value")
        if value is not None and value.text is not None:
            found.append((parameter.string("key") or "", value.text, value.span))
        elif value is not None:
            found.append((parameter.string("key") or "", value.written, value.span))
        stack += reversed([*parameter.entries("list"), *parameter.entries("map")])
    return found


# ---------------------------------------------------------------------------------- Adobe Experience Platform Tags


class _Module(NamedTuple):
    """An event, a condition or an action of a rule."""

    extension: str
    kind: str  # in kebab case
    settings: Value | None
    span: Span
    negated: bool


class _Rule(NamedTuple):
    name: str
    events: list[_Module]
    conditions: list[_Module]
    actions: list[_Module]


class _Launch:
    def __init__(self, file: SourceFile, ruleset: Ruleset) -> None:
        self.file = file
        self.ruleset = ruleset

    def library(self, container: Value) -> Iterator[_Tag]:
        """A built library: rules with the paths of their modules."""
        rules = [
            _Rule(
                rule.string("name") or "",
                *(
                    [found for one in rule.entries(role) if (found := self.module(one)) is not None]
                    for role in ("events", "conditions", "actions")
                ),
            )
            for rule in container.entries("rules")
        ]
        extensions = container.get("extensions")
        named = [
            (member.key, member.value.string("displayName") or "", member.key_span, member.value.get("settings"))
            for member in (extensions.members if extensions is not None else ())
        ]
        yield from self.tags(rules, named)

    def module(self, value: Value) -> _Module | None:
        path = value.string("modulePath")
        if not path:
            return None
        parts = path.split("/")
        file = parts[-2] if parts[-1].startswith("index.") and len(parts) > 1 else parts[-1].partition(".")[0]
        kind = "-".join(words(file))
        return _Module(
            parts[0], kind, value.get("settings"), _place_of(value, "modulePath"), value.string("negate") == "true"
        )

    def resources(self, root: Value) -> Iterator[_Tag]:
        """Rules, their components and extensions as the API lists them."""
        rules: dict[str, _Rule] = {}
        off: set[str] = set()
        extensions: list[tuple[str, str, Span, Value | None]] = []
        components: list[tuple[str, str, _Module]] = []
        for resource in _resources(root):
            attributes = resource.get("attributes")
            kind, identity = resource.string("type") or "", resource.string("id") or ""
            if attributes is None:
                continue
            off_now = attributes.string("enabled") == "false"
            if kind == "rules":
                rules[identity] = _Rule(attributes.string("name") or "", [], [], [])
                if off_now:
                    off.add(identity)
            elif kind == "extensions" and not off_now:
                name = attributes.string("name") or ""
                shown = attributes.string("display_name") or ""
                extensions.append((name, shown, _place_of(attributes, "name"), _settings(attributes)))
            elif kind == "rule_components":
                descriptor = (attributes.string("delegate_descriptor_id") or "").split("::")
                if len(descriptor) != 3:
                    continue
                module = _Module(
                    descriptor[0],
                    descriptor[2],
                    _settings(attributes),
                    _place_of(attributes, "delegate_descriptor_id"),
                    attributes.string("negate") == "true",
                )
                components.append((_related(resource), descriptor[1], module))
        for identity, role, module in components:
            rule = rules.setdefault(identity or "?", _Rule("", [], [], []))
            {"events": rule.events, "conditions": rule.conditions}.get(role, rule.actions).append(module)
        yield from self.tags([rule for identity, rule in rules.items() if identity not in off], extensions)

    def tags(self, rules: list[_Rule], extensions: list[tuple[str, str, Span, Value | None]]) -> Iterator[_Tag]:
        settings = {name: tuple(_flat(own)) for name, _, _, own in extensions}
        shown = {name: display for name, display, _, _ in extensions}
        active: set[str] = set()
        for rule in rules:
            consent = _verdict(self.file, self.cause(rule), f'by the rule "{rule.name}"')
            for action in rule.actions:
                parameters = (*_flat(action.settings), *settings.get(action.extension, ()))
                if action.kind.endswith("custom-code"):
                    source = action.settings.get("source") if action.settings is not None else None
                    if source is None or not source.text or source.text.startswith(("http:", "https:", "//")):
                        continue
                    language = action.settings.string("language") if action.settings is not None else None
                    # The settings of the API are JSON inside a string: their places are not those of the file.
                    span = source.span if self.file.text[source.span.start : source.span.end].strip() else action.span
                    code = ((source.text, span if span.start >= action.span.start else action.span),)
                    is_html = language == "html" or source.text.lstrip().startswith("<")
                    html, plain = (code, ()) if is_html else ((), code)
                    yield _Tag("launch", action.kind, rule.name, action.span, consent, parameters, html, plain)
                elif action.extension != "core":
                    active.add(action.extension)
                    name = shown.get(action.extension) or action.extension
                    yield _Tag("launch", action.extension, name, action.span, consent, parameters)
        always = Consent("ungated", why="the extension starts with the library; nothing in it asks for consent")
        for name, display, span, _ in extensions:
            if name and name != "core" and name not in active and ("launch", name.lower()) in _services(self.ruleset):
                yield _Tag("launch", name, display or name, span, always, settings.get(name, ()))

    def cause(self, rule: _Rule) -> _Cause:
        conditions = [self.condition(one) for one in rule.conditions if not one.negated]
        events = [self.event(one) for one in rule.events]
        return _all_of([*conditions, _one_of(events)] if events else conditions)

    def event(self, module: _Module) -> _Cause:
        if module.settings is None or module.kind not in ("direct-call", "custom-event", "data-element-change"):
            return _OPEN
        name = next((text for key in ("identifier", "type", "name") if (text := module.settings.string(key))), "")
        return _by_event(self.ruleset, name, module.span) if name else _OPEN

    def condition(self, module: _Module) -> _Cause:
        found = dict(_flat(module.settings))
        left = found.get("leftOperand") or found.get("name") or found.get("dataElement") or ""
        right = found.get("rightOperand") or found.get("value") or found.get("valueIsRegex") or "true"
        operator = (found.get("comparison.operator") or found.get("operator") or "").lower()
        if left:
            name = left.strip("%")
            negated = "not" in operator or operator in ("isfalse", "isfalsy")
            return _by_comparison(self.ruleset, [(name, module.kind == "cookie")], right, negated, module.span)
        return _OPEN


def _resources(root: Value) -> Iterator[Value]:
    stack = [root]
    seen = 0
    while stack and seen < 50_000:
        value = stack.pop()
        seen += 1
        if value.kind == "map" and value.get("attributes") is not None and value.get("type") is not None:
            yield value
            continue
        stack += reversed([member.value for member in value.members if member.value.kind != "scalar"])
        stack += reversed([item for item in value.items if item.kind != "scalar"])


def _related(resource: Value) -> str:
    """The id of the rule that a component belongs to."""
    relationships = resource.get("relationships")
    for key in ("rules", "rule"):
        holder = relationships.get(key) if relationships is not None else None
        for item in holder.entries("data") if holder is not None else []:
            if item.string("id"):
                return item.string("id") or ""
    return ""


def _settings(attributes: Value) -> Value | None:
    """Settings are an object, or JSON in a string."""
    value = attributes.get("settings")
    if value is not None and value.kind == "scalar" and value.text:
        inner, _ = data.read_notation(value.text, "json")
        _move(inner, value.span)
        return inner
    return value


def _move(value: Value, span: Span) -> None:
    """All that came out of a string stands at the string's place."""
    stack = [value]
    while stack:
        current = stack.pop()
        current.span = span
        current.members = [data.Member(member.key, span, member.value) for member in current.members]
        stack += [member.value for member in current.members]
        stack += current.items


def _flat(value: Value | None) -> list[tuple[str, str]]:
    """(dotted path, text) of the scalars in a value."""
    found: list[tuple[str, str]] = []
    stack: list[tuple[str, Value]] = [("", value)] if value is not None else []
    while stack and len(found) < 500:
        path, current = stack.pop()
        if current.kind == "scalar":
            if path and current.text and len(current.text) < 2000:
                found.append((path, current.text))
            continue
        below = [(member.key, member.value) for member in current.members]
        below += [(str(number), item) for number, item in enumerate(current.items)]
        stack += [(f"{path}.{key}" if path else key, inner) for key, inner in reversed(below[:200])]
    return found


# ------------------------------------------------------------------------------------------------- Matomo Tag Manager


class _Matomo:
    def __init__(self, file: SourceFile, ruleset: Ruleset, container: Value) -> None:
        self.file = file
        self.ruleset = ruleset
        self.container = container
        self.variables = {one.string("name") or "": one for one in container.entries("variables")}
        self.triggers: dict[str, Value] = {}
        for trigger in container.entries("triggers"):
            self.triggers[trigger.string("idtrigger") or trigger.string("id") or ""] = trigger

    def tags(self) -> Iterator[_Tag]:
        for tag in self.container.entries("tags"):
            kind = tag.string("type") or ""
            fired = [*tag.entries("fire_trigger_ids"), *tag.entries("fireTriggerIds")]
            if not kind or tag.string("status") in ("paused", "deleted") or not fired:
                continue
            causes = [self.trigger(one.text or "") for one in fired]
            kinds = (self.triggers.get(one.text or "") for one in fired)
            names = [one.string("name") or one.string("type") or "" for one in kinds if one is not None]
            by = f'by the trigger "{names[0]}"' if names else "by its triggers"
            consent = _verdict(self.file, _one_of(causes), by)
            own = tag.get("parameters")
            parameters = tuple((key, self.filled(text)) for key, text in self.expanded(own))
            span = _place_of(tag, "name", "type")
            html: tuple[tuple[str, Span], ...] = ()
            images: tuple[tuple[str, Span], ...] = ()
            if own is not None and kind in ("CustomHtml", "CustomImage"):
                body = own.get("customHtml" if kind == "CustomHtml" else "customImageSrc")
                if body is None or not body.text:
                    continue
                filled = ((self.filled(body.text), body.span),)
                html, images = (filled, ()) if kind == "CustomHtml" else ((), filled)
            yield _Tag("matomo", kind, tag.string("name") or "", span, consent, parameters, html, (), images)

    def expanded(self, own: Value | None) -> list[tuple[str, str]]:
        """The parameters with those of a configuration variable that they name."""
        found: list[tuple[str, str]] = []
        for member in own.members if own is not None else ():
            text = (
                self.file.text[member.value.span.start : member.value.span.end] if member.value.kind == "scalar" else ""
            )
            variable = _VARIABLE.fullmatch(text.strip().strip("\"'"))
            inner = self.variables.get(variable[1]) if variable is not None else None
            if inner is not None:
                found += [(key.rpartition(".")[2], one) for key, one in _flat(inner.get("parameters"))]
            elif member.value.kind == "scalar":
                found.append((member.key, member.value.text or ""))
            else:
                found += [(key.rpartition(".")[2], one) for key, one in _flat(member.value)]
        return found

    def filled(self, text: str) -> str:
        if "{{" not in text:
            return text
        return _VARIABLE.sub(lambda found: self.constant(found[1]), text)

    def constant(self, name: str) -> str:
        variable = self.variables.get(name)
        parameters = variable.get("parameters") if variable is not None else None
        return (parameters.string("constantValue") if parameters is not None else None) or UNKNOWN

    def trigger(self, identity: str) -> _Cause:
        trigger = self.triggers.get(identity)
        if trigger is None:
            return _OPEN
        span = _place_of(trigger, "name", "type")
        causes = []
        parameters = trigger.get("parameters")
        event = parameters.string("eventName") if parameters is not None else None
        if event:
            causes.append(_by_event(self.ruleset, event, span))
        for condition in trigger.entries("conditions"):
            name = condition.string("actual") or ""
            comparison = (condition.string("comparison") or "").lower()
            variable = self.variables.get(name)
            inner = variable.get("parameters") if variable is not None else None
            names = [(name, False)]
            if inner is not None and inner.string("cookieName"):
                names.append((inner.string("cookieName") or "", True))
            causes.append(
                _by_comparison(
                    self.ruleset, names, condition.string("expected") or "", comparison.startswith("not"), span
                )
            )
        return _all_of(causes)


# ---------------------------------------------------------------------------------------------------------- Tealium iQ


def _tealium(profile: Value, ruleset: Ruleset) -> Iterator[_Tag]:
    """The tags of a profile. Their load rules are numbers here, so that most verdicts stay open."""
    rules = {
        rule.string("id") or "": rule
        for key in ("loadRules", "loadrules", "load_rules")
        for rule in profile.entries(key)
        if rule.kind == "map"
    }
    for tag in profile.entries("tags"):
        if tag.kind != "map" or (tag.string("status") or "active").lower() not in ("active", "on", "enabled", "1"):
            continue
        name = next((text for key in ("vendorName", "tagName", "name", "title") if (text := tag.string(key))), "")
        chosen = [one.text or "" for key in ("loadRules", "loadrule", "loadRule") for one in tag.entries(key)]
        if not chosen or chosen == ["all"]:
            consent = Consent("ungated", why="the profile loads it on every page; it asks for no consent")
        else:
            titles = [rules[one].string("title") or rules[one].string("name") or "" for one in chosen if one in rules]
            gated = bool(titles) and all(meaning(title) == "consent" for title in titles)
            why = "only where its load rules hold" if not gated else f"only if the load rule {titles[0]} holds"
            consent = Consent("gated" if gated else "unknown", _TRIGGER, why=why)
        kind = tag.string("tagId") or tag.string("tag_id") or name
        yield _Tag("tealium", kind, name, _place_of(tag, "name", "title"), consent, tuple(_flat(tag)))

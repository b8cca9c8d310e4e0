"""What the site's own code stores on, or reads from, a visitor's device before a choice was made (TL304).

A cookie with a value of its own counts unless the site needs it. A constant in a cookie, and any entry of the browser's
storage, only counts when its name or its value tells one visitor from another: most entries remember how a page looked.
What cannot be named is left alone, and so is what a consent gate holds back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tree_sitter import Node

from tracklint import lazy_re
from tracklint.consent import words
from tracklint.detect.origins import origins
from tracklint.detect.script import is_server_code, is_test_code
from tracklint.model import Finding, SourceFile
from tracklint.rules import finding
from tracklint.ruleset import Cookie, Ruleset, Service
from tracklint.script import FUNCTIONS, UNKNOWN, Script, Unknown

if TYPE_CHECKING:
    from tracklint.project import Project

_HIT = lazy_re.compile(
    r"[cC]ookie|(?:local|session)Storage|indexedDB|objectStore|['\"](?:idb|localforage)|toDataURL|getImageData|OfflineAudioContext|measureText"
    r"|fontFamily|UNMASKED_\w+_WEBGL|[fF]ingerprint|colorDepth|hardwareConcurrency"
)
_STEPS = 2500  # of reasoning for one place
_LONG_LINE = 2000  # of minified code, which is somebody else's

# Names that a site may store without asking, by whole name or by word. They hold together a visit that the visitor asked
# for, or what they set themselves.
# - log-in and session: session ids of the usual frameworks, tokens, csrf and other protection against forgery
# - what they chose: language, theme, contrast, text size, sorting, filters, an open menu
# - what they are doing: basket, draft of a form, where to go on after logging in
# - messages that they closed, and the choice about cookies itself (`consent.words`)
# - technical: feature switches, versions, caches, whether storage works at all
ESSENTIAL_NAMES = frozenset(
    "phpsessid jsessionid asp.net_sessionid connect.sid sid laravel_session xsrf-token csrftoken sessionid _session_id "
    "django_language i18next i18n_redirected pll_language wp-settings lang locale aspsessionid cfid cftoken awsalb "
    "__host-session __secure-session".split()
)
_ESSENTIAL_WORDS = frozenset(
    "session sessions csrf xsrf nonce token tokens jwt auth oauth login logged loggedin signin logout credentials pkce verifier "
    "theme themes dark light darkmode mode colour color colours colors contrast scheme appearance "
    "lang language languages locale i18n translation translations direction rtl timezone tz "
    "font fontsize textsize size zoom motion accessibility a11y sound volume mute muted autoplay playback "
    "sidebar menu nav navbar navigation toc drawer accordion tab tabs panel collapsed collapse expanded expand open opened "
    "closed close hidden hide toggle toggled pinned layout view grid sort sorting order filter filters column columns page "
    "scroll scrolltop position width height fullscreen "
    "banner bar notice notification notifications alert announcement message popup modal dialog dismissed dismiss seen shown "
    "tour onboarding welcome hint tooltip survey feedback promo "
    "basket cart checkout draft drafts form step wizard progress answers redirect return returnurl back next "
    "cache cached version etag test debug feature flag flags preview env loadbalancer editor todo todos game score highscore "
    "js javascript touch retina device dpr".split()
)
_IDENTIFYING = lazy_re.compile(
    r"(?:^|[^a-z])(?:visitor|visitors|visits|uid|uuid|guid|fingerprint|gclid|fbclid|msclkid|dclid|utm|attribution|pageviews|tracker)"
    r"(?:[^a-z]|$)"
    r"|visitor ?id|visit ?count|device ?id|anon(?:ymous)? ?id|tracking ?id|unique ?id|first ?visit|last ?visit|page ?views"
    r"|(?:first|initial|landing|original) (?:referrer|referer|page|touch)|browser ?id|returning visitor"
)
_RANDOM = lazy_re.compile(
    r"^(?:Math\.random|(?:crypto|msCrypto)\.(?:randomUUID|getRandomValues)|(?:uuid|nanoid|uuidv[147]|v4|guid|"
    r"(?:uuid\.)v[147]|(?:generate|create|make|new|get)?(?:UUID|Uuid|GUID|Guid|UniqueId|VisitorId|RandomId|Fingerprint))|"
    r"(?:fp|FingerprintJS|Fingerprint2)\.\w+)$"
)
# Bounded, and only from a word's begin: a source map within a script is one word of half a megabyte.
_CALLED = lazy_re.compile(r"(?<![\w$])[\w$]{6,80}(?=\s{0,20}\()")
_HELPER = lazy_re.compile(
    r"^(?:set|create|write|save|add|put|store|bake|update)_?cookies?$|^cookies?_?(?:set|write|create|save)$",
    re.IGNORECASE,
)
_LIBRARY = lazy_re.compile(
    r"(?:^|\.)(?:js)?cookies?(?:service|storage|manager|jar|util|utils|helper|store|lib)?$", re.IGNORECASE
)
_SERVER = lazy_re.compile(
    r"^(?:astro|ctx|context|event|req|request|res|response|reply|resp|headers)\b|\(\)", re.IGNORECASE
)
_ACTIONS = lazy_re.compile(r"(?:click|submit|change|input|keyup|keydown|keypress|select)(?:[. ]|$)", re.IGNORECASE)
_EXPIRED = lazy_re.compile(r"1970|max-age\s*=\s*(?:0|-\d+)\b|expires\s*=\s*(?:0|-1)\b", re.IGNORECASE)
_RESERVED = frozenset("length key clear getItem setItem removeItem".split())
# What the box of a form is called with which a visitor asks to be known again.
_REMEMBER = lazy_re.compile(
    r"(?<![A-Za-z])(?:(?:[a-z]+_?)?remember(?:_?(?:me|my|user|login|choice|device))?|keep_?(?:me_?)?(?:signed|logged)_?in|stay_?(?:signed|logged)_?in)(?![a-z])",
    re.I,
)


class _Write(NamedTuple):
    """Something is stored under a name."""

    node: Node
    name: str
    value: Node | None
    where: str  # as the message says it
    cookie: bool = False


def findings(project: Project, file: SourceFile) -> Iterator[Finding]:
    """TL304 for one file: a script, or the scripts of a page."""
    if file.language not in ("html", "indent", "markdown", "script") or not _HIT.search(file.text):
        return
    if is_test_code(file.path):
        return
    known: set[tuple[int, str]] = set()
    for script in project.scripts_of(file.path):
        if not _HIT.search(script.text) or (script.origin is None and is_server_code(script)):
            continue
        for write in _writes(script, project):
            found = _judge(project, file, script, write)
            if found is not None and (found.line, write.name) not in known:
                known.add((found.line, write.name))
                yield found
        yield from _fingerprints(project, file, script)


def _judge(project: Project, file: SourceFile, script: Script, write: _Write) -> Finding | None:
    name = write.name.strip()
    if not name or UNKNOWN in name or _is_minified(script, write.node):
        return None
    owner = _owner(project.ruleset, name) if write.cookie else None
    if owner is not None and owner[0].category in ("essential", "functional"):
        return None
    random = write.value is not None and _is_random(script, write.value)
    if owner is None:
        if is_essential(name, project, random):
            return None
        constant = write.value is None or _is_constant(script, write.value)
        telling = random or _is_identifying(name)
        if not telling and (constant or not write.cookie or _is_asked_for(script, write.node)):
            return None
    if owner is None and any(_is_ticked(*asked) for asked in project.flow(script).asked_before(write.node)):
        return None
    reach = _open(project, script, write.node)
    if not reach:
        return None
    message = f"`{name}` is stored in {write.where} before the visitor has made any choice"
    if owner is not None:
        service, cookie = owner
        message += (
            f"; {service.name} uses it: {cookie.purpose[:1].lower()}{cookie.purpose[1:].rstrip('.')}"
            if (cookie.purpose)
            else f"; it belongs to {service.name}"
        )
    elif random:
        message += ", with a value that tells this visitor from others"
    help = "store it after consent only, or add the name to `essential_names` in the configuration if the site needs it"
    return _finding(file, script, write.node, message, help, owner[0].slug if owner is not None else None)


def _is_ticked(condition: str, holds: bool) -> bool:
    """Whether a condition that has to hold, or not, is that the visitor ticked the box to be known again."""
    box = _REMEMBER.search(condition)
    return box is not None and holds is not condition.lstrip("( ").startswith("!")


def _is_asked_for(script: Script, node: Node) -> bool:
    """Whether it is stored in answer to what the visitor does, such as a choice in a form."""
    for ancestor in script.ancestors(node)[:-1]:
        if ancestor.type == "call_expression":
            last = script.dotted(ancestor.child_by_field_name("function")).rsplit(".", 1)[-1]
            given = script.arguments(ancestor)
            event = script.fold_text(given[0]) if given and last in ("on", "addEventListener", "bind", "live") else last
            if event is not None and _ACTIONS.match(event):
                return True
        elif ancestor.type == "assignment_expression":
            name = script.dotted(ancestor.child_by_field_name("left")).rsplit(".", 1)[-1]
            if name.startswith("on") and _ACTIONS.match(name[2:]):
                return True
    return False


def _finding(
    file: SourceFile, script: Script, node: Node, message: str, help: str, service: str | None = None
) -> Finding:
    start = file.position(script.base + node.start_byte)
    end = file.position(script.base + max(node.start_byte, node.end_byte - 1))
    return finding(
        "TL304", file.path, message, help, line=start.line, column=start.column, end_line=end.line,
        end_column=end.column + 1, service=service, excerpt=file.line_text(start.line)[:400],
    )  # fmt: skip


def _open(project: Project, script: Script, node: Node) -> bool:
    """Whether control can come here in a browser whose visitor has not chosen yet."""
    project.budget.begin(_STEPS)
    return project.flow(script).reach(node).state == "open"


def _is_minified(script: Script, node: Node) -> bool:
    start = script.text.rfind("\n", 0, node.start_byte)
    end = script.text.find("\n", node.start_byte)
    return (len(script.text) if end < 0 else end) - start > _LONG_LINE


# ---------------------------------------------------------------------------------------------------------------- names


def is_essential(name: str, project: Project, random: bool = False) -> bool:
    """Whether a site may store this without asking: the configuration, the list above, or a choice about cookies.

    A random value made in the browser makes a visitor's id even of a `session`.
    """
    for allowed in project.tree.policy.essential_names:
        if name == allowed or (allowed.endswith("*") and name.startswith(allowed[:-1])):
            return True
    if name.lower() in ESSENTIAL_NAMES or words.key_meaning(name) != "none":
        return True
    managers = project.ruleset.managers.values()
    if any(_same(one, name) for manager in managers for one in manager.cookies):
        return True
    found = {*words.words(name), "".join(words.words(name))}
    if random:
        return bool(found & {"csrf", "xsrf", "nonce", "state", "verifier", "pkce", "cart", "basket", "test"})
    return bool(found & _ESSENTIAL_WORDS) and not _is_identifying(name)


def _same(pattern: str, name: str) -> bool:
    return name == pattern or (
        len(pattern) > 3 and pattern.endswith("*") and name.startswith(pattern[:-1]) and name != pattern[:-1]
    )


def _is_identifying(name: str) -> bool:
    return _IDENTIFYING.search(" ".join(words.words(name))) is not None


def _owner(ruleset: Ruleset, name: str) -> tuple[Service, Cookie] | None:
    """The service that sets a cookie of this name; an exact name before a prefix."""
    best: tuple[Service, Cookie] | None = None
    for service in ruleset.services.values():
        for cookie in service.cookies:
            if (
                _same(cookie.name, name)
                and len(cookie.name) > 2
                and (best is None or len(cookie.name) > len(best[1].name))
            ):
                best = (service, cookie)
    return best


# --------------------------------------------------------------------------------------------------------------- values


def _is_random(script: Script, value: Node) -> bool:
    for node in origins(script, value):
        if node.type in ("call_expression", "new_expression"):
            callee = script.dotted(node.child_by_field_name("function") or node.child_by_field_name("constructor"))
            if _RANDOM.match(callee) or re.match(r"(?:Math\.random|\w*uuid\w*)\(\)\.", callee, re.IGNORECASE):
                return True
    return False


def _is_constant(script: Script, value: Node) -> bool:
    """Whether a value says the same of every visitor."""
    folded = script.fold(value)
    if isinstance(folded, Unknown):
        return False
    return not (isinstance(folded, str) and UNKNOWN in folded) and not isinstance(folded, list | dict)


def _is_removal(script: Script, value: Node | None, rest: Iterable[Node] = ()) -> bool:
    if value is not None:
        text = script.text_of(value).strip()
        if text in ("''", '""', "``", "null", "undefined", "false"):
            return True
    for node in rest:
        text = re.sub(r"\s", "", script.text_of(node))
        if re.match(
            r"^-\d|^0$|.*(?:expires|days|maxAge|max-age)['\"]?:(?:-|0\b|newDate\(0\))|.*1970", text, re.IGNORECASE
        ):
            return True
    return False


# --------------------------------------------------------------------------------------------------------------- writes


def _writes(script: Script, project: Project) -> Iterator[_Write]:
    handled: set[int] = set()
    for mention in script.occurrences("cookie") or ():
        for write in _cookie_write(script, mention):
            handled.add(write.node.id)
            yield write
    for write in _helper_calls(script, project):
        if write.node.id not in handled:
            yield write
    for store in ("localStorage", "sessionStorage"):
        yield from _storage_writes(script, store)
    for call in script.calls("open"):
        callee = script.dotted(call.child_by_field_name("function"))
        given = script.arguments(call)
        if callee.rsplit(".", 1)[0] == "indexedDB" and given:
            name = script.fold_text(given[0])
            if name:
                yield _Write(call, name, None, _DATABASE)
    yield from _database_writes(script)


_DATABASE = "the browser's database"


def _database_writes(script: Script) -> Iterator[_Write]:
    """`store.put({ key: 'visitor', value: random() })`, and packages that keep values under names there."""
    for last in ("put", "add") if "objectStore" in script.text else ():
        for call in script.calls(last):
            given = script.arguments(call)
            if not given or given[0].type != "object":
                if len(given) == 2 and (name := script.fold_text(given[1])):
                    yield _Write(call, name, given[0], _DATABASE)
                continue
            pairs = {script.key_of(pair): pair.child_by_field_name("value") for pair in given[0].named_children}
            called = next((name for key in ("key", "id", "name") if (name := script.fold_text(pairs.get(key)))), None)
            for key, value in pairs.items():
                if value is not None and key and (_is_identifying(key) or _is_random(script, value)):
                    yield _Write(call, called if called and _is_identifying(called) else key, value, _DATABASE)
    for last in ("set", "setItem") if re.search(r"['\"](?:idb|localforage)", script.text) else ():
        for call in script.calls(last):
            callee = call.child_by_field_name("function")
            owner = (
                callee.child_by_field_name("object")
                if callee is not None and callee.type == "member_expression"
                else callee
            )
            binding = script.binding(owner) if owner is not None and owner.type == "identifier" else None
            given = script.arguments(call)
            if binding is None or binding.kind != "import" or binding.value is None or len(given) < 2:
                continue
            name = script.fold_text(given[0])
            if name and re.search(r"['\"](?:idb|localforage)", script.text_of(binding.value)):
                yield _Write(call, name, given[1], _DATABASE)


def _cookie_write(script: Script, mention: Node) -> Iterator[_Write]:
    """`document.cookie = 'name=' + value`; in a function that is given the name, each of its calls."""
    holder = script.parent(mention)
    assignment = script.parent(holder) if holder is not None else None
    if holder is None or assignment is None or assignment.type != "assignment_expression":
        return
    if assignment.child_by_field_name("left") != holder or not re.match(
        r"(?:\w+\.)?document\.cookie$|doc\.cookie$", script.dotted(holder)
    ):
        return
    value = assignment.child_by_field_name("right")
    if value is None:
        return
    first = _first_part(script, value)
    binding = script.binding(first) if first.type == "identifier" else None
    if binding is not None and binding.kind == "parameter":
        if _EXPIRED.search(script.text_of(value)):
            return  # it takes a cookie away
        position = script.parameter_index(binding.scope, binding.declaration)
        for call in script.calls_of(binding.scope) if position is not None else ():
            yield from _given(script, call, position or 0)
        return
    for text in script.alternatives(value):
        if not isinstance(text, str):
            continue
        name, equals, rest = text.partition("=")
        if not equals or UNKNOWN in name or _EXPIRED.search(rest):
            continue
        content = rest.partition(";")[0].strip()
        if not content:
            continue
        yield _Write(assignment, name.strip(), value if UNKNOWN in content else None, "a cookie", cookie=True)
        return


def _first_part(script: Script, node: Node) -> Node:
    """What a string begins with."""
    for _ in range(200):
        if node.type == "binary_expression":
            left = node.child_by_field_name("left")
        elif (
            node.type == "template_string"
            and node.named_child_count
            and node.named_children[0].type == "template_substitution"
        ):
            left = node.named_children[0].named_children[0] if node.named_children[0].named_child_count else None
        elif node.type in ("parenthesized_expression", "array") and node.named_child_count:
            left = node.named_children[0]
        elif node.type == "call_expression":
            function = node.child_by_field_name("function")
            name = script.dotted(function).rsplit(".", 1)[-1]
            given = script.arguments(node)
            if name in ("encodeURIComponent", "escape", "encodeURI", "String") and given:
                left = given[0]
            else:
                left = function.child_by_field_name("object") if function is not None else None
        else:
            return node
        if left is None:
            return node
        node = left
    return node


def _given(script: Script, call: Node, position: int = 0) -> Iterator[_Write]:
    given = script.arguments(call)
    name = script.fold_text(given[position]) if len(given) > position else None
    value = given[position + 1] if len(given) > position + 1 else None
    if name and value is not None and not _is_removal(script, value, given[position + 2 :]):
        yield _Write(call, name, value, "a cookie", cookie=True)


def _helper_calls(script: Script, project: Project) -> Iterator[_Write]:
    names = {name for name in _CALLED.findall(script.text) if "ookie" in name}
    for last in sorted(names):
        if not _HELPER.match(last) and last not in ("cookie", "cookies"):
            continue
        for call in script.calls(last):
            callee = call.child_by_field_name("function")
            spelled = script.dotted(callee)
            if callee is None or not spelled or _SERVER.match(spelled):
                continue
            if spelled in ("$.cookie", "jQuery.cookie", "jquery.cookie") or (
                _HELPER.match(last) and _writes_cookies(script, project, callee, spelled)
            ):
                yield from _given(script, call)
    for call in script.calls("set"):
        callee = call.child_by_field_name("function")
        receiver = callee.child_by_field_name("object") if callee is not None else None
        spelled = script.dotted(receiver)
        if receiver is None or not spelled or _SERVER.search(spelled) or not _LIBRARY.search(spelled):
            continue
        yield from _given(script, call)


def _writes_cookies(script: Script, project: Project, callee: Node, spelled: str) -> bool:
    """Whether a function that is called like a setter of cookies is one, in this project or from a package for that."""
    binding = script.binding(callee) if callee.type == "identifier" else None
    if binding is not None and binding.value is not None:
        text = script.text_of(binding.value)
        if (
            binding.kind == "import"
            and re.search(r"['\"][\w@/.-]*cookie", text, re.IGNORECASE)
            and not re.search(r"['\"]\.", text)
        ):
            return True
        if binding.value.type in FUNCTIONS:
            return "cookie" in text.lower()
    found = project.function(script, spelled, binding)
    if found is not None:
        other, node = found
        return bool(re.search(r"\.cookie\b|cookies?\.set", other.text_of(node), re.IGNORECASE))
    last = spelled.rsplit(".", 1)[-1]
    return bool(re.search(rf"\b{re.escape(last)}\s*[=:(]", script.text)) and "document.cookie" in script.text


def _storage_writes(script: Script, store: str) -> Iterator[_Write]:
    where = "the browser's storage" if store == "localStorage" else "the browser's storage of this visit"
    for mention in script.occurrences(store) or ():
        node, parent = mention, script.parent(mention)
        if parent is not None and parent.type == "member_expression" and parent.child_by_field_name("property") == node:
            node, parent = parent, script.parent(parent)
        if parent is None or parent.child_by_field_name("object") != node:
            continue
        outer = script.parent(parent)
        if outer is None:
            continue
        if outer.type == "call_expression" and outer.child_by_field_name("function") == parent:
            given = script.arguments(outer)
            name = script.fold_text(given[0]) if len(given) > 1 else None
            if script.dotted(parent).endswith(".setItem") and name and not _is_removal(script, given[1]):
                yield _Write(outer, name, given[1], where)
        elif outer.type == "assignment_expression" and outer.child_by_field_name("left") == parent:
            name = _key(script, parent)
            value = outer.child_by_field_name("right")
            if name and name not in _RESERVED and not _is_removal(script, value):
                yield _Write(outer, name, value, where)


def _key(script: Script, node: Node) -> str | None:
    if node.type == "subscript_expression":
        return script.fold_text(node.child_by_field_name("index"))
    name = node.child_by_field_name("property")
    return script.text_of(name) if name is not None else None


# -------------------------------------------------------------------------------------------------------- fingerprinting

_FINGERPRINTS = (
    # what gives a fingerprint away: the call that reads it, what must stand in the same function, how it is called
    (("toDataURL", "getImageData"), ("fillText",), "a drawing on a canvas"),
    (("getChannelData",), ("OfflineAudioContext",), "the rendering of a sound"),
    (("getParameter",), ("UNMASKED_RENDERER_WEBGL",), "its graphics card"),
)
_TRAITS = lazy_re.compile(
    r"\b(?:hardwareConcurrency|deviceMemory|colorDepth|pixelDepth|getTimezoneOffset|timeZone|maxTouchPoints|plugins|mimeTypes|userAgent|"
    r"languages?|platform|screen\.(?:width|height))\b"
)
_MAKES_IDENTIFIER = lazy_re.compile(
    r"fingerprint|hash|murmur|md5|\bsha|digest|(?:visitor|device|browser)_?id", re.IGNORECASE
)
_FONTS = lazy_re.compile(
    r"['\"](?:Arial|Helvetica|Courier(?: New)?|Comic Sans MS|Calibri|Georgia|Verdana|Impact|Wingdings|Times New Roman|Tahoma|Cambria)['\"]"
)
# A picture that is shown, saved or sent to the visitor is what was drawn for.
_PICTURE = lazy_re.compile(
    r"\.(?:src|href|download|backgroundImage|background)\s*=|\bdrawImage\b|\bputImageData\b|setAttribute\(\s*['\"](?:src|href)"
    r"|\baddImage\b|\bemoji|\bsaveAs\b|\b(?:toBlob|createObjectURL)\b|WebGLRenderer|Texture|texImage2D",
    re.IGNORECASE,
)


def _fingerprints(project: Project, file: SourceFile, script: Script) -> Iterator[Finding]:
    for readers, beside, what in _FINGERPRINTS:
        done = False
        for reader in readers:
            for call in script.calls(reader):
                text = _around(script, call, beside)
                if (
                    done
                    or not all(word in text for word in beside)
                    or _PICTURE.search(text)
                    or _is_minified(script, call)
                    or ("fillText" in beside and not _draws_fixed_text(script))
                ):
                    continue
                if _open(project, script, call):
                    done = True
                    yield _fingerprint(file, script, call, what)
    for call in script.calls("getFingerprint"):
        if not _is_minified(script, call) and _open(project, script, call):
            yield _fingerprint(file, script, call, "a fingerprint")
            break
    yield from _traits(project, file, script)
    yield from _measured_fonts(project, file, script)
    for call in script.calls("measureText"):
        function = script.enclosing(call, FUNCTIONS) or script.root
        if len({match[0] for match in _FONTS.finditer(script.text)}) < 5 or _is_minified(script, call):
            continue
        if ".font" in script.text_of(function)[:20_000] and _open(project, script, call):
            yield _fingerprint(file, script, call, "the fonts that are installed")
            return


def _draws_fixed_text(script: Script) -> bool:
    """Whether any text on a canvas may be the same for all; what a function is given is a visitor's name, say."""
    for call in script.calls("fillText"):
        given = script.arguments(call)
        drawn = script.fold(given[0]) if given else None
        if isinstance(drawn, str) and drawn.strip(UNKNOWN):
            return True
        binding = script.binding(given[0]) if given and given[0].type == "identifier" else None
        if binding is None or binding.kind != "parameter":
            return True
    return not any(script.calls("fillText"))


def _around(script: Script, node: Node, words_: Sequence[str]) -> str:
    """The text of the nearest function around a node in which all the words stand; a callback's outer one, say."""
    text = ""
    for ancestor in reversed(script.ancestors(node)[:-1]):
        if ancestor.type in FUNCTIONS or ancestor.type == "program":
            text = script.text_of(ancestor)[:20_000]
            if all(word in text for word in words_):
                break
    return text


def _traits(project: Project, file: SourceFile, script: Script) -> Iterator[Finding]:
    """Several things that the browser says of itself, joined to one identifier."""
    for match in re.finditer(r"\b(?:colorDepth|hardwareConcurrency)\b", script.text):
        node = script.node_at(match.start(), match.end())
        if node.type != "property_identifier" or _is_minified(script, node):
            continue
        text = script.text_of(script.enclosing(node, FUNCTIONS) or script.root)[:20_000]
        if len(set(_TRAITS.findall(text))) < 5 or not _MAKES_IDENTIFIER.search(text):
            continue
        if _open(project, script, node):
            yield _fingerprint(file, script, node, "what its browser says of itself")
        return


def _measured_fonts(project: Project, file: SourceFile, script: Script) -> Iterator[Finding]:
    """A text that is set in one font after the other and measured."""
    if len({match[0] for match in _FONTS.finditer(script.text)}) < 4:
        return
    for mention in script.occurrences("fontFamily") or ():
        holder = script.parent(mention)
        assignment = script.parent(holder) if holder is not None else None
        if assignment is None or assignment.type != "assignment_expression" or _is_minified(script, mention):
            continue
        if assignment.child_by_field_name("left") != holder:
            continue
        text = _around(script, assignment, ("offsetWidth",))
        constant = (
            isinstance(value := script.fold(assignment.child_by_field_name("right")), str) and UNKNOWN not in value
        )
        if "offsetWidth" in text and not constant and _open(project, script, assignment):
            yield _fingerprint(file, script, assignment, "the fonts that are installed")
            return


def _fingerprint(file: SourceFile, script: Script, node: Node, what: str) -> Finding:
    return _finding(
        file, script, node,
        f"the device is recognised by {what} before the visitor has made any choice",
        "take it out, or run it after consent only; to tell people from machines use a test that the visitor can see",
    )  # fmt: skip

"""What only e-mails carry: pixels whose address the sender's software fills in, links that lead over a counter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from tracklint import lazy_re
from tracklint.detect.load import ElementPlace, Load, find_ids, host_of, is_placeholder, name_url
from tracklint.markup import Document, Element
from tracklint.model import SourceFile
from tracklint.ruleset import Ruleset
from tracklint.template import FILLER

# The rules of what mailing tools do under any name.
_PIXEL = "email-open-pixel"
_COUNTER = "email-click-tracking"

_FOLDER = lazy_re.compile(
    r"(?:^|/)(?:e?mails?|mailers?|maizzle|mail[_-]templates?|notifications?/email)/|_mailer/|\.mjml$", re.IGNORECASE
)
_NAME = lazy_re.compile(
    r"(?:^|/)(?:(?:e?mails?|mailers?|mail[_-]templates?|notifications?/email)[_.-]|newsletters?[/_.-])", re.IGNORECASE
)
# What no reader of mail runs or shows: a newsletter-form.html is the form by which visitors ask for the mail.
_OF_PAGES = lazy_re.compile(r"<(?:iframe|form|input|script(?![^>]{0,99}\bld\+json))\b", re.IGNORECASE)
_ONE = lazy_re.compile(r"^\s*[01](?:px)?\s*$")
_TINY_STYLE = lazy_re.compile(
    r"(?:^|[;\s])(?:(?:max-)?(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|!|$)|display\s*:\s*none)", re.IGNORECASE
)
_SPEAKS = lazy_re.compile(r"open(?:s|ed)?(?![a-z])|track|pixel|beacon", re.IGNORECASE)
_COUNTS = lazy_re.compile(r"click|clk|track|redir|(?:^|[/.])(?:ct|cl0|cl|lt|ls|r|l|c|links?)(?=[/.?]|$)", re.IGNORECASE)
_INNER_ADDRESS = lazy_re.compile(r".[/=]https?:/", re.IGNORECASE)
_CARRIED = lazy_re.compile(r"(?:track|click|clk|/cl0/|/wf/|/ls/)", re.IGNORECASE)


def is_email(file: SourceFile) -> bool:
    """Whether a file is the template of an e-mail: by its folder, or by its name if nothing in it is for pages only."""
    if file.language not in ("html", "indent"):
        return False
    if _FOLDER.search(file.path) is not None:
        return True
    return _NAME.search(file.path) is not None and may_be_mailed(file)


def may_be_mailed(file: SourceFile) -> bool:
    """Whether a file is markup without anything that only pages have."""
    return file.language in ("html", "indent") and _OF_PAGES.search(file.text) is None


def loads(document: Document, ruleset: Ruleset) -> Iterator[Load]:
    """Open pixels and counted links of an e-mail. Images whose host is known are found as in any other markup."""
    for element in document.elements:
        if element.conditional_comment:
            continue
        if element.tag in ("img", "mj-image"):
            yield from _pixel(document, element, ruleset)
        elif element.tag in ("a", "mj-button"):
            yield from _link(document, element, ruleset)


def _pixel(document: Document, element: Element, ruleset: Ruleset) -> Iterator[Load]:
    source = element.attributes.get("src")
    service = ruleset.services.get(_PIXEL)
    if source is None or service is None or not source.dynamic or host_of(source.value) is not None:
        return
    if FILLER in source.value and source.value.strip().lstrip(FILLER).startswith(("/", ".")):
        return  # a picture in the site's own folders
    written = " ".join(region.text for region in document.masked.overlapping(source.value_span))
    if any(name in written for name in ruleset.template_calls):
        return  # found as that call
    sizes = [element.value(name) or "" for name in ("width", "height")]
    tiny = all(_ONE.match(size) for size in sizes) or len(_TINY_STYLE.findall(element.value("style") or "")) > 1
    if tiny or (_SPEAKS.search(written) and source.value.strip(FILLER + " ") == ""):
        yield Load(service, "image", element.span, ElementPlace(document, element), None, "…", (), dynamic=True)


def _link(document: Document, element: Element, ruleset: Ruleset) -> Iterator[Load]:
    """A link whose target stands in the query of a counter's address, or that is a mailing service's counter."""
    target = element.attributes.get("href")
    url = target.value.strip() if target is not None else ""
    host = host_of(url)
    if target is None or host is None or is_placeholder(host):
        return
    service, _ = name_url(ruleset, url)
    known = service is not None and service.kind not in ("cdn", "font") and _CARRIED.search(url.partition("//")[2])
    address, inner, _ = unquote(url)[8:].partition("http")
    redirects = bool(inner) and _INNER_ADDRESS.search(unquote(url)[8:]) and _COUNTS.search(address)
    if not known and not (redirects and (service is not None or FILLER in url)):
        return
    if not known:
        service = ruleset.services.get(_COUNTER, service)
    shown = re.sub(f"{FILLER}+", "…", url)[:500]
    yield Load(service, "link", element.span, ElementPlace(document, element), host, shown, find_ids(service, url))

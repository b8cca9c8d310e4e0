"""HTML that is put together from nodes, so that no text can break out of it."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TypeAlias

from tracklint.report.wording import clean

_VOID = frozenset({"br", "link", "meta", "rect", "wbr"})


class Html(str):
    """Text that is HTML already; every other string is escaped where it is put in."""

    __slots__ = ()


Node: TypeAlias = "str | Iterable[str] | None"
EMPTY = Html("")


def h(tag: str, *children: Node, **attributes: str | bool | None) -> Html:
    """An element. A trailing underscore of an attribute's name is dropped, other underscores become hyphens."""
    start = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{html.escape(clean(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if tag in _VOID:
        return Html(f"<{tag}{start}>" if tag != "rect" else f"<rect{start}/>")
    return Html(f"<{tag}{start}>{join(*children)}</{tag}>")


def join(*children: Node) -> Html:
    """Nodes one after another."""
    parts: list[str] = []
    for child in children:
        if child is None:
            continue
        for one in (child,) if isinstance(child, str) else child:
            parts.append(one if isinstance(one, Html) else html.escape(clean(one)))
    return Html("".join(parts))


def rich(text: str) -> Html:
    """Text in which our own messages mark code with backticks."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return join(text)
    return join(h("code", part) if number % 2 else part for number, part in enumerate(parts))

"""The consent managers' rules, compiled once for the analyses: what their API answers, what they call, when they fire."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from tracklint.consent.world import Api
from tracklint.model import Category
from tracklint.ruleset import Callback, CallPattern, Event, Manager, Push, Ruleset


@dataclass(frozen=True)
class Gate:
    """A way in which a manager calls back."""

    manager: str
    proves: str  # consent | answer
    category: Category | None = None


def _api_pattern(expression: str) -> re.Pattern[str]:
    """`Cookiebot.consent.*`, `x.get()`, `x.get('a')` over the spelling of expression.spelled()."""
    text = expression.removeprefix("window.")
    text = re.sub(r"\((?!['\")])[^)]*\)", "()", text)
    text = text.replace('"', "'")
    pattern = re.escape(text).replace(r"\*", r"[\w$-]+").replace(r"\(\)", r"\((?:'[^']*')?\)")
    return re.compile(rf"(?:.*\.)?{pattern}")


class Mechanisms:
    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset

    @cached_property
    def apis(self) -> tuple[Api, ...]:
        found: list[Api] = []
        for manager in self.ruleset.managers.values():
            for answered in manager.answered:
                found.append(Api(_api_pattern(answered), manager.slug, None, answered=True))
                if re.fullmatch(r"[\w.-]+", answered):
                    found.append(Api(re.compile(re.escape(f"stored:{answered}")), manager.slug, None, answered=True))
            for api in manager.api:
                if manager.before_choice != "allow":
                    found.append(Api(_api_pattern(api.expression), manager.slug, api.category, answered=False))
            for cookie in manager.cookies:
                name = re.escape(cookie.removeprefix("localStorage:").strip()).replace(r"\*", ".*")
                found.append(Api(re.compile(f"stored:{name}"), manager.slug, None, answered=False))
        return tuple(found)

    @cached_property
    def _callbacks(self) -> list[tuple[Manager, Callback]]:
        return [(manager, callback) for manager in self.ruleset.managers.values() for callback in manager.callbacks]

    def callback_key(self, key: str, context: str) -> Gate | None:
        """A function under configuration key `key`, within calls and keys spelled in `context`."""
        for manager, callback in self._callbacks:
            if callback.name == f"key:{key}" and (
                not callback.within or any(within in context for within in callback.within)
            ):
                return Gate(manager.slug, callback.proves, callback.category)
        return None

    def callback_name(self, name: str) -> Gate | None:
        """A function assigned to, or handed to, `name`."""
        for manager, callback in self._callbacks:
            expected = callback.name.removesuffix("(fn)").removeprefix("window.")
            if not expected.startswith("key:") and (name == expected or name.endswith("." + expected)):
                return Gate(manager.slug, callback.proves, callback.category)
        return None

    @cached_property
    def _events(self) -> dict[str, tuple[Manager, Event]]:
        return {event.name: (manager, event) for manager in self.ruleset.managers.values() for event in manager.events}

    def event(self, name: str) -> Gate | None:
        found = self._events.get(name)
        return Gate(found[0].slug, found[1].proves, found[1].category) if found else None

    @cached_property
    def pushes(self) -> tuple[tuple[Manager, Push, CallPattern], ...]:
        return tuple(
            (manager, push, CallPattern.parse(push.call))
            for manager in self.ruleset.managers.values()
            for push in manager.pushes
        )

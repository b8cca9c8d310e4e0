"""What names say about consent, for look-ups whose definition is out of reach. No names of products here.

A name is split into words (`hasAnalyticsConsent` -> has, analytics, consent) and put in one of the classes of `Meaning`.
"""

from __future__ import annotations

import itertools
import re
from functools import lru_cache
from typing import Literal

from tracklint import lazy_re
from tracklint.model import Category

# consent:  truthy only after the visitor has agreed        refusal: truthy only after the visitor has declined
# answered: truthy once a banner was seen or any answer given — can be true with no consent
Meaning = Literal["consent", "refusal", "answered", "none"]

_SPLIT = lazy_re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_CONSENT = frozenset(
    "consent consents consented consenting gdpr rgpd dsgvo ccpa optin optins opted optedin euconsent cookieconsent "
    "cookielaw optanon optanonconsent tcf consentement einwilligung cookiecontrol consentcookie consentgiven "
    "cookieaccepted cookiesaccepted acceptcookies allowcookies cookieallowed acceptedcookies cookieok cookieaccept "
    "cookieconsents cookieagree cookieagreed".split()
)
_TOPIC = frozenset(
    "cookie cookies tracking tracker trackers privacy analytics analytic statistics statistic stats marketing usage "
    "campaigns campaign targeting performance advertising ads ad preferences social personalisation personalization "
    "functional measurement ga gtm terms category categories".split()
)
_YES = frozenset(
    "accept accepted accepts accepting acceptance allow allowed allows agree agreed agrees agreement grant granted "
    "approve approved approval permission permissions permit permitted permits yes given ok authorised authorized".split()
)
# Whose tracking is enabled tells an answer; `analyticsEnabled` alone is a setting of the site far more often.
_PERSON = frozenset({"visitor", "visitors", "user", "users"})
_NO = frozenset(
    "decline declined deny denied reject rejected refuse refused refusal optout optouts disable disabled withdrawn "
    "revoke revoked dnt donottrack blocked block forbidden objected unsubscribed no".split()
)
_FEATURES = frozenset("local session available supported quota".split())
_CHOICE = frozenset("choice choices policy policies settings setting option options law decision".split())
_SEEN = frozenset(
    "seen shown show banner bar displayed display dismiss dismissed close closed hide hidden viewed visited popup modal "
    "message notice notification visible open opened acknowledged returning answered responded response hasresponse "
    "loaded ready asked info interacted wall dialog overlay prompt".split()
)
_TECHNICAL = frozenset(
    "url urls path src config configured id key script scripts version element el elem selector class classname text "
    "label title required require requires mode expiry expires domain name days lifetime length timeout href link "
    "page template form button html css file manager provider library lib plugin type service services supported "
    "available host policyurl strategy region country jurisdiction framework api language locale".split()
)
CONFIGURATION_ROOTS = frozenset(
    "site theme config settings params page env process hugo options app rails flags features feature "
    "configuration jekyll eleventy build block section hexo".split()
)

_CATEGORY: tuple[tuple[Category, frozenset[str]], ...] = (
    (
        "analytics",
        frozenset(
            "analytics analytic statistics statistic stats usage measurement performance statistical analyse analysis "
            "statistik statistiques mesure audience measure".split()
        ),
    ),
    (
        "marketing",
        frozenset(
            "marketing campaigns campaign targeting advertising ads ad advertisement advertisements advertise social "
            "retargeting publicite werbung".split()
        ),
    ),
    ("functional", frozenset("functional functionality preferences preference settings personalisation extra".split())),
)
_ACCEPTANCE = lazy_re.compile(
    r"^(?:accept\w*|allow\w*|agree\w*|grant\w*|consent\w*|opt[-_]?in|approved?|all|enabled?|given)$", re.I
)


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _SPLIT.findall(name))


def _pairs(parts: tuple[str, ...]) -> set[str]:
    return {*parts, *(first + second for first, second in itertools.pairwise(parts))}


@lru_cache(maxsize=4096)
def meaning(name: str) -> Meaning:
    """The class of a variable, property or predicate by its name alone."""
    parts = words(name)
    if not parts:
        return "none"
    every = _pairs(parts)
    # storageAllowed; that a browser has local storage at all is no choice
    stored = "storage" in every and not every & _FEATURES
    topic = stored or bool(every & _TOPIC) or any(part.startswith("cookie") for part in parts)
    consent = bool(every & _CONSENT)
    yes, no = bool(every & _YES) or ("enabled" in every and bool(every & _PERSON)), bool(every & _NO)
    if "donottrack" in "".join(parts) or "dnt" in every:
        return "refusal"
    if not consent and not (topic and (yes or no)):
        if topic and every & _SEEN and any(part.startswith("cookie") for part in parts):
            return "answered"
        return "none"
    if parts[-1] in _TECHNICAL or parts[0] in ("require", "requires", "needs", "need"):
        return "none"
    if every & _SEEN and not yes and not no:
        return "answered"
    if no or "optout" in every:
        return "refusal"
    return "consent"


@lru_cache(maxsize=4096)
def key_meaning(key: str) -> Meaning:
    """The class of a cookie's or storage entry's name. Here the topic alone is enough."""
    found = meaning(key)
    if found != "none":
        return found
    parts = words(key)
    if not parts:
        return "none"
    every = _pairs(parts)
    cookie = any(part.startswith("cookie") for part in parts)
    if (every & _SEEN or parts[-1] == "set") and (cookie or every & _TOPIC):
        return "answered"
    if every & (_TOPIC - {"ga", "ad", "ads", "terms", "social", "category", "performance"}) or cookie:
        return "refusal" if every & _NO else "consent"
    return "none"


def names_choice(key: str) -> bool:
    """Whether the name of a stored entry speaks of a choice or of what it is about, and not only of a cookie."""
    every = _pairs(words(key))
    return meaning(key) != "none" or bool(every & (_CHOICE | _TOPIC - {"cookie", "cookies", "terms", "performance"}))


def says_yes_of(banner: str, member: str) -> bool:
    """Whether a member of what holds the state of a banner says that visitors agreed, or that they switched cookies on."""
    if meaning(f"{banner}_{member}") == "consent":
        return True
    parts = words(member)
    return "enabled" in parts and "cookies" in parts and category(member) is not None


def accepts(value: str) -> bool:
    """Whether a literal is what a stored choice says when the visitor has agreed."""
    return bool(_ACCEPTANCE.match(value))


@lru_cache(maxsize=4096)
def category(*names: str) -> Category | None:
    """The category that names speak of; None when they speak of none or of several."""
    every: set[str] = set()
    for name in names:
        every.update(words(name))
    found = [slug for slug, vocabulary in _CATEGORY if every & vocabulary]
    return found[0] if len(found) == 1 else None

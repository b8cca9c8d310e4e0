"""For each way of waiting for consent: once as it works, and once or more as it is got wrong.

A case is a project of a few lines. Unless it says otherwise, its one load is Hotjar's script, and every detection of it
must have the state (and the mechanism, category, words) that the case expects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from tracklint.manifest import judge
from tracklint.model import Consent, Detection
from tracklint.policy import Policy
from tracklint.rules import with_manifest
from tracklint.ruleset import load
from tracklint.scan import scan
from tracklint.source import Tree

RULES = load()

# The load of a case: `LOAD` stands for these statements, `TAG` for the element.
LOAD = (
    "var tag = document.createElement('script');"
    " tag.src = 'https://static.hotjar.com/c/hotjar-1234567.js?sv=6';"
    " document.head.appendChild(tag);"
)
TAG = '<script src="https://static.hotjar.com/c/hotjar-1234567.js?sv=6"></script>'
BLAZOR = """\ufeffpublic partial class Map
{
    protected override async Task %s { await Draw(); }
    private async Task Draw()
    {
        await _module.InvokeVoidAsync("drawMap", _token, _map);
    }
}
"""
PIXEL = "<script>fbq('init', '123456789012345');</script>"


@dataclass(frozen=True)
class Case:
    name: str
    files: Mapping[str, str]
    state: str
    mechanism: str | None = None
    category: str | None = None
    says: str | None = None  # words of `broken` or `why`
    service: str = "hotjar"
    technique: str | None = None
    path: str | None = None
    wrong: str = ""  # why the analysis is known to get it wrong


def script(
    name: str, source: str, state: str, mechanism: str | None = None, category: str | None = None, **more: str
) -> Case:
    return Case(name, {"app.js": source}, state, mechanism, category, **more)


def page(
    name: str, source: str, state: str, mechanism: str | None = None, category: str | None = None, **more: str
) -> Case:
    return Case(name, {"index.html": source}, state, mechanism, category, **more)


def component(
    name: str, source: str, state: str, mechanism: str | None = None, path: str = "Tags.jsx", **more: str
) -> Case:
    return Case(name, {path: source}, state, mechanism, **more)


def project(
    name: str,
    files: Mapping[str, str],
    state: str,
    mechanism: str | None = None,
    category: str | None = None,
    **more: str,
) -> Case:
    return Case(name, files, state, mechanism, category, **more)


def found(files: Mapping[str, str]) -> tuple[Detection, ...]:
    contents = {path: dedent(text).replace("LOAD", LOAD).replace("TAG", TAG).encode() for path, text in files.items()}
    paths = tuple(sorted(contents))
    tree = Tree(Path(), paths, paths, (), contents.__getitem__, lambda path: len(contents[path]))
    result = scan(tree, RULES)
    assert not result.skipped, result.skipped
    verdicts = judge(None, result.detections, today=date(2026, 1, 1), full_scan=True)
    return with_manifest(result.detections, verdicts, Policy())


MARKUP = [
    page("plain tag", "TAG", "ungated", "none"),
    page("Cookiebot's markup", f'<script type="text/plain" data-cookieconsent="statistics">{LOAD}</script>', "gated", "cookiebot", "analytics"),
    page("its attribute without the inert type", f'<script data-cookieconsent="statistics">{LOAD}</script>', "ungated", "none", says="no type"),
    page("a category that is never asked for", f'<script type="text/plain" data-cookieconsent="necessary">{LOAD}</script>', "ungated", says="never blocks"),
    page("two categories, both needed", f'<script type="text/plain" data-cookieconsent="statistics,marketing">{LOAD}</script>', "gated", "cookiebot"),
    page("a needed category beside a free one", f'<script type="text/plain" data-cookieconsent="necessary,statistics">{LOAD}</script>', "gated"),
    page("a rewritten type that still runs", f'<script type="a1b2c3d4e5f6a7b8c9d0e1f2-text/javascript">{LOAD}</script>', "ungated"),
    page("an unknown inert type", f'<script type="text/plain" data-consent-group="analytics">{LOAD}</script>', "gated", "inert-type", "analytics"),
    page("in a template element", "<template>TAG</template>", "gated", "template"),
    page("OneTrust's class", f'<script type="text/plain" class="optanon-category-C0002 js-tag">{LOAD}</script>', "gated", "onetrust", "analytics"),
    page("OneTrust's necessary class", f'<script type="text/plain" class="js-tag optanon-category-C0001">{LOAD}</script>', "ungated"),
    page("automatic blocking before the tag", '<script src="https://consent.cookiebot.com/uc.js" data-blockingmode="auto"></script>\nTAG', "gated", "cookiebot"),
    page("automatic blocking after the tag", 'TAG\n<script src="https://consent.cookiebot.com/uc.js" data-blockingmode="auto"></script>', "ungated", says="before it"),
    page("automatic blocking that is put off", '<script async src="https://consent.cookiebot.com/uc.js" data-blockingmode="auto"></script>\nTAG', "ungated", says="async"),
    page("a manager that is not in its blocking mode", '<script src="https://consent.cookiebot.com/uc.js"></script>\nTAG', "ungated", says="nothing ties"),
    page("base64 in a JSON block of a plugin",
         '<script type="application/json">{"optInJS": {"statistics": "PHNjcmlwdCBzcmM9Imh0dHBzOi8vc3RhdGljLmhvdGphci5jb20vYy9ob3RqYXItMTIzNDU2Ny5qcyI+PC9zY3JpcHQ+"}}</script>', "gated"),
    page("noscript twin of a held script",
         """
         <script type="text/plain" data-cookieconsent="marketing">fbq('init', '123456789012345');</script>
         <noscript><img src="https://www.facebook.com/tr?id=123456789012345&ev=PageView&noscript=1"></noscript>
         """, "ungated", "noscript", service="facebook-pixel", technique="image", says="twin"),
    page("connection hint", '<link rel="preconnect" href="https://static.hotjar.com">\nTAG', "ungated", "hint", technique="link"),
    page("the manager's own script", '<script src="https://consent.cookiebot.com/uc.js"></script>', "not-required", service="cmp:cookiebot"),
]  # fmt: skip

CONDITIONS = [
    script("a stored yes", "if (getCookie('cookie_consent') === 'accepted') { LOAD }", "gated", "condition"),
    script("not a stored no", "if (getCookie('cookie_consent') !== 'denied') { LOAD }", "ungated"),
    script("no refusal", "if (!localStorage.getItem('cookies_declined')) { LOAD }", "ungated"),
    script("opt-out flag", "if (!getCookie('analytics_optout')) { LOAD }", "ungated"),
    script("consent or no consent", "var c = getCookie('cookie_consent'); if (c || !c) { LOAD }", "ungated"),
    script("else branch of a refusal", "if (localStorage.getItem('cookie_consent') === 'no') { hide(); } else { LOAD }", "ungated"),
    script("else branch of no consent", "if (!localStorage.getItem('cookie_consent')) { banner(); } else { LOAD }", "gated"),
    script("early return without consent", "function start() { if (!localStorage.getItem('cookie_consent')) return; LOAD }\nstart();", "gated"),
    script("early return with consent", "function start() { if (localStorage.getItem('cookie_consent')) return; LOAD }\nstart();", "ungated"),
    script("early throw", "function start() { if (!hasConsent()) { throw new Error('no'); } LOAD }\nfunction hasConsent() { return localStorage.getItem('cookie_consent') === 'yes'; }\nstart();", "gated"),
    script("and", "enabled && localStorage.getItem('cookie_consent') === 'yes' && go();\nfunction go() { LOAD }", "gated"),
    script("or of something else", "(isProduction || localStorage.getItem('cookie_consent') === 'yes') && go();\nfunction go() { LOAD }", "ungated"),
    script("default after a missing answer", "var c = localStorage.getItem('cookie_consent') ?? 'yes'; if (c === 'yes') { LOAD }", "ungated"),
    script("or-default after a missing answer", "var c = localStorage.getItem('cookie_consent') || 'accepted'; if (c === 'accepted') { LOAD }", "ungated"),
    script("default that refuses", "var c = localStorage.getItem('cookie_consent') || 'no'; if (c === 'yes') { LOAD }", "gated"),
    script("conditional expression", "localStorage.getItem('cookie_consent') === 'yes' ? go() : null;\nfunction go() { LOAD }", "gated"),
    script("conditional expression, wrong side", "localStorage.getItem('cookie_consent') === 'no' ? null : go();\nfunction go() { LOAD }", "ungated"),
    script("switch", "switch (localStorage.getItem('cookie_consent')) { case 'all': LOAD break; case 'none': break; }", "gated"),
    script("default of a switch", "switch (localStorage.getItem('cookie_consent')) { case 'none': break; default: LOAD }", "ungated"),
    script("optional chaining", "const prefs = JSON.parse(localStorage.getItem('cookie-preferences')); if (prefs?.analytics) { LOAD }", "gated", "condition", "analytics"),
    script("optional chaining, opt-out", "const prefs = JSON.parse(localStorage.getItem('cookie-preferences')); if (prefs?.analytics !== false) { LOAD }", "ungated"),
    script("regex on the cookie jar", "if (/cookie_consent=yes/.test(document.cookie)) { LOAD }", "gated"),
    script("no refusal in the cookie jar", "if (!/cookie_consent=no/.test(document.cookie)) { LOAD }", "ungated"),
    script("match", "if (document.cookie.match(/cookie_consent=(all|analytics)/)) { LOAD }", "gated"),
    script("indexOf on the cookie jar", "if (document.cookie.indexOf('cookie_consent=true') > -1) { LOAD }", "gated"),
    script("indexOf is missing", "if (document.cookie.indexOf('cookie_consent=false') === -1) { LOAD }", "ungated"),
    script("includes on the cookie jar", "if (document.cookie.includes('analytics=granted')) { LOAD }", "gated"),
    script("split of the cookie jar", "if (document.cookie.split('; ').some(function (c) { return c === 'cookie_consent=yes'; })) { LOAD }", "gated"),
    script("default argument that allows", "function start(consent = true) { if (consent) { LOAD } }\nstart();", "ungated"),
    script("argument with the answer", "function start(consent) { if (consent) { LOAD } }\nstart(localStorage.getItem('cookie_consent') === 'yes');", "gated"),
    script("a feature switch is no consent", "if (config.analyticsEnabled) { LOAD }", "ungated"),
    script("cookies are switched on", "if (navigator.cookieEnabled) { LOAD }", "ungated"),
    script("try block", "try { if (localStorage.getItem('cookie_consent') === 'yes') { LOAD } } catch (e) {}", "gated"),
    script("a constant for yes", "if (getCookie('cookie_consent') === ConsentStatus.GRANTED) { LOAD }", "gated"),
    script("a constant for no", "if (getCookie('cookie_consent') !== ConsentStatus.DENIED) { LOAD }", "ungated"),
    script("type of the store", "if (typeof localStorage !== 'undefined') { LOAD }", "ungated"),
    script("do not track is a choice to refuse", "if (navigator.doNotTrack !== '1') { LOAD }", "ungated"),
    script("Insites: the word allow", "if (getCookie('cookieconsent_status') === 'allow') { LOAD }", "gated"),
    script("Insites: the message was closed", "if (getCookie('cookieconsent_status') === 'dismiss') { LOAD }", "ungated", "implied"),
]  # fmt: skip

PREDICATES = [
    script("named predicate, opened", "function hasAnalyticsConsent() { return localStorage.getItem('cookie_consent') === 'yes'; }\nif (hasAnalyticsConsent()) { LOAD }", "gated"),
    script("named predicate that is true when nothing is stored", "function hasAnalyticsConsent() { return localStorage.getItem('cookie_consent') !== 'no'; }\nif (hasAnalyticsConsent()) { LOAD }", "ungated"),
    script("a predicate with an early true", "function hasConsent() { if (!document.cookie) { return true; } return document.cookie.includes('cookie_consent=yes'); }\nif (hasConsent()) { LOAD }", "ungated"),
    script("a predicate out of reach", "if (window.acme.hasAnalyticsConsent()) { LOAD }", "gated", "condition", "analytics", says="judged by the name"),
    script("a setting of the site that is called enabled", "if (shop.config.analytics_enabled) { LOAD }", "ungated"),
    script("tracking of a visitor that is called enabled", "if (player.isVisitorTrackingEnabled()) { LOAD }", "gated", says="judged by the name"),
    script("consent that is called enabled", "if (shop.consentStatisticsEnabled) { LOAD }", "gated", "condition", "analytics"),
    script("a predicate whose name says nothing of consent", "function ready() { return getCookie('cookie_consent') === 'yes'; }\nif (ready()) { LOAD }", "gated"),
    page("a function that a vendor's script calls",
         '<script>function showClinicMap() { new google.maps.Map(box); }</script>\n<script src="https://maps.googleapis.com/maps/api/js?key=x&amp;callback=showClinicMap"></script>',
         "ungated", service="google-maps"),
    page("a function that a vendor's script calls, which is held back",
         '<script>function showClinicMap() { new google.maps.Map(box); }</script>\n<script type="text/plain" data-cookieconsent="marketing" src="https://maps.googleapis.com/maps/api/js?callback=showClinicMap"></script>',
         "gated", "cookiebot", "marketing", service="google-maps"),
    project("a function that a rule says is called", {
        "film.js": "window.onYouTubeIframeAPIReady = function () { new YT.Player('film', { videoId: 'a1B2c3D4e5F' }); };",
        "index.html": '<html><script src="film.js"></script><script src="https://www.youtube.com/iframe_api"></script></html>'},
        "ungated", service="youtube"),
    project("a function that a rule says is called, after consent", {
        "film.js": "window.onYouTubeIframeAPIReady = function () { new YT.Player('film', { videoId: 'a1B2c3D4e5F' }); };",
        "load.js": "if (hasConsent()) { var s = document.createElement('script'); s.src = 'https://www.youtube.com/iframe_api'; document.head.append(s); }"},
        "gated", service="youtube"),
    project("a class with the name of a partial includes nothing", {
        "cookies.ejs": "<% if (cookieConsent) { %><p class=\"hotjar\">You agreed.</p><% } %>",
        "partials/hotjar.ejs": "TAG"}, "ungated"),
    project("a predicate of another module", {
        "consent.js": "export function mayTrack() { return localStorage.getItem('cookie_consent') === 'yes'; }",
        "app.js": "import { mayTrack } from './consent.js';\nif (mayTrack()) { LOAD }"}, "gated"),
    project("another module's predicate allows by default", {
        "consent.js": "export function hasConsent() { return localStorage.getItem('cookie_consent') !== 'rejected'; }",
        "app.js": "import { hasConsent } from './consent.js';\nif (hasConsent()) { LOAD }"}, "ungated"),
    project("Rails helper, true when the cookie is missing", {
        "app/helpers/cookies_helper.rb": "module CookiesHelper\n  def cookie_consent?\n    cookies[:cookie_consent] != 'no'\n  end\nend\n",
        "app/views/layouts/application.html.erb": "<html><head><% if cookie_consent? %>\nTAG\n<% end %></head></html>"}, "ungated"),
    project("Rails helper that asks for a yes", {
        "app/helpers/cookies_helper.rb": "module CookiesHelper\n  def cookie_consent?\n    cookies[:cookie_consent] == 'yes'\n  end\nend\n",
        "app/views/layouts/application.html.erb": "<html><head><% if cookie_consent? %>\nTAG\n<% end %></head></html>"}, "gated", "template-condition"),
]  # fmt: skip

IMPLIED = [
    script("the banner was seen", "if (localStorage.getItem('cookie_banner_seen')) { LOAD }", "ungated", "implied"),
    script("some answer was given", "if (getCookie('cookie_banner_dismissed') === 'true') { LOAD }", "ungated", "implied"),
    script("scrolling", "window.addEventListener('scroll', function () { LOAD });", "ungated", "implied"),
    script("moving the mouse", "document.addEventListener('mousemove', function () { LOAD }, { once: true });", "ungated", "implied"),
    script("a timer", "setTimeout(function () { LOAD }, 3000);", "ungated"),
    script("page load", "window.addEventListener('load', function () { LOAD });", "ungated", "none"),
    script("jQuery ready", "$(function () { LOAD });", "ungated", "none"),
    script("jQuery ready, with a test", "$(document).ready(function () { if (Cookies.get('cookie_consent') === 'yes') { LOAD } });", "gated"),
    script("any answer of the manager", "window.addEventListener('CookiebotOnDecline', function () { LOAD });", "ungated", "implied"),
    script("opt-out mode", "CookieConsent.run({ mode: 'opt-out', categories: { analytics: {} } });\nif (CookieConsent.acceptedCategory('analytics')) { LOAD }", "ungated", "implied"),
    script("the informing mode", "cookieconsent.initialise({ onStatusChange: function () { if (this.hasConsented()) { LOAD } } });", "ungated", "implied"),
    component("consent by scrolling", "import CookieConsent from 'react-cookie-consent';\nexport const B = () => <CookieConsent acceptOnScroll onAccept={() => { LOAD }}>Cookies</CookieConsent>;", "ungated", "implied"),
]  # fmt: skip

FLOW = [
    script("a method that calls the one it overrides", "var Map = Base.extend({show: function () { Base.prototype.show.call(this); LOAD }});", "ungated"),
    script("the same in a branch that waits", "if (getCookie('analytics_consent') === 'yes') { var Map = Base.extend({show: function () { Base.prototype.show.call(this); LOAD }}); }", "gated"),
    script("called from a gated place only", "function go() { LOAD }\nif (localStorage.getItem('cookie_consent') === 'yes') { go(); }", "gated"),
    script("called from an open place too", "function go() { LOAD }\nif (localStorage.getItem('cookie_consent') === 'yes') { go(); }\ngo();", "ungated"),
    script("two gates deep", "function one() { LOAD }\nfunction two() { one(); }\nif (localStorage.getItem('cookie_consent') === 'yes') { two(); }", "gated"),
    script("recursion", "function a(n) { if (n) { b(n - 1); } LOAD }\nfunction b(n) { a(n); }\nif (localStorage.getItem('cookie_consent') === 'yes') { a(3); }", "gated"),
    script("recursion from an open place", "function a(n) { if (n) { b(n - 1); } LOAD }\nfunction b(n) { a(n); }\na(3);", "ungated"),
    script("a method that calls the one it overrides",
           "const A = Class(Base, { show: function () { Base.prototype.show.call(this); LOAD } });\n"
           "const B = Class(Base, { show: function () { Base.prototype.show.call(this); } });", "ungated"),
    script("a method that calls the one it overrides, on consent",
           "const a = { show: function () { Base.prototype.show.call(this); LOAD } };\n"
           "if (localStorage.getItem('cookie_consent') === 'yes') { a.show(); }", "gated"),
    script("button that accepts", "document.querySelector('#accept-cookies').addEventListener('click', function () { LOAD });", "gated", "callback"),
    script("button of something else", "document.querySelector('#menu').addEventListener('click', function () { LOAD });", "ungated"),
    script("immediately invoked", "(function () { if (localStorage.getItem('cookie_consent') !== 'yes') { return; } LOAD })();", "gated"),
    script("a method", "class Tags { start() { if (localStorage.getItem('cookie_consent') === 'yes') { this.go(); } } go() { LOAD } }\nnew Tags().start();", "gated"),
    script("the choice in the site's own event", "document.addEventListener('cookieConsentChange', function (e) { if (e.detail && e.detail.analytics) { LOAD } });\nvar state = read();\nfunction read() { var c = getCookie('cookie_consent'); return c ? JSON.parse(c) : null; }\ndocument.dispatchEvent(new CustomEvent('cookieConsentChange', { detail: state }));", "gated"),
    script("a yes in the site's own event that nobody gave", "document.addEventListener('cookieConsentChange', function (e) { if (e.detail && e.detail.analytics) { LOAD } });\ndocument.dispatchEvent(new CustomEvent('cookieConsentChange', { detail: { analytics: true } }));", "ungated"),
    script("a yes in the site's own event that is the default", "document.addEventListener('cookieConsentChange', function (e) { if (e.detail && e.detail.analytics) { LOAD } });\nvar state = { analytics: true };\ndocument.dispatchEvent(new CustomEvent('cookieConsentChange', { detail: state }));", "ungated"),
    script("something else in the site's own event", "document.addEventListener('cookieConsentChange', function (e) { if (e.detail && e.detail.page) { LOAD } });\ndocument.dispatchEvent(new CustomEvent('cookieConsentChange', { detail: state }));", "ungated"),
    script("a method as compilers write it for old browsers", "var Page = (function () { function Page() {} return createClass(Page, [{ key: 'go', value: function go() { LOAD } }, { key: 'start', value: function start() { if (localStorage.getItem('cookie_consent') === 'yes') { this.go(); } } }]); })();\nnew Page().start();", "gated"),
    script("a method as compilers write it that is called anyway", "var Page = (function () { function Page() {} return createClass(Page, [{ key: 'go', value: function go() { LOAD } }, { key: 'start', value: function start() { this.go(); } }]); })();\nnew Page().start();", "ungated"),
    script("a method that is called anyway", "class Tags { constructor() { this.go(); } go() { LOAD } }\nnew Tags();", "ungated"),
    script("promise of an answer", "function getConsent() { return new Promise(function (resolve) { document.querySelector('#accept-cookies').addEventListener('click', resolve); }); }\ngetConsent().then(function () { LOAD });", "gated"),
    script("awaited answer", "function getConsent() { return new Promise(function (resolve) { document.querySelector('#accept-cookies').addEventListener('click', resolve); }); }\nasync function start() { await getConsent(); LOAD }\nstart();", "gated"),
    script("the answer that a promise will have", "function mayTrack() { if (!on('hj')) { return Promise.resolve(false); } return onReady().then(function (state) { return hasConsent(state); }); }\nasync function start() { const may = await mayTrack(); if (may) { LOAD } }\nstart();", "gated", "condition"),
    script("a promise that ends in yes", "function mayTrack() { return onReady().then(function (state) { return hasConsent(state) || true; }); }\nasync function start() { if (await mayTrack()) { LOAD } }\nstart();", "ungated"),
    script("the promise itself", "function mayTrack() { return onReady().then(function (state) { return hasConsent(state); }); }\nif (mayTrack()) { LOAD }", "ungated"),
    script("an asynchronous predicate that nobody waits for", "async function hasConsent() { return localStorage.getItem('cookie_consent') === 'yes'; }\nif (hasConsent()) { LOAD }", "ungated"),
    script("an asynchronous predicate that another function hands on", "async function hasConsent() { return localStorage.getItem('cookie_consent') === 'yes'; }\nfunction mayTrack() { return hasConsent(); }\nif (mayTrack()) { LOAD }", "ungated"),
    script("an asynchronous predicate that an arrow hands on", "async function hasConsent() { return localStorage.getItem('cookie_consent') === 'yes'; }\nconst mayTrack = () => hasConsent();\nif (mayTrack()) { LOAD }", "ungated"),
    script("a predicate that another function hands on, awaited", "async function hasConsent() { return localStorage.getItem('cookie_consent') === 'yes'; }\nfunction mayTrack() { return hasConsent(); }\n(async () => { if (await mayTrack()) { LOAD } })();", "gated"),
    script("a value in a promise", "const mayTrack = () => Promise.resolve(localStorage.getItem('cookie_consent') === 'yes');\nif (mayTrack()) { LOAD }", "ungated"),
    script("a predicate whose last word is yes", "function mayTrack() { try { return localStorage.getItem('cookie_consent') === 'yes'; } finally { return true; } }\nif (mayTrack()) { LOAD }", "ungated"),
    script("a predicate that tidies up", "function mayTrack() { try { return localStorage.getItem('cookie_consent') === 'yes'; } finally { log('asked'); } }\nif (mayTrack()) { LOAD }", "gated"),
    script("a predicate too long to follow", "function mayTrack(first) { if (first) return localStorage.getItem('cookie_consent') === 'yes';" + " step();" * 500 + " return true; }\nif (mayTrack(isFirst)) { LOAD }", "ungated"),
    script("a predicate with a long chain of branches", "function mayTrack(x) { " + "else ".join(f"if (x === {n}) return localStorage.getItem('cookie_consent') === 'yes'; " for n in range(500)) + "return true; }\nif (mayTrack(kind)) { LOAD }", "ungated"),
    script("an asynchronous predicate", "async function hasConsent() { return localStorage.getItem('cookie_consent') === 'yes'; }\nconst asked = hasConsent();\nif (await asked) { LOAD }", "gated"),
    script("promise of something else", "fetch('/config.json').then(function () { LOAD });", "ungated"),
    script("custom event, fired after consent", "document.addEventListener('tracking:ready', function () { LOAD });\nif (localStorage.getItem('cookie_consent') === 'yes') { document.dispatchEvent(new Event('tracking:ready')); }", "gated"),
    script("custom event, fired at once", "document.addEventListener('tracking:ready', function () { LOAD });\ndocument.dispatchEvent(new Event('tracking:ready'));", "ungated"),
    script("callback of an own function", "function onConsent(fn) { if (localStorage.getItem('cookie_consent') === 'yes') { fn(); } }\nonConsent(function () { LOAD });", "gated"),
    script("callback that is called at once", "function onConsent(fn) { fn(); }\nonConsent(function () { LOAD });", "ungated"),
]  # fmt: skip

MANAGERS = [
    script("Cookiebot's event, with a test", "window.addEventListener('CookiebotOnAccept', function () { if (Cookiebot.consent.marketing) { LOAD } });", "gated", "condition", "marketing"),
    script("Cookiebot's event, without a test", "window.addEventListener('CookiebotOnAccept', function () { LOAD });", "ungated", "implied"),
    script("an event that Cookiebot never fires", "window.addEventListener('CookiebotOnAccepted', function () { LOAD });", "unknown", says="never fires"),
    script("Cookiebot: necessary is always true", "if (Cookiebot.consent.necessary) { LOAD }", "ungated"),
    script("Cookiebot: an answer was given", "if (Cookiebot.hasResponse) { LOAD }", "ungated", "implied"),
    script("OneTrust: group tested", "function OptanonWrapper() { if (OnetrustActiveGroups.includes('C0004')) { LOAD } }", "gated", "condition", "marketing"),
    script("OneTrust: necessary group", "function OptanonWrapper() { if (OnetrustActiveGroups.includes('C0001')) { LOAD } }", "ungated"),
    script("OneTrust: wrapper alone", "function OptanonWrapper() { LOAD }", "ungated", "implied"),
    script("OneTrust: what has changed", "OneTrust.OnConsentChanged(function (event) { if (event.detail.indexOf('C0002') !== -1) { LOAD } });", "gated"),
    script("OneTrust: its own loader", "OneTrust.InsertScript('https://static.hotjar.com/c/hotjar-1234567.js', 'head', null, null, 'C0002');", "gated", "onetrust"),
    script("Civic: optional cookie", "CookieControl.load({ optionalCookies: [{ name: 'analytics', onAccept: function () { LOAD } }] });", "gated", "civic", "analytics"),
    script("Civic: legitimate interest", "CookieControl.load({ optionalCookies: [{ name: 'analytics', lawfulBasis: 'legitimate interest', onAccept: function () { LOAD } }] });", "ungated", "implied"),
    script("Civic: configuration in a variable", "var config = { optionalCookies: [{ name: 'analytics', onAccept: go }] };\nfunction go() { LOAD }\nCookieControl.load(config);", "gated", "civic"),
    script("Civic: the loader is called as well", "var config = { optionalCookies: [{ name: 'analytics', onAccept: go }] };\nfunction go() { LOAD }\nCookieControl.load(config);\ngo();", "ungated"),
    script("Klaro: callback with a test", "var klaroConfig = { services: [{ name: 'hotjar', purposes: ['analytics'], callback: function (consent) { if (consent) { LOAD } } }] };", "gated", "condition", "analytics"),
    script("Klaro: the test is the wrong way round", "var klaroConfig = { services: [{ name: 'hotjar', purposes: ['analytics'], callback: function (consent) { if (!consent) { LOAD } } }] };", "ungated", "implied"),
    script("Klaro: on by default", "var klaroConfig = { services: [{ name: 'hotjar', default: true, onAccept: function () { LOAD } }] };", "ungated", "implied"),
    script("tarteaucitron: job", "tarteaucitron.user.hotjarId = 1234567;\n(tarteaucitron.job = tarteaucitron.job || []).push('hotjar');", "gated", "tarteaucitron", technique="config"),
    script("tarteaucitron: without high privacy", "tarteaucitron.init({ highPrivacy: false });\ntarteaucitron.job.push('hotjar');", "ungated", "implied", technique="config"),
    script("tarteaucitron: a job that waits for nobody", "tarteaucitron.job.push('plausible');", "ungated", says="without asking", service="plausible"),
    script("tarteaucitron: unless it is told to ask", "tarteaucitron.init({ alwaysNeedConsent: true });\ntarteaucitron.job.push('plausible');", "gated", service="plausible"),
    project("tarteaucitron: configured in another file", {
        "index.html": "<html><script>tarteaucitron.init({ highPrivacy: false });</script><script src='/app.js'></script></html>",
        "app.js": "tarteaucitron.job.push('hotjar');"}, "ungated", "implied"),
    script("HubSpot: listener in an array", "_hsp.push(['addPrivacyConsentListener', function (consent) { if (consent.categories.analytics) { LOAD } }]);", "gated", "condition", "analytics"),
    script("TCF: any state of the dialog", "__tcfapi('addEventListener', 2, function (data, ok) { if (ok) { LOAD } });", "ungated", "implied"),
    script("IAB TCF: purpose tested", "__tcfapi('addEventListener', 2, function (data, ok) { if (ok && data.purpose.consents[1]) { LOAD } });", "gated"),
    script("GOV.UK: category of the cookie", "var policy = window.GOVUK.getConsentCookie(); if (policy && policy.usage) { LOAD }", "gated", "condition", "analytics"),
    script("GOV.UK: the essential category", "if (window.GOVUK.getConsentCookie().essential) { LOAD }", "ungated"),
    script("Complianz fails open", "if (typeof cmplz_has_consent !== 'function' || cmplz_has_consent('statistics')) { LOAD }", "ungated"),
    script("an answer that is looked for in all cookies", "var answer = (function () {\n  try {\n    var cookies = document.cookie.split(';');\n    for (var i = 0; i < cookies.length; i++) {\n      if (cookies[i].indexOf('cookies_policy=') === 0) return JSON.parse(cookies[i].substring(15));\n    }\n  } catch (error) { console.error(error); }\n  return {};\n})();\nif (answer.usage === true) { LOAD }", "gated", "condition"),
    script("an answer that has a default", "function answer() {\n  if (document.cookie.indexOf('cookies_policy=') === -1) return { usage: true };\n  return JSON.parse(document.cookie.substring(15));\n}\nif (answer().usage === true) { LOAD }", "ungated"),
    script("a gate for another category", "if (CookieConsent.acceptedCategory('functionality')) { LOAD }", "gated", "condition", "functional"),
]  # fmt: skip

COMPONENTS = [
    component("React: rendered on consent", "import { useCookieConsent } from './hook';\nexport function Tags() { const { consent } = useCookieConsent(); return consent ? <script src='https://static.hotjar.com/c/hotjar-1234567.js' /> : null; }", "gated"),
    component("React: rendered until refused", "export function Tags() { const refused = localStorage.getItem('cookies_declined'); return refused ? null : <script src='https://static.hotjar.com/c/hotjar-1234567.js' />; }", "ungated"),
    component("React: state that starts false", "export function Tags() { const [accepted, setAccepted] = useState(false); useEffect(() => { if (accepted) { LOAD } }, [accepted]); return <button onClick={() => setAccepted(true)}>Accept cookies</button>; }", "gated"),
    component("React: state that starts true", "export function Tags() { const [accepted, setAccepted] = useState(true); useEffect(() => { if (accepted) { LOAD } }, [accepted]); return null; }", "ungated"),
    component("React: effect without a test", "export function Tags() { useEffect(() => { LOAD }, []); return null; }", "ungated"),
    component("Vue: v-if", "<template><div v-if=\"cookieConsent\"><iframe src=\"https://www.youtube.com/embed/abc\"></iframe></div></template>\n<script>\nexport default { data() { return { cookieConsent: localStorage.getItem('cookie_consent') === 'yes' }; } };\n</script>", "gated", path="Film.vue", service="youtube"),
    component("Vue: v-if of something else", "<template><div v-if=\"visible\"><iframe src=\"https://www.youtube.com/embed/abc\"></iframe></div></template>\n<script>\nexport default { data() { return { visible: true }; } };\n</script>", "ungated", path="Film.vue", service="youtube"),
    component("Svelte: if block", "<script>\nconst accepted = localStorage.getItem('cookie_consent') === 'yes';\n</script>\n{#if accepted}\n<iframe src=\"https://www.youtube.com/embed/abc\"></iframe>\n{/if}", "gated", path="Film.svelte", service="youtube"),
    component("Svelte: else block", "<script>\nconst accepted = localStorage.getItem('cookie_consent') === 'yes';\n</script>\n{#if accepted}\n<p>Thanks</p>\n{:else}\n<iframe src=\"https://www.youtube.com/embed/abc\"></iframe>\n{/if}", "ungated", path="Film.svelte", service="youtube"),
]  # fmt: skip

EMBEDS = [
    page("iframe", '<iframe src="https://www.youtube.com/embed/abc"></iframe>', "ungated", service="youtube"),
    page("lazily loaded", '<iframe loading="lazy" src="https://www.youtube.com/embed/abc"></iframe>', "ungated", service="youtube"),
    page("without cookies by name", '<iframe src="https://www.youtube-nocookie.com/embed/abc"></iframe>', "ungated", service="youtube"),
    page("held by a manager", '<iframe data-cookieconsent="marketing" data-cookieblock-src="https://www.youtube.com/embed/abc"></iframe>', "gated", "cookiebot", "marketing", service="youtube"),
    page("held, but with a real src", '<iframe data-cookieconsent="marketing" src="https://www.youtube.com/embed/abc"></iframe>', "ungated", says="real src", service="youtube"),
    page("facade", """
         <div id="film"></div>
         <script>
         document.getElementById('film').addEventListener('click', function () {
           var frame = document.createElement('iframe');
           frame.src = 'https://www.youtube-nocookie.com/embed/abc';
           this.appendChild(frame);
         });
         </script>""", "gated", "facade", service="youtube"),
    page("facade whose thumbnail is the vendor's", """
         <div id="film"><img src="https://i.ytimg.com/vi/abc/hqdefault.jpg" alt=""></div>
         <script>
         document.getElementById('film').addEventListener('click', function () {
           var frame = document.createElement('iframe');
           frame.src = 'https://www.youtube-nocookie.com/embed/abc';
           this.appendChild(frame);
         });
         </script>""", "ungated", service="youtube", technique="image"),
    page("the button of a form is no placeholder of its captcha", """
         <form><button id="give">Donate</button></form>
         <script>
         document.getElementById('give').onclick = function () {
           var tag = document.createElement('script');
           tag.src = 'https://www.google.com/recaptcha/api.js';
           document.head.appendChild(tag);
         };
         </script>""", "ungated", service="google-recaptcha"),
    page("a click is no consent to analytics", """
         <button id="more">More</button>
         <script>document.getElementById('more').onclick = function () { LOAD };</script>""", "ungated"),
]  # fmt: skip

SIGNALS = [
    project("consent mode in a part of two layouts", {
        "views/layouts/map.blade.php": "<html><head>@include('parts.denied')\n<script async src=\"https://www.googletagmanager.com/gtag/js?id=G-ABC1234567\"></script></head><body>@yield('content')</body></html>",
        "views/layouts/all.blade.php": "<html><head>@include('parts.denied')</head><body>@yield('content')</body></html>",
        "views/parts/denied.blade.php": "<script>function gtag(){dataLayer.push(arguments);} gtag('consent', 'default', {ad_storage: 'denied', analytics_storage: 'denied'});</script>",
        }, "ungated", "consent-mode", service="google-analytics", path="views/layouts/map.blade.php"),
    page("Consent Mode denies first", """
         <script>function gtag(){dataLayer.push(arguments);} gtag('consent', 'default', {analytics_storage: 'denied', ad_storage: 'denied'});</script>
         <script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>
         <script>gtag('js', new Date()); gtag('config', 'G-ABC1234567');</script>""", "ungated", "consent-mode", service="google-analytics", technique="script-src", says="stores no cookies"),
    page("Consent Mode grants", """
         <script>function gtag(){dataLayer.push(arguments);} gtag('consent', 'default', {analytics_storage: 'granted'});</script>
         <script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>""", "ungated", "none", service="google-analytics", technique="script-src", says="granted"),
    page("Consent Mode comes too late", """
         <script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>
         <script>function gtag(){dataLayer.push(arguments);} gtag('js', new Date()); gtag('config', 'G-ABC1234567');</script>
         <script>gtag('consent', 'default', {analytics_storage: 'denied'});</script>""", "ungated", "none", service="google-analytics", technique="script-src", says="after the first tag"),
    page("Consent Mode denies something else", """
         <script>function gtag(){dataLayer.push(arguments);} gtag('consent', 'default', {ad_storage: 'denied'});</script>
         <script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>""", "ungated", "none", service="google-analytics", technique="script-src", says="does not deny"),
    page("Consent Mode whose default the server sets", """
         <script>function gtag(){dataLayer.push(arguments);} var set = {analytics_storage: site.storage}; gtag('consent', 'default', set);</script>
         <script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>""", "ungated", "none", service="google-analytics", technique="script-src", says="`analytics_storage` is not in the repository"),
    component("Consent Mode comes too late, and the server sets its default", """
         <script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>
         <script>function gtag(){dataLayer.push(arguments);} gtag('js', new Date()); gtag('config', 'G-ABC1234567');
         gtag('consent', 'default', {analytics_storage: '<%= current_user ? 'granted' : 'denied' %>'});</script>""", "ungated", "none", service="google-analytics", technique="script-src", says="after the first tag", path="app/views/layouts/application.html.erb"),
    page("Consent Mode denies before a container", """
         <script>function gtag(){dataLayer.push(arguments);} gtag('consent', 'default', {analytics_storage: 'denied', ad_storage: 'denied'});</script>
         <script async src="https://www.googletagmanager.com/gtm.js?id=GTM-ABC1234"></script>""", "ungated", "consent-mode", service="google-tag-manager"),
    page("a container before Consent Mode", """
         <script async src="https://www.googletagmanager.com/gtm.js?id=GTM-ABC1234"></script>
         <script>function gtag(){dataLayer.push(arguments);} gtag('consent', 'default', {analytics_storage: 'denied', ad_storage: 'denied'});</script>""", "ungated", "none", service="google-tag-manager", says="after the first tag"),
    page("Consent Mode with the stored answer", """
         <script>function gtag(){dataLayer.push(arguments);} gtag('consent', 'default', {analytics_storage: localStorage.getItem('cookie_consent') === 'yes' ? 'granted' : 'denied'});</script>
         <script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>""", "ungated", "consent-mode", service="google-analytics", technique="script-src"),
    page("Consent Mode is updated at once", """
         <script>function gtag(){dataLayer.push(arguments);} gtag('consent', 'default', {analytics_storage: 'denied'}); gtag('consent', 'update', {analytics_storage: 'granted'});</script>
         <script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>""", "ungated", "none", service="google-analytics", technique="script-src", says="released before any choice"),
    page("Consent Mode is updated on acceptance", """
         <script>function gtag(){dataLayer.push(arguments);} gtag('consent', 'default', {analytics_storage: 'denied'});
         document.querySelector('#accept-cookies').onclick = function () { gtag('consent', 'update', {analytics_storage: 'granted'}); };</script>
         <script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>""", "ungated", "consent-mode", service="google-analytics", technique="script-src"),
    page("the default of one region only beside one that grants", """
         <script>function gtag(){dataLayer.push(arguments);} gtag('consent', 'default', {analytics_storage: 'denied', region: ['ES']}); gtag('consent', 'default', {analytics_storage: 'granted'});</script>
         <script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>""", "ungated", "none", service="google-analytics", technique="script-src", says="granted"),
    project("Consent Mode in an included partial", {
        "_layouts/default.html": "<html><head>{% include consent-default.html %}\n{% include analytics.html %}</head></html>",
        "_includes/consent-default.html": "<script>function gtag(){dataLayer.push(arguments);} gtag('consent', 'default', {analytics_storage: 'denied'});</script>",
        "_includes/analytics.html": '<script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>'},
        "ungated", "consent-mode", service="google-analytics", technique="script-src"),
    project("Consent Mode in a script file before the tag", {
        "index.html": '<html><head><script src="/js/consent-default.js"></script>\n<script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script></head></html>',
        "js/consent-default.js": "function gtag(){dataLayer.push(arguments);} gtag('consent', 'default', {analytics_storage: 'denied'});"},
        "ungated", "consent-mode", service="google-analytics", technique="script-src"),
    project("Consent Mode in a script file after the container", {
        "index.html": '<html><head><script async src="https://www.googletagmanager.com/gtm.js?id=GTM-ABC1234"></script>\n<script src="/js/consent-default.js"></script></head></html>',
        "js/consent-default.js": "function gtag(){dataLayer.push(arguments);} gtag('consent', 'default', {analytics_storage: 'denied', ad_storage: 'denied'});"},
        "ungated", "none", service="google-tag-manager", says="after the first tag"),
    *(
        page(name, f"""
         <script>function gtag(){{dataLayer.push(arguments);}} gtag('consent', 'default', {{analytics_storage: 'denied'}});</script>
         <script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>
         <script>gtag('js', new Date()); gtag('config', 'G-ABC1234567');
         function choose(yes) {{ const told = {{ analytics_storage: yes ? 'granted' : 'denied' }}; gtag('consent', 'update', told); }}
         {call}</script>
         <button onclick="choose(true)">Accept all cookies</button> <button onclick="choose(false)">Reject all cookies</button>
         """, "ungated", mechanism, service="google-analytics", technique="script-src")
        for name, call, mechanism in (
            ("Consent Mode, told both answers by buttons", "", "consent-mode"),
            ("Consent Mode, told no at once", "choose(false);", "consent-mode"),
            ("Consent Mode, told yes at once", "choose(true);", "none"),
        )
    ),
    page("Matomo waits", """
         <script>var _paq = window._paq = window._paq || []; _paq.push(['requireConsent']); _paq.push(['trackPageView']);
         (function() { var u = 'https://stats.acme-clinic.org.uk/'; _paq.push(['setTrackerUrl', u + 'matomo.php']);
         var g = document.createElement('script'); g.src = u + 'matomo.js'; document.head.appendChild(g); })();</script>""", "ungated", "consent-mode", service="matomo", technique="inline-script", says="sends nothing"),
    page("Matomo without cookies", """
         <script>var _paq = window._paq = window._paq || []; _paq.push(['requireCookieConsent']); _paq.push(['trackPageView']);</script>
         <script async src="https://stats.acme-clinic.org.uk/matomo.js"></script>""", "ungated", "consent-mode", service="matomo", technique="script-src", says="stores no cookies"),
    page("Matomo is told too late", """
         <script>var _paq = window._paq = window._paq || []; _paq.push(['trackPageView']); _paq.push(['requireConsent']);</script>
         <script async src="https://stats.acme-clinic.org.uk/matomo.js"></script>""", "ungated", "none", service="matomo", technique="script-src", says="after the first tag"),
    page("the pixel is revoked first", """
         <script>fbq('consent', 'revoke'); fbq('init', '123456789012345');</script>
         <script async src="https://connect.facebook.net/en_US/fbevents.js"></script>""", "ungated", "consent-mode", service="facebook-pixel", technique="script-src"),
    page("the pixel is revoked too late", """
         <script>fbq('init', '123456789012345'); fbq('consent', 'revoke');</script>
         <script async src="https://connect.facebook.net/en_US/fbevents.js"></script>""", "ungated", "none", service="facebook-pixel", technique="script-src", says="after the first tag"),
    page("PostHog starts without cookies after its stub", """
         <script>!function(d,e){var s;e.__SV||(window.posthog=e,e._i=[],e.init=function(i,o,a){(s=d.createElement('script')).src=
         o.api_host+'/static/array.js';d.head.appendChild(s);e._i.push([i,o,a])},e.__SV=1)}(document,window.posthog||[]);
         posthog.init('phc_abc', { api_host: 'https://eu.i.posthog.com', cookieless_mode: 'always' });</script>""",
         "ungated", "consent-mode", service="posthog"),
    script("PostHog starts opted out", "import posthog from 'posthog-js';\nposthog.init('phc_abc', { opt_out_capturing_by_default: true });", "ungated", "consent-mode", service="posthog"),
    script("PostHog starts as usual", "import posthog from 'posthog-js';\nposthog.init('phc_abc', { api_host: 'https://eu.posthog.com' });", "ungated", "none", service="posthog"),
    page("Google Analytics is disabled", """
         <script>window['ga-disable-G-ABC1234567'] = true;</script>
         <script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>""", "ungated", "consent-mode", service="google-analytics", technique="script-src"),
    page("Google Analytics is disabled by a button", """
         <script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>
         <script>document.querySelector('#reject-cookies').onclick = function () { window['ga-disable-G-ABC1234567'] = true; };</script>""", "ungated", "none", service="google-analytics", technique="script-src"),
    page("UET denies by default", """
         <script>window.uetq = window.uetq || []; window.uetq.push('consent', 'default', { 'ad_storage': 'denied' });</script>
         <script src="https://bat.bing.com/bat.js"></script>""", "ungated", "consent-mode", service="bing-ads", technique="script-src"),
]  # fmt: skip

ACROSS = [
    project("partial included on consent", {
        "_layouts/default.html": "<html><head>{% if site.data.cookie_consent %}{% endif %}{% include hotjar.html %}</head></html>",
        "_includes/hotjar.html": "<script>if (localStorage.getItem('cookie_consent') === 'yes') { LOAD }</script>"}, "gated"),
    project("EJS partial behind a stored answer", {
        "views/layout.ejs": "<html><head><% if (req.cookies.cookie_consent === 'yes') { %>\n<%- include('partials/hotjar') %>\n<% } %></head></html>",
        "views/partials/hotjar.ejs": "TAG"}, "gated", "template-condition"),
    project("the same partial, included elsewhere without a test", {
        "views/layout.ejs": "<html><head><% if (req.cookies.cookie_consent === 'yes') { %>\n<%- include('partials/hotjar') %>\n<% } %></head></html>",
        "views/other.ejs": "<html><head><%- include('partials/hotjar') %></head></html>",
        "views/partials/hotjar.ejs": "TAG"}, "ungated"),
    project("Nunjucks partial behind a cookie", {
        "views/layout.njk": "<html><head>{% if cookies.cookie_consent == 'yes' %}\n{% include 'hotjar.njk' %}\n{% endif %}</head></html>",
        "views/hotjar.njk": "TAG"}, "gated", "template-condition"),
    project("until it is refused", {
        "views/layout.njk": "<html><head>{% if cookies.cookie_consent != 'no' %}\n{% include 'hotjar.njk' %}\n{% endif %}</head></html>",
        "views/hotjar.njk": "TAG"}, "ungated"),
    project("Twig: else branch", {
        "templates/base.html.twig": "<html><head>{% if app.request.cookies.get('cookie_consent') == 'yes' %}{% else %}\n{{ include('hotjar.html.twig') }}\n{% endif %}</head></html>",
        "templates/hotjar.html.twig": "TAG"}, "ungated"),
    project("PHP partial", {
        "header.php": "<html><head><?php if ($_COOKIE['cookie_consent'] === 'yes') { include 'hotjar.php'; } ?></head></html>",
        "hotjar.php": "TAG"}, "gated"),
    project("PHP, empty() the right way round", {
        "header.php": "<html><head><?php if (!empty($_COOKIE['cookie_consent'])) : ?>\nTAG\n<?php endif; ?></head></html>"}, "gated"),
    project("PHP, empty() the wrong way round", {
        "header.php": "<html><head><?php if (empty($_COOKIE['cookie_consent'])) : ?>\nTAG\n<?php endif; ?></head></html>"}, "ungated"),
    project("ERB partial", {
        "app/views/layouts/application.html.erb": "<html><head><% if cookies[:cookie_consent] == 'yes' %>\n<%= render 'shared/hotjar' %>\n<% end %></head></html>",
        "app/views/shared/_hotjar.html.erb": "TAG"}, "gated", "template-condition"),
    project("Nunjucks macro", {
        "views/macros.njk": "{% macro hotjar() %}\nTAG\n{% endmacro %}",
        "views/page.njk": "{% from 'macros.njk' import hotjar %}\n<html>{% if cookies.cookie_consent == 'yes' %}{{ hotjar() }}{% endif %}</html>"}, "gated"),
    project("Nunjucks macro that is called anyway", {
        "views/macros.njk": "{% macro hotjar() %}\nTAG\n{% endmacro %}",
        "views/page.njk": "{% from 'macros.njk' import hotjar %}\n<html>{{ hotjar() }}</html>"}, "ungated"),
    project("a predicate of another package of the workspace", {
        "shared/package.json": '{"name": "@trust/shared"}',
        "shared/src/choice.ts": "export const consentState = kind => { const kept = Cookies.get('CookieControl'); return kept ? JSON.parse(kept).optionalCookies[kind] === 'accepted' : false; };",
        "web/app.ts": "import { consentState } from '@trust/shared/choice';\nif (consentState('analytics')) { LOAD }"}, "gated"),
    project("a predicate of another package that lets all pass", {
        "shared/package.json": '{"name": "@trust/shared"}',
        "shared/src/choice.ts": "export const hasConsent = () => true;",
        "web/app.ts": "import { hasConsent } from '@trust/shared/choice';\nif (hasConsent()) { LOAD }"}, "ungated"),
    project("the package itself", {
        "packages/choice/package.json": '{"name": "choice"}',
        "packages/choice/index.js": "export const hasConsent = () => true;",
        "web/app.js": "import { hasConsent } from 'choice';\nif (hasConsent()) { LOAD }"}, "ungated"),
    project("a function that is handed the table in which it stands", {
        "chat.js": "async function load() {\n  LOAD\n}\nChat.prototype.answer = async function () { return await load(); };",
        "tools.js": """
            import Chat from './chat.js';
            function maker(tool) { return function (event) { return make(tool, event).answer(); }; }
            const tools = { maker };
            export default tools;
            """,
        "app.js": "import tools from './tools.js';\ntools.maker(tools[name]);"}, "ungated", path="chat.js"),
    project("a script whose style sheet of the same name does not wait", {
        "about.html": '<html><link rel="stylesheet" href="{{ "/vendor/heat.css" | relative_url }}"></html>',
        "index.html": '<html><script type="text/plain" data-cookieconsent="statistics" src="/vendor/heat.js"></script></html>',
        "vendor/heat.css": "a { color: red }",
        "vendor/heat.js": "LOAD"}, "gated"),
    project("a function that an attribute runs with its element", {
        "tags.js": "function startTags() { LOAD }",
        "index.html": '<html><div x-data x-init="startTags()"></div></html>'}, "ungated", path="tags.js"),
    project("a function that an attribute runs where consent is asked for", {
        "tags.js": "function startTags() { LOAD }",
        "index.html.erb": "<html><% if cookies[:cookie_consent] == 'yes' %><div x-init='startTags()'></div><% end %></html>"},
        "gated", "template-condition", path="tags.js"),
    project("a function that an attribute runs, which a helper prints", {
        "app/assets/tags.js": "function startTags() { LOAD }",
        "app/views/home.html.erb": """<%= tag.div class: "map", "x-init" => "startTags($el, #{{ at: @at }.to_json})" do %>x<% end %>"""},
        "ungated", path="app/assets/tags.js"),
    project("a video that a method of Alpine's data shows", {
        "film.js": "function showFilm() { var film = document.createElement('iframe'); film.src = 'https://www.youtube.com/embed/a1B2c3D4e5F'; document.body.append(film); }",
        "index.html": '<html><div x-data="{ seen: false, play() { this.seen = true; showFilm(); } }" @click="play()"></div></html>'},
        "gated", "facade", service="youtube", path="film.js"),
    project("a video that Alpine's data shows at once", {
        "film.js": "function showFilm() { var film = document.createElement('iframe'); film.src = 'https://www.youtube.com/embed/a1B2c3D4e5F'; document.body.append(film); }",
        "index.html": '<html><div x-data="{ seen: false, init() { showFilm(); } }"></div></html>'},
        "ungated", service="youtube", path="film.js"),
    project("a function of a button that asks for consent, which a helper prints", {
        "app/assets/tags.js": "function startTags() { LOAD }",
        "app/views/home.html.erb": """<%= button_tag "Accept all cookies", onclick: "startTags()" %>"""},
        "gated", "callback", path="app/assets/tags.js"),
    project("a function that is hung on an object by names in variables", {
        "load.js": "(o => { var key = 'loadTags', w = window, api = w.tags || (w.tags = {}); api[key] = () => { LOAD }; })({});",
        "app.js": "window.tags.loadTags();"}, "ungated", path="load.js"),
    project("a function hung on an object that only an answer to the banner calls", {
        "load.js": "(o => { var key = 'loadTags', w = window, api = w.tags || (w.tags = {}); api[key] = () => { LOAD }; })({});",
        "app.js": "if (localStorage.getItem('cookie_consent') === 'yes') { window.tags.loadTags(); }"}, "gated", path="load.js"),
    project("a function that others call, of a script that waits itself", {
        "index.html.erb": "<html><% if cookies[:cookie_consent] == 'yes' %><script>window.startTags = () => { LOAD };</script><% end %></html>",
        "app.js": "startTags();"}, "gated", "template-condition", path="index.html.erb"),
    project("a function that the script of a service calls, whose tag a helper prints", {
        "app/views/page.html.erb": """
            <script>window.fbAsyncInit = function () { LOAD };</script>
            <%= javascript_include_tag "https://connect.facebook.net/en_GB/sdk.js" %>
            """}, "ungated", path="app/views/page.html.erb"),
    project("exported function, called on consent", {
        "tags.js": "export function startTags() { LOAD }",
        "app.js": "import { startTags } from './tags.js';\nif (localStorage.getItem('cookie_consent') === 'yes') { startTags(); }"}, "gated"),
    project("exported function, called anyway", {
        "tags.js": "export function startTags() { LOAD }",
        "app.js": "import { startTags } from './tags.js';\nstartTags();"}, "ungated"),
    project("exported function that is told no", {
        "tags.js": "export function decide(accepted) { if (accepted) { LOAD } else { forget(); } }",
        "app.js": "import { decide } from './tags.js';\ndecide(false);\nif (localStorage.getItem('cookie_consent') === 'yes') { decide(true); }"}, "gated"),
    project("the other branch was asked about first", {
        "index.html": "<html><script>window['ga-disable-G-1'] = true;</script><script src=app.js type=module></script></html>",
        "tags.js": """
            const forget = () => { window['ga-disable-G-1'] = true; };
            const start = () => { window['ga-disable-G-1'] = false; LOAD };
            export function decide(accepted) { if (accepted) { start(); } else { forget(); } }""",
        "app.js": "import { decide } from './tags.js';\ndecide(false);\nif (localStorage.getItem('cookie_consent') === 'yes') { decide(true); }"}, "gated"),
    project("exported function that is told yes anyway", {
        "tags.js": "export function decide(accepted) { if (accepted) { LOAD } else { forget(); } }",
        "app.js": "import { decide } from './tags.js';\ndecide(true);"}, "ungated"),
    project("a tag in data, chosen by consent in another module", {
        "tags.js": "export const heat = { name: 'heat', url: 'https://static.hotjar.com/c/hotjar-1234567.js' };",
        "app.js": """
            import { heat } from './tags.js';
            import { own } from './own.js';
            const insert = (tags) => tags.forEach((tag) => {
              const script = document.createElement('script'); script.src = tag.url; document.head.append(script);
            });
            const agreed = [heat, own].filter((tag) => localStorage.getItem('consent_' + tag.name) === 'yes');
            insert(agreed);"""}, "gated", says="is not true before a choice"),
    project("a tag in data, chosen by something else", {
        "tags.js": "export const heat = { name: 'heat', url: 'https://static.hotjar.com/c/hotjar-1234567.js' };",
        "app.js": """
            import { heat } from './tags.js';
            const insert = (tags) => tags.forEach((tag) => {
              const script = document.createElement('script'); script.src = tag.url; document.head.append(script);
            });
            insert([heat].filter((tag) => tag.url));"""}, "ungated"),
    project("a tag in data, in two lists of which one asks", {
        "tags.js": "export const heat = { name: 'heat', url: 'https://static.hotjar.com/c/hotjar-1234567.js' };",
        "app.js": """
            import { heat } from './tags.js';
            import { insert } from './insert.js';
            insert([heat].filter((tag) => localStorage.getItem('cookie_consent') === 'yes'));
            insert([heat]);""",
        "insert.js": "export const insert = (tags) => tags.forEach((tag) => { const s = document.createElement('script'); s.src = tag.url; });"}, "ungated"),
    project("an address among constants, used on consent", {
        "constants.js": "export const HEAT_URL = 'https://static.hotjar.com/c/hotjar-1234567.js';",
        "app.js": """
            import { HEAT_URL } from './constants.js';
            if (localStorage.getItem('cookie_consent') === 'yes') {
              const script = document.createElement('script'); script.src = HEAT_URL; document.head.append(script);
            }"""}, "gated"),
    project("an address among constants, used at once", {
        "constants.js": "export const HEAT_URL = 'https://static.hotjar.com/c/hotjar-1234567.js';",
        "app.js": """
            import { HEAT_URL } from './constants.js';
            const script = document.createElement('script'); script.src = HEAT_URL; document.head.append(script);"""}, "ungated"),
    project("types in a file that is called JavaScript", {
        "Banner.js": """
            // @flow
            import type { ComponentType } from 'react';
            const Banner: ComponentType<Props> = ({}: Props) => {
              const start = () => { LOAD };
              return <button onClick={() => start()}>Accept analytics cookies</button>;
            };
            export default Banner;"""}, "gated"),
    project("CommonJS", {
        "tags.js": "module.exports = { startTags: function () { LOAD } };",
        "app.js": "const { startTags } = require('./tags');\nif (localStorage.getItem('cookie_consent') === 'yes') { startTags(); }"}, "gated"),
    project("a default export under the name of its importer", {
        "tags.js": "export default function begin(id) { LOAD }",
        "app.js": "import Tags from './tags';\nTags(1);"}, "ungated"),
    project("a default export under the name of its importer, behind consent", {
        "tags.js": "export default function begin(id) { LOAD }",
        "app.js": "import Tags from './tags';\nif (localStorage.getItem('cookie_consent') === 'yes') { Tags(1); }"}, "gated"),
    project("a class under the name of its importer, behind consent", {
        "tags.js": "export default class Begin { constructor() { LOAD } }",
        "app.js": "import Tags from './tags';\nif (localStorage.getItem('cookie_consent') === 'yes') { new Tags(); }"}, "gated"),
    project("a default export that is used where it is required", {
        "pages.js": "import { head } from './head';\nexport default async function serve(req, res) { res.write(head(req)); }",
        "head.js": "export function head(req) { LOAD }",
        "server/server.js": "const app = express();\nfunction routes() { app.use(require('../pages').default); }\nroutes();"},
        "ungated", path="head.js"),
    project("module.exports that is called where it is required, behind consent", {
        "tags.js": "module.exports = function begin() { LOAD };",
        "app.js": "if (localStorage.getItem('cookie_consent') === 'yes') { require('./tags')(); }"}, "gated"),
    project("one of many importers calls the function", {
        "kit.js": "export function note(x) { console.log(x); }\nexport function begin(id) { LOAD }",
        **{f"a{number}.js": "import { note } from './kit';\nnote(1);" for number in range(40)},
        "z.js": "import { begin } from './kit';\nif (localStorage.getItem('cookie_consent') === 'yes') { begin(1); }"}, "gated"),
    project("one of many importers of a file that hands all on calls the function", {
        "kit.js": "export function note(x) { console.log(x); }\nexport function begin(id) { LOAD }",
        **{f"a{number}.js": "import { note } from './kit';\nnote(1);" for number in range(40)},
        "y.js": "export * from './kit';",
        "z.js": "import { begin } from './y';\nif (localStorage.getItem('cookie_consent') === 'yes') { begin(1); }"}, "gated"),
    project("a hook that Angular calls", {
        "map.component.ts": "export class MapComponent { ngOnChanges(changes: SimpleChanges) { this.show(); } show() { LOAD } }"}, "ungated"),
    project("a hook that Lit calls", {
        "map.js": "export class SiteMap extends LitElement { firstUpdated() { this.show(); } show() { LOAD } }"}, "ungated"),
    project("import that runs on consent only", {
        "tags.js": "LOAD\nexport default {};",
        "app.js": "if (localStorage.getItem('cookie_consent') === 'yes') { import('./tags.js'); }"}, "gated"),
    *(
        project(f"import that is awaited: {way}", {"tags.js": "export function start() { LOAD }", "app.js": way}, state)
        for ways, state in (
            (
                (
                    "import(/* webpackChunkName: 'tags' */ './tags.js').then(tags => tags.start());",
                    "import('./tags.js').then(({ start }) => start());",
                    "import('./tags.js').then(function ({ start: go }) { go(); });",
                    "const tags = await import('./tags.js'); tags.start();",
                    "const { start: go } = await import('./tags.js'); go();",
                    "(await import('./tags.js')).start();",
                ),
                "ungated",
            ),
            (
                (
                    "if (localStorage.getItem('cookie_consent') === 'yes') import('./tags.js').then(({ start }) => start());",
                    "import('./tags.js').then(tags => localStorage.getItem('cookie_consent') === 'yes' && tags.start());",
                ),
                "gated",
            ),
        )
        for way in ways
    ),
    project("import that runs at once", {
        "tags.js": "LOAD\nexport default {};",
        "app.js": "import './tags.js';"}, "ungated"),
    project("global function, called by an accept button", {
        "index.html": '<html><button onclick="enableTracking()">Accept cookies</button><script src="tags.js"></script></html>',
        "tags.js": "function enableTracking() { LOAD }"}, "gated"),
    project("global function, called by the page", {
        "index.html": '<html><script src="tags.js"></script><script>enableTracking();</script></html>',
        "tags.js": "function enableTracking() { LOAD }"}, "ungated"),
    project("the page puts the script file on hold", {
        "index.html": '<html><script type="text/plain" data-cookieconsent="statistics" src="js/hotjar-tag.js"></script></html>',
        "js/hotjar-tag.js": "LOAD"}, "gated", "cookiebot", "analytics"),
    project("includes in a circle", {
        "views/one.njk": "{% include 'two.njk' %}\nTAG",
        "views/two.njk": "{% include 'one.njk' %}",
        "views/page.njk": "<html>{% include 'one.njk' %}</html>"}, "ungated"),
    project("imports in a circle", {
        "one.js": "import { two } from './two.js';\nexport function one() { two(); LOAD }",
        "two.js": "import { one } from './one.js';\nexport function two() { one(); }",
        "app.js": "import { one } from './one.js';\nif (localStorage.getItem('cookie_consent') === 'yes') { one(); }"}, "gated"),
    project("blocking script in the layout, tag in the partial", {
        "_layouts/default.html": '<html><head><script src="https://consent.cookiebot.com/uc.js" data-blockingmode="auto"></script>\n{% include hotjar.html %}</head></html>',
        "_includes/hotjar.html": "TAG"}, "gated", "cookiebot"),
    project("React: a property that is a state", {"Tags.jsx": "export default function Tags({ allowed }) { useEffect(() => { if (allowed) { LOAD } }, [allowed]); return null; }", "App.jsx": "import Tags from './Tags';\nexport function App() { const [cookiesAccepted, setAccepted] = useState(false); return <Tags allowed={cookiesAccepted} />; }"}, "gated", "condition", path="Tags.jsx"),
    project("React: a property that is true", {"Tags.jsx": "export default function Tags({ allowed }) { useEffect(() => { if (allowed) { LOAD } }, [allowed]); return null; }", "App.jsx": "import Tags from './Tags';\nexport function App() { const [cookiesAccepted, setAccepted] = useState(true); return <Tags allowed={cookiesAccepted} />; }"}, "ungated", path="Tags.jsx"),
    project("React: a property that is true once", {"Tags.jsx": "export default function Tags({ allowed }) { useEffect(() => { if (allowed) { LOAD } }, [allowed]); return null; }", "App.jsx": "import Tags from './Tags';\nexport function App() { const [cookiesAccepted, setAccepted] = useState(false); return <Tags allowed={cookiesAccepted} />; }", "Old.jsx": "import Tags from './Tags';\nexport const Old = () => <Tags allowed />;"}, "ungated", path="Tags.jsx"),
    project("React: properties handed on", {"Tags.jsx": "export default function Tags({ allowed }) { useEffect(() => { if (allowed) { LOAD } }, [allowed]); return null; }", "App.jsx": "import Tags from './Tags';\nexport const App = (properties) => <Tags {...properties} />;"}, "ungated", path="Tags.jsx"),
    project("an export by another name", {"tags.js": "function load() { LOAD }\nexport { load as start };", "main.js": "import { start } from './tags';\nif (localStorage.getItem('cookie_consent') === 'yes') start();"}, "gated", "condition"),
    project("an export by another name, called at once", {"tags.js": "function load() { LOAD }\nexport { load as start };", "main.js": "import { start } from './tags';\nstart();"}, "ungated", "none"),
    project("a default export by another name", {"tags.js": "function load() { LOAD }\nexport { load as default };", "main.js": "import start from './tags';\nif (localStorage.getItem('cookie_consent') === 'yes') start();"}, "gated", "condition"),
    project("an export that is handed on", {"tags/_/index.js": "export function start() { LOAD }", "tags/index.js": "export * from './_';", "lib.js": "export { start as startTags } from './tags';", "main.js": "import { startTags } from './lib';\nif (localStorage.getItem('cookie_consent') === 'yes') startTags();"}, "gated", "condition"),
    project("an export that is handed on and called at once", {"tags/_/index.js": "export function start() { LOAD }", "tags/index.js": "export * from './_';", "main.js": "import { start } from './tags';\nstart();"}, "ungated"),
    project("a plugin of jQuery that another file calls", {"plugin.js": "$.fn.showVisits = function () { LOAD };", "main.js": "$(document).ready(function () { $('#visits').showVisits(); });"}, "ungated"),
    project("a plugin of jQuery that another file calls after a choice", {"plugin.js": "jQuery.fn.showVisits = function () { LOAD };", "main.js": "if (localStorage.getItem('cookie_consent') === 'yes') { $('#visits').showVisits(); }"}, "gated", "condition"),
    project("a component that a server draws and that calls its script", {"Map.razor.js": "export function drawMap(element) { LOAD }", "Map.razor.cs": BLAZOR % "OnAfterRenderAsync(bool first)"}, "ungated"),
    project("such a component, on a click", {"Map.razor.js": "export function drawMap(element) { LOAD }", "Map.razor.cs": BLAZOR % "Opened()"}, "unknown", says="is named at Map.razor.cs:6"),
    project("exports that are handed on in a circle", {"a.js": "export function start() { LOAD }\nexport * from './b';", "b.js": "export * from './a';"}, "ungated"),
    page("a loader that nobody here calls, in a script that waits", "<script type=\"text/plain\" data-cookieconsent=\"statistics\">function start() { LOAD } window.later = { start };</script>", "gated", "cookiebot"),
]  # fmt: skip

BROKEN = [
    project("a manager in the layout, a tag in the partial", {
        "_layouts/default.html": '<html><head><script src="https://consent.cookiebot.com/uc.js"></script>\n{% include hotjar.html %}</head></html>',
        "_includes/hotjar.html": "TAG"}, "ungated", "none", says="Cookiebot is on the page (_layouts/default.html:1)"),
    project("a manager on another page", {
        "one.html": '<html><script src="https://consent.cookiebot.com/uc.js"></script></html>',
        "two.html": "<html>TAG</html>"}, "ungated", "none"),
    project("gated here, open there", {
        "one.html": f'<html><script type="text/plain" data-cookieconsent="statistics">{LOAD}</script></html>',
        "two.html": "<html>TAG</html>"}, "ungated", "none", says="it waits for consent at one.html:1, but not here", path="two.html"),
    page("a container with an open twin", """
         <script type="text/plain" data-cookieconsent="statistics" src="https://www.googletagmanager.com/gtm.js?id=GTM-ABC1234"></script>
         <noscript><iframe src="https://www.googletagmanager.com/ns.html?id=GTM-ABC1234"></iframe></noscript>
         """, "ungated", "noscript", service="google-tag-manager", technique="iframe", says="<noscript> twin"),
    page("loader ungated, configuration gated", """
         <script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>
         <script>function gtag(){dataLayer.push(arguments);}
         if (localStorage.getItem('cookie_consent') === 'yes') { gtag('js', new Date()); gtag('config', 'G-ABC1234567'); }</script>
         """, "ungated", service="google-analytics", technique="script-src", says="but not here"),
]  # fmt: skip

CASES = {
    f"{group}: {case.name}": case
    for group, cases in {
        "markup": MARKUP,
        "condition": CONDITIONS,
        "predicate": PREDICATES,
        "implied": IMPLIED,
        "flow": FLOW,
        "manager": MANAGERS,
        "component": COMPONENTS,
        "embed": EMBEDS,
        "signal": SIGNALS,
        "across files": ACROSS,
        "broken": BROKEN,
    }.items()
    for case in cases
}


def told(consent: Consent) -> str:
    return f"{consent.state}/{consent.mechanism}/{consent.category} because {consent.why!r}, broken: {consent.broken!r}"


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=name, marks=[pytest.mark.xfail(reason=case.wrong, strict=True)] if case.wrong else [])
        for name, case in CASES.items()
    ],
)
def test_verdict(case: Case) -> None:
    loads = [
        one
        for one in found(case.files)
        if one.service == case.service and case.technique in (None, one.technique) and case.path in (None, one.path)
    ]
    assert loads, "the load itself was not found"
    for one in loads:
        consent = one.consent
        assert consent.state == case.state, told(consent)
        assert case.mechanism in (None, consent.mechanism), told(consent)
        assert case.category in (None, consent.category), told(consent)
        assert case.says is None or case.says in f"{consent.broken} {consent.why}", told(consent)


@pytest.mark.parametrize("function", ["function geocode() { %s }", "const geocode = () => { %s };"])
@pytest.mark.parametrize(
    ("rest", "runs"),
    [
        ("export const name = 'map';", False),
        ("import { map } from './map';", False),
        ("export { geocode };", True),
        ("export default { geocode };", True),
        ("import { map } from './map';\nmap(geocode);", True),
        ("var name = 'map';", True),  # no module: a page may call it
    ],
)
def test_a_function_that_its_module_keeps_and_never_calls_does_not_run(function: str, rest: str, runs: bool) -> None:
    assert bool(found({"app.js": f"{function % LOAD}\n{rest}\n"})) is runs


def test_a_relative_path_means_the_file_of_its_own_app() -> None:
    start = "import { start } from './tags/start';\n"
    files = {
        "public/src/index.js": f"{start}start();",
        "public/src/tags/start.js": "export function start() {}",
        "staff/src/index.js": "if (localStorage.getItem('consent') === 'yes') { import('./tags/start'); }",
        "staff/src/tags/start.js": LOAD,
    }
    assert [one.consent.state for one in found(files)] == ["gated"]


@pytest.mark.parametrize(
    ("returned", "state"),
    [
        ('"yes" in unquote(request.COOKIES.get("cookie_choice", ""))', "gated"),
        ('self.is_shown() and (\n            "yes" in request.COOKIES.get("cookie_choice", "")\n        )', "gated"),
        ('request.COOKIES.get("cookie_choice", "").lower() == "yes"', "gated"),
        ('request.COOKIES.get("cookie_choice", "").lower() != "no"', "ungated"),
        ('"no" not in unquote(request.COOKIES.get("cookie_choice", ""))', "ungated"),
        ('self.is_shown() or (\n            "yes" in request.COOKIES.get("cookie_choice", "")\n        )', "ungated"),
    ],
)
def test_what_a_method_of_the_server_makes_of_a_cookie(returned: str, state: str) -> None:
    method = f"class Page:\n    def has_consent(self, request):\n        return {returned}\n"
    files = {"pages.py": method, "templates/base.html": f"{{% if has_consent %}}{TAG}{{% endif %}}"}
    assert [one.consent.state for one in found(files)] == [state]


_TRIED = {
    "ruby": (
        "app/helpers/choice_helper.rb",
        "module ChoiceHelper\n  def usage_cookies_allowed?\n    chosen = begin\n      JSON.parse({read})\n    rescue JSON::ParserError\n      {otherwise}\n    end\n\n    {returned}\n  end\nend\n",
        ("app/views/layouts/a.html.erb", "<html><head><% if usage_cookies_allowed? %>\nTAG\n<% end %></head></html>"),
    ),
    "python": (
        "site/choice.py",
        "import json\n\ndef usage_cookies_allowed(request):\n    try:\n        chosen = json.loads({read})\n    except ValueError:\n        chosen = {otherwise}\n    return {returned}\n",
        (
            "templates/base.html",
            "<html><head>{% if usage_cookies_allowed(request) %}\nTAG\n{% endif %}</head></html>",
        ),
    ),
}


@pytest.mark.parametrize(
    ("language", "read", "otherwise", "returned", "state"),
    [
        ("ruby", "cookies['cookies_policy'] || 'INVALID'", "{ 'usage' => false }", "chosen['usage']", "gated"),
        ("ruby", "cookies['cookies_policy']", "{ usage: false }", "chosen[:usage]", "gated"),
        ("ruby", "cookies['cookies_policy'] || 'INVALID'", "{}", "chosen.dig('usage')", "gated"),
        ("ruby", "cookies['cookies_policy'] || 'INVALID'", "{ 'usage' => true }", "chosen['usage']", "ungated"),
        ("ruby", "cookies['cookies_policy']", "{ 'usage' => true }", "chosen['usage']", "ungated"),
        ("ruby", "cookies['cookies_policy'] || 'INVALID'", "{ 'usage' => ENV['ON'] }", "chosen['usage']", "ungated"),
        ("ruby", "cookies['cookies_policy'] || 'INVALID'", "{ 'usage' => false }", "!chosen['usage']", "ungated"),
        ("ruby", "cookies['cookies_policy'] || 'INVALID'", "{ **defaults }", "chosen['usage']", "ungated"),
        ("ruby", "cookies['cookies_policy'] || '{\"usage\":true}'", "{}", "chosen['usage']", "ungated"),
        ("ruby", "cookies['cookies_policy'] || '{\"usage\":false}'", "{ 'usage' => true }", "chosen['usage']", "gated"),
        ("ruby", "cookies['cookies_policy'] || DEFAULT", "{ 'usage' => false }", "chosen['usage']", "ungated"),
        ("python", "request.COOKIES.get('cookies_policy', '')", "{'usage': False}", "chosen['usage']", "gated"),
        ("python", "request.COOKIES.get('cookies_policy', '')", "{}", "chosen.get('usage')", "gated"),
        ("python", "request.COOKIES.get('cookies_policy', '')", "{'usage': True}", "chosen['usage']", "ungated"),
        ("python", "request.COOKIES.get('cookies_policy', '')", "{}", "chosen.get('usage', True)", "ungated"),
    ],
)
def test_a_stored_choice_that_cannot_be_read_is_what_stands_in_its_place(
    language: str, read: str, otherwise: str, returned: str, state: str
) -> None:
    path, code, (template, text) = _TRIED[language]
    for name, part in (("read", read), ("otherwise", otherwise), ("returned", returned)):
        code = code.replace("{" + name + "}", part)
    assert verdict({path: code, template: text.replace("TAG", FRAME)})[0] == state


def test_a_choice_whose_error_is_an_answer_too() -> None:
    helper = "module A\n  def usage_cookies_allowed?\n    JSON.parse(cookies[:cookies_policy])['usage']\n  rescue JSON::ParserError\n    VALUE\n  end\nend\n"
    view = {"app/views/layouts/a.html.erb": f"<html><% if usage_cookies_allowed? %>\n{FRAME}\n<% end %></html>"}
    states = [
        verdict(view | {"app/helpers/a.rb": helper.replace("VALUE", value)})[0] for value in ("false", "true", "nil")
    ]
    assert states == ["gated", "ungated", "gated"]


def test_a_way_that_was_cut_within_another_question_is_followed_again() -> None:
    # What the list holds is asked for first, and leads through the methods that use it back to the load.
    source = """
        class Film {
          constructor(node) {
            this.places = JSON.parse(node.textContent);
            this.show();
          }
          show() {
            if (this.places.length === 0) return;
            this.tag = document.createElement('script');
            this.tag.src = 'https://static.hotjar.com/c/hotjar-1234567.js?sv=6';
            document.head.appendChild(this.tag);
            this.marks = this.places.map((place) => {
              const mark = new Mark({ place });
              mark.addListener('click', () => this.hide(mark));
            });
            this.marks.forEach((mark) => {
              mark.addListener('click', () => {
                this.marks.forEach((other) => { if (other.index !== mark.index) { Film.close(other); } });
              });
            });
          }
        }
        new Film(document.body);
        """
    assert {one.consent.state for one in found({"app.js": source}) if one.service == "hotjar"} == {"ungated"}


@pytest.mark.parametrize(
    ("gated", "open_", "told"),
    [
        ("hotjar-1234567.js", "hotjar-1234567.js", True),
        ("hotjar-1234567.js", "hotjar-7654321.js", False),
        ("' + account + '.js", "hotjar-1234567.js", True),  # a gate for whatever account
        ("hotjar-1234567.js", "' + account + '.js", False),  # another site's, for all that is known
    ],
)
def test_a_gate_is_told_of_where_it_may_be_the_same_tracker(gated: str, open_: str, told: bool) -> None:
    def load(name: str) -> str:
        return LOAD.replace("hotjar-1234567.js", name)

    files = {
        "one.js": f"if (localStorage.getItem('cookie_consent') === 'yes') {{ {load(gated)} }}",
        "two.js": load(open_),
    }
    (one,) = [one for one in found(files) if one.path == "two.js"]
    assert one.consent.broken == ("it waits for consent at one.js:1, but not here" if told else None)


@pytest.mark.parametrize(
    ("condition", "state"),
    [
        ("helper.GetAnalyticsState(Context) == ConsentState.Accepted", "gated"),
        ("Model.State == CookieConsent.Granted", "gated"),
        ("Model.State != ConsentState.Rejected", "ungated"),
        ("Model.State == OrderState.Accepted", "ungated"),
    ],
)
def test_the_yes_of_a_type_of_answers_is_consent(condition: str, state: str) -> None:
    page = f"<html><body>\n@if ({condition})\n{{\n<script src='https://static.hotjar.com/c/hotjar-1234567.js'></script>\n}}\n</body></html>"
    (one,) = found({"Views/Home/Index.cshtml": page})
    assert one.consent.state == state


@pytest.mark.parametrize(
    ("path", "text", "mechanism"),
    [
        ("a.html.erb", "<noscript>\n<%= image_tag 'ADDRESS' %>\n</noscript>", "noscript"),
        ("a.html.erb", "<noscript>\n<b>Hello</b></noscript>\n<%= image_tag 'ADDRESS' %>", "none"),
        ("a.html.haml", "%body\n  %noscript\n    = image_tag 'ADDRESS'\n", "noscript"),
        ("a.html.haml", "%body\n  %noscript\n    Hello\n\n  = image_tag 'ADDRESS'\n", "none"),
        ("a.html.slim", "body\n  noscript\n    = image_tag 'ADDRESS'\n", "noscript"),
        ("a.html.slim", "body\n  noscript\n    p Hello\n  = image_tag 'ADDRESS'\n", "none"),
        ("a.pug", "body\n  noscript!= '<img src=\"ADDRESS\">'\n", "noscript"),
        (
            "pages/_document.jsx",
            'export default () => <noscript dangerouslySetInnerHTML={{ __html: `<img src="ADDRESS">` }} />;',
            "noscript",
        ),
        (
            "pages/_document.jsx",
            'export default () => <p><noscript /><b dangerouslySetInnerHTML={{ __html: `<img src="ADDRESS">` }} /></p>;',
            "none",
        ),
    ],
)
def test_what_a_template_prints_in_noscript_asks_nobody(path: str, text: str, mechanism: str) -> None:
    (one,) = found({path: text.replace("ADDRESS", "https://www.facebook.com/tr?id=123456789012345&noscript=1")})
    assert (one.consent.state, one.consent.mechanism) == ("ungated", mechanism)


_HELPER = "module PagesHelper\n  def enable_statistics(cookies)\n    ENV['ID'].present? &&\n      cookies[{key}] == {value} &&\n      !cookies[:quiet]\n  end\nend\n"
_KEY = "class ChoiceController\n  CHOICE_NAME = :cookie_choice\n  SHELF_NAME = :shelf\nend\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        (
            {
                "app/views/layouts/a.html.erb": "<html><head><% if enable_statistics(cookies) %>\nTAG\n<% end %></head></html>",
                "app/helpers/pages_helper.rb": _HELPER.format(key="ChoiceController::CHOICE_NAME", value="'accepted'"),
                "app/controllers/choice_controller.rb": _KEY,
            },
            "gated",
        ),
        (
            {
                "app/views/layouts/a.html.erb": "<html><head><% if enable_statistics(cookies) %>\nTAG\n<% end %></head></html>",
                "app/helpers/pages_helper.rb": _HELPER.format(key="ChoiceController::SHELF_NAME", value="'top'"),
                "app/controllers/choice_controller.rb": _KEY,
            },
            "ungated",
        ),
        (  # a cookie, but no choice
            {
                "app/views/layouts/a.html.erb": "<html><head><% if signed_in_here? %>\nTAG\n<% end %></head></html>",
                "app/helpers/pages_helper.rb": "module PagesHelper\n  def signed_in_here?\n    cookies[:session_cookie].present?\n  end\nend\n",
            },
            "ungated",
        ),
        (
            {
                "templates/base.html": "<html><head>{% if variant_b %}\nTAG\n{% endif %}</head></html>",
                "site/context_processors.py": "def choice(request):\n    return {'variant_b': request.COOKIES.get('ab_cookie') == 'b'}\n",
                "manage.py": "import django\n",
            },
            "ungated",
        ),
        (
            {
                "app/views/layouts/a.html.erb": "<html><head><% if cookies[ChoiceController::CHOICE_NAME] == 'accepted' %>\nTAG\n<% end %></head></html>",
                "app/controllers/choice_controller.rb": _KEY,
            },
            "gated",
        ),
        (
            {
                "app/views/layouts/a.html.erb": "<html><head><% unless cookies[ChoiceController::CHOICE_NAME] == 'rejected' %>\nTAG\n<% end %></head></html>",
                "app/controllers/choice_controller.rb": _KEY,
            },
            "ungated",
        ),
        (
            {
                "app/views/layouts/a.html.erb": "<html><head><% if @statistics_on %>\nTAG\n<% end %></head></html>",
                "app/controllers/application_controller.rb": "class A\n  def prepare\n    @statistics_on = cookies[:cookie_choice] == 'accepted'\n  end\nend\n",
            },
            "gated",
        ),
        (
            {
                "templates/base.html": "<html><head>{% if statistics_on %}\nTAG\n{% endif %}</head></html>",
                "site/context_processors.py": "def choice(request):\n    return {\n        'statistics_on': request.COOKIES.get('cookie_choice', '') == 'accepted',\n    }\n",
                "manage.py": "import django\n",
            },
            "gated",
        ),
        (
            {
                "templates/base.html": "<html><head>{% if statistics_on %}\nTAG\n{% endif %}</head></html>",
                "site/context_processors.py": "def choice(request):\n    chosen = request.COOKIES.get('cookie_choice') == 'accepted'\n    return {'statistics_on': chosen}\n",
                "manage.py": "import django\n",
            },
            "gated",
        ),
        (  # another view says otherwise
            {
                "templates/base.html": "<html><head>{% if statistics_on %}\nTAG\n{% endif %}</head></html>",
                "site/context_processors.py": "def choice(request):\n    return {'statistics_on': request.COOKIES.get('cookie_choice') == 'accepted'}\n",
                "site/views.py": "def page(request):\n    return render(request, 'base.html', {'statistics_on': settings.STATISTICS})\n",
                "manage.py": "import django\n",
            },
            "ungated",
        ),
        (
            {
                "templates/base.html.twig": "<html><head>{% if statistics_on() %}\nTAG\n{% endif %}</head></html>",
                "src/Twig/AppExtension.php": "<?php\nclass AppExtension {\n  public function getFunctions() { return [new TwigFunction('statistics_on', [$this, 'isStatisticsOn'])]; }\n"
                "  public function isStatisticsOn(): bool { return $this->request->cookies->get('cookie_choice') === 'accepted'; }\n}\n",
            },
            "gated",
        ),
        (
            {
                "resources/views/layout.blade.php": "<html><head>@if($statisticsOn)\nTAG\n@endif</head></html>",
                "app/Providers/AppServiceProvider.php": "<?php\nclass AppServiceProvider {\n  public function boot() { View::share('statisticsOn', request()->cookie('cookie_choice') === 'accepted'); }\n}\n",
            },
            "gated",
        ),
        (
            {
                "header.php": "<html><head><?php if (statistics_on()) : ?>\nTAG\n<?php endif; ?></head></html>",
                "functions.php": "<?php\nfunction statistics_on() {\n  return isset($_COOKIE['cookie_choice']) && $_COOKIE['cookie_choice'] === 'accepted';\n}\n",
            },
            "gated",
        ),
        (
            {
                "Views/Shared/_Layout.cshtml": "<html><head>@if (Choices.StatisticsOn(Context))\n{\nTAG\n}</head></html>",
                "Helpers/Choices.cs": 'public static class Choices\n{\n  public static bool StatisticsOn(HttpContext context)\n  {\n    return context.Request.Cookies["cookie_choice"] == "accepted";\n  }\n}\n',
            },
            "gated",
        ),
        (
            {
                "Views/Shared/_Layout.cshtml": "<html><head>@if (ViewBag.StatisticsOn)\n{\nTAG\n}</head></html>",
                "Controllers/HomeController.cs": 'public class HomeController\n{\n  public IActionResult Index()\n  {\n    ViewBag.StatisticsOn = Request.Cookies["cookie_choice"] == "accepted";\n    return View();\n  }\n}\n',
            },
            "gated",
        ),
        (
            {
                "views/layout.ejs": "<html><head><% if (statisticsOn) { %>\nTAG\n<% } %></head></html>",
                "app.js": "const app = require('express')();\napp.use((req, res, next) => {\n  res.locals.statisticsOn = req.cookies.cookie_choice === 'accepted';\n  next();\n});\n",
            },
            "gated",
        ),
    ],
)
def test_what_the_server_gives_a_template_or_answers_it_is_looked_up(files: Mapping[str, str], state: str) -> None:
    (one,) = found(files)
    assert one.consent.state == state, one.consent


def test_a_frame_with_a_document_of_its_own_waits_for_a_click_there() -> None:
    video = "https://www.youtube.com/embed/a1B2c3D4e5F"
    inner = f"<a href={video}><img src=https://img.youtube.com/vi/a1B2c3D4e5F/0.jpg></a>"
    loads = found({"page.html": f'<iframe src="{video}" srcdoc="{inner}"></iframe>'})
    assert {(one.host, one.consent.state) for one in loads} == {
        ("www.youtube.com", "gated"),
        ("img.youtube.com", "ungated"),
    }
    (one,) = found({"page.html": f'<iframe src="{video}" srcdoc=""></iframe>'})
    assert one.consent.state == "ungated"


def test_a_function_that_is_named_elsewhere_is_not_said_to_be_called_nowhere() -> None:
    block = f"export default class extends Block {{ showCaptcha() {{ {LOAD} }} }}"

    def why(template: str) -> str:
        (one,) = found({"block.js": block, "block.hbs": template})
        assert (one.consent.state, one.consent.mechanism) == ("unknown", "uncalled")
        return one.consent.why

    assert "`showCaptcha` is named at block.hbs:2 in a manner" in why(
        '<p>Hello</p>\n<button {{act "showCaptcha"}}>Ask</button>'
    )
    assert "`showCaptcha` is never called" in why("<p>Hello</p>\n<!-- showCaptcha -->")


WAITS = """<script type="text/plain" data-cookieconsent="statistics"
  src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>"""
ASKS = "<script>function gtag() { dataLayer.push(arguments); } gtag('config', 'G-ABC1234567');</script>"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"page.html": WAITS + ASKS}, "gated"),
        ({"page.html": ASKS + WAITS}, "gated"),
        ({"page.html": ASKS}, "ungated"),
        ({"page.html": ASKS, "other.html": WAITS}, "ungated"),  # what has page.html is not known
        ({"page.html": WAITS.replace("G-ABC1234567", "G-XYZ7654321") + ASKS}, "ungated"),
        ({"page.html": WAITS + ASKS, "other.html": WAITS.replace('type="text/plain"', "")}, "ungated"),
        (
            {
                "page.html": WAITS
                + ASKS
                + '<script src="https://www.googletagmanager.com/gtm.js?id=GTM-ABC123"></script>'
            },
            "ungated",  # which may do what is asked
        ),
    ],
)
def test_a_call_without_its_script_does_nothing(files: Mapping[str, str], state: str) -> None:
    (call,) = [one for one in found(files) if one.technique == "api-call" and one.path == "page.html"]
    assert call.consent.state == state
    if state == "gated":
        assert call.consent.mechanism == "cookiebot"
        assert call.consent.why.endswith("which waits")


def test_a_player_that_waits_for_a_click_elsewhere() -> None:
    frame = '<iframe src="https://www.youtube.com/embed/{{ id }}"></iframe>'
    kept = (
        f"{{% set player %}}{frame}{{% endset %}}<button data-player=\"{{{{ player|e('html_attr') }}}}\">Play</button>"
    )
    (one,) = [one for one in found({"kept.html.twig": kept, "open.html.twig": frame}) if one.path == "open.html.twig"]
    assert one.consent.broken == "it waits for a click at kept.html.twig:1, but not here"
    picture = '<img src="https://img.youtube.com/vi/{{ id }}/0.jpg">'
    (one,) = [one for one in found({"kept.html.twig": kept, "open.html.twig": picture}) if one.path == "open.html.twig"]
    assert one.consent.broken is None


def test_a_manager_that_is_elsewhere_is_not_blamed() -> None:
    loads = [one for one in found(CASES["broken: a manager on another page"].files) if one.service == "hotjar"]
    assert [one.consent.broken for one in loads] == [None]


PLAYER = "export const Player = () => <iframe src='https://www.youtube.com/embed/a1B2c3D4e5F' />;"


def verdict(files: Mapping[str, str]) -> tuple[str, str | None]:
    (load,) = found(files)
    return load.consent.state, load.consent.mechanism


FRAME = "<iframe src='https://www.youtube.com/embed/a1B2c3D4e5F'></iframe>"
RAILS = {
    "config/application.rb": "module Clinic; class Application < Rails::Application; end; end",
    "config/routes.rb": "Rails.application.routes.draw { root 'home#index' }",
    "Gemfile": "gem 'rails'\ngem 'devise'",
    "app/views/home/index.html.erb": "<header class='header'>Hello</header>",
}


@pytest.mark.parametrize(
    ("path", "users"),
    [
        (
            "app/views/shared/old/_header.html.erb",
            (
                {"app/views/home/index.html.erb": "<%= render 'shared/old/header' %>"},
                {"app/helpers/parts_helper.rb": "def part = render(partial: 'shared/old/header')"},
                {"app/views/home/index.html.erb": '<%= render "shared/old/#{name}" %>'},
                {"app/models/header.rb": "class Header; end"},
                {"config/routes.rb": "mount Shop::Engine, at: '/'"},
                {"config/routes/shop.rb": "mount Shop::Engine, at: '/shop'"},
            ),
        ),
        ("app/views/devise/_links.html.erb", ()),
        (
            "app/views/layouts/clinic.html.erb",
            (
                {"app/controllers/clinic_controller.rb": "class ClinicController < ApplicationController; end"},
                {"app/controllers/home_controller.rb": "class HomeController\n  layout 'clinic'\nend"},
                {"app/controllers/home_controller.rb": "layout :chosen\ndef chosen = old? ? 'clinic' : 'application'"},
                {"app/views/home/index.html.erb": "<%= render template: 'layouts/clinic' %>"},
            ),
        ),
    ],
)
def test_a_rails_view_that_nothing_renders_is_told_apart(path: str, users: tuple[Mapping[str, str], ...]) -> None:
    page = f"<!doctype html><html><body>{FRAME}</body></html>" if "/layouts/" in path else FRAME
    site = RAILS | {path: page}
    assert verdict(site) == (("unknown", "unused") if users else ("ungated", "none"))
    for more in users:
        assert verdict(site | more)[0] == "ungated", more


HUGO = {"hugo.toml": "baseURL = 'https://example.org/'\n", "content/a.md": "# A\n"}
SHORTCODE, PARTIAL = "layouts/shortcodes/film.html", "layouts/partials/parts/film.html"


@pytest.mark.parametrize(
    ("path", "more", "used"),
    [
        (SHORTCODE, {}, False),
        (SHORTCODE, {"content/a.md": "{{< film id=1 >}}"}, True),
        (SHORTCODE, {"content/a.md": "{{% film %}}"}, True),
        (SHORTCODE, {"content/a.md": "{{< films >}} film"}, False),
        (SHORTCODE, {"theme.toml": "name = 'clinic'"}, True),
        ("themes/clinic/" + SHORTCODE, {"hugo.toml": "theme = 'clinic'"}, False),
        (PARTIAL, {}, False),
        (PARTIAL, {"layouts/index.html": '{{ partial "parts/film.html" . }}'}, True),
        (PARTIAL, {"layouts/index.html": '{{ partial (printf "parts/%s.html" .Kind) . }}'}, True),
        (PARTIAL, {"layouts/index.html": '{{ partial (printf "heads/%s.html" .Kind) . }}'}, False),
        (PARTIAL, {"layouts/index.html": "{{ partialCached $name . }}"}, True),
        (PARTIAL, {"content/a.md": "# Our film\n", "static/a.js": "film();"}, False),
        (PARTIAL, {"layouts/index.html": "{{ partial (.Params.part | default `a`) . }}"}, False),
        (
            PARTIAL,
            {"layouts/index.html": "{{ partial .Params.part . }}", "content/a.md": "---\npart: parts/film.html\n---\n"},
            True,
        ),
        (PARTIAL, {"hugo.toml": "theme = 'clinic'"}, True),  # the theme, which may use it, is not here
        (PARTIAL, {"hugo.toml": "[[menu.main]]\nidentifier = 'module'\n"}, False),
        (PARTIAL, {"hugo.toml": "[module]\n[[module.imports]]\npath = 'github.com/clinic/theme'"}, True),
        ("themes/clinic/" + PARTIAL, {"hugo.toml": "theme = 'clinic'"}, False),
    ],
)
def test_a_part_of_a_hugo_site_that_no_page_uses_is_told_apart(path: str, more: Mapping[str, str], used: bool) -> None:
    assert verdict(HUGO | {path: FRAME} | more) == (("ungated", "none") if used else ("unknown", "unused"))


def test_a_partial_of_a_layout_that_nothing_renders_is_on_no_page() -> None:
    site = RAILS | {
        "app/views/layouts/parts/_all.html.erb": "<%= render 'layouts/parts/header' %>",
        "app/views/layouts/parts/_header.html.erb": FRAME,
    }
    assert verdict(site) == ("unknown", "unused")
    assert verdict(site | {"app/views/home/index.html.erb": "<%= render 'layouts/parts/all' %>"})[0] == "ungated"


FILM_JS = 'document.body.innerHTML = "' + FRAME + '";'


@pytest.mark.parametrize(
    "files",
    [
        {"film.html.erb": f"<% if Rails.env.development? %>{FRAME}<% end %>"},
        {"film.blade.php": f"@if (app()->environment('local', 'testing')) {FRAME} @endif"},
        {"film.blade.php": f"@if (app()->isLocal()) {FRAME} @endif"},
        {"film.liquid": f"{{% if jekyll.environment == 'development' %}}{FRAME}{{% endif %}}"},
        {"layouts/film.html": f"{{{{ if hugo.IsServer }}}}{FRAME}{{{{ end }}}}"},
        {"film.cshtml": f"@if (env.IsDevelopment()) {{ <p>{FRAME}</p> }}"},
        {"film.py": f'def film():\n    if settings.DEBUG:\n        return "{FRAME}"\n'},
        {"film.js": f"if (process.env.NODE_ENV !== 'production') {{ {FILM_JS} }}"},
        {"film.js": f"if (import.meta.env.DEV) {{ {FILM_JS} }}"},
        {
            "main.jsx": "const Film = process.env.NODE_ENV === 'development' ? require('./Film').Film : null;\nexport default () => <>{Film && <Film/>}</>;",
            "Film.jsx": PLAYER.replace("Player", "Film"),
        },
        {
            "views/film.ejs": FRAME,
            "app.js": "if (app.get('env') === 'development') { app.get('/', (req, res) => { res.render('film'); }); }",
        },
        {"film.html": FRAME, "urls.py": "if settings.DEBUG:\n    urls += [TemplateView.as_view(template_name='film.html')]\n"},
        {"resources/views/film.blade.php": FRAME, "web.php": "<?php if (app()->isLocal()) { Route::get('/', fn () => view('film')); }"},
    ],
)  # fmt: skip
def test_what_only_developers_see_is_not_told(files: Mapping[str, str]) -> None:
    assert not found(files)


@pytest.mark.parametrize(
    "files",
    [
        {"film.html.erb": f"<% unless Rails.env.development? %>{FRAME}<% end %>"},
        {"film.blade.php": f"@if (app()->environment('local', 'production')) {FRAME} @endif"},
        {"film.liquid": f"{{% if jekyll.environment == 'staging' %}}{FRAME}{{% endif %}}"},
        {"film.js": f"if (process.env.NODE_ENV === 'production') {{ {FILM_JS} }}"},
        {"film.js": f"if (process.env.NODE_ENV !== 'staging') {{ {FILM_JS} }}"},
        {"film.js": f"if (import.meta.env.PROD) {{ {FILM_JS} }}"},
        {
            "film.html": FRAME,
            "urls.py": "if settings.DEBUG:\n    urls += [TemplateView.as_view(template_name='film.html')]\n",
            "views.py": "def film(request):\n    return render(request, 'film.html')\n",
        },
    ],
)
def test_what_visitors_see_as_well_is_told(files: Mapping[str, str]) -> None:
    assert verdict(files)[0] == "ungated"


def test_a_layout_of_a_mailer_whose_base_names_another_is_on_no_page() -> None:
    site = RAILS | {
        "app/views/layouts/clinic.html.erb": FRAME,
        "app/mailers/clinic_mailer.rb": "class ClinicMailer < ApplicationMailer\nend",
        "app/mailers/application_mailer.rb": "class ApplicationMailer < ActionMailer::Base\n  layout 'mailer'\nend",
    }
    assert verdict(site) == ("unknown", "unused")


CONTROLLER = "class HomeController : Controller { public IActionResult Index() { return View(); } }"


@pytest.mark.parametrize(
    ("path", "users"),
    [
        (
            "Site/Views/Shared/_ClinicFilm.cshtml",
            (
                {"Site/Views/Home/Index.cshtml": '@await Html.PartialAsync("_clinicfilm")'},
                {"Site/Views/Home/Index.cshtml": '<partial name="_ClinicFilm" />'},
                {"Site/Views/Home/Index.cshtml": '@{ Html.RenderPartial(@"Parts\\_ClinicFilm"); }'},
                {"Site/Views/Home/Index.cshtml": "@Html.Partial(Model.Part)"},
                {"Site/Film.cs": 'return PartialView("_ClinicFilm");'},
            ),
        ),
        ("Site/Views/Home/Film.cshtml", ({"Site/Film.cs": "public IActionResult Film() => View();"},)),
        (
            "views/partials/film.njk",
            (
                {"views/home.njk": '{% include "./partials/film.njk" %}'},
                {"views/home.njk": '{% include "partials/" + kind + ".njk" %}'},
                {"views/home.njk": "{% include part %}"},
                {"site.json": '{"part": "partials/film.njk"}'},
            ),
        ),
        ("views/partials/film.hbs", ({"views/home.hbs": "{{> film }}"}, {"views/home.hbs": "{{> (lookup . 'part') }}"})),
        ("views/partials/film.ejs", ({"views/home.ejs": "<%- include('partials/film') %>"},)),
        (
            "template-parts/film-clinic.php",
            (
                {"page.php": "<?php get_template_part('template-parts/film', 'clinic'); ?>"},
                {"page.php": "<?php include $part; ?>"},
            ),
        ),
        ("templates/fragments/film.ftl", ({"templates/home.ftl": '<#include "fragments/film.ftl">'},)),
        ("news/templates/news/includes/film.html", ({"news/templates/news/list.html": '{% include "news/includes/film.html" %}'},)),
    ],
)  # fmt: skip
def test_a_part_of_a_page_that_nothing_names_is_told_apart(path: str, users: tuple[Mapping[str, str], ...]) -> None:
    site = {path: FRAME, "Site/Home.cs": CONTROLLER, "home.html": "<p>Our film at https://film.example/</p>"}
    assert verdict(site) == ("unknown", "unused")
    for more in users:
        assert verdict(site | more)[0] == "ungated", more


@pytest.mark.parametrize(
    "path",
    [
        "Site/Views/Shared/DisplayTemplates/Film.cshtml",
        "Site/Views/Shared/Components/Film/Default.cshtml",
        "Site/Pages/Film.cshtml",
        "resources/views/errors/404.blade.php",
        "Site/Views/Shared/Film.cshtml",
        "shop/templates/basket/includes/film.html",  # may be for templates of a package with that name
    ],
)
def test_a_template_that_is_found_by_its_place_is_used(path: str) -> None:
    page = FRAME + ("@RenderBody()" if "Shared/Film" in path else "")
    assert verdict({path: page, "Site/Home.cs": CONTROLLER})[0] == "ungated"


def test_a_class_of_php_is_found_by_its_name() -> None:
    drawn = f"<?php\nclass Film {{\n  public function show() {{ ?>{FRAME}<?php }}\n}}\n"
    assert verdict({"includes/Film.php": drawn, "index.php": "<?php (new Film)->show(); ?>"})[0] == "ungated"


def test_a_template_that_drupal_does_not_find_is_on_no_page_unless_another_takes_it() -> None:
    theme = {"themes/clinic/clinic.info.yml": "name: Clinic\ntype: theme\n"}
    site = theme | {"themes/clinic/atoms/film/film.twig": FRAME}
    assert verdict(site) == ("unknown", "unused")
    for more in (
        {"themes/clinic/templates/node.html.twig": '{% include "@clinic/film/film.twig" %}'},
        {"themes/clinic/templates/node.html.twig": "{% include 'atoms-film' %}"},
        {"themes/clinic/templates/node.html.twig": "{% include part %}"},
        {"themes/clinic/atoms/film/film.component.yml": "name: Film\n"},
        {"themes/clinic/clinic.patterns.yml": "film:\n  use: atoms/film/film.twig\n"},
        {"themes/clinic/clinic.info.yml": "name: Clinic\ntype: module\n"},
    ):
        assert verdict(site | more)[0] == "ungated", more
    assert verdict(theme | {"themes/clinic/templates/film.html.twig": FRAME})[0] == "ungated"


def test_the_render_of_a_component_is_called_where_the_component_is_used() -> None:
    drawn = (
        "export class Film extends React.Component { render() { return "
        + PLAYER.split("=>", 1)[1].strip("; ")
        + "; } }"
    )
    site = {"Film.jsx": drawn, "list.js": "window.addEventListener('mousemove', () => { root.render(list); });"}
    assert verdict(site | {"main.jsx": "import { Film } from './Film'; export default () => <Film/>;"}) == (
        "ungated",
        "none",
    )
    agreed = "import { Film } from './Film'; export default () => getCookie('cookie_consent') === 'yes' && <Film/>;"
    assert verdict(site | {"main.jsx": agreed})[0] == "gated"


def test_a_component_that_nothing_imports_is_told_apart() -> None:
    site = {"package.json": '{"name": "site", "private": true}', "src/parts/Player.tsx": PLAYER}
    assert verdict(site) == ("unknown", "unused")
    for more in (
        {"src/main.tsx": "import { Player } from './parts/Player'; render(<Player />);"},
        {
            "src/parts/index.ts": "export * from './Player';",
            "src/main.ts": "import { Player } from './parts'; start(Player);",
        },
        {"src/main.ts": "const parts = import.meta.glob('./parts/*.tsx');"},
        {"src/main.ts": "const part = (name: string) => import(`./parts/${name}.tsx`);"},
        {"package.json": '{"name": "@clinic/parts", "main": "dist/parts.js"}'},
    ):
        assert verdict(site | more)[0] == "ungated", more
    assert verdict({"package.json": site["package.json"], "src/pages/Player.tsx": PLAYER})[0] == "ungated"
    texts = "const texts = import.meta.glob('./texts/*.mdx', { eager: true });"
    assert verdict(site | {"src/texts.ts": texts}) == ("unknown", "unused")


def test_a_component_of_a_common_name_that_nothing_imports_is_told_apart() -> None:
    parts = {f"app/parts/{name}/component.jsx": "export default () => <p/>" for name in ("Head", "Foot")}
    site = {
        "package.json": '{"name": "clinic", "main": "index.js"}',
        "app/main.jsx": "import Head from './parts/Head/component.jsx'; const Foot = lazy(() => import('./parts/Foot/component'));",
        "app/parts/Film/component.jsx": PLAYER,
        **parts,
    }
    assert verdict(site) == ("unknown", "unused")
    for more in (
        {"app/main.jsx": "import { Player } from './parts/Film/component'; render(<Player/>);"},
        {"build.js": "module.exports = { entry: { film: 'parts/Film/component.jsx' } };"},
        {"index.js": "export * from './lib';"},
        {"package.json": '{"name": "clinic", "main": "index.js", "dependencies": {"expo-router": "1"}}'},
    ):
        assert verdict(site | more)[0] == "ungated", more
    for name in ("page.tsx", "(info)/not-found.tsx"):
        assert verdict({"package.json": "{}", f"app/film/{name}": PLAYER})[0] == "ungated"


def test_a_module_that_nothing_imports_is_told_apart() -> None:
    module = "document.body.innerHTML = '" + FRAME.replace("'", '"') + "';\nexport const shown = true;\n"
    site = {"package.json": '{"name": "site", "private": true}', "src/api/clinic-video.ts": module}
    assert verdict(site) == ("unknown", "unused")
    for more in (
        {"src/main.ts": "import { shown } from './api/clinic-video'; console.log(shown);"},
        {"index.html": '<script type="module" src="/src/api/clinic-video.ts"></script>'},
        {"vite.config.ts": "export default { build: { rollupOptions: { input: 'src/api/clinic-video.ts' } } };"},
        {"src/api/clinic-video.ts": module.replace("export const", "const")},
    ):
        assert verdict(site | more)[0] == "ungated", more


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        ("<button data-player=\"{{ player|e('html_attr') }}\">Play</button>", ("gated", "facade")),
        ('<a href="/watch" data-player="{{ player|escape }}">Play</a>', ("gated", "facade")),
        ('<button data-player="{{ player|e }}">Play</button>{{ player }}', ("ungated", "none")),
        (
            '<button data-player="{{ player|e }}">Play</button>{% include "one.html" with {a: player} %}',
            ("ungated", "none"),
        ),
        ('<div data-player="{{ player|e }}"></div>', ("ungated", "none")),
        ("<button>{{ player }}</button>", ("ungated", "none")),
    ],
)
@pytest.mark.parametrize("block", ["set", "capture"])
def test_markup_that_is_kept_for_a_click(block: str, shown: str, state: tuple[str, str]) -> None:
    frame = '<iframe src="https://www.youtube.com/embed/{{ id }}?autoplay=1"></iframe>'
    page = f"{{% {block} player %}}<div>{frame}</div>{{% end{block} %}}\n{shown}"
    assert verdict({"videos.html.twig" if block == "set" else "videos.liquid": page}) == state
    assert verdict({"videos.html.twig": f"{{% set player %}}<b></b>{{% endset %}}{frame}{shown}"}) == (
        "ungated",
        "none",
    )


@pytest.mark.parametrize(
    ("user", "comment", "use"),
    [
        ("show.html.erb", "<%# render 'parts/player' %>", "<%= render 'parts/player' %>"),
        ("show.html.erb", "<!-- <%= render 'parts/player' %> -->", "<% part = 'player' %><%= render part %>"),
        ("show.html", "{# {% include 'parts/_player.html.erb' %} #}", "{% include 'parts/_player.html.erb' %}"),
    ],
)
def test_a_part_of_a_page_whose_use_is_commented_out_is_told_apart(user: str, comment: str, use: str) -> None:
    site = {"views/parts/_player.html.erb": "<iframe src='https://www.youtube.com/embed/a1B2c3D4e5F'></iframe>"}
    assert verdict(site | {f"views/{user}": comment}) == ("unknown", "unused")
    assert verdict(site | {f"views/{user}": f"{comment} {use}"})[0] == "ungated"
    assert verdict(site)[0] == "ungated"


@pytest.mark.parametrize(
    ("beside", "blamed"),
    [
        ('<script src="https://assets.nhs.uk/polyfill/cookie-consent-1.2.js"></script>', True),
        ('<script src="/vendor/klaro.js?v=2"></script>', True),
        ("{% include cookie-consent.html %}", False),
        ('<link rel="stylesheet" href="/css/klaro.js.css">', False),
        ('<script async src="//consent.truste.com/notice?domain=clinic.example"></script>', True),
        ("<script>truste.eu.bindMap = {};</script>", True),
        ('<a href="//privacy.truste.com/privacy-seal/validation">Our seal</a>', False),
        ("<script>CookieControl.load({ apiKey: key });</script>", True),
        ("<script>window.CookieControl?.load(settings);</script>", True),
        ("<script>if (!cookies.CookieControl?.popup) show();</script>", False),
        ("<script>jar().CookieControl = {};</script>", False),
        ("<script>class CookieControl {}\nCookieControl.show();</script>", False),
        ("<script>const semaphore = new Lock();\nsemaphore.acquire();</script>", False),
        (
            "<script type='module'>import CookieControl from './CookieControl.js';\nCookieControl.show();</script>",
            False,
        ),
    ],
)
def test_a_manager_is_told_by_its_whole_address(beside: str, blamed: bool) -> None:
    (one,) = [
        one for one in found({"index.html": f"<html><head>{beside}{TAG}</head></html>"}) if one.service == "hotjar"
    ]
    assert (one.consent.broken is not None) is blamed


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "unknown"),
        ({"_layouts/default.html": "<html>{% include counter.js %}</html>"}, "ungated"),
        ({"news.md": "{% include counter.js %}"}, "ungated"),
        ({"_layouts/default.html": "<html>{% include {{ page.part }} %}</html>"}, "ungated"),
        ({"clinic-theme.gemspec": ""}, "ungated"),
        ({"_config.yml": "remote_theme: clinic/theme\n"}, "ungated"),
    ],
)
def test_a_part_that_no_page_of_a_jekyll_site_includes_may_never_run(more: dict[str, str], state: str) -> None:
    files = {"_config.yml": "title: Clinic\n", "README.md": "- counter.js", "index.html": "<html>'counter'</html>"}
    files["_includes/counter.js"] = LOAD
    assert [one.consent.state for one in found({**files, **more}) if one.service == "hotjar"] == [state]
    files = {"_config.yml": "title: Clinic\n", "index.html": "<html></html>", "_includes/counter.html": TAG}
    more = {path: text.replace("counter.js", "counter.html") for path, text in more.items()}
    assert [one.consent.state for one in found({**files, **more}) if one.service == "hotjar"] == [state]


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "unknown"),
        ({"docs/api/counter.html": "<html>views/shared/_counter.php</html>", "notes.md": "`_counter`"}, "unknown"),
        ({"views/site/index.php": "<?php $this->renderPartial('//shared/_counter') ?>"}, "ungated"),
        ({"controllers/Site.php": "<?php class Site { function part() { return '_counter'; } }"}, "ungated"),
        ({"views/site/index.php": "<?php $this->renderPartial('//shared/_' . $kind) ?>"}, "ungated"),
        ({"views/site/index.php": '<?php $this->renderPartial("//shared/$kind") ?>'}, "ungated"),
        ({"views/site/index.php": "<?php $this->renderPartial('//forms/_form_' . $kind) ?>"}, "unknown"),
        ({"components/Mail.php": '<?php return $twig->render("$kind.twig");'}, "unknown"),
        ({"components/Mail.php": '<?php return $this->renderFile("$kind.php");'}, "ungated"),
    ],
)
def test_a_part_whose_name_stands_nowhere_may_never_run(more: dict[str, str], state: str) -> None:
    files = {"views/shared/_counter.php": "<?php ?>" + TAG, "views/layouts/main.php": "<html><?= $content ?></html>"}
    assert verdict({**files, **more})[0] == state
    ruby = {"app/views/shared/_counter.html.erb": TAG}  # which a gem may use
    assert verdict(ruby)[0] == "ungated"


_HOOKED = "@hooks.register('{hook}')\ndef print_it():\n    return mark_safe('TAG')\n"
_ACTION = "<?php\nfunction acme_print() {{ echo 'TAG'; }}\nadd_action('{hook}', 'acme_print');\n{more}"


@pytest.mark.parametrize(
    ("files", "mechanism"),
    [
        ({"app/wagtail_hooks.py": _HOOKED.format(hook="insert_global_admin_js")}, "staff"),
        ({"app/wagtail_hooks.py": _HOOKED.format(hook="insert_footer_js")}, "none"),
        ({"app/wagtail_hooks.py": "hooks.register('insert_editor_js', order=3)(1)\n" + _HOOKED.format(hook="x")}, "none"),
        ({"functions.php": _ACTION.format(hook="admin_enqueue_scripts", more="")}, "staff"),
        ({"functions.php": _ACTION.format(hook="wp_head", more="")}, "none"),
        (
            {"functions.php": _ACTION.format(hook="admin_head", more="add_action('wp_head', 'acme_print');\n")},
            "none",
        ),
        ({"functions.php": _ACTION.format(hook="admin_head", more="acme_print();\n")}, "none"),
        ({"functions.php": "<?php\nadd_action('login_head', function () { ?>\nTAG\n<?php });\n"}, "staff"),
        ({"functions.php": "<?php\nadd_action('wp_head', function () { ?>\nTAG\n<?php });\nadd_action('admin_head', 'x');"}, "none"),
        (
            {"app/templates/admin/base_site.html": "{% extends 'admin/base.html' %}{% block extrahead %}\nTAG\n{% endblock %}"},
            "staff",
        ),
        (
            {"app/templates/admin/base_site.html": "{% extends 'base.html' %}{% block extrahead %}\nTAG\n{% endblock %}"},
            "none",
        ),
        (
            {
                "config/sync/system.theme.yml": "admin: back\ndefault: front\n",
                "web/themes/custom/back/back.info.yml": "name: Back\ntype: theme\n",
                "web/themes/custom/back/templates/html.html.twig": "<html><head>\nTAG\n</head></html>",
            },
            "staff",
        ),
        (
            {
                "config/sync/system.theme.yml": "admin: back\ndefault: front\n",
                "web/themes/custom/front/front.info.yml": "name: Front\nbase theme: back\n",
                "web/themes/custom/back/back.info.yml": "name: Back\ntype: theme\n",
                "web/themes/custom/back/templates/html.html.twig": "<html><head>\nTAG\n</head></html>",
            },
            "none",
        ),
    ],
)  # fmt: skip
def test_what_only_staff_see_is_said_to_be_that(files: Mapping[str, str], mechanism: str) -> None:
    (one,) = found(files)
    assert (one.consent.state, one.consent.mechanism) == ("ungated", mechanism)


BANNER = """import { useCallback, useEffect, useMemo, useState } from 'react';
export default function CookieBanner() {
  const [prefs, setPrefs] = useState({ needed: true, analytics: false });
  const load = useCallback(() => { LOAD }, []);
  const apply = useCallback((chosen, before) => { if (chosen.analytics) { load(); } }, [load]);
  const restore = useCallback(() => {
    const stored = localStorage.getItem('cookie-consent');
    if (!stored) { return; }
    const saved = { ...JSON.parse(stored), needed: true };
    setPrefs(saved);
    apply(saved);
  }, [apply]);
  useEffect(() => { restore(); }, [restore]);
  const acceptAll = () => { const all = { needed: true, analytics: true }; setPrefs(all); apply(all); };
  const declineAll = () => { const few = { needed: true, analytics: false }; setPrefs(few); apply(few); };
  const save = () => apply(prefs);
  return <div>
    <input type="checkbox" onChange={(e) => setPrefs({ ...prefs, analytics: e.target.checked })} />
    <button onClick={declineAll}>Only what is needed</button>
    <button onClick={save}>Save</button>
    <button onClick={acceptAll}>Accept all</button>
  </div>;
}
"""


@pytest.mark.parametrize(
    ("written", "instead", "state"),
    [
        ("", "", "gated"),
        ("useCallback(() => { LOAD }, [])", "useMemo(() => () => { LOAD }, [])", "gated"),
        ("useCallback(() => { LOAD }, [])", "useMemo(() => debounce(() => { LOAD }, 300), [])", "gated"),
        ("useCallback(() => { LOAD }, [])", "React.useCallback(() => { LOAD }, [])", "gated"),
        ("(chosen, before) => { if (chosen.analytics)", "({ analytics }) => { if (analytics)", "gated"),
        ("setPrefs({ ...prefs, analytics: e", "setPrefs((old) => ({ ...old, analytics: e", "gated"),
        ("const save = () => apply(prefs)", "const keep = (some) => apply(some); const save = () => keep(prefs)", "gated"),
        ("useState({ needed: true, analytics: false })", "useState({ needed: true, analytics: true })", "ungated"),
        ("useState({ needed: true, analytics: false })", "useState(defaults)", "ungated"),
        ("const few = { needed: true, analytics: false }", "const few = { needed: true, analytics: true }", "ungated"),
        ("const few = { needed: true, analytics: false }", "const few = { analytics: false, ...site }", "ungated"),
        ("setPrefs(few); apply(few)", "few.analytics = true; apply(few)", "ungated"),
        ("setPrefs(few); apply(few)", "Object.assign(few, site); apply(few)", "ungated"),
        ("setPrefs(few); apply(few)", "const fill = (it) => { it.analytics = true; }; fill(few); apply(few)", "ungated"),
        ("setPrefs(few); apply(few)", "const fill = (it) => { Object.assign(it, site); }; fill(few); apply(few)", "ungated"),
        ("setPrefs(few); apply(few)", "const tell = (it) => { console.log(it.analytics); }; tell(few); apply(few)", "gated"),
        ("(chosen, before) => {", "(chosen = { analytics: true }) => {", "ungated"),
        ("useCallback, ", "", "gated"),
        ("import { useCallback, useEffect,", "import { useCallback } from './hooks'; import { useEffect,", "ungated"),
        ("restore(); }", "restore(); setPrefs({ analytics: true }); }", "ungated"),
        ("restore(); }", "restore(); load(); }", "ungated"),
        ("restore(); }", "restore(); start(load); }", "ungated"),
        ("<div>", "<div onMouseEnter={() => setPrefs({ analytics: true })}>", "ungated"),
        ("<div>", "<div><button onClick={() => setPrefs({ analytics: true })}>Next</button>", "ungated"),
        ("<div>", "<div><Settings onSave={setPrefs} />", "ungated"),
        ("<div>", "<div><Settings onSave={apply} />", "ungated"),
        ("if (!stored) { return; }", "", "gated"),
        ("'cookie-consent'", "'last-visit'", "ungated"),
        ("chosen.analytics", "chosen.needed", "ungated"),
        ("const save = () => apply(prefs)", "const keep = (some) => apply(some); const save = keep", "ungated"),
    ],
)  # fmt: skip
def test_what_a_function_is_given_by_all_of_its_callers(written: str, instead: str, state: str) -> None:
    assert written in BANNER
    source = BANNER.replace(written, instead) if written else BANNER
    assert {one.consent.state for one in found({"Banner.jsx": source}) if one.service == "hotjar"} == {state}


@pytest.mark.parametrize(
    ("call", "state"),
    [("{ analytics: false }", "gated"), ("{ analytics: true }", "ungated"), ("settings", "ungated")],
)
def test_what_a_function_is_given_in_other_files(call: str, state: str) -> None:
    files = {
        "consent.js": "export function apply(chosen) { if (chosen.analytics) { LOAD } }",
        "Banner.jsx": "import { apply } from './consent';\nexport const Banner = () => <p>"
        "<button onClick={() => apply({ analytics: true })}>Accept cookies</button>"
        f"<button onClick={{() => apply({call})}}>No</button></p>;",
    }
    assert {one.consent.state for one in found(files) if one.service == "hotjar"} == {state}


@pytest.mark.parametrize(
    ("text", "state"),
    [("Yes to cookies", "gated"), ("Decline cookies", "ungated")],
)
def test_a_click_to_decline_is_no_click_on_a_placeholder(text: str, state: str) -> None:
    files = {"Banner.jsx": "import { useCallback } from 'react';\nexport const Banner = () => { const frame = useCallback(() => { "
             "const f = document.createElement('iframe'); f.src = 'https://www.youtube.com/embed/abc'; "
             f"document.body.append(f); }}, []); return <button onClick={{frame}}>{text}</button>; }};"}  # fmt: skip
    assert {one.consent.state for one in found(files) if one.service == "youtube"} == {state}


GTAG = "window.dataLayer = window.dataLayer || []; function gtag(){dataLayer.push(arguments);}"
DENIED = "gtag('consent', 'default', { ad_storage: 'denied', analytics_storage: 'denied' });"
STARTED = (
    "var s = document.createElement('script'); s.src = 'https://www.googletagmanager.com/gtag/js?id=G-ABCDEF1234';\n"
    "document.head.append(s); gtag('config', 'G-ABCDEF1234');"
)
OUTSIDE = '<script async src="https://www.googletagmanager.com/gtag/js?id=G-ABCDEF1234" />'


@pytest.mark.parametrize(
    ("body", "mechanism"),
    [
        (f"<Script id='a'>{{`{GTAG}\n{DENIED}\n{STARTED}`}}</Script>", "consent-mode"),
        (f"<script>{{`{GTAG}\n{DENIED}\n{STARTED}`}}</script>", "consent-mode"),
        (f"<script dangerouslySetInnerHTML={{{{ __html: `{GTAG}\n{DENIED}` }}}} />\n{OUTSIDE}", "consent-mode"),
        (f"<Script id='a'>{{`{GTAG}\n{DENIED}\n${{more}}`}}</Script>\n{OUTSIDE}", "consent-mode"),
        (f"<Script id='a'>{{`{GTAG}\n{STARTED}\n{DENIED}`}}</Script>", "none"),
        (f"<Script id='a'>{{`{GTAG}\n{STARTED.replace('G-A', '${id}')}\n{DENIED}`}}</Script>", "none"),
        (f"{OUTSIDE}\n<Script id='a'>{{`{GTAG}\n gtag('config', 'G-ABCDEF1234'); {DENIED}`}}</Script>", "none"),
        (f"<Script id='a'>{{`{GTAG}\n{DENIED.replace('denied', 'granted')}\n{STARTED}`}}</Script>", "none"),
        (
            f"<Script id='a'>{{`{GTAG}\n{DENIED}\n{STARTED}\n{DENIED.replace('denied', 'granted').replace('default', 'update')}`}}</Script>",
            "none",
        ),
    ],
)
def test_the_default_of_consent_mode_in_scripts_that_jsx_prints(body: str, mechanism: str) -> None:
    files = {"pages/_document.jsx": f"export default function Page() {{ return <>{body}</>; }}"}
    tags = [one for one in found(files) if one.technique in ("script-src", "dynamic", "inline-script")]
    assert tags
    assert {one.consent.mechanism for one in tags if one.service == "google-analytics"} == {mechanism}


@pytest.mark.parametrize(
    ("page", "state"),
    [("<map-box></map-box>", "ungated"), ("<p map-box></p>", "ungated"), ("<p></p>", "unknown")],
)
@pytest.mark.parametrize(
    "directive",
    [
        "function MapBox() { this.restrict = 'E'; this.link = function (scope) { LOAD }; }",
        "class MapBox { constructor() { this.restrict = 'E'; } link(scope) { LOAD } }",
    ],
)
def test_a_directive_runs_where_a_page_shows_its_element(directive: str, page: str, state: str) -> None:
    files = {
        "app.js": f"{directive}\nangular.module('clinic').directive('mapBox', function () {{ return new MapBox(); }});",
        "index.html": f'<html><body ng-app="clinic">{page}<script src="/app.js"></script></body></html>',
    }
    assert {one.consent.state for one in found(files) if one.service == "hotjar"} == {state}


@pytest.mark.parametrize(
    ("text", "mechanism"),
    [
        ("import ReactGA from 'react-ga';\nexport const Page = () => null;", "absent"),
        ("import ReactGA, { Event } from 'react-ga';\nexport const Page = () => null;", "absent"),
        ("import ReactGA from 'react-ga';\nexport { ReactGA };", "none"),
        ("import ReactGA from 'react-ga';\nexport const Page = () => <Meter of={ReactGA} />;", "none"),
        ("import 'react-ga';", "none"),
        ("export * from 'react-ga';", "none"),
        (
            "import { GoogleAnalytics } from '@next/third-parties/google';\nexport default () => <GoogleAnalytics />;",
            "none",
        ),
    ],
)
def test_an_import_of_which_no_name_is_used_starts_nothing(text: str, mechanism: str) -> None:
    seen = [one for one in found({"pages/index.jsx": text}) if one.service == "google-analytics"]
    assert {one.consent.mechanism for one in seen} == {mechanism}


GIVES_COOKIE = (
    "def tags(request):\n    return {'MEASUREMENT_COOKIE_CHOICE': request.COOKIES.get('cookie_choice', None)}\n"
)


@pytest.mark.parametrize(
    ("path", "text", "writes", "state"),
    [
        ("base.html", "{% if MEASUREMENT_COOKIE_CHOICE %}TAG{% endif %}", "cookie_choice=noallow; path=/", "ungated"),
        ("base.html", "{% if DEBUG and MEASUREMENT_COOKIE_CHOICE %}TAG{% endif %}", "cookie_choice=no", "ungated"),
        ("base.html", "{% if MEASUREMENT_COOKIE_CHOICE == 'allow' %}TAG{% endif %}", "cookie_choice=noallow", "gated"),
        ("base.html", "{% if MEASUREMENT_COOKIE_CHOICE %}TAG{% endif %}", "cookie_choice=allow; path=/", "gated"),
        ("app.js", "if (Cookies.get('cookie_choice')) { LOAD }", "cookie_choice=declined", "ungated"),
        ("app.js", "if (!Cookies.get('cookie_choice')) { ask() } else { LOAD }", "cookie_choice=no", "ungated"),
        ("app.js", "if (document.cookie.includes('cookie_choice=')) { LOAD }", "cookie_choice=no", "ungated"),
        ("app.js", "if (document.cookie.includes('cookie_choice=yes')) { LOAD }", "cookie_choice=no", "gated"),
        ("app.js", "if ((Cookies.get('cookie_choice') || '') === 'yes') { LOAD }", "cookie_choice=no", "gated"),
        ("app.js", "const is = Cookies.get('cookie_choice'); if (is && is === 'yes') { LOAD }", "cookie_choice=no", "gated"),
        ("app.js", "if (Cookies.get('cookie_choice') && JSON.parse(Cookies.get('cookie_choice')).all) { LOAD }",
         "cookie_choice=no", "gated"),
    ],
)  # fmt: skip
def test_a_choice_that_is_stored_after_a_refusal_too_is_no_consent_by_being_there(
    path: str, text: str, writes: str, state: str
) -> None:
    files = {
        path: text.replace("TAG", TAG).replace("LOAD", LOAD),
        "context_processors.py": GIVES_COOKIE,
        "banner.js": f"function refuse() {{ document.cookie = '{writes}' }}",
    }
    states = {one.consent.state for one in found(files) if one.service == "hotjar"}
    assert states == {state}


@pytest.mark.parametrize(
    "writes",
    [
        "localStorage.setItem('cookie_choice', 'declined')",
        "const KEY = 'cookie_choice'; localStorage.setItem(KEY, 'rejected')",
        "const KEY = 'cookie_choice'; document.cookie = `${KEY}=false; path=/`",
        "const KEY = 'cookie_choice'; document.cookie = KEY + '=no; path=/'",
        "setCookie('cookie_choice', 'essential', 365)",
    ],
)
def test_a_refusal_is_stored_in_many_spellings(writes: str) -> None:
    files = {"app.js": f"if (localStorage.getItem('cookie_choice')) {{ {LOAD} }}", "banner.js": writes}
    assert {one.consent.state for one in found(files)} == {"ungated"}

"""`--fix`: what it gates is gated in the same run, nothing but the reported edits changes, and a second run does nothing."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tracklint import cli, fix, ruleset
from tracklint.check import Request, UsageError, run
from tracklint.model import Detection, Span

LOADERS = {
    "cookiebot": '<script id="Cookiebot" src="https://consent.cookiebot.com/uc.js" data-cbid="x"></script>',
    "nhsuk-cookie-consent": '<script src="/js/cookie-consent.js"></script>\n<script>NHSCookieConsent.onLoad</script>',
    "klaro": '<script>var klaroConfig = {services: [{name: "hotjar"}, {name: "google-analytics"}, {name: "facebook-pixel"}, '
    '{name: "youtube"}]};</script>\n<script src="https://cdn.kiprotect.com/klaro/v0.7/klaro.js"></script>',
    "onetrust": '<script src="https://cdn.cookielaw.org/scripttemplates/otSDKStub.js" data-domain-script="x"></script>',
    "vanilla-cookieconsent-v3": '<script src="/js/cookieconsent.umd.js"></script>\n'
    "<script>CookieConsent.run({categories: {necessary: {readOnly: true}, analytics: {}, ads: {}}});</script>",
    "cookieyes": '<script defer src="https://cdn-cookieyes.com/client_data/1/script.js"></script>',
}
HOTJAR = '<script src="https://static.hotjar.com/c/hotjar-1234567.js?sv=6"></script>'
GTAG = """\
<script async src="https://www.googletagmanager.com/gtag/js?id=G-ABC1234567"></script>
<script>
  window.dataLayer = window.dataLayer || [];
  function gtag(){dataLayer.push(arguments);}
  gtag('js', new Date());
  gtag('config', 'G-ABC1234567');
</script>"""
PIXEL = """\
<script>
!function(f,b,e,v,n,t,s){n=f.fbq=function(){};t=b.createElement(e);t.async=!0;t.src=v;b.head.appendChild(t)}(window,
document,'script','https://connect.facebook.net/en_US/fbevents.js');
fbq('init', '123456789012345'); fbq('track', 'PageView');
</script>"""
PIXEL_TWIN = (
    '<noscript><img height="1" width="1" src="https://www.facebook.com/tr?id=123456789012345&ev=PageView"></noscript>'
)
FILM = '<iframe width="560" title="A film" src="https://www.youtube.com/embed/aqz-KE-bpKQ"></iframe>'
HINT = '<link rel="preconnect" href="https://static.hotjar.com">'


def page(*parts: str, head: str = LOADERS["cookiebot"]) -> str:
    return "\n".join(["<!doctype html>", "<html><head>", head, "</head><body>", *parts, "</body></html>", ""])


def mended(folder: Path, files: dict[str, str], *, unsafe: bool = False, save: bool = True) -> fix.Plan:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return fix.fix_site(Request(paths=(folder,)), unsafe=unsafe, save=save)


def loads(folder: Path) -> list[Detection]:
    return [one for one in run(Request(paths=(folder,))).report.detections if not one.service.startswith("cmp:")]


def text_of(folder: Path, name: str = "index.html") -> str:
    return (folder / name).read_bytes().decode()


def test_every_manager_with_a_fix_is_proved_here() -> None:
    managers = ruleset.load().managers.values()
    assert {one.slug for one in managers if one.fixes} == set(LOADERS)


@pytest.mark.parametrize("manager", LOADERS)
def test_after_a_fix_the_same_run_calls_the_loads_gated(tmp_path: Path, manager: str) -> None:
    text = page(HINT, GTAG, HOTJAR, PIXEL, PIXEL_TWIN, head=LOADERS[manager])
    plan = mended(tmp_path, {"index.html": text})
    assert not plan.left
    found = loads(tmp_path)
    assert {one.service for one in found} == {"google-analytics", "hotjar", "facebook-pixel"}
    assert {one.consent.state for one in found} == {"gated"}
    assert not mended(tmp_path, {}).fixes


@pytest.mark.parametrize("manager", ["cookiebot", "nhsuk-cookie-consent", "klaro", "onetrust"])
def test_frames_are_gated_where_the_manager_can(tmp_path: Path, manager: str) -> None:
    plan = mended(tmp_path, {"index.html": page(FILM, head=LOADERS[manager])})
    assert [one.kind for one in plan.fixes] == ["gate"]
    assert [one.consent.state for one in loads(tmp_path)] == ["gated"]
    assert " src=" not in text_of(tmp_path).split("<iframe")[1]


def test_what_is_written(tmp_path: Path) -> None:
    mended(tmp_path, {"index.html": page(HINT, HOTJAR, PIXEL, PIXEL_TWIN, FILM, '<script type="text/javascript" class="x" src="//static.hotjar.com/c/hotjar-2.js"></script>')})  # fmt: skip
    assert text_of(tmp_path) == page(
        HOTJAR.replace("<script", '<script type="text/plain" data-cookieconsent="statistics"'),
        PIXEL.replace("<script", '<script type="text/plain" data-cookieconsent="marketing"', 1),
        FILM.replace("<iframe", '<iframe data-cookieconsent="marketing"').replace(" src=", " data-cookieblock-src="),
        '<script data-cookieconsent="statistics" type="text/plain" class="x" src="//static.hotjar.com/c/hotjar-2.js"></script>',
    )


def test_the_manager_that_the_policy_names_wins(tmp_path: Path) -> None:
    files = {"tracklint.toml": 'cmp = "onetrust"\n', "index.html": page('<script class="late" src="https://static.hotjar.com/c/hotjar-1234567.js"></script>')}  # fmt: skip
    mended(tmp_path, files)
    assert 'class="late optanon-category-C0002"' in text_of(tmp_path)
    assert loads(tmp_path)[0].consent.state == "gated"


def test_a_manager_that_does_not_exist_is_a_wrong_configuration(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean cookiebot"):
        mended(tmp_path, {"tracklint.toml": 'cmp = "cookibot"\n', "index.html": page(HOTJAR)})


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("", "no consent manager is known here"),
        (LOADERS["cookiebot"] + LOADERS["onetrust"], "several consent managers"),
        (f"<!-- {LOADERS['cookiebot']} -->", "no consent manager is known here"),
        (
            '<script src="https://cc.cdn.civiccomputing.com/9/cookieControl-9.x.min.js"></script>',
            "no markup that holds",
        ),
    ],
)
def test_without_a_manager_that_could_do_it_nothing_is_written(tmp_path: Path, head: str, reason: str) -> None:
    text = page(HOTJAR, head=head)
    plan = mended(tmp_path, {"index.html": text}, unsafe=True)
    assert not plan.fixes and reason in plan.left[0].reason
    assert text_of(tmp_path) == text


@pytest.mark.parametrize(
    "tag",
    [
        '<script {% if live %}type="module"{% endif %} src="https://static.hotjar.com/c/hotjar-1234567.js"></script>',
        '<script type="{{ kind }}" src="https://static.hotjar.com/c/hotjar-1234567.js"></script>',
        '<script type="module" src="https://static.hotjar.com/c/hotjar-1234567.js"></script>',
        "<iframe :src=\"'https://www.youtube.com/embed/aqz-KE-bpKQ'\"></iframe>",
    ],
)
def test_tags_that_a_template_or_a_framework_decides_are_left_alone(tmp_path: Path, tag: str) -> None:
    text = page(tag)
    plan = mended(tmp_path, {"index.html": text}, unsafe=True)
    assert not plan.fixes
    assert text_of(tmp_path) == text


def test_a_dynamic_address_may_stay_where_it_is(tmp_path: Path) -> None:
    film = '<iframe src="https://www.youtube.com/embed/{{ id | e("html") }}"></iframe>'
    mended(tmp_path, {"index.html": page(film)})
    assert 'data-cookieblock-src="https://www.youtube.com/embed/{{ id | e("html") }}"' in text_of(tmp_path)


@pytest.mark.parametrize("name", ["app.js", "Film.vue", "Film.svelte", "page.pug", "view.jsx"])
def test_only_html_is_edited(tmp_path: Path, name: str) -> None:
    sources = {
        "app.js": "var s = document.createElement('script'); s.src = 'https://static.hotjar.com/c/hotjar-1234567.js'; document.head.append(s);",
        "page.pug": "doctype html\nhtml\n  body\n    script(src='https://static.hotjar.com/c/hotjar-1234567.js')\n",
        "view.jsx": f"export const Film = () => {FILM};",
    }
    source = sources.get(name, f"<template>\n{FILM}\n</template>\n")
    plan = mended(tmp_path, {"index.html": page(), name: source}, unsafe=True)
    assert not plan.fixes and {one.path for one in plan.left} == {name}
    assert text_of(tmp_path, name) == source


def test_a_script_with_other_code_in_it_is_an_unsafe_fix(tmp_path: Path) -> None:
    script = PIXEL.replace("</script>", "document.querySelector('nav').hidden = false;\n</script>")
    plan = mended(tmp_path, {"index.html": page(script)})
    assert not plan.fixes and "other code" in plan.left[0].reason and "--unsafe-fixes" in plan.left[0].reason
    assert [one.safe for one in mended(tmp_path, {}, unsafe=True).fixes] == [False]
    assert loads(tmp_path)[0].consent.state == "gated"


def test_a_script_that_others_call_is_an_unsafe_fix(tmp_path: Path) -> None:
    files = {"index.html": page(GTAG), "js/form.js": "form.onsubmit = function () { gtag('event', 'sent'); };\n"}
    plan = mended(tmp_path, files)
    assert [one.line for one in plan.fixes] == [5]
    assert "js/form.js:1 uses gtag" in plan.left[0].reason


def test_a_name_that_the_site_chooses_must_be_in_its_configuration(tmp_path: Path) -> None:
    head = LOADERS["vanilla-cookieconsent-v3"]
    mended(tmp_path, {"index.html": page(PIXEL, head=head)})
    assert 'data-category="ads"' in text_of(tmp_path)
    plan = mended(tmp_path, {"index.html": page(PIXEL, head=head.replace(", ads: {}", ""))})
    assert not plan.fixes and 'must know as "marketing"' in plan.left[0].reason


def test_a_frame_shows_a_place_holder_where_nothing_else_holds_it(tmp_path: Path) -> None:
    text = page(FILM, head="")
    assert not mended(tmp_path, {"index.html": text}).fixes
    assert [one.kind for one in mended(tmp_path, {}, unsafe=True).fixes] == ["facade"]
    after = text_of(tmp_path)
    assert "&lt;a href=&quot;https://www.youtube.com/embed/aqz-KE-bpKQ&quot;&gt;Show A film." in after
    assert [one.consent.state for one in loads(tmp_path)] == ["gated"]


@pytest.mark.parametrize(
    ("noscript", "after"),
    [
        (f"<p>One.</p>{PIXEL_TWIN}<p>Two.</p>", "<p>One.</p><p>Two.</p>"),
        (PIXEL_TWIN.replace("</noscript>", "<p>Please switch script on.</p></noscript>"), "<noscript><p>Please switch script on.</p></noscript>"),
    ],
)  # fmt: skip
def test_a_noscript_twin_goes_with_nothing_else(tmp_path: Path, noscript: str, after: str) -> None:
    mended(tmp_path, {"index.html": page(PIXEL, noscript)})
    assert text_of(tmp_path).endswith(f"</script>\n{after}\n</body></html>\n")


def test_a_noscript_without_its_script_is_an_unsafe_fix(tmp_path: Path) -> None:
    plan = mended(tmp_path, {"index.html": page(PIXEL_TWIN)})
    assert not plan.fixes and "--unsafe-fixes" in plan.left[0].reason


def test_suppressed_and_unselected_findings_are_not_mended(tmp_path: Path) -> None:
    quiet = "<!-- tracklint: ignore[TL201] Only staff see this page, behind a login -->"
    assert not mended(tmp_path, {"index.html": page(quiet, HOTJAR)}).fixes
    plan = fix.fix_site(Request(paths=(tmp_path,), ignore=("TL2",)), unsafe=True, save=True)
    assert not plan.fixes and not plan.left


def test_encodings_and_byte_order_marks_stay(tmp_path: Path) -> None:
    text = page('<meta charset="iso-8859-1">', "<p>Café</p>", HOTJAR)
    for data in (b"\xef\xbb\xbf" + text.replace("iso-8859-1", "utf-8").encode(), text.encode("latin-1")):
        (tmp_path / "index.html").write_bytes(data)
        fix.fix_site(Request(paths=(tmp_path,)), unsafe=False, save=True)
        gate = b'<script type="text/plain" data-cookieconsent="statistics" src="https://static'
        assert (tmp_path / "index.html").read_bytes() == data.replace(b'<script src="https://static', gate)


def test_bytes_that_are_not_in_the_encoding_are_never_written_back(tmp_path: Path) -> None:
    data = page("<p>caf\ufffd</p>", HOTJAR).encode().replace("\ufffd".encode(), b"\xe9")
    (tmp_path / "index.html").write_bytes(data)
    plan = fix.fix_site(Request(paths=(tmp_path,)), unsafe=True, save=True)
    assert not plan.fixes and "encoding" in plan.left[0].reason
    assert (tmp_path / "index.html").read_bytes() == data


def test_a_file_that_was_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    plan = mended(tmp_path, {"index.html": page(HOTJAR)}, save=False)
    (tmp_path / "index.html").write_text("<p>New.</p>")
    with pytest.raises(OSError, match="changed meanwhile"):
        fix.write(run(Request(paths=(tmp_path,))).tree, plan)
    assert text_of(tmp_path) == "<p>New.</p>"
    assert [one.name for one in tmp_path.iterdir()] == ["index.html"]


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_the_mode_of_a_file_stays(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("")
    (tmp_path / "index.html").chmod(0o640)
    mended(tmp_path, {"index.html": page(HOTJAR)})
    assert (tmp_path / "index.html").stat().st_mode & 0o777 == 0o640


UNCLOSED = "<script src=https://static.hotjar.com/c/hotjar-1234567.js>"
PIECES = (
    HOTJAR, GTAG, PIXEL, PIXEL_TWIN, FILM, HINT, LOADERS["onetrust"], "<p>\U0001f489 é</p>", "<!-- <b> -->", "{% if page.x %}",
    "{% endif %}", "{{ title }}", "<div", "</div>", "<noscript>", "</noscript>", '<img src="https://www.facebook.com/tr?id=1&ev=PageView">',
    UNCLOSED, "</script>", "<script>", "fbq('track', 'x');", "\t", "\x0c", "\u2028",
    '<SCRIPT TYPE="text/javascript" SRC="https://static.hotjar.com/c/hotjar-1234567.js"></SCRIPT>', "'", '"', "<template>", "</template>",
)  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@example(["<noscript>", UNCLOSED, "</noscript>", "</noscript>", HOTJAR], "\n", False)
@example(["<noscript>", GTAG, "</noscript>", GTAG], "\n", False)
@given(st.lists(st.sampled_from(PIECES), max_size=9), st.sampled_from(["\n", "\r\n", "\r", ""]), st.booleans())
def test_nothing_changes_but_the_reported_edits(pieces: list[str], end: str, unsafe: bool) -> None:
    text = end.join(["<!doctype html>", LOADERS["cookiebot"].replace("\n", end), *pieces])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        plan = mended(folder, {"index.html": text}, unsafe=unsafe)
        after = text_of(folder)
        expected, position = "", 0
        for edit in sorted((edit for one in plan.fixes for edit in one.edits), key=lambda edit: edit.span):
            assert edit.span.start >= position
            expected += text[position : edit.span.start] + edit.text
            position = edit.span.end
        assert after == expected + text[position:]
        for kept in ("\r\n", "\r", "\n"):
            assert kept in after or kept not in text or any(one.kind in ("hint", "noscript") for one in plan.fixes)
        assert not plan.fixes or text != after
        again = fix.fix_site(Request(paths=(folder,)), unsafe=unsafe, save=True)
        assert not again.fixes or any("run it again" in one.reason for one in plan.left)


@given(
    st.text(max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.text(max_size=3)), max_size=4)
)
def test_edits_are_applied_as_they_are_given_or_refused(text: str, raw: list[tuple[int, int, str]]) -> None:
    edits = [fix.Edit(Span(start, end), new) for start, end, new in raw]
    ordered = sorted(edits, key=lambda edit: edit.span)
    fits = all(edit.span.start <= edit.span.end <= len(text) for edit in edits) and all(
        one.span.end <= two.span.start for one, two in itertools.pairwise(ordered)
    )
    if not fits:
        with pytest.raises(ValueError, match="overlap"):
            fix.apply(text, edits)
        return
    expected = text
    for edit in reversed(ordered):
        expected = expected[: edit.span.start] + edit.text + expected[edit.span.end :]
    assert fix.apply(text, edits) == expected


# ------------------------------------------------------------------------------------------------------ command line


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., tuple[int, str, str]]]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRACKLINT_TODAY", "2026-06-01")

    def call(*arguments: str) -> tuple[int, str, str]:
        code = cli.main(arguments)
        out, err = capfd.readouterr()
        return code, out, err

    yield call


def test_the_command_line_previews_then_writes_then_checks(
    tmp_path: Path, command: Callable[..., tuple[int, str, str]]
) -> None:
    text = page(HOTJAR)
    (tmp_path / "index.html").write_bytes(text.replace("\n", "\r\n").encode())
    code, out, err = command("--fix", "--diff")
    assert code == 1 and "would be fixed: Gate Hotjar with Cookiebot" in err
    assert [line[:1] for line in out.splitlines()[:2]] == ["-", "+"] and out.count("\n-<") == out.count("\n+<") == 1
    assert text_of(tmp_path) == text.replace("\n", "\r\n")

    code, out, err = command("--fix", "--select", "TL2")
    assert "index.html:5: fixed: Gate Hotjar with Cookiebot (statistics)" in err
    assert code == 0 and "TL201" not in out
    assert text_of(tmp_path).count("\r\n") == text_of(tmp_path).count("\n") == text.count("\n")
    assert command("--fix", "--diff")[:2] == (0, "")


@pytest.mark.parametrize(
    "options", [("--unsafe-fixes",), ("--diff",), ("--fix", "--fix-manifest"), ("--fix", "--staged")]
)
def test_options_that_do_not_go_together(
    options: tuple[str, ...], command: Callable[..., tuple[int, str, str]]
) -> None:
    code, _, err = command(*options)
    assert code == 2 and err.count("\n") == 1

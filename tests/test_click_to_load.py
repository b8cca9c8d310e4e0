"""Players that a component shows only after the visitor's click, by a state of its own or of the component around it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tracklint.ruleset import load
from tracklint.scan import scan
from tracklint.source import Tree

RULES = load()
PAGE = "import Player from '../components/Player';\nexport default function Home() { return <Player items={[]} />; }"
FRAME = "<iframe src={`https://www.youtube-nocookie.com/embed/${item.id}`} />"


def states(files: Mapping[str, str]) -> set[str]:
    contents = {path: text.encode() for path, text in files.items()}
    paths = tuple(sorted(contents))
    tree = Tree(Path("/site"), paths, paths, (), contents.__getitem__, lambda path: len(contents[path]))
    return {one.consent.state for one in scan(tree, RULES, jobs=1).detections if one.service == "youtube"}


TYPED = (
    "function Embed({ item, started, onPlay }: { item: Item; started: boolean; onPlay: () => void }) {\n"
    f"  if (started) return {FRAME};\n  return <button onClick={{onPlay}}>Play</button>;\n}}\n"
    "export default function Player({ item }: { item: Item }) {\n  const [id, setId] = useState<string | null>(null);\n"
    "  return <Embed item={item} started={id === item.id} onPlay={() => setId(item.id)} />;\n}"
)


def test_what_a_click_alone_shows_waits_for_it_with_types() -> None:
    package = '{"dependencies": {"next": "14", "react": "18"}}'
    assert states({"package.json": package, "pages/index.tsx": PAGE, "components/Player.tsx": TYPED}) == {"gated"}


def react(code: str, **others: str) -> set[str]:
    files = {f"components/{name}.jsx": text for name, text in others.items()}
    return states(
        {
            "package.json": '{"dependencies": {"next": "14", "react": "18"}}',
            "pages/index.jsx": PAGE,
            "components/Player.jsx": f"import {{ useEffect, useReducer, useState }} from 'react';\n{code}",
            **files,
        }
    )


def player(state: str, shown: str, around: str = "") -> str:
    return f"{around}\nexport default function Player({{ item, items }}) {{ {state} return {shown}; }}"


ON = "const [on, setOn] = useState(false);"
ID = "const [on, setOn] = useState(null);"
PLAY = "<button onClick={() => setOn(true)}>Play</button>"
PLAY_ID = "<button onClick={() => setOn(item.id)}>Play</button>"
EMBED = f"function Embed({{ item, started, onPlay }}) {{ if (started) return {FRAME}; return <button onClick={{onPlay}}>Play</button>; }}"
REDUCE = "const reduce = (state, action) => (action.type === 'play' ? { ...state, on: true } : state);"
MODAL = "export default function Modal({ open, children }) { if (!open) return null; return <div>{children}</div>; }"

WAITING = {
    "a flag": player(ON, f"on ? {FRAME} : {PLAY}"),
    "an id": player(ID, f"on === item.id ? {FRAME} : {PLAY_ID}"),
    "no other id": player(ID, f"on !== item.id ? {PLAY_ID} : {FRAME}"),
    "a position": player(
        "const [on, setOn] = useState(-1);",
        "items.map((item, i) => on === i ? " + FRAME + " : <button onClick={() => setOn(i)}>Play</button>)",
    ),
    "a property": player(
        ID, "<Embed item={item} started={on === item.id} onPlay={() => setOn(item.id)} />", around=EMBED
    ),
    "a property of all of them": player(
        ON,
        "<><Embed item={item} started={on} />" + PLAY + "</>",
        around=f"function Embed(props) {{ const item = props.item; return props.started ? {FRAME} : null; }}",
    ),
    "a reducer": player(
        "const [state, dispatch] = useReducer(reduce, { on: false });",
        f"state.on ? {FRAME} : <button onClick={{() => dispatch({{ type: 'play' }})}}>Play</button>",
        around=REDUCE,
    ),
    "a cover": player(
        ON,
        f"on ? {FRAME} : <Cover onPlay={{() => setOn(true)}} />",
        around="function Cover({ onPlay }) { return <button onClick={onPlay}>Play</button>; }",
    ),
    "a cover that may have no handler": player(
        ON,
        f"on ? {FRAME} : <Cover onPlay={{() => setOn(true)}} />",
        around="function Cover({ onPlay }) { return onPlay && <button onClick={() => onPlay?.()}>Play</button>; }",
    ),
    "a dialog of the project": player(
        ON, f"<>{PLAY}<Modal open={{on}}>{FRAME}</Modal></>", around="import Modal from './Modal';"
    ),
}

LIBRARY = {
    "its name": ("import { Dialog } from '@mui/material';", "<Dialog open={on}>"),
    "another name": ("import { Modal as Box } from 'react-bootstrap';", "<Box show={on} onHide={() => setOn(false)}>"),
    "the whole package": ("import Box from 'react-modal';", "<Box isOpen={on}>"),
}


@pytest.mark.parametrize(("imported", "tag"), LIBRARY.values(), ids=LIBRARY)
def test_a_dialog_of_a_library_shows_nothing_while_it_is_closed(imported: str, tag: str) -> None:
    end = f"</{tag[1:].split()[0]}>"
    assert react(player(ON, f"<>{PLAY}{tag}{FRAME}{end}</>", around=imported)) == {"gated"}
    kept = tag.replace(">", " keepMounted>") if "=>" not in tag else tag.replace("show={on}", "show")
    assert react(player(ON, f"<>{PLAY}{kept}{FRAME}{end}</>", around=imported)) == {"ungated"}
    assert react(player(ON, f"<>{PLAY}{tag}{FRAME}{end}</>", around=imported.replace("from '", "from './own-"))) == {
        "ungated"
    }


@pytest.mark.parametrize("code", WAITING.values(), ids=WAITING)
def test_what_a_click_alone_shows_waits_for_it(code: str) -> None:
    assert react(code, Modal=MODAL) == {"gated"}


STATE = "export default class Player extends React.Component {{ state = {{ on: false }}; {} render() {{ const item = this.props.item; return {}; }} }}"
ASK = "<button onClick={() => this.setState({ on: true })}>Play</button>"


def test_the_state_of_a_class_waits_if_clicks_alone_set_it() -> None:
    assert react(STATE.format("", f"this.state.on ? {FRAME} : {ASK}")) == {"gated"}
    assert react(STATE.format("play() { this.setState({ on: true }); }", f"this.state.on ? {FRAME} : {ASK}")) == {
        "ungated"
    }
    at_once = "componentDidMount() { this.setState({ on: true }); }"
    assert react(STATE.format(at_once, f"this.state.on ? {FRAME} : {ASK}")) == {"ungated"}


def test_an_address_that_only_a_click_makes_waits() -> None:
    source = "`https://www.youtube.com/embed/${item.id}`"
    assert react(player(ON, f"<><iframe src={{on ? {source} : undefined}} />{PLAY}</>")) == {"gated"}
    assert react(player(ON, f"<><iframe src={{on ? undefined : {source}}} />{PLAY}</>")) == {"ungated"}


OPEN = {
    "an effect": player(f"{ON} useEffect(() => {{ setOn(true); }}, []);", f"on ? {FRAME} : {PLAY}"),
    "a cover that does not wait": player(
        ON,
        f"on ? {FRAME} : <Cover onPlay={{() => setOn(true)}} />",
        around="function Cover({ onPlay }) { useEffect(() => { onPlay(); }, []); return null; }",
    ),
    "the first of a row": player(
        "const [on, setOn] = useState(0);", f"items.map((item, i) => on === i ? {FRAME} : null)"
    ),
    "a state that begins with it": player(
        "const [on, setOn] = useState(items[0].id);", f"on === item.id ? {FRAME} : {PLAY_ID}"
    ),
    "another of the kind": player(
        ON, f"<><Embed item={{item}} started={{on}} /><Embed item={{items[0]}} started />{PLAY}</>", around=EMBED
    ),
    "properties that nobody sees": player(ON, f"<><Embed item={{item}} {{...items[0]}} />{PLAY}</>", around=EMBED),
    "a reducer that is told at once": player(
        "const [state, dispatch] = useReducer(reduce, { on: false }); useEffect(() => { dispatch({ type: 'play' }); }, []);",
        f"state.on ? {FRAME} : null",
        around=REDUCE,
    ),
    "a dialog that is open": player(
        ON, f"<>{PLAY}<Modal open>{FRAME}</Modal></>", around="import Modal from './Modal';"
    ),
    "a dialog that only hides": player(
        ON,
        f"<>{PLAY}<Hidden open={{on}}>{FRAME}</Hidden></>",
        around="function Hidden({ open, children }) { return <div hidden={!open}>{children}</div>; }",
    ),
    "what wraps it gives it more": player(
        ON,
        "<Outer item={item} started={on} />",
        around=f"{EMBED}\nconst Outer = connect((state) => ({{ started: state.on }}))(Embed);",
    ),
}


@pytest.mark.parametrize("code", OPEN.values(), ids=OPEN)
def test_what_may_be_shown_without_a_click_does_not_wait(code: str) -> None:
    assert react(code, Modal=MODAL) == {"ungated"}


SHOWN = '<iframe src="https://www.youtube.com/embed/abc" title="a"{}></iframe>'
CLICKED = '<button @click="on = true">Play</button>'


def vue(script: str, template: str) -> dict[str, str]:
    return {
        "package.json": '{"dependencies": {"vue": "3"}}',
        "src/main.js": "import Player from './Player.vue';\ncreateApp(Player).mount('#app');",
        "src/Player.vue": f"<template><div>{template}</div></template>\n{script}",
    }


def svelte(script: str, template: str) -> dict[str, str]:
    return {
        "src/main.js": "import Player from './Player.svelte';\nnew Player({ target: document.body });",
        "src/Player.svelte": f"<script>\n{script}\n</script>\n{template}",
    }


def angular(fields: str, template: str) -> dict[str, str]:
    return {
        "src/app/player.component.ts": "import { Component, Input } from '@angular/core';\n"
        "@Component({ selector: 'app-player', templateUrl: './player.component.html' })\n"
        f"export class PlayerComponent {{ {fields} }}",
        "src/app/player.component.html": template,
    }


DATA = "<script>\nexport default {{ data() {{ return {{ on: false }}; }},{} }};\n</script>"
SETUP = "<script setup>\nimport {{ ref, onMounted }} from 'vue';\nconst on = ref({});\n{}\n</script>"
IF = SHOWN.format(' v-if="on"')
EACH = f"{{#if on}}{SHOWN.format('')}{{:else}}<button on:click={{() => on = true}}>Play</button>{{/if}}"
CALLED = f"{{#if on}}{SHOWN.format('')}{{:else}}<button on:click={{play}}>Play</button>{{/if}}"
NG = SHOWN.format(' *ngIf="on; else cover"') + '<button (click)="play()">Play</button>'

KEPT = {
    "data": vue(DATA.format(""), IF + CLICKED),
    "a method": vue(
        DATA.format(" methods: { play() { this.on = true; } }"), f'{IF}<button @click="play">Play</button>'
    ),
    "a reference": vue(SETUP.format("false", ""), IF + CLICKED),
    "a function": vue(
        SETUP.format("null", "function play(id) { on.value = id; }"), f'{IF}<button @click="play(1)">Play</button>'
    ),
    "an id": vue(
        SETUP.format("null", ""),
        SHOWN.format(' v-for="v in videos" v-if="on === v.id"') + '<button @click="on = v.id">Play</button>',
    ),
    "else": vue(SETUP.format("false", ""), '<p v-if="!on" @click="on = true">Play</p>' + SHOWN.format(" v-else")),
    "a variable": svelte("let on = false;", EACH),
    "a rune": svelte("let on = $state(false);", EACH),
    "a function of Svelte": svelte("let on = false;\nfunction play() { on = true; }", CALLED),
    "a field": angular("on = false; play() { this.on = true; }", NG),
}


@pytest.mark.parametrize("files", KEPT.values(), ids=KEPT)
def test_a_state_that_clicks_alone_set_in_a_template_waits(files: Mapping[str, str]) -> None:
    assert states(files) == {"gated"}


CHANGED = {
    "when it is mounted": vue(SETUP.format("false", "onMounted(() => { on.value = true; });"), IF + CLICKED),
    "by a method that runs at once": vue(
        DATA.format(" methods: { play() { this.on = true; } }, mounted() { this.play(); }"), IF
    ),
    "from the start": vue(SETUP.format("true", ""), IF + CLICKED),
    "by what it is handed to": vue(SETUP.format("false", "useAutoplay(on);"), IF + CLICKED),
    "by a binding": vue(SETUP.format("false", ""), f'<Dialog v-model="on">{IF}</Dialog>{CLICKED}'),
    "by an event of a component": vue(SETUP.format("false", ""), f'{IF}<Cover @ready="on = true" />'),
    "nothing, another of its name": vue(DATA.format(""), f'<div v-for="on in list">{IF}</div>{CLICKED}'),
    "nothing, it is only hidden": vue(SETUP.format("false", ""), SHOWN.format(' v-show="on"') + CLICKED),
    "by whoever shows the component": svelte("export let on = false;", EACH),
    "by itself": svelte("let on = false;\n$: if (list.length) on = true;", EACH),
    "by a function that also runs at once": svelte("let on = false;\nfunction play() { on = true; }\nplay();", CALLED),
    "at first": angular("on = false; ngOnInit() { this.on = true; } play() { this.on = true; }", NG),
    "by an input": angular("@Input() on = false; play() { this.on = true; }", NG),
}


@pytest.mark.parametrize("files", CHANGED.values(), ids=CHANGED)
def test_a_state_that_may_change_without_a_click_does_not_wait(files: Mapping[str, str]) -> None:
    assert states(files) == {"ungated"}


HELPER = "export function videoOf(url) { const id = url.split('=')[1]; return { embedUrl: `https://www.youtube.com/embed/${id}`, poster: `/posters/${id}` }; }"
LIST = (
    "import { videoOf } from './helper';\nimport Grid from './Grid';\n"
    "export default function Player({ items }) {\n"
    "  const films = items.flatMap((one) => { const film = videoOf(one.url); return film ? [{ id: one.id, embedUrl: film.embedUrl }] : []; });\n"
    "  return <Grid films={films.slice(0, 6)} />;\n}"
)
GRID = (
    "export default function Grid({ films }) {\n  const [on, setOn] = useState(null);\n"
    "  return films.map((film) => on === film.id ? <iframe src={`${film.embedUrl}?autoplay=1`} /> :"
    " <button onClick={() => setOn(film.id)}>Play</button>);\n}"
)


def test_an_address_of_a_helper_waits_where_all_that_take_it_do() -> None:
    assert react(LIST, helper=HELPER, Grid=GRID) == {"gated"}


TAKEN = {
    "at once": "export const First = ({ film }) => <iframe src={film.embedUrl} />;",
    "in parts": "export const First = ({ film: { embedUrl } }) => <iframe src={embedUrl} />;",
    "by its name in a text": "export const First = ({ film }) => <iframe src={film['embedUrl']} />;",
    "into another entry": "export const first = (film) => ({ address: film.embedUrl });",
    "by an element": "export const First = ({ film }) => <video embedUrl={film.embedUrl} />;",
}


@pytest.mark.parametrize("other", TAKEN.values(), ids=TAKEN)
def test_one_place_that_takes_it_without_a_click_is_enough(other: str) -> None:
    assert react(LIST, helper=HELPER, Grid=GRID, First=other) == {"ungated"}

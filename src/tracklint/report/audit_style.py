"""The style sheet of the audit page. Colours keep a contrast of 4.5 to 1 (text) and 3 to 1 (bars) in both schemes."""

STYLE = """
:root {
  --page: #ffffff; --soft: #f4f6f8; --line: #c9d1da; --text: #17202b; --faint: #4d5a68; --link: #0b4f9e;
  --bad: #a8201a; --bad-soft: #fdeceb; --unsure: #7a4d00; --unsure-soft: #fdf3dc;
  --good: #13663a; --good-soft: #e6f4ec; --neutral: #4a5a6c; --neutral-soft: #eaeef2;
  --mark: #ffe28a; --mark-text: #17202b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11161c; --soft: #1a2129; --line: #3d4854; --text: #e9edf2; --faint: #aeb9c5; --link: #8cc2ff;
    --bad: #ff9b94; --bad-soft: #3a1715; --unsure: #ffcb66; --unsure-soft: #372806;
    --good: #7fdba4; --good-soft: #10301f; --neutral: #b3c0cd; --neutral-soft: #27313b;
    --mark: #6b5200; --mark-text: #fff3cf;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif;
  overflow-wrap: break-word;
}
header, .layout, footer { max-width: 84rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 2.25rem; padding-bottom: 1.25rem; }
.over { margin: 0; color: var(--faint); font-weight: 600; }
h1 { margin: .1rem 0 .35rem; font-size: clamp(1.7rem, 4vw, 2.5rem); line-height: 1.15; letter-spacing: -.02em; }
.meta { margin: 0; color: var(--faint); }
a { color: var(--link); text-underline-offset: .15em; }
a:hover { text-decoration-thickness: .15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
h2:focus, h3:focus { outline: none; }
.skip { position: absolute; left: 1rem; top: -5rem; padding: .6rem 1rem; background: var(--page); z-index: 2; }
.skip:focus { top: .5rem; }
nav h2 { margin: 0 0 .5rem; font-size: .95rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav a { display: block; padding: .3rem 0; text-decoration: none; }
nav a:hover { text-decoration: underline; }
@media (min-width: 70rem) {
  .layout { display: grid; grid-template-columns: 13.5rem minmax(0, 1fr); gap: 3rem; }
  nav { position: sticky; top: 1.25rem; align-self: start; padding-right: 1rem; border-right: 1px solid var(--line); }
}
@media (max-width: 69.99rem) {
  nav { padding: 1rem 0; border-block: 1px solid var(--line); margin-bottom: 1.5rem; }
  nav ul { columns: 14rem; }
}
section { margin-bottom: 3.25rem; }
section > h2 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.01em; }
h3 { margin: 2rem 0 .6rem; font-size: 1.15rem; line-height: 1.4; }
p { max-width: 50rem; margin: 0 0 .75rem; }
code, pre {
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .875em;
}
code { overflow-wrap: anywhere; }
.notice {
  display: flex; gap: .9rem; align-items: center; padding: 1rem 1.2rem; border-radius: .5rem; font-size: 1.1rem;
  border: 1px solid; margin-bottom: 1.25rem;
}
.notice p { margin: 0; }
.symbol {
  flex: none; width: 2rem; height: 2rem; line-height: 2rem; border-radius: 50%; text-align: center; font-weight: 700;
  color: var(--page);
}
.notice.bad { background: var(--bad-soft); border-color: var(--bad); }
.notice.good { background: var(--good-soft); border-color: var(--good); }
.notice.unsure { background: var(--unsure-soft); border-color: var(--unsure); }
.notice.bad .symbol { background: var(--bad); }
.notice.good .symbol { background: var(--good); }
.notice.unsure .symbol { background: var(--unsure); }
.tiles {
  list-style: none; margin: 0 0 1.75rem; padding: 0; display: grid; gap: .75rem;
  grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr));
}
.tiles a {
  display: block; height: 100%; padding: .85rem 1rem; border: 1px solid var(--line); border-radius: .5rem;
  background: var(--soft); color: inherit; text-decoration: none; line-height: 1.3;
}
.tiles a:hover { border-color: var(--link); }
.tiles a:hover span { text-decoration: underline; }
.tiles strong { display: block; font-size: 2rem; line-height: 1.15; font-variant-numeric: tabular-nums; }
.tiles .bad strong { color: var(--bad); }
.tiles .unsure strong { color: var(--unsure); }
figure { margin: 0; }
figcaption { font-weight: 600; margin-bottom: .5rem; }
.bar { display: block; width: 100%; height: 1rem; }
.bar.overall { height: 2rem; border-radius: .3rem; }
.bar rect { stroke: var(--page); stroke-width: 2px; vector-effect: non-scaling-stroke; }
rect.bad { fill: var(--bad); } rect.unsure { fill: var(--unsure); }
rect.good { fill: var(--good); } rect.neutral { fill: var(--neutral); }
.swatch { display: inline-block; width: .8rem; height: .8rem; border-radius: .15rem; margin-right: .4rem; }
.swatch.bad { background: var(--bad); } .swatch.unsure { background: var(--unsure); }
.swatch.good { background: var(--good); } .swatch.neutral { background: var(--neutral); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; margin: .6rem 0 0; padding: 0; }
.scroll { position: relative; overflow-x: auto; margin-bottom: 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .94rem; }
caption {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
th, td { text-align: left; vertical-align: top; padding: .6rem .75rem; border-bottom: 1px solid var(--line); }
th:first-child { padding-left: 0; }
thead th { border-bottom-width: 2px; white-space: nowrap; font-size: .875rem; color: var(--faint); }
thead td { border-bottom-width: 2px; }
tbody th { font-weight: 600; min-width: 8.5rem; }
td.wide { min-width: 12rem; }
time { white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.chart { font-size: 1rem; }
.chart th, .chart td { padding-block: .45rem; vertical-align: middle; }
.chart tbody th { min-width: 13rem; }
.chart .for-bar { width: 34%; min-width: 8rem; }
@media (max-width: 40rem) {
  .chart { font-size: .84rem; }
  .chart .for-bar, .chart .swatch { display: none; }
  .chart tbody th { min-width: 0; }
  .chart thead th { white-space: normal; font-size: .75rem; line-height: 1.3; }
  .chart th, .chart td { padding-inline: .2rem; }
  .chart th:first-child { padding-left: 0; }
}
.zero { color: var(--faint); }
.plain { list-style: none; margin: 0; padding: 0; }
.plain li + li { margin-top: .35rem; }
.ids { display: block; color: var(--faint); font-weight: 400; font-size: .875rem; overflow-wrap: anywhere; }
.badge {
  display: inline-block; padding: .05rem .55rem; border-radius: .35rem; border: 1px solid; font-size: .84rem;
  font-weight: 600; line-height: 1.5; white-space: nowrap; margin-bottom: .15rem;
  background: var(--neutral-soft); color: var(--neutral);
}
.badge.bad { background: var(--bad-soft); color: var(--bad); }
.badge.unsure { background: var(--unsure-soft); color: var(--unsure); }
.badge.good { background: var(--good-soft); color: var(--good); }
.tasks { padding: 0; margin: 0; list-style: none; }
.tasks > li { padding: .6rem 0; border-top: 1px solid var(--line); }
.tasks p { margin: 0 0 .3rem; max-width: 60rem; }
.what { font-weight: 500; }
.where, .how { color: var(--faint); font-size: .9rem; }
.where { margin: 0; }
.service { border-top: 2px solid var(--line); padding-top: .25rem; margin-bottom: 2rem; }
.service h3 { margin-top: 1rem; }
.service h3 .badge { vertical-align: .1em; }
.facts { display: flex; flex-wrap: wrap; gap: .4rem 2rem; margin: 0 0 1rem; }
.facts dt { font-size: .84rem; color: var(--faint); }
.facts dd { margin: 0; }
.load { border-left: 4px solid var(--line); padding: .1rem 0 .1rem 1rem; margin: 0 0 1.5rem; }
.load.bad { border-color: var(--bad); } .load.unsure { border-color: var(--unsure); }
.load.good { border-color: var(--good); } .load.neutral { border-color: var(--neutral); }
.load > h3 { margin-top: 0; }
.load p { margin-bottom: .4rem; max-width: 60rem; }
pre {
  display: flex; gap: 1rem; margin: 0 0 .5rem; padding: .6rem .8rem; background: var(--soft); border-radius: .35rem;
  line-height: 1.5; border: 1px solid var(--line);
}
pre code { white-space: pre-wrap; }
.line { color: var(--faint); user-select: none; }
mark { background: var(--mark); color: var(--mark-text); border-radius: .15rem; }
.chain { margin: 0 0 .5rem; padding-left: 1.5rem; }
.words > div { display: grid; grid-template-columns: 12.5rem 1fr; gap: 1rem; margin-bottom: .6rem; }
.words dd { margin: 0; }
@media (max-width: 40rem) { .words > div { grid-template-columns: 1fr; gap: .2rem; } }
summary { cursor: pointer; padding: .35rem 0; color: var(--link); }
footer { color: var(--faint); border-top: 1px solid var(--line); padding-top: 1rem; padding-bottom: 3rem; }
@media print {
  :root {
    --page: #ffffff; --soft: #f4f6f8; --line: #9aa5b1; --text: #000000; --faint: #3f4a56; --link: #000000;
    --bad: #a8201a; --bad-soft: #ffffff; --unsure: #7a4d00; --unsure-soft: #ffffff;
    --good: #13663a; --good-soft: #ffffff; --neutral: #4a5a6c; --neutral-soft: #ffffff; --mark: #ffe28a;
    --mark-text: #000000;
  }
  @page { margin: 15mm; }
  html { font-size: 10pt; }
  nav, .skip { display: none; }
  header, .layout, footer { max-width: none; padding-inline: 0; }
  .layout { display: block; }
  .scroll { overflow: visible; }
  table, .chart { font-size: 8.5pt; }
  th, td { padding: .35rem .4rem; }
  thead th { font-size: 8pt; }
  td.wide, tbody th, .chart tbody th, .chart .for-bar { min-width: 0; }
  thead th, .badge { white-space: normal; }
  .tiles { grid-template-columns: repeat(5, 1fr); }
  section { margin-bottom: 1.5rem; }
  section > h2, h3 { break-after: avoid; }
  tr, .tasks > li, .service .load, .notice, figure { break-inside: avoid; }
  thead { display: table-header-group; }
  details::details-content { content-visibility: visible; block-size: auto; }
  summary { display: none; }
  rect, .swatch, mark, .symbol, .badge { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
@media (forced-colors: active) {
  rect, .swatch { forced-color-adjust: none; }
}
"""

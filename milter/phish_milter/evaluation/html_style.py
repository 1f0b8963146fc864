"""The style sheet of the HTML report: system fonts, colours for light and dark, fit to print."""

# Colours of actions keep their order in lightness, so that they differ in grey, too.
STYLE = """
:root { color-scheme: light dark;
  --paper: #fbfbfa; --card: #ffffff; --ink: #1d2129; --soft: #667085; --line: #e3e5ea;
  --accept: #9db8a6; --tag: #e8b730; --quarantine: #d9742b; --defer: #8a8fa3; --reject: #a8252f;
  --right: #17663a; --right-bg: #e3f3e8; --wrong: #a11d26; --wrong-bg: #fce6e6; --may: #f4f8f5; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #14161a; --card: #1c1f25; --ink: #e6e8ec; --soft: #98a1b0; --line: #30353e;
  --accept: #5d7a67; --tag: #dcae34; --quarantine: #d3742f; --defer: #7c8296; --reject: #d4525b;
  --right: #7fd39c; --right-bg: #1b3325; --wrong: #ff9a9a; --wrong-bg: #45201f; --may: #1c241f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 68rem; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
header p, .note, figcaption span { color: var(--soft); }
header p { margin: .25rem 0 1.25rem; overflow-wrap: anywhere; }
.note { font-size: .87rem; max-width: 62ch; margin: .75rem 0 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 1.1rem 1.25rem; margin-top: 1.25rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11.5rem, 1fr));
  gap: .75rem; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  border-left: 4px solid var(--right); padding: .7rem .9rem; }
.tile.wrong { border-left-color: var(--wrong); }
.tile b { font-size: 1.7rem; line-height: 1.1; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); margin-left: .4rem; font-size: .82rem; white-space: nowrap; }
.tile em { display: block; font-style: normal; }
figure { margin: .5rem 0 0; }
figcaption { font-weight: 600; }
figcaption span { font-weight: 400; margin-left: .35rem; }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--soft); font: 11px system-ui, sans-serif; text-anchor: middle; }
svg text.at { fill: var(--ink); text-anchor: start; font-weight: 600; }
svg line.axis { stroke: var(--line); }
svg line.at { stroke: var(--ink); stroke-dasharray: 3 4; opacity: .55; }
rect.accept { fill: var(--accept); } rect.tag { fill: var(--tag); }
rect.defer { fill: var(--defer); }
rect.quarantine { fill: var(--quarantine); } rect.reject { fill: var(--reject); }
.legend { margin: 0; display: flex; gap: 1rem; flex-wrap: wrap; }
.key::before { content: ""; display: inline-block; width: .8em; height: .8em; border-radius: 2px;
  margin-right: .4em; background: var(--accept); }
.key.tag::before { background: var(--tag); } .key.reject::before { background: var(--reject); }
.key.quarantine::before { background: var(--quarantine); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th { text-align: left; color: var(--soft); font-weight: 500; white-space: nowrap; }
th, td { padding: .22rem .7rem .22rem 0; border-bottom: 1px solid var(--line); }
tr:last-child td { border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.confusion td { padding: .4rem .7rem; } .confusion th { padding-left: .7rem; }
.confusion th:nth-child(n+3) { width: 13%; }
.confusion .right, .confusion .wrong, .confusion .none { text-align: right; }
.confusion i, .none { font-style: normal; opacity: .7; }
.may { background: var(--may); } .none { color: var(--soft); }
td.right { color: var(--right); background: var(--right-bg); font-weight: 600; }
td.wrong { color: var(--wrong); background: var(--wrong-bg); font-weight: 600; }
.role { color: var(--soft); }
meter { width: 5.5rem; height: .8rem; }
details { border-top: 1px solid var(--line); padding: .6rem 0; }
details:first-of-type { border-top: 0; padding-top: 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
details p { margin: .35rem 0; color: var(--soft); }
.findings { font-size: .87rem; table-layout: fixed; }
.findings td { overflow-wrap: anywhere; } .findings td:nth-child(1) { width: 4rem; }
.findings td:nth-child(2) { width: 15rem; }
@media print { body { max-width: none; } section { break-inside: avoid; } }
"""

"""How does the page look? One style sheet for light, dark, narrow and paper; its hash is all that the page allows."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

STYLE = """\
:root { color-scheme: light dark;
  --page: #ffffff; --card: #f6f8fa; --line: #d0d7de; --text: #1b1f24; --quiet: #57606a;
  --bad: #b42318; --bad-card: #fef3f2; --bad-line: #f4b6ae; --good: #14713a; --good-card: #edf9f1;
  --good-line: #a5dbb9; --link: #0b5cad; }
@media (prefers-color-scheme: dark) { :root {
  --page: #0f1419; --card: #171d24; --line: #343c46; --text: #e6e8eb; --quiet: #9aa4ae;
  --bad: #ff9a92; --bad-card: #3a1916; --bad-line: #7c332c; --good: #63d48d; --good-card: #102d1c;
  --good-line: #24613c; --link: #7ab8ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.25rem; margin: 0 0 1rem; }
h3 { font-size: 1.05rem; margin: 2rem 0 .6rem; }
p { margin: .3rem 0; }
a { color: var(--link); }
code, pre, .code, .arn { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; font-size: .875rem; }
.arn, th, td, dd, li, p { overflow-wrap: anywhere; }
article + article { border-top: 2px solid var(--line); margin-top: 3rem; padding-top: 2rem; }
.verdict { border: 1px solid var(--bad-line); border-left: .5rem solid var(--bad); border-radius: .5rem;
  background: var(--bad-card); padding: 1rem 1.25rem; }
.verdict h2 { margin: 0; font-size: 1.6rem; line-height: 1.2; color: var(--bad); }
.verdict h2 small { font-size: 1.05rem; font-weight: 600; color: var(--text); margin-left: .5rem; }
.verdict p { font-size: 1.05rem; margin: .4rem 0 0; }
.verdict .reason { color: var(--quiet); font-size: .875rem; }
.allowed .verdict { border-color: var(--good-line); border-left-color: var(--good); background: var(--good-card); }
.allowed .verdict h2 { color: var(--good); }
.asked { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 1rem 0; }
.asked dt { color: var(--quiet); }
.asked dd { margin: 0; }
.asked small, .quiet { color: var(--quiet); }
.help { border-left: .3rem solid var(--link); padding: .1rem 0 .1rem .9rem; margin: 1rem 0; }
ul { margin: .4rem 0; padding-left: 1.4rem; }
blockquote { margin: 0; border-left: .3rem solid var(--line); padding-left: .9rem; }
.fix + .fix { margin-top: 1.5rem; }
.columns { display: grid; grid-template-columns: minmax(0, 27rem) minmax(0, 1fr); gap: 0 2.5rem; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
td.word, th[scope=col] { white-space: nowrap; }
thead th { color: var(--quiet); font-size: .8125rem; }
.good { color: var(--good); }
.bad { color: var(--bad); }
tr.here th, tr.here td { background: var(--bad-card); }
details { margin: .5rem 0; }
summary { cursor: pointer; color: var(--link); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.flow { width: 100%; max-width: 27rem; height: auto; display: block; font: 14px system-ui, sans-serif; }
.flow rect { fill: var(--card); stroke: var(--line); stroke-width: 1.25; }
.flow text { fill: var(--text); }
.flow .answer { font-size: 12.5px; fill: var(--quiet); }
.flow path { fill: none; stroke: var(--line); stroke-width: 2; }
.flow path.lit { stroke: var(--good); }
.flow path.dashed { stroke-dasharray: 4 4; }
.flow .passed rect, .flow .terminal.lit rect { fill: var(--good-card); stroke: var(--good); }
.flow .terminal text { font-weight: 600; }
.flow .passed .answer { fill: var(--good); }
.flow .stopped > rect { fill: var(--bad-card); stroke: var(--bad); stroke-width: 2.5; }
.flow .stopped .name, .flow .stopped .answer { fill: var(--bad); font-weight: 700; }
.flow .denied path { stroke: var(--bad); }
.flow .denied rect { fill: var(--bad); stroke: var(--bad); }
.flow .denied text { fill: var(--page); font-weight: 700; }
.flow .unreached rect, .flow .terminal.dashed rect { fill: none; stroke-dasharray: 4 4; }
.flow .terminal.dashed rect { stroke: var(--line); }
.flow .unreached text, .flow .terminal.dashed text { fill: var(--quiet); font-weight: 400; }
figure { margin: .75rem 0; }
figcaption { color: var(--quiet); font-size: .875rem; margin-bottom: .25rem; }
.code { border: 1px solid var(--line); border-radius: .4rem; background: var(--card); overflow-x: auto;
  padding: .5rem 0; line-height: 1.55; }
.code > div { display: grid; grid-template-columns: 3.5rem minmax(0, 1fr); padding-right: .75rem; }
.code .number { color: var(--quiet); text-align: right; padding-right: .9rem; user-select: none;
  white-space: nowrap; }
.code .line { white-space: pre-wrap; overflow-wrap: anywhere; }
.code .says { font-family: system-ui, sans-serif; font-size: .875rem; padding: 0 0 .3rem .5rem;
  overflow-wrap: anywhere; }
.code .marked { background: var(--bad-card); }
mark, p code, li code, .says code { overflow-wrap: anywhere; }
mark { color: inherit; border-radius: .2rem; padding: .05rem .1rem; font-weight: 600; }
mark.good { background: var(--good-card); box-shadow: inset 0 -2px var(--good); color: var(--good); }
mark.bad { background: var(--bad-card); box-shadow: inset 0 -2px var(--bad); color: var(--bad); }
.diff .added { background: var(--good-card); color: var(--good); }
.diff .removed { background: var(--bad-card); color: var(--bad); }
.diff mark { background: none; }
nav ol { padding-left: 1.5rem; }
nav li { margin: .2rem 0; }
footer { margin-top: 3rem; color: var(--quiet); font-size: .8125rem; }
@media (max-width: 56rem) { .columns { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 32rem) { main { padding: .75rem .75rem 2rem; }
  .asked { grid-template-columns: 1fr; gap: 0; }
  .asked dd { margin-bottom: .4rem; }
  .verdict h2 small { display: block; margin: .2rem 0 0; }
  .code > div { grid-template-columns: 2.75rem minmax(0, 1fr); }
  .code .number { padding-right: .5rem; }
  table { font-size: .8125rem; }
  th, td { padding-right: .5rem; } }
@media print { :root { color-scheme: light;
    --page: #ffffff; --card: #ffffff; --line: #999999; --text: #000000; --quiet: #444444;
    --bad: #a01010; --bad-card: #ffffff; --bad-line: #a01010; --good: #0a5c2b; --good-card: #ffffff;
    --good-line: #0a5c2b; --link: #000000; }
  body { font-size: 10.5pt; print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  article, article + article { break-before: page; border: 0; margin: 0; padding: 0; }
  article:first-of-type { break-before: auto; }
  .verdict, figure, .flow, tr { break-inside: avoid; }
  h3 { break-after: avoid; } }
"""


def content_security_policy() -> str:
    """Allow this style sheet and nothing else: no script, no picture, no frame, no form, no address."""
    digest = b64encode(sha256(STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"

/** The page's own style sheet; it loads nothing. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --line: #e2e5ea; --text: #1b1f26; --soft: #5b6472;
  --agent: #eef2ff; --user: #f1f3f5; --good: #116d3c; --good-back: #e3f6ea; --bad: #a81f2d; --bad-back: #fdeaec;
  --warn: #7f5200; --warn-back: #fdf3dc; --accent: #3b5bdb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1216; --card: #171b21; --line: #2a303a; --text: #e6e9ee; --soft: #98a2b3;
    --agent: #1c2540; --user: #20262f; --good: #6fdc9f; --good-back: #12301f; --bad: #ff9aa4; --bad-back: #3a1a1f;
    --warn: #f2c769; --warn-back: #33270f; --accent: #91a7ff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 1rem; margin: 0; font-weight: 600; overflow-wrap: anywhere; }
p { margin: 0; }
.soft { color: var(--soft); }
.small { font-size: .8125rem; }
.verdict { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin-bottom: .25rem; }
.badge { display: inline-block; padding: .1rem .6rem; border-radius: 1rem; font-size: .8125rem; font-weight: 600; white-space: nowrap; }
.passed { color: var(--good); background: var(--good-back); }
.failed, .error { color: var(--bad); background: var(--bad-back); }
.stopped, .unfinished, .unjudged { color: var(--warn); background: var(--warn-back); }
.bar { display: block; width: 100%; height: .5rem; margin: 1.25rem 0 1rem; border-radius: .25rem; background: var(--line); }
.bar .passed { fill: var(--good); } .bar .failed { fill: var(--bad); } .bar .error { fill: var(--bad); fill-opacity: .6; } .bar .stopped { fill: var(--warn); } .bar .unfinished { fill: var(--warn); fill-opacity: .8; } .bar .unjudged { fill: var(--warn); fill-opacity: .6; }
dl.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: 0 0 1.75rem; }
dl.figures div { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .7rem .9rem; }
dl.figures dt { color: var(--soft); font-size: .8125rem; }
dl.figures dd { margin: 0; font-size: 1.3rem; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
dl.figures dd small { display: block; font-size: .8125rem; font-weight: 400; color: var(--soft); }
fieldset { border: 0; padding: 0; margin: 0 0 .9rem; display: flex; flex-wrap: wrap; gap: .4rem; }
legend { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
fieldset label { border: 1px solid var(--line); background: var(--card); border-radius: 1rem; padding: .25rem .85rem; font-size: .875rem; cursor: pointer; }
fieldset input { position: absolute; opacity: 0; }
fieldset label:has(:checked) { border-color: var(--accent); color: var(--accent); font-weight: 600; }
fieldset label:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: 2px; }
main:has(#show-passed:checked) details.conversation:not(.is-passed),
main:has(#show-failed:checked) details.conversation:not(.is-failed, .is-error),
main:has(#show-stopped:checked) details.conversation:not(.is-stopped),
main:has(#show-unfinished:checked) details.conversation:not(.is-unfinished),
main:has(#show-unjudged:checked) details.conversation:not(.is-unjudged) { display: none; }
details.conversation { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; margin-bottom: .6rem; }
summary .badge { min-width: 6.2rem; text-align: center; }
details.is-failed, details.is-error { border-left: 3px solid var(--bad); }
summary { display: grid; grid-template-columns: auto 1fr auto; gap: .15rem .75rem; align-items: center; padding: .8rem 1rem; cursor: pointer; list-style: none; border-radius: .7rem; }
summary::-webkit-details-marker { display: none; }
summary:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
summary .cost { text-align: right; font-variant-numeric: tabular-nums; }
summary .why { grid-column: 2 / -1; overflow-wrap: anywhere; }
.talk { padding: .25rem 1rem 1rem; border-top: 1px solid var(--line); }
.goal { padding: .75rem 0 .25rem; }
.turn { margin-top: .9rem; }
.said { display: flex; margin-top: .45rem; }
.said > div { max-width: min(44rem, 88%); padding: .55rem .85rem; border-radius: .9rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.said b { display: block; font-size: .75rem; font-weight: 600; color: var(--soft); white-space: normal; }
.by-user { justify-content: flex-end; } .by-user > div { background: var(--user); border-bottom-right-radius: .25rem; }
.by-agent > div { background: var(--agent); border-bottom-left-radius: .25rem; }
.by-agent.no-answer > div { background: var(--bad-back); color: var(--bad); }
.took { margin: .25rem 0 0 .85rem; font-variant-numeric: tabular-nums; }
ul.checks { list-style: none; margin: .5rem 0 0; padding: 0; display: grid; gap: .35rem; }
ul.checks li { display: grid; grid-template-columns: auto 1fr; gap: .6rem; align-items: start; overflow-wrap: anywhere; }
ul.checks .badge { min-width: 3.8rem; text-align: center; }
.whole { margin-top: 1.1rem; padding-top: .8rem; border-top: 1px dashed var(--line); }
.whole h3 { font-size: .875rem; margin: 0; color: var(--soft); font-weight: 600; }
footer { margin-top: 2rem; }
@media (max-width: 34rem) {
  main { padding: 1.25rem .8rem 3rem; }
  h1 { font-size: 1.35rem; }
  dl.figures { grid-template-columns: 1fr 1fr; gap: .5rem; }
  dl.figures div:last-child:nth-child(odd) { grid-column: 1 / -1; }
  dl.figures dd { font-size: 1.1rem; }
  summary { grid-template-columns: 1fr auto; padding: .7rem .8rem; }
  summary .cost { grid-column: 1 / -1; text-align: left; order: 3; }
  summary .why { grid-column: 1 / -1; order: 4; }
  summary h2 { order: 1; } summary .badge { order: 2; min-width: 0; }
  .said > div { max-width: 94%; }
  .talk { padding: .25rem .8rem .9rem; }
}
@media print { details.conversation { break-inside: avoid; } fieldset { display: none; } }
`;

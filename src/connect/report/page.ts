import { createHash } from "node:crypto";
import type { Outcome } from "../result.js";
import type { Summary } from "../tally.js";
import { outcomeNames } from "./conversation.js";
import { dollars, duration, plural, tokens, whole } from "./figures.js";
import { type Html, html } from "./html.js";
import { style } from "./style.js";

export interface ReportFacts {
  readonly title: string;
  /** How the run came about, such as its date and its scenarios. */
  readonly subtitle: string;
  readonly summary: Summary;
}

// Nothing may be loaded or run; the one style sheet is known by its hash.
const policy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; base-uri 'none'; form-action 'none'`;

const outcomes: readonly Outcome[] = ["failed", "error", "stopped", "unfinished", "unjudged", "passed"];

/** All that stands above the conversations. */
export function pageHead({ title, subtitle, summary }: ReportFacts): Html {
  const bad = summary.failed + summary.error;
  const outcome = bad > 0 ? "failed" : (outcomes.find((each) => summary[each] > 0) ?? "passed");
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}: ${outcomeNames[outcome]}</title>
${{ html: `<style>${style}</style>` }}</head>
<body><main>
<header><div class="verdict"><h1>${title}</h1><span class="badge ${outcome}">${verdict(summary)}</span></div>
<p class="small soft">${subtitle}</p></header>
${bar(summary)}
${figures(summary)}
<fieldset><legend>Show</legend>${filters(summary)}</fieldset>
`;
}

export const pageEnd: Html = html`<footer class="small soft">A file of its own: it loads nothing and runs no script. Costs are list prices, a dash where one is unknown.</footer>
</main></body></html>
`;

/** Drawn by attributes, since the policy forbids styles of single elements. */
function bar(summary: Summary): Html {
  const all = Math.max(summary.conversations, 1);
  const label = outcomes.map((each) => `${summary[each]} ${each}`).join(", ");
  let from = 0;
  const parts = outcomes.map((each) => {
    const width = (summary[each] / all) * 100;
    const part = html`<rect class="${each}" x="${from}" y="0" width="${width}" height="1"/>`;
    from += width;
    return part;
  });
  return html`<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label="${label}">${parts}</svg>`;
}

function verdict({ conversations, passed, failed, error, stopped, unfinished, unjudged }: Summary): string {
  if (failed + error > 0) return `${whole(failed + error)} of ${whole(conversations)} failed`;
  if (stopped > 0) return `${whole(stopped)} not finished`;
  if (unfinished > 0) return `${whole(unfinished)} of ${whole(conversations)} out of turns`;
  return unjudged > 0 ? `${whole(unjudged)} of ${whole(conversations)} not judged` : `All ${whole(passed)} passed`;
}

function figures({ conversations, turns, checks, agent, simulation, latency }: Summary): Html {
  const all = checks.passed + checks.failed + checks.unjudged;
  const more = checks.failed > 0 ? `${whole(checks.failed)} failed` : "hold";
  return html`<dl class="figures">
${figure("Conversations", whole(conversations), plural(turns, "turn"))}
${figure("Checks", `${whole(checks.passed)} / ${whole(all)}`, checks.unjudged > 0 ? `${more}, ${whole(checks.unjudged)} not judged` : more)}
${figure("Latency", duration(latency.p50), `median; 95% within ${duration(latency.p95)}`)}
${figure("Tokens", whole(tokens(agent)), `${whole(agent.inputTokens)} in, ${whole(agent.outputTokens)} out`)}
${figure("Cost of the agent", dollars(agent.costUsd), plural(agent.calls, "call"))}
${simulation.calls > 0 ? figure("Cost of the simulation", dollars(simulation.costUsd), `${plural(tokens(simulation), "token")} of users and judges`) : undefined}
</dl>`;
}

function figure(name: string, value: string, more: string): Html {
  return html`<div><dt>${name}</dt><dd>${value}<small>${more}</small></dd></div>`;
}

/** Radio buttons, which the style sheet listens to. */
function filters({ conversations, passed, failed, error, stopped, unfinished, unjudged }: Summary): Html[] {
  const choices: readonly (readonly [id: string, label: string, count: number])[] = [
    ["all", "All", conversations],
    ["failed", "Failed", failed + error],
    ["stopped", "Stopped", stopped],
    ["unfinished", "Out of turns", unfinished],
    ["unjudged", "Not judged", unjudged],
    ["passed", "Passed", passed],
  ];
  return choices
    .filter(([id, , count]) => id === "all" || count > 0)
    .map(
      ([id, label, count]) =>
        html`<label><input type="radio" name="show" id="show-${id}"${id === "all" ? html` checked` : undefined}>${label} ${whole(count)}</label>`,
    );
}

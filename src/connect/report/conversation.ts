import { type CheckResult, type ConversationResult, type Outcome, reasonOf, type TurnResult } from "../result.js";
import { dollars, duration, plural, tokens } from "./figures.js";
import { type Html, html } from "./html.js";

export const outcomeNames: Readonly<Record<Outcome, string>> = {
  passed: "Passed",
  failed: "Failed",
  unjudged: "Not judged",
  unfinished: "Out of turns",
  error: "No answer",
  stopped: "Stopped",
};

/** A conversation as it stands in the report: one line that opens. */
export function conversationHtml(result: ConversationResult, open: boolean): Html {
  const { id, persona, goal, outcome, turns, checks, measure } = result;
  return html`<details class="conversation is-${outcome}"${open ? html` open` : undefined}>
<summary><span class="badge ${outcome}">${outcomeNames[outcome]}</span><h2>${id}</h2>
<span class="cost small soft">${plural(turns.length, "turn")} · ${plural(tokens(measure), "token")} · ${dollars(measure.costUsd)} · ${duration(measure.latencyMs)}</span>
${why(result)}</summary>
<div class="talk">
${persona || goal ? html`<p class="goal small soft">${persona ? html`Persona: ${persona}. ` : undefined}${goal ? html`Goal: ${goal}` : undefined}</p>` : undefined}
${turns.map(turnHtml)}
${checks.length > 0 ? html`<div class="whole"><h3>The whole conversation</h3>${checksHtml(checks)}</div>` : undefined}
</div></details>
`;
}

/** So that it can be read without opening. */
function why(result: ConversationResult): Html | undefined {
  const reason = reasonOf(result);
  return reason === undefined ? undefined : html`<p class="why small soft">${reason}</p>`;
}

function turnHtml({ user, agent, error, checks, measure }: TurnResult): Html {
  const said = agent ?? error ?? "It gave no answer.";
  return html`<div class="turn"><div class="said by-user"><div><b>User</b>${user}</div></div>
<div class="said by-agent${agent === undefined ? " no-answer" : ""}"><div><b>Agent</b>${said}</div></div>
<p class="took small soft">${duration(measure.latencyMs)} · ${plural(measure.inputTokens, "token")} in, ${measure.outputTokens} out · ${dollars(measure.costUsd)} · ${plural(measure.calls, "call")}</p>
${checks.length > 0 ? checksHtml(checks) : undefined}</div>
`;
}

function checksHtml(checks: readonly CheckResult[]): Html {
  return html`<ul class="checks small">${checks.map(
    ({ check, passed, reason }) =>
      html`<li>${checkBadge(passed)}<span>${check}${reason ? html`<br><span class="soft">${reason}</span>` : undefined}</span></li>`,
  )}</ul>`;
}

function checkBadge(passed: boolean | undefined): Html {
  if (passed === undefined) return html`<span class="badge unjudged">not judged</span>`;
  return html`<span class="badge ${passed ? "passed" : "failed"}">${passed ? "holds" : "fails"}</span>`;
}

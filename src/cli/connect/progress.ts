import type { ConnectEvent } from "../../connect/connect.js";
import { dollars, duration, plural, tokens, whole } from "../../connect/report/figures.js";
import { type ConversationResult, reasonOf } from "../../connect/result.js";
import type { Summary } from "../../connect/tally.js";
import { type Line, line, own } from "../line.js";
import type { Printer } from "../output.js";

const mostFailures = 20;

/** Tells in the terminal how far a run is, and what went wrong as it does. */
export class Progress {
  readonly #all: number;
  readonly #output: Printer;
  #over = 0;
  #wrong = 0;
  #told = 0;
  #running = 0;

  constructor(all: number, output: Printer) {
    this.#all = all;
    this.#output = output;
  }

  see(event: ConnectEvent): void {
    if (event.type === "started") this.#running++;
    else if (event.type === "delivered" || event.type === "undelivered" || event.type === "failed") this.#running--;
    else this.#output.err(problemLine(event.error));
    this.#show();
  }

  over(result: ConversationResult): void {
    this.#over++;
    const reason = reasonOf(result);
    const isWrong = result.outcome === "failed" || result.outcome === "error";
    if (isWrong) this.#wrong++;
    if (reason !== undefined && ++this.#told <= mostFailures) this.#output.err(failureLine(result.id, reason));
    this.#show();
  }

  #show(): void {
    const wrong = this.#wrong > 0 ? `, ${whole(this.#wrong)} failed` : "";
    this.#output.status?.(
      own(
        `${whole(this.#over)} of ${whole(this.#all)} conversations over${wrong}, ${plural(this.#running, "answer")} under way`,
      ),
    );
  }
}

export function problemLine(error: unknown): Line {
  return line`Problem: ${error instanceof Error ? error.message : String(error)}`;
}

export function failureLine(id: string, error: unknown): Line {
  const text = error instanceof Error ? error.message : String(error);
  return line`✗ ${id}: ${text.replace(/\s+/g, " ").slice(0, 300)}`;
}

/** What a run came to: numbers and our own words, in which nothing can be secret. */
export function summaryLines(summary: Summary): string[] {
  const { conversations, passed, failed, unjudged, unfinished, error, stopped } = summary;
  const { turns, checks, agent, simulation, latency } = summary;
  const wrong = [
    failed > 0 && `${whole(failed)} failed`,
    unfinished > 0 && `${whole(unfinished)} out of turns`,
    unjudged > 0 && `${whole(unjudged)} not judged`,
    error > 0 && `${whole(error)} without an answer`,
    stopped > 0 && `${whole(stopped)} not finished`,
  ].filter((part) => part !== false);
  const mark = failed + error > 0 ? "✗" : passed === conversations ? "✓" : "–";
  const all = checks.passed + checks.failed + checks.unjudged;
  return [
    "",
    `${mark} ${whole(passed)} of ${plural(conversations, "conversation")} passed${wrong.length > 0 ? `; ${wrong.join(", ")}` : ""}`,
    `  ${plural(turns, "turn")}, ${whole(checks.passed)} of ${plural(all, "check")} hold${checks.unjudged > 0 ? `, ${whole(checks.unjudged)} not judged` : ""}`,
    `  agent: ${plural(tokens(agent), "token")}, ${dollars(agent.costUsd)}, latency ${duration(latency.p50)} (p95 ${duration(latency.p95)})`,
    ...(simulation.calls > 0
      ? [`  users and judges: ${plural(tokens(simulation), "token")}, ${dollars(simulation.costUsd)}`]
      : []),
  ];
}

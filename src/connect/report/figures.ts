import type { Measure } from "../meter.js";

/** `340 ms`, `2.4 s`, `3 min 20 s` */
export function duration(ms: number): string {
  if (ms < 1) return "<1 ms";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** `$0.0123`; a dash where it is unknown. */
export function dollars(usd: number | undefined): string {
  if (usd === undefined) return "–";
  if (usd === 0) return "$0";
  return usd < 0.0001 ? "<$0.0001" : `$${usd < 1 ? usd.toFixed(4) : usd.toFixed(2)}`;
}

export function whole(count: number): string {
  return count.toLocaleString("en-US");
}

export function plural(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Input and output together. */
export function tokens({ inputTokens, outputTokens }: Measure): number {
  return inputTokens + outputTokens;
}

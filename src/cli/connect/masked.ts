import type { CheckResult, ConversationResult } from "../../connect/result.js";
import { redact, secretsOfEnvironment } from "../../redact.js";

/** Hides in a text what the terminal hides: secrets of the environment, and what looks like a key. */
export type Mask = (text: string) => string;

export function maskOf(env: NodeJS.ProcessEnv, secrets: readonly string[] = []): Mask {
  const hidden = [...secretsOfEnvironment(env).values(), ...secrets];
  return (text) => redact(text, hidden);
}

/** A result whose texts are masked, for the files; its outcome and its numbers stay. */
export function maskedResult(result: ConversationResult, mask: Mask): ConversationResult {
  const check = (each: CheckResult): CheckResult => ({
    ...each,
    check: mask(each.check),
    ...(each.reason !== undefined && { reason: mask(each.reason) }),
  });
  return {
    ...result,
    id: mask(result.id),
    ...(result.persona !== undefined && { persona: mask(result.persona) }),
    ...(result.goal !== undefined && { goal: mask(result.goal) }),
    ...(result.error !== undefined && { error: mask(result.error) }),
    checks: result.checks.map(check),
    turns: result.turns.map((turn) => ({
      ...turn,
      user: mask(turn.user),
      ...(turn.agent !== undefined && { agent: mask(turn.agent) }),
      ...(turn.error !== undefined && { error: mask(turn.error) }),
      checks: turn.checks.map(check),
    })),
  };
}

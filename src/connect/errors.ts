import { CallwrightError, ConfigurationError } from "../errors.js";

/** A simulator sent a test without the id of its conversation, and the agent asked for it. */
export class MissingConversationError extends CallwrightError {
  override readonly code = "missing_conversation";
  readonly testId: string;

  constructor(message: string, details: { readonly testId: string }) {
    super(message);
    this.testId = details.testId;
  }
}

/** The agent gave something that cannot be delivered. Its message names `response`. */
export class AgentReplyError extends CallwrightError {
  override readonly code = "agent_reply";
}

/** Scenarios cannot be read. Lines count from 1. */
export class ScenarioError extends ConfigurationError {
  override readonly code = "scenario";
  /** Where they stand, as it was given. */
  readonly source: string;
  readonly line: number | undefined;
  /** Such as `scenarios[2].turns[0]`. */
  readonly field: string | undefined;

  constructor(
    problem: string,
    details: {
      readonly source: string;
      readonly line?: number | undefined;
      readonly field?: string | undefined;
      readonly cause?: unknown;
    },
  ) {
    const { source, line, field, ...rest } = details;
    super(
      `${source}${line === undefined ? "" : `:${line}`}: ${field ? `${shortened(field)} ` : ""}${shortened(problem)}`,
      rest,
    );
    this.source = source;
    this.line = line;
    this.field = field;
  }
}

/** Files quote themselves in their errors, and a name or a pattern in them may be of any length. */
function shortened(text: string): string {
  return text.length > 1000 ? `${text.slice(0, 1000)}…` : text;
}

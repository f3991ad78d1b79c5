import { fact } from "../decorate.js";
import type { Schema } from "../schema/standard.js";

/** What a decorator said of a tool. */
export interface ToolFacts {
  readonly name: string;
  readonly description: string;
  readonly input: Schema | undefined;
  readonly strict: boolean;
  readonly timeoutMs: number | undefined;
  /** A method needs its object, which only `toolsOf` gives it. */
  readonly unbound: boolean;
}

export const toolFacts = fact<ToolFacts>("tool");

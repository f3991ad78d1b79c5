import { AbortedError } from "../errors.js";
import {
  isAmount,
  isFromCache,
  isUsage,
  type Model,
  type ModelEvent,
  type ModelRequest,
  providerOf,
  type Usage,
} from "../model.js";
import { costOf } from "../pricing.js";
import { countBytes, mostInput } from "../tokens.js";

/** What is paid for. */
export interface Amount {
  readonly tokens: number;
  /** Undefined where the price is unknown. */
  readonly usd: number | undefined;
}

const nothing: Amount = { tokens: 0, usd: 0 };

/** What one call costs: at most, before it is sent; and in the end, by its events. */
export class Bill {
  readonly #request: ModelRequest;
  readonly #input: number;
  #provider: string;
  #model: string;
  #opened = false;
  /** Tokens of output so far, at most. */
  #output = 0;
  /** What was paid for output that a restart made void. */
  #voided = nothing;
  #usage: Usage | undefined;
  #cached = false;

  constructor(model: Model, request: ModelRequest) {
    this.#request = request;
    this.#input = mostInput(request);
    this.#provider = providerOf(model);
    this.#model = model.id.slice(model.id.indexOf("/") + 1);
  }

  /** What the call costs with so many tokens of output, and as much input as its text can be. */
  most(output: number): Amount {
    return this.#priced({
      inputTokens: this.#input,
      outputTokens: output,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      reasoningTokens: 0,
      totalTokens: this.#input + output,
    });
  }

  see(event: ModelEvent): void {
    if (event.type === "open") {
      this.#opened = true;
      this.#provider = event.provider;
    } else if (event.type === "start") {
      this.#model = event.model || this.#model;
    } else if (event.type === "restart") {
      this.#voided = sum(this.#voided, this.most(this.#output));
      this.#output = 0;
    } else if (event.type === "finish") {
      this.#usage = event.usage;
      this.#cached = isFromCache(event);
    } else if ("text" in event) {
      this.#output += countBytes(event.text);
    } else if (event.type === "tool-delta") this.#output += countBytes(event.arguments);
  }

  /**
   * What the call did cost: nothing where it failed before its answer began; by what came, where it broke or was left.
   *
   * @param reserved What it counts as if the provider or the price table does not say, or says what is not an amount.
   */
  total(error: unknown, reserved: Amount): Amount {
    if (error === undefined) {
      if (this.#cached) return this.#voided;
      const tokens = this.#usage?.totalTokens;
      const usd = isUsage(this.#usage) ? this.#priced(this.#usage).usd : undefined;
      return sum(this.#voided, {
        tokens: isAmount(tokens) ? tokens : reserved.tokens,
        usd: isAmount(usd) ? usd : reserved.usd,
      });
    }
    const began = this.#output > 0 || (this.#opened && error instanceof AbortedError);
    return sum(this.#voided, began ? this.most(this.#output) : nothing);
  }

  #priced(usage: Usage): Amount {
    const own = this.#request.context?.costOf?.(this.#provider, usage);
    return { tokens: usage.totalTokens, usd: own ?? costOf(this.#provider, this.#model, usage) };
  }
}

function sum(a: Amount, b: Amount): Amount {
  return { tokens: a.tokens + b.tokens, usd: (a.usd ?? 0) + (b.usd ?? 0) };
}

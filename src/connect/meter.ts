import { override } from "../call/override.js";
import { type Middleware, providerOf, type Usage } from "../model.js";
import { costOf, loadPrices } from "../pricing.js";
import { watch } from "../resilience/watch.js";
import { now } from "../wait.js";

/** What something took: all calls of models inside it, together. */
export interface Measure {
  /** Milliseconds. */
  readonly latencyMs: number;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** USD; undefined where the price or the tokens of a call are unknown. */
  readonly costUsd: number | undefined;
}

export const nothing: Measure = { latencyMs: 0, calls: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 };

export function plus(a: Measure, b: Measure): Measure {
  return {
    latencyMs: a.latencyMs + b.latencyMs,
    calls: a.calls + b.calls,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    costUsd: a.costUsd === undefined || b.costUsd === undefined ? undefined : a.costUsd + b.costUsd,
  };
}

/** Runs `body` and tells what it took, whether it succeeds or not. The calls inside need do nothing for it. */
export async function measured<R>(
  body: () => R | Promise<R>,
  settings: { readonly signal?: AbortSignal | undefined } = {},
): Promise<{ readonly measure: Measure } & ({ readonly value: R } | { readonly error: unknown })> {
  // Here and not beside the first call, whose cost would be asked for before the prices are there.
  await loadPrices();
  const startedAt = now();
  let sum = nothing;
  const count = (call: Measure) => {
    sum = plus(sum, call);
  };
  const measure = () => ({ ...sum, latencyMs: now() - startedAt });
  try {
    const value = await override({ ...settings, use: [meter(count)] }, async () => body());
    return { value, measure: measure() };
  } catch (error) {
    return { error, measure: measure() };
  }
}

/** Tells the usage and the cost of every call that came to its end. */
function meter(count: (call: Measure) => void): Middleware {
  return (model) => ({
    id: model.id,
    run(request) {
      let provider = providerOf(model);
      let name = model.id.slice(model.id.indexOf("/") + 1);
      let usage: Usage | undefined;
      return watch(model, request, {
        begin: () => request,
        see(event) {
          if (event.type === "open") provider = event.provider;
          else if (event.type === "start") name = event.model || name;
          else if (event.type === "finish") usage = event.usage;
        },
        end(error) {
          if (error !== undefined && !usage) return count({ ...nothing, calls: 1 });
          count({
            latencyMs: 0,
            calls: 1,
            inputTokens: usage?.inputTokens ?? 0,
            outputTokens: usage?.outputTokens ?? 0,
            costUsd: usage && (request.context?.costOf?.(provider, usage) ?? costOf(provider, name, usage)),
          });
        },
      });
    },
  });
}

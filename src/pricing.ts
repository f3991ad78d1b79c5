import type { Usage } from "./model.js";
import { requireInstead } from "./optional-package.js";
import { own } from "./own.js";

type PriceTable = typeof import("@pydantic/genai-prices");

/** What tokens cost, in USD per million. */
export interface Price {
  readonly input: number;
  readonly output: number;
  /** Input that the provider read from its cache. @default as other input */
  readonly cachedInput?: number | undefined;
  /** Input that the provider wrote to its cache. @default as other input */
  readonly cacheWrite?: number | undefined;
  /** Input that the provider keeps in its cache for an hour. @default twice `input`, as Anthropic charges it */
  readonly cacheWrite1h?: number | undefined;
}

/** Providers that the table knows by another name. */
const tableNames: Readonly<Record<string, string>> = own({ xai: "x-ai" });

/** A warning for the response. */
export interface PricesNotLoaded {
  readonly code: "prices_not_loaded";
  readonly message: string;
}

let table: PriceTable | undefined;
let loading: Promise<PricesNotLoaded | undefined> | undefined;

/**
 * Loads the price table, some 75 ms of work, while the first request is under way; nothing is fetched, then or later.
 *
 * Never rejects, because it begins before anybody waits for it. Resolves to a warning if the table could not be loaded; costs
 * are undefined until a later call has loaded it.
 */
export function loadPrices(): Promise<PricesNotLoaded | undefined> {
  loading ??= load();
  return loading;
}

async function load(): Promise<PricesNotLoaded | undefined> {
  try {
    table = await importTable();
    return undefined;
  } catch (error) {
    loading = undefined;
    return { code: "prices_not_loaded", message: `Costs are unknown. ${(error as Error).message}` };
  }
}

async function importTable(): Promise<PriceTable> {
  try {
    return await import("@pydantic/genai-prices");
  } catch (cause) {
    return requireInstead<PriceTable>("@pydantic/genai-prices", cause);
  }
}

/** What tokens cost in USD by a price of your own. */
export function costAt(price: Price, usage: Usage): number {
  const { inputTokens, cachedInputTokens, cacheWriteTokens, cacheWrite1hTokens = 0, outputTokens } = usage;
  const { input, output, cachedInput = input, cacheWrite = input, cacheWrite1h = 2 * input } = own(price);
  const plain = inputTokens - cachedInputTokens - cacheWriteTokens;
  const written = (cacheWriteTokens - cacheWrite1hTokens) * cacheWrite + cacheWrite1hTokens * cacheWrite1h;
  return (plain * input + cachedInputTokens * cachedInput + written + outputTokens * output) / 1e6;
}

/**
 * What tokens cost in USD by the provider's list prices, cached, cache-write and reasoning tokens each at their own.
 *
 * Undefined if the price is unknown, for models that no request was made to, and for counts that contradict each other.
 */
export function costOf(provider: string, model: string, usage: Usage | undefined): number | undefined {
  const providerId = tableNames[provider] ?? provider;
  // The table would take a name that contains one of its own for it, such as "my-openai".
  if (!usage || table?.findProvider({ providerId })?.id !== providerId) return undefined;
  const counts = {
    input_tokens: usage.inputTokens,
    cache_read_tokens: usage.cachedInputTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    cache_write_1h_tokens: usage.cacheWrite1hTokens ?? 0,
    output_tokens: usage.outputTokens,
  };
  try {
    return table.calcPrice(counts, model, { providerId })?.total_price;
  } catch {
    // Counts that contradict each other, such as more cached tokens than there are.
    return undefined;
  }
}

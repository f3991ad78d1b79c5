import { BudgetExceededError, ConfigurationError } from "../errors.js";
import { boundedMiddleware } from "../foreign-model.js";
import type { Middleware } from "../model.js";
import { checkAmounts, checkCounts } from "../numbers.js";
import { own } from "../own.js";
import { loadPrices } from "../pricing.js";
import { type Amount, Bill } from "./bill.js";
import { watch } from "./watch.js";

export interface BudgetLimit {
  /** USD. @default no limit */
  readonly usd?: number | undefined;
  /** Tokens, input and output together. @default no limit */
  readonly tokens?: number | undefined;
}

/** `spent` is what the calls that are over did cost; where a price is unknown, it counts tokens only. */
export type Budget = Middleware & { readonly spent: { readonly usd: number; readonly tokens: number } };

const defaultMaxTokens = 4096;
// Less is no answer, and OpenAI's Responses refuse it.
const leastMaxTokens = 16;

/**
 * Refuses, before it is sent, a call that could exceed the limit. All calls around which one such value stands share it.
 *
 * A call reserves what it could use at most: `maxTokens` of output, and as many tokens of input as its text has bytes.
 * When it is over, what it did use takes the place of that; nothing, where it failed before its answer began. A call
 * without `maxTokens` gets 4096, or what is left of the budget if that is less.
 *
 * @throws BudgetExceededError; ConfigurationError before sending where `usd` is limited and the model's price unknown,
 * and at once where a limit is out of range or there is none.
 */
export function budget(limit: BudgetLimit): Budget {
  const limits = checked(limit);
  const spent = { usd: 0, tokens: 0 };
  const reserved = { usd: 0, tokens: 0 };
  const left = () => ({
    usd: limits.usd - spent.usd - reserved.usd,
    tokens: limits.tokens - spent.tokens - reserved.tokens,
  });

  const middleware = boundedMiddleware((model) => ({
    id: model.id,
    run(request) {
      const bill = new Bill(model, request);
      let most: Amount;
      return watch(model, request, {
        async begin() {
          await loadPrices();
          if (limits.usd < Number.POSITIVE_INFINITY && bill.most(0).usd === undefined)
            throw new ConfigurationError(
              `The price of ${model.id} is unknown, so a budget in USD cannot hold it. Give the call a price, or limit tokens.`,
            );
          const maxTokens = request.params?.maxTokens ?? affordable(bill, left());
          most = bill.most(maxTokens);
          if (most.tokens > left().tokens || (most.usd ?? 0) > left().usd) throw exceeded(model.id, most, left());
          add(reserved, most, 1);
          return { ...request, params: { ...request.params, maxTokens } };
        },
        see: (event) => bill.see(event),
        end(error) {
          add(reserved, most, -1);
          add(spent, bill.total(error, most), 1);
        },
      });
    },
  }));
  return Object.defineProperty(middleware, "spent", { get: () => ({ ...spent }), enumerable: true }) as Budget;
}

/** How many tokens of output, up to the default, a call can have from what is left. */
function affordable(bill: Bill, left: { readonly usd: number; readonly tokens: number }): number {
  const [none, all] = [bill.most(0), bill.most(defaultMaxTokens)];
  const share = Math.min(
    (left.tokens - none.tokens) / (all.tokens - none.tokens),
    all.usd === undefined || all.usd === none.usd ? 1 : (left.usd - (none.usd ?? 0)) / (all.usd - (none.usd ?? 0)),
    1,
  );
  return Math.max(Math.floor(defaultMaxTokens * share), leastMaxTokens);
}

function add(sum: { usd: number; tokens: number }, { usd = 0, tokens }: Amount, sign: 1 | -1): void {
  sum.usd += sign * usd;
  sum.tokens += sign * tokens;
}

function checked(limit: BudgetLimit): { readonly usd: number; readonly tokens: number } {
  const { usd, tokens } = own(limit);
  checkCounts({ tokens });
  checkAmounts({ usd }, "sum");
  if (usd === undefined && tokens === undefined)
    throw new ConfigurationError("A budget needs a limit: { usd }, { tokens } or both.");
  return { usd: usd ?? Number.POSITIVE_INFINITY, tokens: tokens ?? Number.POSITIVE_INFINITY };
}

function exceeded(id: string, { usd = 0, tokens }: Amount, left: { usd: number; tokens: number }): BudgetExceededError {
  const inUsd = usd > left.usd;
  const [most, rest] = inUsd
    ? [`${usd.toFixed(6)} USD`, `${left.usd.toFixed(6)} USD`]
    : [`${tokens} tokens`, left.tokens];
  return new BudgetExceededError(
    `This call of ${id} could use ${most}, and ${rest} are left of the budget. Raise the limit, or lower maxTokens.`,
  );
}

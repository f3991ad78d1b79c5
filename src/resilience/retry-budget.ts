import { BoundedMap } from "../bounded-map.js";
import type { ModelRequest } from "../model.js";
import { type Place, WaitingLines } from "./waiting-lines.js";

const capacity = 100;
// More addresses than this are addresses that change; the budget that was unused the longest goes.
const maxBudgets = 256;

/** What one call has taken from the budget of its endpoint. */
export interface Loan {
  tokens: number;
  /** Whether a try is on its way that was paid for, and may yet give tokens back. */
  trying: boolean;
  /** Whether the tokens were given back when the provider began to answer. */
  returned: boolean;
}

interface Need {
  readonly loan: Loan;
  /** How many retries the call may still need. */
  readonly retries: number;
  /** What its caller is told where there is none for it. */
  readonly refusal: unknown;
}

/**
 * Keeps the retries of an outage from multiplying: a retry takes a token; an answer gives back what its call had taken,
 * and one of those that an outage had cost.
 *
 * A retry begins where there are tokens for all retries that its call may still need; so calls that fail together do
 * not all get stuck half-way. Otherwise it waits for the tries on their way; where there are none, it gets what is left.
 */
export class RetryBudget {
  #tokens = capacity;
  #trying = 0;
  /** One line for each number of retries that a call may still need. */
  readonly #lines = new WaitingLines<number, Need>({ onLeave: () => this.#letIn() });

  /** The try of a call has failed, and another may follow. @throws Its `refusal` where it may not; AbortedError. */
  async take(need: Need, request: ModelRequest): Promise<void> {
    this.#fail(need.loan);
    const retries = Math.min(need.retries, capacity);
    const turn = this.#lines.join(retries, { ...need, retries }, request, () => need.refusal);
    this.#letIn();
    await turn;
  }

  /** The last try of a call has failed; what it took is lost. */
  lose(loan: Loan): void {
    this.#fail(loan);
    this.#letIn();
  }

  /** A call ended for a reason that says nothing of the endpoint's health. */
  giveBack(loan: Loan): void {
    this.open(loan);
    loan.tokens = 0;
  }

  /** The provider begins to answer. */
  open(loan: Loan): void {
    this.#stopTrying(loan);
    if (!loan.returned) this.#add(loan.tokens);
    loan.returned = true;
    this.#letIn();
  }

  /** There is output, so the call will not be tried again. */
  succeed(loan: Loan): void {
    this.#add(1);
    this.giveBack(loan);
  }

  #fail(loan: Loan): void {
    this.#stopTrying(loan);
    if (loan.returned) this.#add(-loan.tokens);
    loan.returned = false;
  }

  #stopTrying(loan: Loan): void {
    if (loan.trying) this.#trying--;
    loan.trying = false;
  }

  #add(tokens: number): void {
    this.#tokens = Math.max(0, Math.min(capacity, this.#tokens + tokens));
  }

  #letIn(): void {
    for (;;) {
      const next = this.#next();
      if (!next) return;
      const { loan, retries, refusal } = next.need;
      const isLastResort = this.#trying === 0;
      if (this.#tokens >= retries || (isLastResort && this.#tokens > 0)) {
        this.#add(-1);
        this.#trying++;
        loan.tokens++;
        loan.trying = true;
        next.admit();
      } else if (isLastResort) next.refuse(refusal);
      else return;
    }
  }

  /** Those who are furthest on come first, since they give tokens back soonest. */
  #next(): Place<Need> | undefined {
    let next: Place<Need> | undefined;
    for (const head of this.#lines.heads()) if (!next || head.need.retries < next.need.retries) next = head;
    return next;
  }
}

const byAddress = new BoundedMap<string, RetryBudget>(maxBudgets);
const byModel = new WeakMap<object, RetryBudget>();

/** The budget that all calls of an endpoint share: an address, or a model that has none. */
export function retryBudgetOf(endpoint: string | object): RetryBudget {
  const known = typeof endpoint === "object" ? byModel.get(endpoint) : byAddress.get(endpoint);
  if (known) return known;
  const budget = new RetryBudget();
  if (typeof endpoint === "object") byModel.set(endpoint, budget);
  else byAddress.set(endpoint, budget);
  return budget;
}

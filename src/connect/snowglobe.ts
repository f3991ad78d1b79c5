import { CallwrightError, ConfigurationError, UnexpectedResponseError } from "../errors.js";
import { assistant, type Message, user } from "../message.js";
import { own } from "../own.js";
import { redact } from "../redact.js";
import type { SimBackend } from "./backend.js";
import { type ControlPlane, controlPlane } from "./control-plane.js";
import { type SimRequest, simRequest } from "./request.js";
import {
  calls,
  defaultUrl,
  keyVariable,
  type Read,
  readExperiment,
  readList,
  readTest,
  urlVariable,
  type WireTest,
} from "./snowglobe-wire.js";

export interface SnowglobeOptions {
  /** The application that the tests are for. */
  readonly appId: string;
  /** @default the environment variable SNOWGLOBE_API_KEY */
  readonly apiKey?: string | undefined;
  /** @default the environment variable CONTROL_PLANE_URL, else Snowglobe's own address */
  readonly url?: string | undefined;
  /** Hears of tests that are not of the expected form; they are passed over. */
  readonly onProblem?: ((error: unknown) => void) | undefined;
}

/** Beyond what was failed before, which stays listed. */
const pageSize = 50;
const mostTurns = 500;

/**
 * Snowglobe's simulations. A test that the agent fails stays unanswered there, and its reason is told as a failed
 * connection, since Snowglobe knows no failed test.
 *
 * @throws ConfigurationError where there is no key, or the address is no https address.
 */
export function snowglobe(given: SnowglobeOptions): SimBackend {
  const options = own(given);
  const { appId, apiKey = process.env[keyVariable], url = process.env[urlVariable] ?? defaultUrl } = options;
  if (!appId) throw new ConfigurationError("snowglobe() needs the appId of the application that is tested.");
  if (!apiKey) throw new ConfigurationError(`snowglobe() needs a key: pass apiKey, or set ${keyVariable}.`);
  const ask = controlPlane(url, apiKey);
  /** Where an answer belongs; forgotten when it is delivered. */
  const open = new Map<string, { readonly experimentId: string; readonly test: WireTest }>();
  /** The experiments of the tests that were begun, and that may be listed again. */
  const known = new Map<string, string>();
  const problem = (what: string, detail: string) =>
    options.onProblem?.(new UnexpectedResponseError(`Snowglobe sent ${what}. ${detail}`, { provider: "snowglobe" }));

  /** What can be read of a list; the rest is told of. */
  function readable<T>(body: unknown, read: (item: unknown) => Read<T>, what: string): T[] {
    const list = readList(body, read);
    if ("problem" in list)
      throw new UnexpectedResponseError(`Snowglobe sent something else than a list of ${what}s.`, {
        provider: "snowglobe",
        shouldRetry: true,
      });
    return list.value.flatMap((item) => {
      if ("value" in item) return [item.value];
      problem(`a ${what} that cannot be read`, item.problem);
      return [];
    });
  }

  async function testsOf(experimentId: string, signal: AbortSignal): Promise<SimRequest[]> {
    const requests: SimRequest[] = [];
    const limit = pageSize + known.size;
    const listed = readable(await ask(calls.tests(experimentId, appId, limit), signal), readTest, "test");
    if (listed.length < limit) forget(experimentId, new Set(listed.map(({ id }) => id)));
    for (const test of listed) {
      if (test.response !== undefined || known.has(test.id)) continue;
      try {
        const messages = await conversation(ask, experimentId, test, signal);
        requests.push(simRequest({ messages, testId: test.id, conversationId: test.conversationId }));
        known.set(test.id, experimentId);
        open.set(test.id, { experimentId, test });
      } catch (error) {
        // A turn before it may be on its way; the next time it is asked for again.
        if (signal.aborted || !(error instanceof UnexpectedResponseError)) throw error;
        options.onProblem?.(error);
      }
    }
    return requests;
  }

  /** A whole list of an experiment's tests leaves out what is over; what waits for its delivery is not. */
  function forget(experimentId: string, listed: ReadonlySet<string>): void {
    for (const [testId, experiment] of known)
      if (experiment === experimentId && !listed.has(testId) && !open.has(testId)) known.delete(testId);
  }

  return {
    async pending(signal) {
      const requests: SimRequest[] = [];
      for (const experiment of readable(await ask(calls.experiments(appId), signal), readExperiment, "simulation")) {
        if (experiment.appId !== undefined && experiment.appId !== appId) continue;
        try {
          requests.push(...(await testsOf(experiment.id, signal)));
        } catch (error) {
          // One simulation that cannot be read does not hold up the others; a key that is refused is refused for all.
          if (signal.aborted || !CallwrightError.isInstance(error) || error.code === "authentication") throw error;
          options.onProblem?.(error);
        }
      }
      return requests;
    },
    async deliver({ testId }, { response }) {
      const entry = open.get(testId);
      if (!entry) return;
      await ask(calls.answer(entry.experimentId, appId, entry.test, response));
      open.delete(testId);
      known.delete(testId);
    },
    async fail({ testId }, error) {
      await ask(calls.notConnected(appId, `Test ${testId}: ${told(error)}`));
      open.delete(testId);
    },
    async heartbeat(heartbeat) {
      await ask(
        heartbeat.ok
          ? calls.connected(appId, heartbeat.prompt, heartbeat.response)
          : calls.notConnected(appId, told(heartbeat.error)),
      );
    },
    async close() {
      // Who leaves need not wait for a server that is gone.
      await ask(calls.notConnected(appId, "The agent was disconnected.")).catch((error) => options.onProblem?.(error));
    },
  };
}

/** The turns before a test, oldest first, and its own. */
async function conversation(ask: ControlPlane, experimentId: string, test: WireTest, signal: AbortSignal) {
  const messages: Message[] = [user(test.prompt)];
  const seen = new Set([test.id]);
  for (let parentId = test.parentId; parentId !== undefined; ) {
    if (seen.has(parentId) || seen.size >= mostTurns)
      throw lost(test, "its conversation leads back to itself, or has no end");
    seen.add(parentId);
    const read = readTest(await ask(calls.test(experimentId, parentId), signal));
    if ("problem" in read) throw lost(test, `the turn ${parentId} before it cannot be read. ${read.problem}`);
    if (read.value.response === undefined) throw lost(test, `the turn ${parentId} before it has no answer yet`);
    messages.unshift(user(read.value.prompt), assistant(read.value.response));
    parentId = read.value.parentId;
  }
  return messages;
}

function lost({ id }: WireTest, why: string): UnexpectedResponseError {
  return new UnexpectedResponseError(`The test ${id} cannot be run: ${why}.`, { provider: "snowglobe" });
}

function told(error: unknown): string {
  return redact(error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 2000);
}

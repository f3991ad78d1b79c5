import { createServer, type RequestListener } from "node:http";
import {
  budget,
  cache,
  call,
  circuitBreaker,
  fallback,
  type Middleware,
  type Model,
  type ModelEvent,
  model,
  override,
  parallel,
  rateLimit,
  registerProvider,
  retry,
  type Schema,
  Session,
  tool,
} from "callwright";
import { connect, defineAgent, local, type SimBackend, simRequest } from "callwright/connect";
import { record, script, type WireServer, wireServer } from "callwright/testing";
import { handler, pipe, toNodeListener, toResponse } from "callwright/web";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { listening } from "./transport/listening.js";
import { turns } from "./turns.js";

const boom = new Error("boom");

/** How a hook fails; what is given to it does not matter. */
const ways: Readonly<Record<string, (...given: any[]) => any>> = {
  synchronously: () => {
    throw boom;
  },
  asynchronously: async () => {
    throw boom;
  },
};
type Fails = (typeof ways)[string];

let server: WireServer;
const unheard: unknown[] = [];
const hear = (error: unknown) => void unheard.push(error);

beforeAll(async () => {
  server = await wireServer();
  process.on("unhandledRejection", hear);
  process.on("uncaughtException", hear);
});
afterAll(async () => {
  process.off("unhandledRejection", hear);
  process.off("uncaughtException", hear);
  await server.close();
});

const reference = "openai/gpt-4o-mini";
const asking = (options: object = {}, prompt: (...given: any[]) => any = () => "Hi") =>
  call(reference, { ...server.openai, ...options } as object)(prompt) as () => Promise<any>;
const reading = async (made: Promise<any>) => {
  const stream = await made;
  for await (const _ of stream);
  return stream.response();
};
const schema = (validate: Fails): Schema =>
  ({
    "~standard": {
      version: 1,
      vendor: "test",
      validate,
      jsonSchema: { input: () => ({ type: "object", properties: {} }), output: () => ({ type: "object" }) },
    },
  }) as unknown as Schema;
const useTool = () => server.reply({ toolCalls: [{ name: "look", args: {} }] }, { text: "Done." });
const replying = (replies: readonly any[], run: () => Promise<unknown>) => {
  server.reply(...replies);
  return run();
};
const modelOf = (run: Fails): Model => ({ id: "custom/x", run });
const iterating = (step: Partial<Record<"next" | "return", Fails>>): Model =>
  modelOf(() => ({ [Symbol.asyncIterator]: () => ({ next: async () => ({ value: text, done: false }), ...step }) }));
const text: ModelEvent = { type: "text-delta", text: "Hi" };

/** What a call of the package with a hook that fails comes to: an error for its caller, or an answer all the same. */
const rows: Readonly<Record<string, readonly [ends: "error" | "goes on", run: (fails: Fails) => unknown]>> = {
  "the function of a call": ["error", (fails) => asking({}, fails)()],
  "the function of a stream": ["error", (fails) => reading(asking({ stream: true }, fails)())],
  "a fetch": ["error", (fails) => asking({ fetch: fails, use: [retry({ retries: 0 })] })()],
  "a fetch of a stream": ["error", (fails) => asking({ fetch: fails, stream: true, use: [retry({ retries: 0 })] })()],
  "a body that fails": [
    "error",
    (fails) => {
      const body = () => new ReadableStream({ pull: fails });
      return reading(asking({ fetch: async () => new Response(body()), stream: true, use: [retry({ retries: 0 })] })());
    },
  ],
  "an outputParser": ["error", (fails) => asking({ outputParser: fails })()],
  "the schema of a value": [
    "error",
    (fails) => replying([{ text: "{}" }], () => asking({ responseModel: schema(fails) })()),
  ],
  "the schema of a streamed value": [
    "error",
    (fails) =>
      replying([{ text: "{}" }], async () => {
        for await (const _ of await asking({ responseModel: schema(fails), stream: true })());
      }),
  ],
  "a tool that is run": [
    "goes on",
    (fails) => {
      useTool();
      const look = tool({ name: "look", description: "Looks.", input: z.object({}) })(fails);
      return asking({ tools: [look], maxSteps: 2 })();
    },
  ],
  "a tool in a stream": [
    "goes on",
    (fails) => {
      useTool();
      const look = tool({ name: "look", description: "Looks.", input: z.object({}) })(fails);
      return reading(asking({ tools: [look], maxSteps: 2, stream: true })());
    },
  ],
  "the schema of a tool": [
    "error",
    (fails) => {
      server.reply({ toolCalls: [{ name: "look", args: {} }] });
      return asking({ tools: [tool({ name: "look", description: "Looks.", input: schema(fails) })(() => "")] })();
    },
  ],
  "a middleware": ["error", (fails) => asking({ use: [fails] })()],
  "a middleware of a stream": ["error", (fails) => reading(asking({ use: [fails], stream: true })())],
  "the run of a model": ["error", (fails) => call(modelOf(fails))(() => "Hi")()],
  "the run of a streamed model": ["error", (fails) => reading(call(modelOf(fails), { stream: true })(() => "Hi")())],
  "the next of a model": ["error", (fails) => call(iterating({ next: fails }))(() => "Hi")()],
  "the next of a model under all middleware": [
    "error",
    (fails) => {
      const use: Middleware[] = [
        rateLimit({ requestsPerMinute: 9 }),
        circuitBreaker(),
        budget({ usd: 1 }),
        cache(),
        retry(),
      ];
      return reading(call(iterating({ next: fails }), { use, stream: true })(() => "Hi")());
    },
  ],
  "the return of a model that is left": [
    "goes on",
    async (fails) => {
      const stream = await call(iterating({ return: fails }), { stream: true })(() => "Hi")();
      for await (const _ of stream) break;
      stream.abort();
    },
  ],
  "the return of a model that is aborted": [
    "goes on",
    async (fails) => (await call(iterating({ return: fails }), { stream: true })(() => "Hi")()).abort(),
  ],
  "the last of several models": [
    "error",
    (fails) => call(modelOf(fails), { use: [fallback(modelOf(fails))] })(() => "Hi")(),
  ],
  "retry's on": ["error", (fails) => replying([{ status: 503 }, {}], () => asking({ use: [retry({ on: fails })] })())],
  "retry's delayMs": [
    "error",
    (fails) => replying([{ status: 503 }, {}], () => asking({ use: [retry({ delayMs: fails })] })()),
  ],
  "the get of a cache's store": [
    "goes on",
    (fails) => asking({ use: [cache({ store: { get: fails, set: async () => {} } })] })(),
  ],
  "the set of a cache's store": [
    "goes on",
    (fails) => asking({ use: [cache({ store: { get: async () => undefined, set: fails } })] })(),
  ],
  "a function that handler serves": ["goes on", (fails) => served(handler({ x: fails }))],
  "handler's onError": ["goes on", (fails) => served(handler({ x: ways.synchronously as Fails }, { onError: fails }))],
  "a stream that handler serves": [
    "goes on",
    (fails) => served(handler({ x: () => call(iterating({ next: fails }), { stream: true })(() => "Hi")() }), true),
  ],
  "a function behind toNodeListener": [
    "goes on",
    (fails) => {
      const listener = toNodeListener(handler({ x: fails }, { onError: fails }));
      return serving(listener, (url) => posted(`${url}/v1/chat/completions`));
    },
  ],
  "toResponse's stream": [
    "goes on",
    (fails) => toResponse(new Promise((go) => go(fails())) as never, { onError: fails }).text(),
  ],
  "toResponse's stream that is left": [
    "goes on",
    (fails) => toResponse(new Promise((go) => go(fails())) as never, { onError: fails }).body?.cancel(),
  ],
  "toResponse's stream that turns out to be another thing, and is left": [
    "goes on",
    (fails) => toResponse(Promise.resolve({ abort: fails }) as never).body?.cancel(),
  ],
  "pipe's stream": [
    "goes on",
    (fails) => {
      const stream = () => new Promise((go) => go(fails())) as never;
      return serving(
        (_, response) => void pipe(stream(), response, { onError: fails }),
        async (url) => (await fetch(url)).text(),
      );
    },
  ],
  "an agent": ["goes on", (fails) => connect(defineAgent(fails), { backend: backendOf({}) })],
  "a backend's pending": [
    "error",
    (fails) =>
      connect(agent, { backend: backendOf({ pending: fails }), signal: AbortSignal.timeout(50) }).then(() => {
        throw boom;
      }),
  ],
  "a backend's heartbeat": ["goes on", (fails) => connect(agent, { backend: backendOf({ heartbeat: fails }) })],
  "a backend's close": ["error", (fails) => connect(agent, { backend: backendOf({ close: fails }) })],
  "connect's onEvent": ["error", (fails) => connect(agent, { backend: backendOf({}), onEvent: fails })],
  "local's onResult": [
    "error",
    (fails) => connect(agent, { backend: local({ scenarios, onResult: fails }), pollMs: 1 }),
  ],
  "a judge": ["goes on", (fails) => connect(agent, { backend: local({ scenarios, judge: fails }), pollMs: 1 })],
  "a simulated user": [
    "goes on",
    (fails) =>
      connect(agent, {
        backend: local({ scenarios: [{ id: "a", user: { goal: "x" } }], user: modelOf(fails) }),
        pollMs: 1,
      }),
  ],
  "record's fetch": [
    "error",
    async (fails) => {
      await using cassette = record("never", { folder: "/nowhere/at/all", mode: "update", fetch: fails });
      await asking({ ...cassette.access, use: [retry({ retries: 0 })] })();
    },
  ],
  "the model of a session": ["error", (fails) => new Session({ model: modelOf(fails) }).send("Hi")],
  "the model of a streamed turn": ["error", (fails) => reading(new Session({ model: modelOf(fails) }).stream("Hi"))],
  "the model of a turn that nobody reads": [
    "goes on",
    (fails) => void new Session({ model: modelOf(fails) }).stream("Hi"),
  ],
  "a turn behind one that failed": [
    "goes on",
    async (fails) => {
      const session = new Session({ model: modelOf(fails) });
      await session.send("Hi").catch(() => {});
      session.model = script(["Hello"]);
      return session.send("Hi");
    },
  ],
  "the function of parallel": ["error", (fails) => parallel([1, 2, 3], fails)],
  "the items of parallel": [
    "error",
    (fails) => parallel({ [Symbol.asyncIterator]: () => ({ next: fails }) }, async () => {}),
  ],
  "the function of override": ["error", async (fails) => override({ model: reference }, fails)],
  "a provider's factory": [
    "error",
    async (fails) => {
      registerProvider("failing", fails);
      return call("failing/x" as typeof reference)(() => "Hi")();
    },
  ],
  "model().stream() that nobody reads": ["goes on", (fails) => void model(modelOf(fails)).stream("Hi")],
  "a reply of the wire server": [
    "error",
    (fails) => replying([fails], () => asking({ use: [retry({ retries: 0 })] })()),
  ],
};

const scenarios = [{ id: "a", turns: ["Hi"], checks: [{ judge: "Is it polite?" }] }];
const agent = defineAgent(async () => ({ response: "Hello" }));

function backendOf(hooks: Partial<Record<"pending" | "heartbeat" | "close", Fails>>): SimBackend {
  let listed = false;
  return {
    async pending() {
      if (listed) return [];
      listed = true;
      return [simRequest({ messages: [{ role: "user", content: "Hi" }], testId: "t", conversationId: "c" })];
    },
    async deliver() {},
    async fail() {},
    async close() {},
    get exhausted() {
      return listed;
    },
    ...hooks,
  };
}

const question = (stream: boolean) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ model: "x", messages: [{ role: "user", content: "Hi" }], stream }),
});

async function served(handle: (request: Request) => Promise<Response>, stream = false): Promise<string> {
  return (await handle(new Request("http://localhost/v1/chat/completions", question(stream)))).text();
}

async function serving(listener: RequestListener, ask: (url: string) => Promise<unknown>): Promise<unknown> {
  const { host, close } = await listening(createServer(listener));
  try {
    return await ask(`http://${host}`);
  } finally {
    await close();
  }
}

async function posted(url: string): Promise<string> {
  return (await fetch(url, question(false))).text();
}

describe.each(Object.entries(rows))("%s", (_, [ends, run]) => {
  test.each(Object.entries(ways))(
    `fails %s: ${ends === "error" ? "the caller gets an error" : "it goes on"}`,
    async (_, fails) => {
      server.reply({});
      const outcome = (async () => run(fails))();
      if (ends === "error") await expect(outcome).rejects.toBeInstanceOf(Error);
      else await outcome;
      // Rejections that nobody handles are reported between two turns.
      await turns(3);
      expect(unheard.splice(0)).toEqual([]);
    },
  );
});

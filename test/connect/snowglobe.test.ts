import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { AuthenticationError, ConfigurationError } from "callwright";
import { connect, defineAgent, snowglobe } from "callwright/connect";
import { afterEach, expect, test } from "vitest";

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly key: unknown;
  readonly body: any;
}

type Reply = (seen: Seen, response: ServerResponse) => void;
const servers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of servers.splice(0)) await close();
});

/** A control plane that answers by path; what it does not know is an empty list or an empty object. */
async function plane(replies: Readonly<Record<string, Reply | unknown>>) {
  const seen: Seen[] = [];
  const waiting: { readonly wanted: (seen: readonly Seen[]) => boolean; readonly resolve: () => void }[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    const { method = "", url: path = "", headers } = request;
    const one = { method, path, key: headers["x-api-key"], body: text === "" ? undefined : JSON.parse(text) };
    seen.push(one);
    const reply = replies[`${method} ${path.replace(/\?.*/, "")}`];
    if (typeof reply === "function") reply(one, response);
    else response.end(JSON.stringify(reply ?? (method === "GET" ? [] : {})));
    for (const { wanted, resolve } of waiting) if (wanted(seen)) resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    seen,
    url,
    until: (wanted: (seen: readonly Seen[]) => boolean) =>
      wanted(seen) ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ wanted, resolve })),
  };
}

const access = { appId: "app 1", apiKey: "sg-secret-key" };
const aTest = {
  id: "t2",
  prompt: "And now?",
  response: null,
  persona: { name: "Momo" },
  conversation_id: "c1",
  parent_test_id: "t1",
};
const parent = {
  id: "t1",
  prompt: "Hello.",
  response: "Hi!",
  persona: null,
  conversation_id: "c1",
  parent_test_id: null,
};
const conversation = {
  "GET /api/experiments": [
    { id: "e1", app_id: "app 1" },
    { id: "e2", app_id: "another" },
  ],
  "GET /api/experiments/e1/tests": [aTest, { ...parent, id: "t0" }],
  "GET /api/experiments/e1/tests/t1": parent,
};
const isPut = ({ method }: Seen) => method === "PUT";

/** Connects until the control plane has seen what is wanted. */
async function connected(
  replies: Readonly<Record<string, Reply | unknown>>,
  wanted: (seen: readonly Seen[]) => boolean,
  agent = defineAgent(({ length }) => `Answer to ${length}.`),
) {
  const { url, seen, until } = await plane(replies);
  const problems: unknown[] = [];
  const controller = new AbortController();
  const backend = snowglobe({ ...access, url, onProblem: (error) => problems.push(error) });
  const running = connect(agent, {
    backend,
    pollMs: 5,
    signal: controller.signal,
    onEvent: (event) => event.type === "problem" && problems.push(event.error),
  });
  await Promise.race([until(wanted), running]);
  controller.abort();
  return { seen, problems, outcome: await running };
}

test("paths, verbs and fields are those of the golden file", async () => {
  const { seen } = await connected(
    conversation,
    (all) => all.some(isPut) && all.some(({ path }) => path.includes("successful")),
  );
  // A poll while a test runs asks for one more than what it knows already.
  const wire = seen
    .filter(({ path }) => !path.includes("limit=51"))
    .map(({ method, path, body }) => (body === undefined ? { method, path } : { method, path, body }));
  const distinct = [...new Map(wire.map((call) => [`${call.method} ${call.path}`, call])).values()];
  const golden = JSON.parse(readFileSync(new URL("./snowglobe.golden.json", import.meta.url), "utf8"));
  const inOrder = (calls: any[]) =>
    calls.toSorted((a, b) => `${a.path} ${a.method}`.localeCompare(`${b.path} ${b.method}`));
  expect(inOrder(distinct)).toEqual(inOrder(golden));
  expect(new Set(seen.map(({ key }) => key))).toEqual(new Set(["sg-secret-key"]));
});

test("the agent sees the turns before, and an answer that is there already is not asked for", async () => {
  const asked: unknown[] = [];
  const agent = defineAgent({
    completion({ messages, testId, conversationId }) {
      if (!testId.startsWith("heartbeat"))
        asked.push({ testId, conversationId, said: messages.map(({ role, content }) => `${role}: ${content}`) });
      return { response: "Fine." };
    },
  });
  const { outcome } = await connected(conversation, (all) => all.some(isPut), agent);
  expect(asked).toEqual([
    { testId: "t2", conversationId: "c1", said: ["user: Hello.", "assistant: Hi!", "user: And now?"] },
  ]);
  expect(outcome).toEqual({ delivered: 1, failed: 0 });
});

test("a delivery that is answered 500 is sent again, and the agent is not asked again", async () => {
  let refused = 0;
  let asked = 0;
  const agent = defineAgent(([{ content }]: any) => {
    if (content === "Hello.") asked++;
    return "Fine.";
  });
  const put: Reply = (_, response) => {
    response.statusCode = refused++ < 2 ? 500 : 200;
    response.end("{}");
  };
  const replies = { ...conversation, "PUT /api/experiments/e1/tests/t2": put };
  const { seen, outcome } = await connected(replies, (all) => all.filter(isPut).length === 3, agent);
  expect(outcome).toEqual({ delivered: 1, failed: 0 });
  expect(seen.filter(isPut).map(({ body }) => body.response)).toEqual(["Fine.", "Fine.", "Fine."]);
  expect(asked).toBe(1);
});

test("an agent that fails is told of as a failed connection, and never as an answer", async () => {
  const agent = defineAgent(() => {
    throw new Error("No database, and key sk-abcdefghijklmnop.");
  });
  const told = ({ path, body }: Seen) => path.includes("failed") && /t2/.test(body.error);
  const { seen, outcome } = await connected(conversation, (all) => all.some(told), agent);
  expect(outcome).toEqual({ delivered: 0, failed: 1 });
  expect(seen.some(isPut)).toBe(false);
  const body = seen.find(told)!.body;
  expect(body).toMatchObject({ appId: "app 1", status: "failed" });
  expect(body.error).toMatch(/^Test t2: Error: No database/);
  expect(body.error).not.toMatch(/sk-abc/);
});

test("what is not of their form is passed over and told of, and the tests beside it run", async () => {
  const list = [
    null,
    7,
    { id: 3, prompt: "x" },
    { id: "no prompt" },
    { ...aTest, parent_test_id: "gone" },
    { ...aTest, id: "t3", parent_test_id: null },
    { ...aTest, id: "t3", parent_test_id: null },
  ];
  const replies = {
    ...conversation,
    "GET /api/experiments/e1/tests": list,
    "GET /api/experiments/e1/tests/gone": { id: "gone", prompt: "x", response: null },
  };
  const { seen, problems } = await connected(replies, (all) => all.some(isPut));
  expect(seen.filter(isPut).map(({ path }) => path)).toEqual(["/api/experiments/e1/tests/t3"]);
  const messages = problems.map(String).join("\n");
  expect(messages).toMatch(/It is not an object/);
  expect(messages).toMatch(/Its id is no text/);
  expect(messages).toMatch(/Its prompt is no text/);
  expect(messages).toMatch(/t2 cannot be run: the turn gone before it has no answer yet/);
});

test("turns that lead back to themselves are a problem, not a loop", async () => {
  const replies = {
    ...conversation,
    "GET /api/experiments/e1/tests": [aTest],
    "GET /api/experiments/e1/tests/t1": { ...parent, parent_test_id: "t2" },
  };
  const problems = await connected(replies, (all) => all.filter(({ path }) => path.endsWith("/t1")).length > 1);
  expect(problems.problems.map(String).join()).toMatch(/leads back to itself/);
});

const answerWith =
  (send: (response: ServerResponse) => void): Reply =>
  (_, response) =>
    send(response);

test.each<[string, Reply]>([
  ["no JSON", answerWith((response) => void response.end("<html>"))],
  ["bytes", answerWith((response) => void response.end(Buffer.from([0xff, 0xfe, 0x00])))],
  ["50 MB", answerWith((response) => void response.end(`[${" ".repeat(50_000_000)}]`))],
  ["no list", answerWith((response) => void response.end('{"error":"x"}'))],
  ["JSON nested too deeply", answerWith((response) => void response.end(`${"[".repeat(1e5)}${"]".repeat(1e5)}`))],
  ["a redirect", answerWith((response) => void response.writeHead(302, { location: "https://evil.test/" }).end())],
  ["nothing, and hangs up", answerWith((response) => void response.destroy())],
  ["503", answerWith((response) => void response.writeHead(503).end())],
])("a control plane that answers %s once is asked again", async (_, broken) => {
  let polls = 0;
  const list: Reply = (seen, response) => {
    if (++polls === 1) return broken(seen, response);
    response.end(JSON.stringify(conversation["GET /api/experiments"]));
  };
  const { problems, outcome } = await connected({ ...conversation, "GET /api/experiments": list }, (all) =>
    all.some(isPut),
  );
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({ code: expect.stringMatching(/unexpected_response|connection|overloaded/) });
  expect(outcome).toEqual({ delivered: 1, failed: 0 });
});

test("a key that is refused ends the connection, and is not shown", async () => {
  const refuse: Reply = ({ key }, response) => void response.writeHead(401).end(`Unknown key ${key}`);
  const { url } = await plane({ "GET /api/experiments": refuse });
  const running = connect(
    defineAgent(() => "Hi."),
    { backend: snowglobe({ ...access, url }) },
  );
  await expect(running).rejects.toThrow(AuthenticationError);
  await expect(running).rejects.toThrow(/Check the key/);
  await expect(running).rejects.not.toThrow(/sg-secret/);
});

test.each(["http://evil.test", "ftp://127.0.0.1", "https://me:pw@x.test", "nonsense"])(
  "the address %s is refused",
  (url) => {
    expect(() => snowglobe({ ...access, url })).toThrow(ConfigurationError);
  },
);

test("without a key, or without an application, nothing is begun", () => {
  expect(() => snowglobe({ appId: "a", apiKey: "" })).toThrow(/SNOWGLOBE_API_KEY/);
  expect(() => snowglobe({ appId: "", apiKey: "k" })).toThrow(/appId/);
});

test("the key follows no redirect", async () => {
  const stranger = await plane({});
  const away: Reply = ({ path }, response) =>
    void response.writeHead(307, { location: `${stranger.url}${path}` }).end();
  const { problems } = await connected(
    { "GET /api/experiments": away },
    (all) => all.filter(({ method }) => method === "GET").length > 1,
  );
  expect(stranger.seen).toEqual([]);
  expect(problems[0]).toMatchObject({ code: "connection" });
});

test("a test that failed is asked past for as long as it is listed, and then forgotten", async () => {
  let isListed = true;
  const list: Reply = (_, response) => void response.end(JSON.stringify(isListed ? [{ ...aTest, id: "t9" }] : []));
  const agent = defineAgent(() => {
    throw new Error("Out of order.");
  });
  const limitOf = ({ path }: Seen) => new URL(path, "http://plane").searchParams.get("limit");
  const { seen } = await connected(
    { ...conversation, "GET /api/experiments/e1/tests": list },
    (all) => {
      const limits = all.map(limitOf).filter((limit) => limit !== null);
      if (limits.includes("51") && all.some(({ path }) => path.includes("failed"))) isListed = false;
      return !isListed && limits.at(-1) === "50";
    },
    agent,
  );
  expect(seen.filter(isPut)).toEqual([]);
});

import { assistant, type Message, model, retry, Session, tool, user } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { type Api, answers, apis, replyOf, routeTo } from "./answers.js";
import { runsOf } from "./runs.js";

const runs = runsOf("test/properties/never-stuck.test.ts");

let server: WireServer;
beforeAll(async () => {
  server = await wireServer();
});
afterAll(() => server.close());

const echo = tool({ name: "echo", description: "Says it again", input: z.object({ say: z.string() }) })(
  async ({ say }) => say,
);
const tools = [echo];
const once = [retry({ retries: 0 })];

/** A round with an id that the answers repeat. */
const before: readonly Message[] = [
  user("Hello"),
  assistant([{ type: "tool-call", id: "call_0", name: "echo", arguments: '{"say":"Hi"}' }]),
  { role: "tool", content: [{ type: "tool-result", id: "call_0", name: "echo", content: "Hi" }] },
  assistant("Hi."),
];

test("whatever one API answered, the next turn can be sent to that one and to any other", async () => {
  const models = Object.fromEntries(
    apis.map((api) => {
      const { reference, access } = routeTo(api, server);
      return [api, model(reference, { ...access, use: once })];
    }),
  ) as Record<Api, ReturnType<typeof model>>;
  const turns = fc.record({
    from: fc.constantFrom(...apis),
    to: fc.constantFrom(...apis),
    answer: answers,
    maxSteps: fc.constantFrom(1, 1, 4),
  });
  await fc.assert(
    fc.asyncProperty(turns, async ({ from, to, answer, maxSteps }) => {
      // A list that grows over all runs would hold every body.
      (server.requests as unknown[]).length = 0;
      server.reply(replyOf(from, answer), { text: "Fine." });
      const session = new Session({ model: models[from], tools, maxSteps });
      for (const message of before) session.add(message);
      await session.send("Hi");
      session.model = models[to];
      expect((await session.send("And now?")).content).toBe("Fine.");
      expect(server.requests.map(({ refused }) => refused)).toEqual(server.requests.map(() => undefined));
    }),
    runs,
  );
}, 300_000);

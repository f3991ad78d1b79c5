import { type CallResponse, ConfigurationError, type Model, model, Session, tool } from "callwright";
import { script } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const empty = z.object({});
const wantsTool = { toolCalls: [{ name: "ask", args: {} }] };
const asking = (...turns: Parameters<typeof script>[0]) => model(script(turns));
const toolOf = (run: () => Promise<unknown>) =>
  tool({ name: "ask", description: "Asks.", input: empty })(async () => String(await run()));

/** What a tool of a session got when it tried something. */
async function triedIn(way: "send" | "stream", attempt: (session: Session) => Promise<unknown>) {
  let thrown: unknown;
  const ask = toolOf(async () => {
    try {
      return String(await attempt(session));
    } catch (error) {
      thrown = error;
      throw error;
    }
  });
  const session = new Session({ model: asking(wantsTool, "Done.", "And more."), tools: [ask] });
  const response: CallResponse<unknown> =
    way === "send" ? await session.send("Go.") : await (await session.stream("Go.")).response();
  return { session, response, thrown };
}

describe.each(["send", "stream"] as const)("a tool that runs in session.%s()", (way) => {
  test.each<[string, (session: Session) => Promise<unknown>]>([
    ["send()", (session) => session.send("Me, too.")],
    ["stream()", (session) => Promise.resolve(session.stream("Me, too."))],
    [
      "stream() in a loop",
      async (session) => {
        for await (const [chunk] of session.stream("Me, too.")) return chunk;
      },
    ],
    [
      "send() behind a timer",
      async (session) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return session.send("Me, too.");
      },
    ],
    [
      "send() in the tool of another session",
      (session) => {
        const inner = new Session({ model: asking(wantsTool, "No."), tools: [toolOf(() => session.send("Me, too."))] });
        return inner.send("Go.").then(({ messages }) => {
          throw new ConfigurationError(JSON.stringify(messages));
        });
      },
    ],
  ])("is told at once that %s would wait for ever", async (_, attempt) => {
    const { session, response, thrown } = await triedIn(way, attempt);
    expect(thrown).toBeInstanceOf(ConfigurationError);
    expect((thrown as Error).message).toMatch(/inside a turn of the same session/);
    expect(response.content).toBe("Done.");
    expect((await session.send("Still there?")).content).toBe("And more.");
  });

  test("may add to the session, and send on another one", async () => {
    const { session, thrown } = await triedIn(way, async (own) => {
      own.add({ role: "user", content: "By the way." });
      return (await new Session({ model: asking("Fine.") }).send("Hi.")).content;
    });
    expect(thrown).toBeUndefined();
    expect(session.history.at(-1)).toEqual({ role: "user", content: "By the way." });
  });

  test("may begin what sends when the turn is over", async () => {
    let later: Promise<unknown> = Promise.resolve();
    let open = () => {};
    const over = new Promise<void>((resolve) => {
      open = resolve;
    });
    await triedIn(way, async (session) => {
      later = over.then(() => session.send("Now?"));
    });
    open();
    expect(await later).toMatchObject({ content: "And more." });
  });
});

test("a model that sends on the session that asks it is told, too", async () => {
  const own: Model = {
    id: "script/own",
    async *run() {
      await session.send("Me, too.");
      yield { type: "finish", reason: "stop" };
    },
  };
  const session = new Session({ model: own });
  await expect(session.send("Go.")).rejects.toThrow(/inside a turn of the same session/);
});

test("turns that are begun beside each other still wait for each other", async () => {
  const session = new Session({ model: asking("One.", "Two.") });
  const answers = await Promise.all([session.send("1"), session.send("2")]);
  expect(answers.map(({ content }) => content)).toEqual(["One.", "Two."]);
});

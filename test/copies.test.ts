import * as first from "callwright";
import { wireServer } from "callwright/testing";
import { expect, test, vi } from "vitest";

/** The package once more, with classes of its own. */
async function secondCopy(): Promise<typeof first> {
  vi.resetModules();
  return import("callwright");
}

test("a prompt of another copy of the package can be sent, with its config, parts and history", async () => {
  await using server = await wireServer();
  const second = await secondCopy();
  expect(second.Prompt).not.toBe(first.Prompt);
  const ask = (body: () => unknown) => first.call("openai/gpt-4o-mini", server.openai)(body as () => string)();

  await ask(() => second.prompt`SYSTEM: Be brief.\nUSER: ${second.text("Hi")}`);
  await ask(() => second.prompt({ messages: "Hi", params: { maxTokens: 7 } }));
  await ask(() => ({ messages: second.prompt`Hi` }));
  const history = [second.system("Be brief."), second.user("Hi")];
  await ask(() => first.prompt`MESSAGES: ${history} ${second.prompt`And?`}`);
  await ask(computedBy(second));

  const [tagged, configured, within, spliced, computed] = server.requests.map(({ body }) => body);
  expect(tagged.messages).toMatchObject([{ role: "system" }, { role: "user", content: [{ text: "Hi" }] }]);
  expect(configured).toMatchObject({ messages: [{ content: "Hi" }], max_completion_tokens: 7 });
  expect(within.messages).toMatchObject([{ content: "Hi" }]);
  expect(spliced.messages.map(({ content }: { content: string }) => content)).toEqual(["Be brief.", "Hi", "And?"]);
  expect(computed.messages).toMatchObject([{ content: "Hi" }]);
});

/** A template of this copy whose variables come from a prompt of the other. */
function computedBy(second: typeof first): () => unknown {
  const fill: any = first.promptTemplate("{a}");
  return fill(() => second.prompt({ computed: { a: "Hi" } }));
}

test("a response of another copy is text in a hole, and its messages are messages", async () => {
  await using server = await wireServer();
  server.reply({ text: "Hello" });
  const second = await secondCopy();
  const response = await second.call("openai/gpt-4o-mini", server.openai)(() => "Hi")();
  const { messages } = first.prompt<first.Prompt>`
    MESSAGES: ${response.messages}
    USER: You said ${response}.`;
  expect(messages).toEqual([first.user("Hi"), first.assistant("Hello"), first.user("You said Hello.")]);
});

test("a tool class of another copy is an error that names the copies", async () => {
  const second = await secondCopy();
  class Look extends second.BaseTool {
    override call() {
      return "";
    }
  }
  expect(() => first.call("openai/gpt-4o-mini", { tools: [Look as never] })).toThrow(
    /tools\[0\] extends the BaseTool of another copy of callwright/,
  );
});

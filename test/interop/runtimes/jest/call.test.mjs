import { call, prompt } from "callwright";
import { wireServer } from "callwright/testing";

test("a call is answered", async () => {
  const server = await wireServer();
  server.reply({ text: "Hello." });
  const { content } = await call("openai/gpt-4o-mini", server.openai)(() => prompt`Hi`)();
  expect(content).toBe("Hello.");
  await server.close();
});

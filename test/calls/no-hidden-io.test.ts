import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { call, document, image, prompt, promptTemplate, user } from "callwright";
import { expect, test } from "vitest";
import { errorOf, onBothWires } from "./wires.js";

/** A place from which nothing may be fetched; counts who tries. */
async function honeypot() {
  let visits = 0;
  const server = createServer((_, response) => {
    visits++;
    response.end();
  });
  server.on("connection", () => visits++);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/cover.png`,
    visits: () => visits,
    close: () => new Promise((closed) => server.close(closed)),
  };
}

onBothWires((wire) => {
  test("a link to an image goes to the provider as it stands, and is fetched by nobody here", async () => {
    const { url, visits, close } = await honeypot();
    const ask = call(wire.reference, wire.access)((from: any) => from);
    await ask(user(["Look", image(url)]));
    await ask(prompt`Look ${image(new URL(url))}`);
    await ask(await promptTemplate("Look {url:image}")((_: { url: string }) => {})({ url }));
    const sent = wire.server.requests.map(({ body }) => JSON.stringify(body.messages));
    expect(sent.every((messages) => messages.includes(url))).toBe(true);
    expect(visits()).toBe(0);
    await close();
  });

  test("a link to a document is fetched by nobody here either", async () => {
    const { url, visits, close } = await honeypot();
    const ask = call(wire.reference, wire.access)(() => user(["Read", document(url)]));
    // OpenAI's wire takes no links to documents, which is told instead of being helped out with a download.
    if (wire.provider === "openai") expect(await errorOf(ask())).toMatchObject({ name: "ConfigurationError" });
    else await ask();
    expect(visits()).toBe(0);
    await close();
  });

  test.each(["/etc/passwd", "./cover.png", "file:///etc/passwd", "C:\\cover.png"])(
    "the path %s as a value is refused by name and never opened",
    async (path) => {
      const ask = call(wire.reference, wire.access)(promptTemplate("{cover:image}")((_: { cover: string }) => {}));
      expect(await errorOf(ask({ cover: path }))).toMatchObject({ name: "TemplateError", variable: "cover" });
      expect(wire.server.connections).toBe(0);
    },
  );
});

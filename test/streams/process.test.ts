import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Runs an ES module with the built package in a process of its own, which any rejection that nobody handles would end
 * with an error. The wire server is in that process, too; once it is closed, only leaks can keep the process alive.
 */
async function run(body: string, ...flags: string[]): Promise<string> {
  const code = `
    import { call, retry } from "callwright";
    import { wireServer } from "callwright/testing";
    const server = await wireServer();
    ${body}
  `;
  const args = ["--unhandled-rejections=strict", "--trace-warnings", ...flags, "--input-type=module", "--eval", code];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 60_000 });
  expect(stderr).toBe("");
  return stdout;
}

const references = ["openai/gpt-4o-mini", "anthropic/claude-haiku-4-5"];
const preamble = (reference: string) =>
  `const reference = ${JSON.stringify(reference)}; const access = server[reference.split("/")[0]];`;

test.each(references)("a script that is done with %s exits by itself, however its streams ended", async (reference) => {
  const output = await run(`
    ${preamble(reference)}
    const stalling = () => ({ text: (async function* () { yield "a"; await new Promise(() => {}); })() });
    const ask = call(reference, { ...access, stream: true, use: [retry({ retries: 0 })] })(() => "Hi");
    server.reply({ text: "whole" });
    await (await ask()).response();
    server.reply(stalling());
    for await (const _ of await ask()) break;
    server.reply(stalling());
    (await ask()).abort();
    server.reply(stalling());
    await (await ask())[Symbol.asyncDispose]();
    server.reply({ text: ["a", "b"], cutAfter: 2 });
    await (await ask()).response().catch(() => {});
    server.reply({ status: 500 });
    await ask().catch(() => {});
    server.reply({ text: "plain" });
    await call(reference, access)(() => "Hi")();
    await Promise.all(server.requests.map(({ closed }) => closed));
    await server.close();
    console.log("done", server.requests.length);
  `);
  expect(output).toBe("done 7\n");
});

test.each(references)("streams of %s that are dropped are closed when they are collected", async (reference) => {
  const output = await run(
    `
    ${preamble(reference)}
    server.reply({ text: { async *[Symbol.asyncIterator]() { yield "a"; await new Promise(() => {}); } } });
    const ask = call(reference, { ...access, stream: true })(() => "Hi");
    await Promise.all(Array.from({ length: 20 }, async (_, index) => {
      const stream = await ask();
      // Untouched, half read, and half read as text.
      if (index % 3 === 1) await stream[Symbol.asyncIterator]().next();
      if (index % 3 === 2) await stream.textStream().next();
    }));
    const before = server.openConnections;
    for (let turn = 0; turn < 500 && server.openConnections > 0; turn++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    console.log(before, server.openConnections, server.requests.every(({ aborted }) => aborted));
    await server.close();
  `,
    "--expose-gc",
  );
  expect(output).toBe("20 0 true\n");
});

test.each(references)(
  "96 MB of text from %s go through 160 MB of memory, where they are not collected",
  async (reference) => {
    const output = await run(
      `
    ${preamble(reference)}
    const piece = "x".repeat(16 * 1024);
    server.reply({ text: { async *[Symbol.asyncIterator]() { for (let sent = 0; sent < 6 * 1024; sent++) yield piece; } } });
    const stream = await call(reference, { ...access, stream: true })(() => "Hi")();
    let length = 0;
    for await (const text of stream.textStream({ collect: false })) length += text.length;
    console.log(length / 1024 / 1024, stream.finishReason);
    await server.close();
  `,
      "--max-old-space-size=160",
    );
    expect(output).toBe("96 stop\n");
  },
  60_000,
);

test("a process whose only stream stalls is not kept alive by timers once the stream is left", async () => {
  const output = await run(`
    ${preamble(references[0] ?? "")}
    server.reply({ text: { async *[Symbol.asyncIterator]() { yield "a"; await new Promise(() => {}); } } });
    const stream = await call(reference, { ...access, stream: true, timeouts: { totalMs: 3_600_000 } })(() => "Hi")();
    for await (const _ of stream) break;
    await server.requests[0].closed;
    await server.close();
    process.once("exit", () => console.log("left"));
  `);
  expect(output).toBe("left\n");
});

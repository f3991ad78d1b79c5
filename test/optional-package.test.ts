import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A loader that fails whenever a file of the package is loaded as an ES module, as Node does with no descriptor free. */
const failing = (name: string) =>
  `data:text/javascript,${encodeURIComponent(`
  import { register } from "node:module";
  register("data:text/javascript," + encodeURIComponent(\`
    export async function load(url, context, next) {
      if (!url.includes("/node_modules/${name}/")) return next(url, context);
      throw Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });
    }
  \`));
`)}`;

/** Asks twice in a process of its own; returns what each call came to, and what nobody handled. */
function askTwice(
  name: string,
  reference: string,
): { readonly calls: readonly any[]; readonly unhandled: readonly string[] } {
  const code = `
    import { call } from "callwright";
    import { wireServer } from "callwright/testing";
    const unhandled = [];
    process.on("unhandledRejection", (error) => unhandled.push(String(error)));
    const server = await wireServer();
    const ask = call(${JSON.stringify(reference)}, server.${reference.split("/")[0]})(() => "Hi");
    const calls = [];
    for (let count = 0; count < 2; count++)
      calls.push(await ask().then(
        ({ content, cost, warnings }) => ({ content, cost, warnings: warnings.map(({ code }) => code) }),
        ({ code, message }) => ({ code, message }),
      ));
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(JSON.stringify({ calls, unhandled }));
    await server.close();
    process.exit(0);
  `;
  const flags = ["--no-warnings", "--import", failing(name), "--input-type=module", "--eval", code];
  return JSON.parse(execFileSync(process.execPath, flags, { cwd: root, encoding: "utf8" }));
}

describe("a package whose import fails for a reason that may pass", () => {
  test.each([
    ["openai", "openai/gpt-4o-mini"],
    ["@anthropic-ai/sdk", "anthropic/claude-haiku-4-5"],
    ["undici", "openai/gpt-4o-mini"],
    ["@pydantic/genai-prices", "openai/gpt-4o-mini"],
  ])("is loaded from its CommonJS build: %s", (name, reference) => {
    const { calls, unhandled } = askTwice(name, reference);
    expect(unhandled).toEqual([]);
    expect(calls).toEqual([
      { content: "Hello from the wire server.", cost: expect.any(Number), warnings: [] },
      { content: "Hello from the wire server.", cost: expect.any(Number), warnings: [] },
    ]);
  });
});

test("the time that it takes to load an SDK has no part in the wait for the first event", () => {
  const slow = `data:text/javascript,${encodeURIComponent(`
    import { register } from "node:module";
    register("data:text/javascript," + encodeURIComponent(\`
      export async function load(url, context, next) {
        if (url.endsWith("/node_modules/openai/index.mjs")) await new Promise((resolve) => setTimeout(resolve, 6000));
        return next(url, context);
      }
    \`));
  `)}`;
  const code = `
    import { call } from "callwright";
    import { wireServer } from "callwright/testing";
    const server = await wireServer();
    const options = { ...server.openai, stream: true, timeouts: { firstEventMs: 5000 } };
    const stream = await call("openai/gpt-4o-mini", options)(() => "Hi")();
    console.log((await stream.response()).content, server.requests.length);
    process.exit(0);
  `;
  const flags = ["--no-warnings", "--import", slow, "--input-type=module", "--eval", code];
  const printed = execFileSync(process.execPath, flags, { cwd: root, encoding: "utf8" });
  expect(printed).toBe("Hello from the wire server. 1\n");
});

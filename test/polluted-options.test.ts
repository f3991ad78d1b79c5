import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "./processes/compile.js";
import { optionNames } from "./processes/option-names.js";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Node itself looks for these on the prototype of all objects: when it loads a module, opens a socket, makes a folder. */
const ofNode = new Set(["signal", "destroy", "mode"]);

/** Members that callwright/web hands to the platform, or looks for on what others made. */
const besides = ["status", "statusText", "duplex", "param", "retryAfterMs", "body", "rawBody", "issues"];

let names: Map<string, string[]>;
beforeAll(() => {
  names = optionNames(["index", "web/index", "testing/index", "connect/index"]);
}, 120_000);

/** What a script printed where these names stand on `Object.prototype` with this value. */
async function run(script: string, polluted: readonly string[], value: string): Promise<unknown> {
  const args = [compile(script), JSON.stringify(polluted), value];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 60_000 });
  return JSON.parse(stdout);
}

test("the options of every entry point are found", () => {
  expect(names.get("index")).toEqual(expect.arrayContaining(["temperature", "apiKey", "retries", "idleMs"]));
  expect(names.get("web/index")).toEqual(expect.arrayContaining(["apiKey", "hosts", "cors", "basePath", "onError"]));
  expect(names.get("testing/index")).toEqual(expect.arrayContaining(["strict", "seed", "folder"]));
  expect(names.get("connect/index")).toEqual(expect.arrayContaining(["concurrency", "judge", "apiKey"]));
});

describe.each([
  ["callwright/web", "polluted-web.ts", ["web/index"], besides],
  ["callwright/testing and callwright/connect", "polluted-testing.ts", ["testing/index", "connect/index"], []],
])("%s", { timeout: 120_000 }, (_, script, entries, more) => {
  let clean: unknown;
  beforeAll(async () => {
    clean = await run(script, [], "1");
  });

  test.each(["1", '"evil"', "{}", "a function"])(
    "is the same where each option stands on Object.prototype as %s",
    async (value) => {
      const options = new Set([...entries.flatMap((entry) => names.get(entry) ?? []), ...more]);
      const polluted = [...options].filter((name) => !ofNode.has(name));
      expect(polluted.length).toBeGreaterThan(20);
      expect(await run(script, polluted, value)).toEqual(clean);
    },
  );
});

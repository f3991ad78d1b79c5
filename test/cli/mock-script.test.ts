import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigurationError } from "callwright";
import { faults, wireServer } from "callwright/testing";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CliError } from "../../src/cli/cli-error.js";
import { mock } from "../../src/cli/mock.js";
import { readScript } from "../../src/cli/mock-script.js";
import { type Terminal, terminalOf } from "../../src/cli/terminal.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mock-script-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(script: string) {
  const file = join(folder, "s.yaml");
  writeFileSync(file, script);
  return readScript(file);
}

const wrong: readonly (readonly [reply: string, problem: RegExp])[] = [
  ["status: 99", /: status must be a whole number from 200 to 599, not 99\./],
  ['status: "503"', /: status must be a whole number from 200 to 599, not "503"\./],
  ["status: 429.5", /: status must be/],
  ["headers: [a]", /: headers must be an object of names and values/],
  ['headers: { x-a: "a\\nb" }', /: headers\["x-a"\] cannot be sent as a header/],
  ["headers: { x a: b }", /: headers\["x a"\] cannot/],
  ["headers: { x-a: { b: c } }", /: headers\["x-a"\] cannot/],
  ["delayMs: soon", /: delayMs must be a number of milliseconds of at least 0, or Infinity, not "soon"/],
  ["delayMs: -1", /: delayMs must be/],
  ["gapMs: .inf", /: gapMs must be a number of milliseconds of at least 0, not Infinity/],
  ["drop: fin", /: drop must be one of reset, end, not "fin"/],
  ["text: 7", /: text must be a string or a list of strings, not 7/],
  ["text: [a, 7]", /: text must be/],
  ["text: { a: b }", /: text must be/],
  ["toolCalls: { name: a }", /: toolCalls must be a list of tool calls/],
  ["toolCalls: [find]", /: toolCalls\[0\] must be an object with a name and args/],
  ["toolCalls: [{ args: {} }]", /: toolCalls\[0\] has no name/],
  ["toolCalls: [{ name: a }, { name: 7 }]", /: toolCalls\[1\]\.name must be the name of a tool, not 7/],
  [
    "toolCalls: [{ name: a, arguments: {} }]",
    /: toolCalls\[0\] has a member arguments, .* Did you mean args\?|There are/,
  ],
  ["usage: 7", /: usage must be null, or an object of numbers of tokens, not 7/],
  ["usage: { input: 1 }", /: usage has no output/],
  ["usage: { input: many, output: 1 }", /: usage\.input must be a whole number of at least 0, not "many"/],
  ["finishReason: done", /: finishReason must be one of stop, length, tool-calls, content-filter, not "done"/],
  ["raw: { a: b }", /: raw must be a string or bytes/],
  ["chunks: text", /: chunks must be a list of objects and strings/],
  ["chunks: [7]", /: chunks must be/],
  ["cutAfter: 1.5", /: cutAfter must be a whole number of at least 0, not 1\.5/],
  ["endAfter: x", /: endAfter must be/],
  ["errorAfter: -1", /: errorAfter must be/],
  ["hangAfter: null", /: hangAfter must be a whole number of at least 0, or Infinity, not null/],
  ["splitAt: every", /: splitAt must be "every-byte", or a list of positions/],
  ["splitAt: [a]", /: splitAt must be/],
  ["json: &a [*a]", /: it cannot be sent as JSON/],
  ["tcp: x", / has a member tcp, which is not known/],
  [
    "fault: { stall: { after: two } }",
    /: the fault stall has a wrong option: after must be a whole number .* not "two"/,
  ],
  ["fault: { stall: { afer: 2 } }", /: the fault stall has a member afer, which is not known. Did you mean after\?/],
  ["fault: { stall: 2 }", /: the fault stall must have an object of options/],
  ["fault: { quota: { after: 2 } }", /: the fault quota has a member after, which is not known. It has none/],
  ["fault: { cut: { how: fin } }", /: the fault cut has a wrong option: how must be one of reset, end, not "fin"/],
  ["fault: redirect", /: the fault redirect has no to/],
  ["fault: { encoding: { name: x } }", /: the fault encoding must have a string/],
  ["fault: { lineEndings: lf }", /: the fault lineEndings must have one of crlf, cr, mixed/],
  ["fault: { stall: {}, cut: {} }", /: fault must be the name of a fault, or an object with one name/],
  ["fault: {}", /: fault must be/],
];

describe("a script with a wrong value is refused when it is read", () => {
  test.each(wrong)("%s", async (reply, problem) => {
    const reading = read(`- Hello\n- { ${reply} }\n`);
    await expect(reading).rejects.toThrow(CliError);
    await expect(reading).rejects.toThrow(/^Reply 2 of .*s\.yaml/);
    await expect(reading).rejects.toThrow(problem);
    if (!/fault|tcp|json/.test(reply))
      await expect(read(JSON.stringify(["a", { status: 99 }]))).rejects.toThrow(/Reply 2/);
  });

  test("and one whose values are right is read, in all its members", async () => {
    const replies = await read(`
- { status: 429, headers: { retry-after: 5, x-a: b }, delayMs: .inf, text: [a, b], usage: null }
- { usage: { input: 1, output: 2, cachedInput: 0 }, finishReason: length, gapMs: 0.5, hangAfter: .inf }
- { toolCalls: [{ name: a, args: "{", id: x }, { name: b }], splitAt: [1, 2], cutAfter: 0 }
- { chunks: [{ a: 1 }, "data: [DONE]"], splitAt: every-byte, drop: end }
- { json: [1, null], raw: "" }
- { fault: { truncate: { after: .inf, at: line } } }
- { fault: { redirect: { to: /x, status: 308 } } }
- { fault: { stall: } }
`);
    expect(replies).toHaveLength(8);
    // All that need no option.
    for (const name of Object.keys(faults)) if (name !== "redirect") await read(`- { fault: ${name} }`);
  });
});

test("the server of a test refuses a wrong reply where it is given", async () => {
  await using server = await wireServer();
  for (const reply of [{ status: 99 }, { text: 7 }, { headers: { "x y": "a" } }, "text", null])
    expect(() => server.reply({ text: "fine" }, reply as object)).toThrow(ConfigurationError);
  expect(() => server.reply({}, { cutAfter: -1 })).toThrow("Reply 2: cutAfter must be a whole number of at least 0");
});

test("no name of a model ends its line of the log, or hides in it", async () => {
  const written: string[] = [];
  const stream = { isTTY: false, write: (text: string) => written.push(text) };
  const stdin = (async function* () {})();
  const terminal: Terminal = terminalOf({ stdout: stream, stderr: stream, stdin, env: {}, cwd: () => "/" });
  const playing = mock({ port: 0, strict: false }, terminal);
  await expect.poll(() => written.join("")).toContain("Stop with");
  const baseURL = written.join("").match(/OPENAI_BASE_URL=(\S+)/)?.[1] ?? "";
  const client = new OpenAI({ baseURL, apiKey: "any", maxRetries: 0 });
  const names = ["a\nPOST /v1/forged", "b\u2028c\u061c", "d\u200b\u{e0041}", "e\u001b[2J", "f".repeat(5000)];
  for (const model of names)
    await client.chat.completions.create({ model, messages: [{ role: "user", content: "Hi" }] });
  const odd = client.chat.completions.create({ model: { toString: 1 } as never, messages: [] });
  await odd;
  const lines = written
    .join("")
    .split("\n")
    .filter((line) => line.startsWith("POST"));
  expect(lines.map((line) => line.split("  ")[2]?.slice(0, 30))).toEqual([
    "a\\u000aPOST /v1/forged",
    "b\\u2028c\\u061c",
    "d\\u200b\\u{e0041}",
    "e\\u001b[2J",
    "f".repeat(30),
    '{"toString":1}',
  ]);
  expect(lines.every((line) => line.length < 300)).toBe(true);
  // As Ctrl+C does.
  process.emit("SIGINT");
  await playing;
});

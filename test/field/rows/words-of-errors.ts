import { circuitBreaker, retry } from "callwright";
import type { WireReplyMaker } from "callwright/testing";
import { expect } from "vitest";
import type { Cell, Section } from "../row.js";

const everywhere = ["openai", "responses", "anthropic"] as const;
const page = (title: string) =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;

async function expectMessage(cell: Cell, reply: WireReplyMaker, message: string): Promise<void> {
  cell.reply(reply);
  expect((await cell.ask()).error.message).toBe(`${cell.target === "responses" ? "openai" : cell.target} ${message}`);
}

export const wordsOfErrors: Section = {
  title: "The words of errors",
  rows: [
    {
      id: "C20",
      report:
        '`{"error":"model \'x\' not found"}`, `{"detail":"…"}`, `{"message":"…"}`, a list, with an error\'s status',
      outcome: "The words, once",
      source: "ollama, FastAPI and others",
      on: everywhere,
      async run(cell) {
        const words = "model 'x' not found";
        for (const json of [
          { error: words },
          { detail: words },
          { message: words },
          { msg: words },
          { errors: [{ message: words }] },
          [{ error: { message: words } }],
          { error: { message: `404 ${words}` } },
          { fault: { faultstring: words } },
        ]) {
          await expectMessage(cell, { status: 404, json }, `answered 404: ${words}`);
        }
        await expectMessage(
          cell,
          { status: 404, raw: words, headers: { "content-type": "text/plain" } },
          `answered 404: ${words}`,
        );
      },
    },
    {
      id: "C21",
      report: "A page of a proxy with an error's status",
      outcome: "Its title, in one line",
      source: "nginx, Cloudflare",
      on: everywhere,
      async run(cell) {
        const html = { "content-type": "text/html" };
        await expectMessage(
          cell,
          { status: 502, raw: page("502 Bad Gateway"), headers: html },
          "answered 502: Bad Gateway",
        );
        const entities = { status: 503, raw: page("Caf&eacute; &amp; more"), headers: html };
        await expectMessage(cell, entities, "answered 503: Caf&eacute; & more");
        const untitled = {
          status: 500,
          raw: "<!DOCTYPE html>\n<style>p { }</style><p>No\n <b>way</b></p>",
          headers: html,
        };
        await expectMessage(cell, untitled, "answered 500: No way");
        const inside = { status: 500, json: { error: { message: page("504 Gateway Time-out") } } };
        await expectMessage(cell, inside, "answered 500: 504 Gateway Time-out");
      },
    },
    {
      id: "C22",
      report: "An empty body with an error's status",
      outcome: "“an empty body”",
      source: "nginx, Cloudflare",
      on: everywhere,
      run: (cell) => expectMessage(cell, { status: 503, raw: "" }, "answered 503: an empty body"),
    },
    {
      id: "C23",
      report: "The body of an error",
      outcome: "`error.body` has it, parsed, without secrets, and not enumerable",
      source: "wanted by users of other libraries",
      on: everywhere,
      async run(cell) {
        const json = {
          error: { message: "No", type: "x" },
          hint: `your key is ${cell.access.apiKey}`,
          [String(cell.access.apiKey)]: 1,
        };
        cell.reply({ status: 400, json });
        const { error } = await cell.ask();
        expect(error.body).toEqual({ error: { message: "No", type: "x" }, hint: "your key is ***", "***": 1 });
        expect(Object.keys(error)).not.toContain("body");
        expect(JSON.stringify(error)).not.toContain("hint");
        cell.reply({ status: 500, raw: `The key ${cell.access.apiKey} broke it` });
        expect((await cell.ask()).error.body).toBe("The key *** broke it");
        cell.reply({ status: 500, raw: "" });
        expect((await cell.ask()).error.body).toBeUndefined();
      },
    },
    {
      id: "C24",
      report: "`x-should-retry` or an error's type that is named like a member of all objects",
      outcome: "The class of the status decides",
      source: "found by fuzzing",
      on: everywhere,
      async run(cell) {
        for (const name of ["constructor", "toString", "__proto__"]) {
          cell.reply({
            status: 400,
            json: { error: { type: name, message: "No" } },
            headers: { "x-should-retry": name },
          });
          expect((await cell.ask()).error).toMatchObject({ code: "bad_request", retryable: false, type: name });
        }
      },
    },
    {
      id: "C25",
      report: "A header `x-portkey-provider: anthropic` is sent, and an error names the provider",
      outcome: "The name stays in the message, and keys do not",
      source: "portkey",
      on: everywhere,
      async run(cell) {
        const headers = { "x-portkey-provider": "anthropic", "x-portkey-api-key": "portkey-4711" };
        cell.reply({ status: 400, json: { error: { message: "anthropic error for portkey-4711" } } });
        const { error } = await cell.ask("Hello?", { headers } as object);
        expect(error.message).toContain("anthropic error for ***");
      },
    },
    {
      id: "C26",
      report: "A connection that is closed before the answer, by its end or by a reset",
      outcome: "“The connection closed before an answer came”",
      source: "nginx restarts",
      on: everywhere,
      async run(cell) {
        for (const drop of ["end", "reset"] as const) {
          cell.reply({ drop });
          expect((await cell.ask()).error).toMatchObject({
            code: "connection",
            retryable: true,
            message: expect.stringMatching(
              /^The connection closed before an answer came from http:\/\/127\.0\.0\.1:\d+ \(/,
            ),
          });
        }
      },
    },
    {
      id: "C27",
      report: "A request that has no JSON form: a BigInt, a cycle, 30,000 levels, a `toJSON` that throws",
      outcome: "ConfigurationError that names the place; nothing is sent, retried or counted as the provider's failure",
      source: "found by fuzzing",
      on: everywhere,
      async run(cell) {
        const cycle: Record<string, unknown> = { name: "a" };
        cycle.self = cycle;
        let deep: unknown = {};
        for (let depth = 0; depth < 30_000; depth++) deep = { type: "array", items: deep };
        const throwing = {
          toJSON() {
            throw new Error("not now");
          },
        };
        const breaker = circuitBreaker({ failures: 1 });
        const use = [breaker, retry({ delayMs: () => 1 })];
        for (const [value, words] of [
          [{ user: { id: 1n } }, "metadata.user.id is a BigInt"],
          [cycle, "metadata.self refers to an object that it is a part of"],
          [deep, "is nested more than 1000 levels deep"],
          [throwing, "metadata cannot be read (not now)"],
        ] as const) {
          const before = cell.server.requests.length;
          const { error } = await cell.ask("Hello?", { use, extraBody: { metadata: value } } as object);
          expect(error).toMatchObject({
            code: "configuration",
            retryable: false,
            message: expect.stringContaining(words),
          });
          expect(cell.server.requests.length).toBe(before);
        }
        cell.reply({ text: "Fine." });
        expect((await cell.ask("Hello?", { use } as object)).response?.content).toBe("Fine.");
      },
    },
  ],
};

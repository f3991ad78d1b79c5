import type { StandardJSONSchemaV1 } from "@standard-schema/spec";
import { BaseTool, call, type Schema, tool } from "callwright";
import { wireServer } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { z } from "zod";

describe.each(["openai/gpt-4o-mini", "anthropic/claude-haiku-4-5"] as const)(
  "limits of schemas, with %s",
  (reference) => {
    const wire = reference.startsWith("openai") ? "openai" : "anthropic";

    function unions(depth: number): z.ZodType {
      let schema: z.ZodType = z.string();
      for (let level = 0; level < depth; level++) schema = z.union([z.object({ inner: schema }), z.number()]);
      return z.object({ inner: schema });
    }

    test.each([
      ["ten thousand values", z.object({ word: z.enum(Array.from({ length: 10_000 }, (_, n) => `word_${n}`)) })],
      ["unions nested two hundred deep", unions(200)],
    ])("a schema with %s is refused before any request", async (_, schema) => {
      await using server = await wireServer();
      const expected = expect.objectContaining({ name: "ConfigurationError" });
      const look = tool({ name: "look", description: "Looks.", input: schema })(() => "");

      await expect(call(reference, { ...server[wire], responseModel: schema })(() => "Hi")()).rejects.toEqual(expected);
      await expect(call(reference, { ...server[wire], tools: [look] })(() => "Hi")()).rejects.toEqual(expected);
      expect(server.requests).toEqual([]);
    });

    // Without the guard, this pattern takes longer than anyone waits, for thirty characters already.
    const Slow = z.string().regex(/^(a+)+$/);
    const bomb = `${"a".repeat(20_000)}!`;

    test("a pattern never meets an answer of more than ten thousand characters", async () => {
      await using server = await wireServer();
      server.reply({ text: JSON.stringify({ list: [{ name: bomb }] }) });
      const ask = call(reference, {
        ...server[wire],
        responseModel: z.object({ list: z.array(z.object({ name: Slow })) }),
      })(() => "Hi");

      await expect(ask()).rejects.toMatchObject({
        name: "ResponseValidationError",
        issues: [{ path: ["list", 0, "name"] }],
      });
    });

    test("a pattern never meets an argument of more than ten thousand characters, wherever it stands", async () => {
      class Look extends BaseTool.of({ where: z.union([z.object({ name: Slow }), z.number()]) }) {
        override call(): string {
          return "";
        }
      }
      await using server = await wireServer();
      server.reply({ toolCalls: [{ name: "Look", args: { where: { name: bomb } } }] });

      const { toolErrors } = await call(reference, { ...server[wire], tools: [Look] })(() => "Hi")();

      expect(toolErrors).toMatchObject([{ reason: "invalid-arguments", issues: [{ path: ["where", "name"] }] }]);
    });

    test("a pattern is the schema library's to run, and is never run here, however short the text", async () => {
      // What the provider is told has patterns; who says what fits has none, and takes no time.
      const json = {
        type: "object",
        properties: { name: { type: "string", pattern: "^(a+)+$" }, more: { patternProperties: { "^(a+)+$": {} } } },
        propertyNames: { pattern: "^(a+)+$" },
      };
      const hasNoPattern: Schema<object> & StandardJSONSchemaV1 = {
        "~standard": {
          version: 1,
          vendor: "by-hand",
          validate: (value) => ({ value: value as object }),
          jsonSchema: { input: () => json, output: () => json },
        },
      };
      const short = `${"a".repeat(9000)}!`;
      const args = { name: short, [short]: 1, more: { [short]: 1 } };
      await using server = await wireServer();
      const look = tool({ name: "look", description: "Looks.", input: hasNoPattern })(() => "");
      for (const asText of [false, true]) {
        server.reply({ toolCalls: [{ name: "look", args }] });
        const { toolErrors, tools } = await call(reference, { ...server[wire], tools: [look] })(() => "Hi")();
        expect(toolErrors).toEqual([]);
        expect(tools).toMatchObject([{ args }]);
        server.reply(asText ? { text: JSON.stringify(args) } : { toolCalls: [{ name: "answer", args }] });
        const options = { responseModel: hasNoPattern, outputMode: asText ? "text" : "tool" } as const;
        expect(await call(reference, { ...server[wire], ...options })(() => "Hi")()).toEqual(args);
      }
    });

    test("text without a pattern may be as long as it likes", async () => {
      await using server = await wireServer();
      server.reply({ text: JSON.stringify({ name: bomb, short: "aaa" }) });
      const ask = call(reference, { ...server[wire], responseModel: z.object({ name: z.string(), short: Slow }) })(
        () => "Hi",
      );

      expect(await ask()).toEqual({ name: bomb, short: "aaa" });
    });
  },
);

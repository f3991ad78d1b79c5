import { Anthropic } from "@anthropic-ai/sdk";
import { budget, ConfigurationError, call, circuitBreaker, retry } from "callwright";
import { OpenAI } from "openai";
import { describe, expect, test } from "vitest";
import { errorOf, onBothWires } from "../calls/wires.js";

onBothWires((wire) => {
  const asking = (options: object) =>
    errorOf(
      call(wire.reference, { use: [retry({ retries: 0 })], ...wire.access, ...options })(
        () => "Hi",
      )() as Promise<unknown>,
    );
  const client = () =>
    wire.provider === "openai"
      ? new OpenAI({ ...wire.access, maxRetries: 0 })
      : new Anthropic({ ...wire.access, maxRetries: 0 });

  describe("the body of an error", () => {
    test("is read through a custom fetch, which keeps its response", async () => {
      wire.server.reply({ status: 404, json: { detail: "No such model" } });
      const error = await asking({ fetch: (...args: Parameters<typeof fetch>) => fetch(...args) });
      expect(error).toMatchObject({ code: "not_found", message: `${wire.provider} answered 404: No such model` });
      expect(error.body).toEqual({ detail: "No such model" });
    });

    test("from a custom client is what its SDK kept", async () => {
      const own = { client: client(), apiKey: undefined, baseURL: undefined };
      wire.server.reply({ status: 400, json: { error: { message: "No", type: "odd" } } });
      const error = await asking(own);
      expect(error).toMatchObject({ code: "bad_request", type: "odd", message: `${wire.provider} answered 400: No` });
      expect(error.body).toBeTypeOf("object");
      wire.server.reply({ status: 502, raw: "<html><title>502 Bad Gateway</title></html>" });
      expect((await asking(own)).message).toBe(`${wire.provider} answered 502: Bad Gateway`);
      wire.server.reply({ status: 503, raw: "" });
      expect((await asking(own)).message).toBe(`${wire.provider} answered 503: no message`);
    });

    test("does not come into logs", async () => {
      wire.server.reply({ status: 400, json: { error: { message: "No" }, echo: "the whole prompt" } });
      expect(JSON.stringify(await asking({}))).not.toContain("prompt");
    });

    test("that breaks off is the error of its status", async () => {
      wire.server.reply({
        status: 500,
        raw: '{"error":{"message":"N',
        headers: { "content-length": "999" },
        cutAfter: 1,
      });
      expect(await asking({})).toMatchObject({ code: "server", status: 500 });
    });
  });

  describe("a request that cannot be written as JSON", () => {
    test("is a ConfigurationError with a custom client too", async () => {
      const own = { client: client(), apiKey: undefined, baseURL: undefined };
      const error = await asking({ ...own, extraBody: { user: 1n } });
      expect(error).toBeInstanceOf(ConfigurationError);
      expect(error.message).toContain("user is a BigInt");
      expect(error.cause).toBeInstanceOf(TypeError);
    });

    test("opens no circuit, costs no budget and is not tried again", async () => {
      let delays = 0;
      const spent = budget({ tokens: 100_000 });
      const use = [spent, circuitBreaker({ failures: 1 }), retry({ delayMs: () => ++delays })];
      for (let each = 0; each < 3; each++)
        expect((await asking({ use, extraBody: { user: 1n } })).code).toBe("configuration");
      expect([delays, wire.server.requests.length]).toEqual([0, 0]);
    });

    test("is told from a header that no request may have", async () => {
      const error = await asking({ headers: { "x-team": "a\nb" } });
      expect(error.code).toBe("configuration");
    });
  });
});

import { call, retry } from "callwright";
import { afterEach, expect, test, vi } from "vitest";
import { errorOf, onBothWires } from "./calls/wires.js";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

onBothWires((wire) => {
  test.each(["OPENAI_LOG", "ANTHROPIC_LOG"])(
    "nothing is printed of a call, also where %s asks for it",
    async (variable) => {
      vi.stubEnv(variable, "debug");
      const outputs = [vi.spyOn(process.stdout, "write"), vi.spyOn(process.stderr, "write")];
      const methods = ["debug", "log", "info", "warn", "error"] as const;
      const printed = [...outputs, ...methods.map((method) => vi.spyOn(console, method))];
      const headers = { cookie: "session=words-of-a-user", "x-goog-api-key": "words-of-a-user" };
      // A key of its own makes a client of its own, which reads the variable.
      const access = { ...wire.access, apiKey: `sk-${variable}`, headers, use: [retry({ retries: 0 })] };
      const stream = call(wire.reference, { ...access, stream: true })(() => "words of a user");

      await call(wire.reference, access)(() => "words of a user")();
      await (await stream()).response();
      wire.server.reply({ raw: 'data: {"words of a user": \n\n' });
      const malformed = await errorOf(stream().then((answer) => answer.response()));
      expect(malformed.message).toMatch(/holds an event that is no JSON object/);
      expect(JSON.stringify([malformed, malformed.cause])).not.toContain("words");
      wire.server.reply({ status: 500, json: { error: { message: "words of a user" } } });
      await errorOf(call(wire.reference, access)(() => "words of a user")());

      expect(printed.flatMap(({ mock }) => mock.calls)).toEqual([]);
    },
  );
});

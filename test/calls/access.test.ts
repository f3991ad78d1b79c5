import { call, model, override, Session } from "callwright";
import { wireServer } from "callwright/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { errorOf, onBothWires } from "./wires.js";

afterEach(() => vi.unstubAllEnvs());

const keysOf = (headers: Readonly<Record<string, string>> | undefined) =>
  [headers?.authorization?.replace("Bearer ", ""), headers?.["x-api-key"]].filter(Boolean);

onBothWires((wire) => {
  describe("the key", () => {
    test.each([false, true])(
      "that is nowhere is an error that names its variable, and nothing is sent (stream: %s)",
      async (stream) => {
        vi.stubEnv(wire.variables.key, undefined);
        const ask = call(wire.reference, { baseURL: wire.access.baseURL, stream })(() => "Hi");
        const error = await errorOf(ask());
        expect(error).toMatchObject({ name: "ConfigurationError", retryable: false });
        expect(error.message).toContain(wire.variables.key);
        expect(wire.server.connections).toBe(0);
      },
    );

    test("that is empty counts as none", async () => {
      vi.stubEnv(wire.variables.key, "");
      const ask = call(wire.reference, { ...wire.access, apiKey: "" })(() => "Hi");
      expect((await errorOf(ask())).message).toContain(wire.variables.key);
    });

    test("is read from the environment at the call, not before", async () => {
      vi.stubEnv(wire.variables.key, undefined);
      const ask = call(wire.reference, { baseURL: wire.access.baseURL })(() => "Hi");
      for (const key of ["sk-first", "sk-second"]) {
        vi.stubEnv(wire.variables.key, key);
        await ask();
      }
      expect(wire.server.requests.map(({ headers }) => keysOf(headers))).toEqual([["sk-first"], ["sk-second"]]);
    });

    test("that is given wins over the environment", async () => {
      vi.stubEnv(wire.variables.key, "sk-environment");
      await call(wire.reference, wire.access)(() => "Hi")();
      expect(keysOf(wire.server.requests[0]?.headers)).toEqual([wire.access.apiKey]);
    });

    test.each<readonly [string, string]>([
      ["a line break", "sk-secret\n"],
      ["a header behind it", "sk-secret\r\nx-evil: 1"],
      ["a space", "sk-secret "],
      ["an accent", "sk-s\u00e9cret"],
      ["a character of another script", "sk-\u4f60secret"],
    ])("with %s is refused without being shown, given or from the environment", async (_, key) => {
      vi.stubEnv(wire.variables.key, key);
      const { baseURL } = wire.access;
      for (const access of [{ baseURL, apiKey: key }, { baseURL }]) {
        const error = await errorOf(call(wire.reference, access)(() => "Hi")());
        expect(error).toMatchObject({ name: "ConfigurationError" });
        expect(error.message).toContain("apiKey" in access ? "apiKey" : wire.variables.key);
        expect(`${error.stack}${JSON.stringify(error)}`).not.toContain("cret");
      }
      expect(wire.server.connections).toBe(0);
    });
  });

  describe("the address", () => {
    const path = wire.provider === "openai" ? "/v1/chat/completions" : "/v1/messages";

    test.each<readonly [string, (origin: string) => string, string]>([
      ["of a host alone", (origin) => origin, path],
      ["with a slash", (origin) => `${origin}/`, path],
      ["with /v1", (origin) => `${origin}/v1`, path],
      ["with /v1/", (origin) => `${origin}/v1/`, path],
      ["with several slashes", (origin) => `${origin}/v1//`, path],
      ["behind a prefix", (origin) => `${origin}/proxy/v1`, `/proxy${path}`],
      ["in capitals", (origin) => origin.replace("http", "HTTP"), path],
    ])("%s leads to the API, given or from the environment", async (_, make, asked) => {
      const baseURL = make(new URL(wire.access.baseURL).origin);
      const { apiKey } = wire.access;
      await call(wire.reference, { apiKey, baseURL })(() => "Hi")();
      vi.stubEnv(wire.variables.url, baseURL);
      await call(wire.reference, { apiKey })(() => "Hi")();
      expect(wire.server.requests.map((request) => request.path)).toEqual([asked, asked]);
    });

    test("is read from the environment at the call, not before", async () => {
      const second = await wireServer();
      const ask = call(wire.reference, { apiKey: "sk-test" })(() => "Hi");
      for (const server of [wire.server, second, wire.server]) {
        vi.stubEnv(wire.variables.url, server[wire.provider].baseURL);
        await ask();
      }
      expect([wire.server.requests.length, second.requests.length]).toEqual([2, 1]);
      await second.close();
    });

    test("that is given wins over the environment", async () => {
      vi.stubEnv(wire.variables.url, "http://127.0.0.1:1");
      await call(wire.reference, wire.access)(() => "Hi")();
      expect(wire.server.requests.length).toBe(1);
    });

    test.each(["", "localhost:8080", "ftp://127.0.0.1/", "file:///etc/passwd", "https://"])(
      "%j is refused, and nothing is sent",
      async (baseURL) => {
        const error = await errorOf(call(wire.reference, { ...wire.access, baseURL })(() => "Hi")());
        expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining("baseURL") });
      },
    );
  });

  describe("another model", () => {
    test("of another provider gets neither the key, nor the address, nor the headers that were given for the first", async () => {
      const other = await wireServer();
      const { provider, reference, variables } = wire.other;
      vi.stubEnv(variables.key, "sk-of-the-other");
      vi.stubEnv(variables.url, other[provider].baseURL);
      const ask = call(wire.reference, { ...wire.access, headers: { "x-secret": "s-1", authorization: "Bearer s-2" } });
      const asked = ask(() => ({ messages: "Hi", model: reference, params: { headers: { "x-own": "1" } } }));
      expect((await asked()).provider).toBe(provider);
      expect(wire.server.connections).toBe(0);
      const { headers } = other.requests[0] ?? {};
      expect(keysOf(headers)).toEqual(["sk-of-the-other"]);
      expect(headers).toMatchObject({ "x-own": "1" });
      expect(JSON.stringify(headers)).not.toMatch(/s-1|s-2|wire-server/);
      await other.close();
    });

    test("brings the headers and the price that it was given along, into calls, sessions and overrides", async () => {
      const price = { input: 1, output: 1 };
      const given = model(wire.reference, { ...wire.access, headers: { "x-team": "a" }, price });
      const other = call(wire.other.reference, { apiKey: "k", headers: { "x-other": "1" } })(() => "Hi");
      const responses = [
        await call(given)(() => "Hi")(),
        await new Session({ model: given }).send("Hi"),
        await override({ model: given }, () => other()),
      ];
      expect(wire.server.requests.map(({ headers }) => [headers["x-team"], headers["x-other"]])).toEqual(
        Array(3).fill(["a", undefined]),
      );
      expect(responses.map(({ cost }) => cost)).toEqual(Array(3).fill(15e-6));
      await call(given, { headers: { "x-team": "b" } })(() => "Hi")();
      expect(wire.server.requests.at(-1)?.headers["x-team"]).toBe("b");
    });

    test("of the same provider is asked with the same access", async () => {
      const ask = call(wire.reference, { ...wire.access, headers: { "x-team": "a" } });
      await ask(() => ({ messages: "Hi", model: `${wire.provider}/another` }) as const)();
      const [request] = wire.server.requests;
      expect(request?.body.model).toBe("another");
      expect([keysOf(request?.headers), request?.headers["x-team"]]).toEqual([[wire.access.apiKey], "a"]);
    });

    test("of another provider needs a key of its own", async () => {
      const { reference, variables } = wire.other;
      vi.stubEnv(variables.key, undefined);
      const ask = call(wire.reference, wire.access)(() => ({ messages: "Hi", model: reference }));
      expect((await errorOf(ask())).message).toContain(variables.key);
      expect(wire.server.requests).toEqual([]);
    });

    test("leaves the call's own headers to the next call", async () => {
      vi.stubEnv(wire.other.variables.key, "sk-of-the-other");
      vi.stubEnv(wire.other.variables.url, wire.other.access.baseURL);
      const ask = call(wire.reference, { ...wire.access, headers: { "x-team": "a" } })((elsewhere: boolean) => ({
        messages: "Hi",
        ...(elsewhere && { model: wire.other.reference }),
      }));
      await ask(true);
      await ask(false);
      expect(wire.server.requests.map(({ headers }) => headers["x-team"])).toEqual([undefined, "a"]);
    });
  });
});

describe("a reference", () => {
  test.each<readonly [string, string]>([
    ["gpt-4o", "openai/gpt-4o"],
    ["foo/x", "openai, anthropic"],
    ["opnai/gpt-4o", "Did you mean openai"],
    ["Anthropic/claude", "Did you mean anthropic"],
    ["/gpt-4o", "openai, anthropic"],
    ["constructor/x", "openai, anthropic"],
    ["", "openai, anthropic"],
  ])("%j is of no provider, which is told where the call is defined", async (reference, says) => {
    const error = await errorOf(() => call(reference as "a/b"));
    expect(error).toMatchObject({ name: "UnsupportedProviderError", code: "unsupported_provider" });
    expect(error.message).toContain(says);
    expect(error.message).toContain("Known are openai, anthropic");
  });

  test("that names no model is refused where the call is defined", async () => {
    expect((await errorOf(() => call("openai/"))).message).toContain("names no model");
  });

  test("in a config is refused at the call", async () => {
    const ask = call("openai/gpt-4o", { apiKey: "sk-test" })(() => ({ messages: "Hi", model: "foo/x" }) as const);
    expect(await errorOf(ask())).toMatchObject({ name: "UnsupportedProviderError" });
  });

  test("keeps all that stands after its first slash", async () => {
    await using server = await wireServer();
    await call("openai/org/m:free", server.openai)(() => "Hi")();
    expect(server.requests[0]?.body.model).toBe("org/m:free");
  });

  test.each([null, undefined, 5, {}, { id: "a/b" }, { run() {} }])("may not be %j", async (model) => {
    expect(await errorOf(() => call(model as never))).toMatchObject({ name: "ConfigurationError" });
  });
});

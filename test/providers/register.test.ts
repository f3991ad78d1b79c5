import { call, registerProvider } from "callwright";
import { script, wireServer } from "callwright/testing";
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => vi.unstubAllEnvs());

test("a server of one's own is asked at its address, by its quirks, with the key of its variable", async () => {
  await using server = await wireServer();
  registerProvider("books", {
    baseURL: server.openai.baseURL,
    apiKeyEnv: "BOOKS_KEY",
    quirks: { fields: { maxTokens: "limit", seed: false }, streamOptions: false },
  });
  const ask = call("books/org/m:free", { maxTokens: 9, seed: 1, temperature: 0 })(() => "Hi");
  await expect(ask()).rejects.toThrow("No API key for books. Set BOOKS_KEY, or pass apiKey.");
  vi.stubEnv("BOOKS_KEY", "key-1");
  const response = await ask();
  expect(server.requests[0]).toMatchObject({ headers: { authorization: "Bearer key-1" } });
  expect(server.requests[0]?.body).toEqual({
    model: "org/m:free",
    messages: [{ role: "user", content: "Hi" }],
    temperature: 0,
    limit: 9,
    stream: false,
  });
  expect(response).toMatchObject({ provider: "books", cost: undefined });
  expect(response.warnings.map(({ message }) => message)).toEqual(["books takes no seed; it was not sent."]);
});

test("an address of a host alone means /v1 there, and without a variable no key is needed", async () => {
  await using server = await wireServer();
  registerProvider("mine", { baseURL: `${new URL(server.openai.baseURL).origin}/` });
  await call("mine/m")(() => "Hi")();
  expect(server.requests[0]?.path).toBe("/v1/chat/completions");
  expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
});

test("tools that a server lacks are an error before any request", async () => {
  await using server = await wireServer();
  registerProvider("plain", { baseURL: server.openai.baseURL, quirks: { tools: false } });
  const { weather } = await import("./compatible.js");
  await expect(call("plain/m", { tools: [weather] })(() => "Hi")()).rejects.toThrow("plain takes no tools.");
  expect(server.connections).toBe(0);
});

test("a factory makes the model, from the name and the access that a call was given", async () => {
  const seen: unknown[] = [];
  registerProvider("double", (name, access) => {
    seen.push(name, access.apiKey);
    return { ...script(["Hello."]), id: `double/${name}` };
  });
  const response = await call("double/a/b", { apiKey: "k" })(() => "Hi")();
  expect(seen).toEqual(["a/b", "k"]);
  expect(response).toMatchObject({ content: "Hello.", provider: "double" });
});

test("a factory that gives no model is told so", () => {
  registerProvider("broken", () => undefined as never);
  expect(() => call("broken/m")).toThrow("What the factory of the provider broken returned is not a model");
});

test("a provider of one's own is listed, and suggested, where one is not known", () => {
  registerProvider("librarian", () => script(["Hi"]));
  expect(() => call("libarian/m")).toThrow(/Did you mean librarian\? Known are openai, anthropic, .*librarian/);
});

test("a later registration replaces an earlier one, for calls that are defined after it", async () => {
  registerProvider("twice", () => script(["first"]));
  const before = call("twice/m")(() => "Hi");
  registerProvider("twice", () => script(["second"]));
  const after = call("twice/m")(() => "Hi");
  expect([(await before()).content, (await after()).content]).toEqual(["first", "second"]);
});

test.each(["openai", "anthropic", "groq", "azure"])("the built-in %s cannot be replaced", (name) => {
  expect(() => registerProvider(name, () => script(["Hi"]))).toThrow(`The provider ${name} is built in`);
});

test.each(["", "a/b", "a b", "-a", "é", "a\n", "x".repeat(65), undefined])("%j cannot name a provider", (name) => {
  expect(() => registerProvider(name as string, () => script(["Hi"]))).toThrow(/cannot name a provider/);
});

test.each(["localhost:8000", "ftp://h.test", "", undefined])("%j is no address of a server", (baseURL) => {
  expect(() => registerProvider("bad", { baseURL: baseURL as string })).toThrow(/bad needs a baseURL/);
});

test("a quirk that there is not is refused, with the one that was meant", () => {
  const quirks = { streamOption: false } as object;
  expect(() => registerProvider("bad", { baseURL: "http://h.test", quirks })).toThrow(/Did you mean streamOptions\?/);
});

import { inspect } from "node:util";
import { Anthropic } from "@anthropic-ai/sdk";
import { type CallResponse, ConnectionError, call, model, prompt, retry, Session } from "callwright";
import type { WireReply } from "callwright/testing";
import { OpenAI } from "openai";
import { afterEach, describe, expect, test, vi } from "vitest";
import { namesSecret, redact, redactError, secretsOfEnvironment } from "../src/redact.js";
import { errorOf, onBothWires } from "./calls/wires.js";

afterEach(() => vi.unstubAllEnvs());

/** Of no form that is known, so that only the call's own knowledge of it can help. */
const key = 'Zq7"own/key+of=the\\call.42';
const spelled = (secret: string) => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
  Buffer.from(secret).toString("base64").replace(/=+$/, ""),
  Buffer.from(secret).toString("base64url"),
];

/** All that a program may print of an error or of an object. */
function printed(value: unknown): string {
  const causes: unknown[] = [];
  for (let at: any = value; at instanceof Error && causes.length < 8; at = at.cause) causes.push(at);
  const headers = causes.flatMap((each: any) => (each.headers ? [...each.headers] : []));
  return [
    inspect(value, { depth: 10 }),
    inspect(value, { depth: 10, showHidden: true }),
    JSON.stringify([value, headers, causes.map((each) => ({ ...(each as object) }))]),
    ...causes.flatMap((each: any) => [String(each), String(each.stack), inspect(structuredClone(each))]),
  ].join("\n");
}

function expectNone(text: string, secrets: readonly string[]): void {
  for (const secret of secrets.flatMap(spelled)) expect(text).not.toContain(secret);
}

const echoes: Record<string, (key: string) => WireReply> = {
  "a 401 with a message": (key) => ({
    status: 401,
    json: {
      error: { type: "authentication_error", message: `Incorrect API key provided: ${key}. See your settings.` },
    },
  }),
  "a 500 with the request": (key) => ({
    status: 500,
    json: {
      error: { message: "It broke", request: { headers: { authorization: `Bearer ${key}`, "x-api-key": key } } },
      list: [[{ [key]: Buffer.from(key).toString("base64") }]],
    },
  }),
  "a 400 with its headers": (key) => ({
    status: 400,
    text: "No",
    headers: { "x-echo": encodeURIComponent(key), "set-cookie": "session=abc", "x-request-id": "req_1" },
  }),
  "a page for a 502": (key) => ({
    status: 502,
    raw: `<html>upstream said ${key}</html>`,
    headers: { "content-type": "text/html" },
  }),
  "a page for an answer": (key) => ({ raw: `<html>hello ${key}`, headers: { "content-type": "text/html" } }),
  "broken JSON for an answer": (key) => ({ raw: `{"id": "${key}` }),
  "an error inside a 200": (key) => ({ json: { type: "error", error: { type: "x", message: `Bad key ${key}` } } }),
};

onBothWires((wire) => {
  const asking = (options: object, stream = false) =>
    call(wire.reference, { ...wire.access, use: [retry({ retries: 0 })], ...options, stream })(() => "Hi");
  const failure = async (options: object, stream = false) => {
    const asked: Promise<any> = asking(options, stream)() as never;
    return errorOf(asked.then((answer) => (stream ? answer.response() : answer)));
  };

  describe("a key that a provider sends back", () => {
    test.each(Object.entries(echoes))("in %s is nowhere in the error, plain and streamed", async (_, reply) => {
      wire.server.reply(reply(key));
      for (const stream of [false, true]) {
        const error = await failure({ apiKey: key }, stream);
        expectNone(printed(error), [key]);
        // A stream that is no stream of events shows nothing of itself.
        if (error.code !== "stream_interrupted") expect(printed(error)).toContain("***");
      }
    });

    test.each(["", '{"id": '])("is not quoted by the parser that fails at it, behind %j", async (before) => {
      const long = "Zq7-a-key-that-is-longer-than-what-is-quoted";
      wire.server.reply({ raw: `${before}${long} and so on` });
      const error = await failure({ apiKey: long });
      expect(error.cause).toBeInstanceOf(SyntaxError);
      expect(printed(error)).not.toContain("Zq7");
    });

    test("in the middle of a stream is nowhere in the error", async () => {
      wire.server.reply({ chunks: [{ type: "error", error: { type: "overloaded_error", message: `No, ${key}` } }] });
      const error = await failure({ apiKey: key }, true);
      expect(error.message).toContain("No, ***");
      expectNone(printed(error), [key]);
    });

    test("is all that the message loses", async () => {
      wire.server.reply({
        status: 401,
        json: { error: { message: `Incorrect API key provided: ${key}. See /keys.` } },
      });
      const { message, cause } = await failure({ apiKey: key });
      expect(message).toBe(`${wire.provider} answered 401: Incorrect API key provided: ***. See /keys.`);
      expect(cause).toMatchObject({ status: 401, headers: expect.anything(), message: expect.stringContaining("***") });
    });

    test.each([990, 995, 1000])("is not shown in half where its message is cut (%i)", async (length) => {
      const message = `${"word ".repeat(length / 5)}aZq7own/key+of=the.call`;
      wire.server.reply({ status: 400, json: { error: { message } } });
      const error = await failure({ apiKey: message.slice(length) });
      expect(error.message).toMatch(/(word )+(…|\*\*\*)$/);
    });

    test.each(["OPENAI", "ANTHROPIC"])("from the environment is as secret (%s)", async (prefix) => {
      if (prefix !== wire.provider.toUpperCase()) return;
      vi.stubEnv(wire.variables.key, key);
      wire.server.reply({ status: 403, json: { error: { message: `${key} may not` } } });
      expectNone(printed(await failure({ apiKey: undefined })), [key]);
    });

    test("by a client of one's own is as secret", async () => {
      const options = { ...wire.access, apiKey: key };
      const client = wire.provider === "openai" ? new OpenAI(options) : new Anthropic(options);
      wire.server.reply({ status: 403, json: { error: { message: `${key} may not` } } });
      expectNone(printed(await failure({ client, apiKey: undefined, baseURL: undefined })), [key]);
    });

    test("in a header of one's own is as secret", async () => {
      const secret = "odd-header-secret";
      wire.server.reply({ status: 403, json: { error: { message: `Neither ${secret} nor ${key}` } } });
      const headers = { "x-gateway-token": secret, "proxy-authorization": `Bearer ${key}`, "x-team": "team-of-mine" };
      const error = await failure({ headers });
      expectNone(printed(error), [secret, key]);
      wire.server.reply({ status: 403, json: { error: { message: "Not for team-of-mine" } } });
      expect((await failure({ headers })).message).toContain("team-of-mine");
    });

    test("inside a good answer is what the model said", async () => {
      wire.server.reply({ text: `The key is ${key}` });
      expect((await asking({ apiKey: key })()) as CallResponse).toMatchObject({ content: `The key is ${key}` });
    });

    test("that is a short word is found as a word, and a provider's own name stays", async () => {
      wire.server.reply({ status: 400, json: { error: { message: "The key local is not for localhost" } } });
      expect((await failure({ apiKey: "local" })).message).toContain("The key *** is not for localhost");
      expect((await failure({ apiKey: wire.provider })).message).toContain(`${wire.provider} answered 400`);
    });
  });

  describe("an address with a secret in it", () => {
    const [user, query] = ["pass-word.of-a-proxy", "query-key-7"];
    const withQuery = (base: string) => base.replace(/\/?$/, `/?api-key=${query}`);
    const withUser = (base: string) => base.replace("//", `//me:${user}@`);

    test.each([false, true])("is not in the errors of what it answers (own fetch: %s)", async (own) => {
      wire.server.reply({ status: 400, json: { error: { message: `Refused: ${query}, ?key=${query}` } } });
      const error = await failure({
        baseURL: withQuery(wire.access.baseURL),
        ...(own && { fetch: globalThis.fetch }),
      });
      expectNone(printed(error), [query]);
      expect(error.message).toContain("Refused: ***, ?key=***");
      expect(wire.server.requests[0]?.path).toMatch(new RegExp(`^/v1/(messages|chat/completions)\\?api-key=${query}$`));
    });

    test("is its origin alone where there is no connection", async () => {
      const error = await failure({ baseURL: withQuery("http://127.0.0.1:1/v1") });
      expect(error).toBeInstanceOf(ConnectionError);
      expect(error.message).toContain("http://127.0.0.1:1 (");
      expectNone(printed(error), [query]);
    });

    test("is refused where it is a user name and a password, and no request is sent", async () => {
      const error = await failure({ baseURL: withQuery(withUser(wire.access.baseURL)) });
      expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining("baseURL") });
      expectNone(printed(error), [user, query]);
      expect(wire.server.requests).toHaveLength(0);
    });

    test("is not shown where it is no address", async () => {
      const error = await failure({ baseURL: `ftp://me:${user}@x.test/?key=${query}` });
      expect(error).toMatchObject({ name: "ConfigurationError" });
      expectNone(printed(error), [user, query]);
    });

    test("is not in what a fetch of one's own throws", async () => {
      const address = withQuery("http://x.test/v1");
      const thrown = new TypeError(`Cannot ask ${withUser(address)}`, { cause: { tried: [key] } });
      const fetch = () => Promise.reject(thrown);
      expectNone(printed(await failure({ apiKey: key, baseURL: address, fetch })), [user, query, key]);
    });
  });

  describe("a plain http:// address of another machine", () => {
    test.each(["http://gateway.test/v1", "http://10.0.0.7:8080", "http://127.0.0.1.evil.test"])(
      "%s in the environment is refused, and its variable named",
      async (address) => {
        vi.stubEnv(wire.variables.url, address);
        const error = await failure({ baseURL: undefined });
        expect(error).toMatchObject({
          name: "ConfigurationError",
          message: expect.stringContaining(wire.variables.url),
        });
      },
    );

    test("given in code is tried", async () => {
      const asked: string[] = [];
      const fetch = (url: string) => {
        asked.push(url);
        return Promise.reject(new Error("stop"));
      };
      await failure({ baseURL: "http://gateway.test/v1", fetch });
      expect(asked).toEqual([expect.stringMatching(/^http:\/\/gateway\.test\/v1\//)]);
    });

    test.each(["localhost", "127.0.0.1", "[::1]"])("is none at %s", async (host) => {
      vi.stubEnv(wire.variables.url, `http://${host}:1/v1`);
      expect(await failure({ baseURL: undefined })).toBeInstanceOf(ConnectionError);
    });
  });

  test("no object that a program may print shows the key", async () => {
    const headers = { authorization: `Bearer ${key}2` };
    const options = { ...wire.access, apiKey: key, headers };
    const languageModel = model(wire.reference, options);
    const session = new Session({ model: languageModel, system: "Be brief" });
    const ask = call(wire.reference, options)((name: string) => prompt`Greet ${name}`);
    const streaming = call(wire.reference, { ...options, stream: true })((name: string) => `Greet ${name}`);
    const response = await ask("Ada");
    const stream = await streaming("Ada");
    const open = [languageModel, session, ask, ask("Bo"), response, response.raw, response.messages, stream];
    const chunks: unknown[] = [];
    for await (const tuple of stream) chunks.push(tuple);
    const done = [await stream.response(), stream, chunks, await session.send("Hi"), session.toJSON(), prompt`Hi`];
    for (const each of [...open, ...done]) {
      expectNone(printed(each), [key, `${key}2`]);
      expectNone(inspect(each, { depth: 10, showHidden: true, getters: true }), [key, `${key}2`]);
    }
    expect(wire.server.requests.some((request) => JSON.stringify(request.headers).includes("Zq7"))).toBe(true);
    await languageModel.close();
  });
});

describe("the redactor", () => {
  test.each<readonly [string, string]>([
    ["Bad key sk-proj-abc_DEF123456, sorry", "Bad key ***, sorry"],
    ["sk-ant-api03-abcdefgh", "***"],
    ["(gsk_abcdefgh1234)", "(***)"],
    ['{"key":"xai-abcdefgh1234"}', '{"key":"***"}'],
    ["AIzaSyA-1234567890abcdef", "***"],
    ["hf_abcdefghijKLMN", "***"],
    ["Authorization: Bearer abc.def.ghi", "Authorization: Bearer ***"],
    ["authorization: bearer abc", "authorization: bearer ***"],
    ["Basic dXNlcjpwYXNzd29yZA==", "Basic ***"],
    ["https://x.test/v1?key=abc&alt=sse", "https://x.test/v1?key=***&alt=sse"],
    ["https://x.test/?alt=sse&api_key=abc#top", "https://x.test/?alt=sse&api_key=***#top"],
    ["https://me:pw@x.test/a", "https://***@x.test/a"],
  ])("knows what a secret looks like: %s", (text, shown) => {
    expect(redact(text)).toBe(shown);
  });

  const tail = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5hJ7kL9nP1qR3";
  const hex = "0123456789abcdef0123456789abcdef";
  test.each([
    `ghp_${tail.slice(0, 36)}`,
    `gho_${tail.slice(0, 36)}`,
    `ghs_${tail.slice(0, 36)}`,
    `github_pat_${tail.slice(0, 22)}_${tail}`,
    `glpat-${tail.slice(0, 20)}`,
    `npm_${tail.slice(0, 36)}`,
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "xoxb-123456789012-1234567890123-aB3dE5gH7jK9",
    "xapp-1-A012345678-1234567890-abcdef",
    `r8_${tail.slice(0, 37)}`,
    `ya29.${tail}`,
    `GOCSPX-${tail.slice(0, 28)}`,
    `AIza${tail.slice(0, 35)}`,
    `org-${tail.slice(0, 24)}`,
    hex,
    hex.toUpperCase(),
    `${tail.slice(0, 48)}abcdJQQJ99${tail.slice(0, 26)}`,
    `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.${tail}`,
  ])("knows a token of a service by its form: %s", (token) => {
    for (const [before, after] of [
      ["", ""],
      ["The key is ", ", isn't it?"],
      ['{"a":"', '"}'],
      ["https://x.test/?q=", "&a=b"],
    ])
      expect(redact(`${before}${token}${after}`)).toBe(`${before}***${after}`);
  });

  test.each([
    ["-----BEGIN RSA PRIVATE KEY-----\nMIIE+abc/def\nxyz==\n-----END RSA PRIVATE KEY-----", "MIIE"],
    ['{"key":"-----BEGIN PRIVATE KEY-----\\nMIIE+abc\\nxyz==\\n-----END PRIVATE KEY-----\\n"}', "MIIE"],
    ["-----BEGIN OPENSSH PRIVATE KEY-----\nMIIEcut off", "MIIE"],
    ['{"password": "hunter 2"}', "hunter"],
    ["{'password' : 'hunter2'}", "hunter"],
    ['{"password":"it\'s hunter2"}', "hunter2"],
    ['{"args":"{\\"password\\":\\"hunter2\\"}"}', "hunter"],
    ['{"db_password":"a\\"hunter2"}', "hunter"],
    ['{"client_secret":"hunter2"}', "hunter"],
    ["PGPASSWORD=hunter2 psql", "hunter"],
    ["Server=db;User Id=me;Password=hunter2;", "hunter"],
    ["AccountName=me;AccountKey=hunter2==;", "hunter"],
  ])("knows what surrounds a secret: %s", (text, secret) => {
    expect(redact(text)).not.toContain(secret);
    expect(redact(text)).toContain("***");
  });

  test("takes out what a member says whose name is that of a secret, and no other", () => {
    const error = {
      password: "x",
      apiKey: "y",
      client_secret: "z",
      token: "Hel",
      signature: "sig",
      key: "genre",
      max_tokens: "9",
      password_hint: "none",
    };
    redactError(error, []);
    expect(error).toEqual({
      password: "***",
      apiKey: "***",
      client_secret: "***",
      token: "Hel",
      signature: "sig",
      key: "genre",
      max_tokens: "9",
      password_hint: "none",
    });
  });

  test("counts variables of the environment by whole words of their names, and by what they hold", () => {
    const secret =
      "PGPASSWORD APIKEY SECRET GITHUB_PAT MY_CREDENTIALS OPENAI_API_KEY A_TOKEN MYSQL_PWD DB_PASS openaiKey";
    const names = secret.split(" ");
    const env = (all: readonly string[], value: string) => Object.fromEntries(all.map((name) => [name, value]));
    expect([...secretsOfEnvironment(env(names, "hunter2")).keys()]).toEqual(names);
    const harmless =
      "PWD OLDPWD HOME MONKEY PATH COMPAT PATTERN PARTITION_KEY SORT_KEY PUBLIC_KEY TOKEN_URL PASSWORD_FILE";
    expect(secretsOfEnvironment(env(harmless.split(" "), "hunter2"))).toEqual(new Map());
    // What is short may be any word, and what is a word may be any other key.
    expect(secretsOfEnvironment({ API_KEY: "hunter", OPENAI_KEY: "science fiction", A_KEY: undefined })).toEqual(
      new Map(),
    );
  });

  test.each([
    "a commit 5fe5419c0b1f6a831c399e269772661aabbccdde",
    "chatcmpl-0123456789abcdef0123456789abcdef",
    "123e4567-e89b-12d3-a456-426614174000",
    "org-chart",
    "npm_config_registry",
    "The password: it is secret",
    "The Bearer token is missing",
    "Basic authentication is off",
    "a risk-assessment-of-models",
    "hf_hub_download failed",
    "https://x.test/@me/a?page=2",
    "mail me@x.test",
    "task-sk is done",
  ])("leaves other text alone: %s", (text) => {
    expect(redact(text)).toBe(text);
  });

  test("knows the names under which secrets travel", () => {
    const names = ["Authorization", "x-api-key", "api-key", "Cookie", "Proxy-Authorization", "X-Goog-Api-Key", "sig"];
    expect(names.every(namesSecret)).toBe(true);
    const more = [
      "apiKey",
      "APIKey",
      "x-portkey-virtual-key",
      "Ocp-Apim-Subscription-Key",
      "X-Amz-Signature",
      "x-mytoken",
    ];
    expect(more.filter((name) => !namesSecret(name))).toEqual([]);
    const harmless = [
      "content-type",
      "accept",
      "x-team",
      "api-version",
      "x-portkey-provider",
      "x-author",
      "x-signal-id",
    ];
    expect(harmless.filter(namesSecret)).toEqual([]);
  });

  test("masks parts of a query by the whole words of their names", () => {
    expect(redact("https://a.example/?api_key=abc&monkey=banana&X-Amz-Signature=0f")).toBe(
      "https://a.example/?api_key=***&monkey=banana&X-Amz-Signature=***",
    );
  });

  test("finds a key deeper than the stack, in circles, and many times", () => {
    const deep: any = JSON.parse(`${"[".repeat(50_000)}"${"a-secret-key "}"${"]".repeat(50_000)}`);
    const error: any = Object.assign(new Error("x"), { deep, wide: "a-secret-key".repeat(20_000) });
    error.cause = error;
    redactError(error, ["a-secret-key"]);
    let at = deep;
    while (Array.isArray(at)) at = at[0];
    expect([at, error.wide]).toEqual(["*** ", "***".repeat(20_000)]);
  });

  test("is linear in what a stranger sends", () => {
    const times = [
      "?a_".repeat(200_000),
      "sk-".repeat(200_000),
      "://a".repeat(200_000),
      `Bearer${" ".repeat(300_000)}`,
      "Basic ".repeat(200_000),
      "eyJ".repeat(200_000),
      "eyJaaaaa.".repeat(100_000),
      "-----BEGIN PRIVATE KEY-----".repeat(20_000),
      `password${" ".repeat(300_000)}`,
      "password-".repeat(100_000),
      '"password":"'.repeat(50_000),
      "password=\\".repeat(50_000),
      "aA1/".repeat(200_000),
      "org-a".repeat(200_000),
      "0123456789abcdef".repeat(50_000),
    ];
    for (const text of times) expect(redact(text, ["a-secret-key"]).length).toBeGreaterThan(0);
  });
});

import { type CallOptions, call, registerProvider } from "callwright";
import { wireServer } from "callwright/testing";
import { AzureOpenAI } from "openai";
import { afterEach, describe, expect, test, vi } from "vitest";
import { providersOf } from "./offered.js";

afterEach(() => vi.unstubAllEnvs());

interface Sent {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

const answer = { id: "1", model: "m", choices: [{ message: { content: "Hi" }, finish_reason: "stop" }] };

/** Asks once over a fetch that answers by itself, so that the request goes nowhere. */
async function send(provider: string, options: CallOptions = {}): Promise<Sent> {
  const sent: Sent[] = [];
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    sent.push({ url: String(url), headers: Object.fromEntries(new Headers(init.headers)) });
    return Response.json(answer);
  };
  await call(`${provider}/m`, { ...options, fetch })(() => "Hi")();
  expect(sent.length).toBe(1);
  return sent[0] as Sent;
}

const services: Readonly<Record<string, readonly [url: string, variable: string]>> = {
  openai: ["https://api.openai.com/v1", "OPENAI_API_KEY"],
  huggingface: ["https://router.huggingface.co/v1", "HF_TOKEN"],
  gradient: ["https://inference.do-ai.run/v1", "GRADIENT_MODEL_ACCESS_KEY"],
  groq: ["https://api.groq.com/openai/v1", "GROQ_API_KEY"],
  mistral: ["https://api.mistral.ai/v1", "MISTRAL_API_KEY"],
  deepseek: ["https://api.deepseek.com/v1", "DEEPSEEK_API_KEY"],
  xai: ["https://api.x.ai/v1", "XAI_API_KEY"],
  together: ["https://api.together.xyz/v1", "TOGETHER_API_KEY"],
  openrouter: ["https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"],
  google: ["https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY"],
};
const locals: Readonly<Record<string, string>> = {
  ollama: "http://localhost:11434/v1",
  lmstudio: "http://localhost:1234/v1",
  vllm: "http://localhost:8000/v1",
};

test("every provider's address stands here", async () => {
  const here = [...Object.keys(services), ...Object.keys(locals), "azure", "anthropic"];
  expect((await providersOf()).sort()).toEqual(here.sort());
});

describe.each(Object.entries(services))("%s", (provider, [url, variable]) => {
  test("is reached at its own address with the key of its variable", async () => {
    vi.stubEnv("OPENAI_BASE_URL", provider === "openai" ? undefined : "http://elsewhere.test/v1");
    vi.stubEnv(variable, "key-of-the-variable");
    const sent = await send(provider);
    expect(sent.url).toBe(`${url}/chat/completions`);
    expect(sent.headers.authorization).toBe("Bearer key-of-the-variable");
  });

  test("without a key is an error that names its variable, and OpenAI's key does not stand in", async () => {
    vi.stubEnv("OPENAI_API_KEY", provider === "openai" ? undefined : "sk-openai");
    vi.stubEnv(variable, undefined);
    await expect(send(provider)).rejects.toMatchObject({
      name: "ConfigurationError",
      message: expect.stringContaining(`No API key for ${provider}. Set ${variable}, or pass apiKey.`),
    });
  });
});

describe.each(Object.entries(locals))("%s", (provider, url) => {
  test("is reached at its own address without a key, and OpenAI's does not stand in", async () => {
    vi.stubEnv("OPENAI_API_KEY", "sk-openai");
    const sent = await send(provider);
    expect(sent.url).toBe(`${url}/chat/completions`);
    expect(sent.headers).not.toHaveProperty("authorization");
  });

  test("gets a key that is passed", async () => {
    expect((await send(provider, { apiKey: "own" })).headers.authorization).toBe("Bearer own");
  });
});

const paths = { ...services, ...locals, azure: "https://x.test/openai/v1" };

describe.each(Object.entries(paths))("the address of %s", (provider, known) => {
  const path = new URL(typeof known === "string" ? known : known[0]).pathname;

  test.each([
    ["a host", "http://h.test", path],
    ["a host and a slash", "http://h.test/", path],
    ["the whole path", `http://h.test${path}`, path],
    ["the whole path and a slash", `http://h.test${path}/`, path],
    ["/v1/", "http://h.test/v1/", "/v1"],
    ["the first step of the path", `http://h.test/${path.split("/")[1]}`, path],
    ["the path behind a prefix", `http://h.test/proxy${path}`, `/proxy${path}`],
  ])("may be %s", async (_, baseURL, expected) => {
    const sent = await send(provider, { baseURL, apiKey: "own" });
    expect(sent.url).toBe(`http://h.test${expected}/chat/completions`);
  });
});

test("azure finds its resource in a variable, and sends the key in a header of its own", async () => {
  vi.stubEnv("AZURE_OPENAI_ENDPOINT", "https://books.openai.azure.com/");
  vi.stubEnv("AZURE_OPENAI_API_KEY", "azure-key");
  const sent = await send("azure");
  expect(sent.url).toBe("https://books.openai.azure.com/openai/v1/chat/completions");
  expect(sent.headers["api-key"]).toBe("azure-key");
  expect(sent.headers).not.toHaveProperty("authorization");
});

test("azure without an address is an error that says where to give one", async () => {
  vi.stubEnv("AZURE_OPENAI_ENDPOINT", undefined);
  await expect(send("azure", { apiKey: "k" })).rejects.toThrow(/AZURE_OPENAI_ENDPOINT.*baseURL/);
});

test("azure and openai answer by Responses where asked to, and others refuse before any request", async () => {
  await using server = await wireServer();
  for (const provider of ["openai", "azure"]) {
    const { baseURL } = server.openai;
    const ask = call(`${provider}/gpt-5-mini`, { baseURL, apiKey: "own", api: "responses" })(() => "Hi");
    expect((await ask()).provider).toBe(provider);
    expect(server.requests.at(-1)?.path).toBe("/v1/responses");
  }
  expect(server.requests.map(({ headers }) => headers["api-key"])).toEqual([undefined, "own"]);
  expect(() => call("groq/m", { api: "responses" })).toThrow(/groq is asked by Chat Completions only/);
});

test("an AzureOpenAI client of one's own is asked by its deployment, API version and key", async () => {
  await using server = await wireServer();
  const endpoint = new URL(server.openai.baseURL).origin;
  const client = new AzureOpenAI({ endpoint, apiKey: "azure-key", apiVersion: "2024-10-21", deployment: "books" });
  for (const provider of ["openai", "azure"]) {
    expect((await call(`${provider}/gpt-4o`, { client })(() => "Hi")()).content).toBe("Hello from the wire server.");
    expect(server.requests.at(-1)).toMatchObject({
      path: "/openai/deployments/books/chat/completions?api-version=2024-10-21",
      headers: { "api-key": "azure-key" },
    });
  }
});

describe("what OpenAI's variables say of organisation, project and further headers", () => {
  const custom = "X-Team: books\nAuthorization: Bearer sk-of-a-gateway\nContent-Type: text/plain";

  test.each([...Object.keys(services), ...Object.keys(locals), "azure", "own"])(
    "reaches openai, and not %s",
    async (provider) => {
      registerProvider("own", { baseURL: "http://own.test" });
      vi.stubEnv("OPENAI_ORG_ID", "org-1");
      vi.stubEnv("OPENAI_PROJECT_ID", "proj-1");
      vi.stubEnv("OPENAI_ADMIN_KEY", "sk-admin");
      vi.stubEnv("OPENAI_CUSTOM_HEADERS", custom);
      const { headers } = await send(provider, { apiKey: "own", baseURL: `http://${provider}.test/v1` });
      const told = {
        organisation: headers["openai-organization"],
        project: headers["openai-project"],
        team: headers["x-team"],
        key: headers.authorization ?? headers["api-key"],
      };
      if (provider === "openai")
        expect(told).toEqual({
          organisation: "org-1",
          project: "proj-1",
          team: "books",
          key: "Bearer sk-of-a-gateway",
        });
      else
        expect(told).toEqual({
          organisation: undefined,
          project: undefined,
          team: undefined,
          key: provider === "azure" ? "own" : "Bearer own",
        });
      expect(JSON.stringify(headers)).not.toContain("sk-admin");
      expect(headers["content-type"]).toBe("application/json");
    },
  );
});

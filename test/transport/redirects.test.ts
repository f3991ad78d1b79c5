import { Anthropic } from "@anthropic-ai/sdk";
import { call } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { OpenAI } from "openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { providerOf, references } from "../streams/wire-chunks.js";

let server: WireServer;
let elsewhere: WireServer;
beforeEach(async () => {
  [server, elsewhere] = await Promise.all([wireServer(), wireServer()]);
});
afterEach(() => Promise.all([server.close(), elsewhere.close()]));

describe.each(references)("a redirect of %s", (reference) => {
  const provider = providerOf(reference);
  const ways: Record<string, () => object> = {
    "our transport": () => server[provider],
    "a fetch of one's own": () => ({ ...server[provider], fetch: globalThis.fetch }),
    "a client of one's own": () => ({
      client: provider === "openai" ? new OpenAI(server.openai) : new Anthropic(server.anthropic),
    }),
  };

  test.each(Object.entries(ways))("over %s is refused, and names the place without its query", async (way, access) => {
    const statuses = [301, 302, 303, 307, 308];
    for (const target of ["/v1/elsewhere", `${elsewhere.openai.baseURL}/chat/completions`]) {
      for (const stream of [false, true]) {
        const before = server.requests.length;
        server.reply(...statuses.map((status) => ({ status, headers: { location: `${target}?secret=1` } })));
        for (const status of statuses) {
          const error: any = await call(reference, { ...access(), stream })(() => "Hi")().catch((error) => error);
          expect(error).toMatchObject({ code: "connection", retryable: false });
          expect(error.message).toContain(`answered ${status}`);
          // A client of one's own alone knows where it asked.
          if (way === "our transport") expect(error.message).toContain(new URL(server.openai.baseURL).origin);
          expect(error.message).not.toContain("secret");
          if (target.startsWith("http")) expect(error.message).toContain(new URL(target).host);
        }
        expect(server.requests.length - before).toBe(statuses.length);
      }
    }
    expect(elsewhere.requests).toHaveLength(0);
  });

  test("without a place, or to one that is no URL, is refused, too", async () => {
    server.reply({ status: 302 }, { status: 307, headers: { location: "http://[" } });
    for (let count = 0; count < 2; count++) {
      await expect(call(reference, server[provider])(() => "Hi")()).rejects.toMatchObject({
        code: "connection",
        message: expect.stringContaining("another place"),
      });
    }
  });
});

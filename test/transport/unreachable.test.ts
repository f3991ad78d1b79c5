import { call, retry } from "callwright";
import { afterEach, describe, expect, test, vi } from "vitest";
import { references } from "../streams/wire-chunks.js";

afterEach(() => vi.unstubAllGlobals());

describe.each(references)("an address of %s", (reference) => {
  /** The error of a call, and how often it was tried. */
  async function outcome(options: object) {
    let tries = 1;
    const counting = retry({ delayMs: () => ++tries * 0 });
    const ask = call(reference, { apiKey: "sk-test", use: [counting], ...options })(() => "Hi");
    const error: any = await ask().then(
      () => undefined,
      (error) => error,
    );
    return { error, tries };
  }

  test.each([false, true])(
    "whose name is not known is tried three times, and the cause is kept (stream: %s)",
    async (stream) => {
      const { error, tries } = await outcome({ baseURL: "http://no-such-host.invalid/v1", stream });
      // Without a network, the resolver cannot even say no.
      expect(error).toMatchObject({
        code: "connection",
        cause: { code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) },
      });
      expect(error.message).toContain("http://no-such-host.invalid");
      expect(tries).toBe(3);
    },
  );

  test("that nothing listens at says how a mock of the global fetch can be used, if there is one", async () => {
    const address = { baseURL: "http://127.0.0.1:9/v1" };
    expect((await outcome(address)).error.message).not.toContain("mock");
    vi.stubGlobal("fetch", async () => Response.json({}));
    expect((await outcome(address)).error.message).toContain("pass { fetch: globalThis.fetch }");
  });

  test.each(["EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT"])(
    "that answers %s is tried three times, and the cause is kept",
    async (code) => {
      // As the platform's fetch tells it.
      const fetch = async () => {
        throw new TypeError("fetch failed", { cause: Object.assign(new Error(`connect ${code}`), { code }) });
      };
      const { error, tries } = await outcome({ baseURL: "http://127.0.0.1:9/v1", fetch });
      expect(error).toMatchObject({ code: "connection", retryable: true });
      expect(error.message).toContain(code);
      expect(tries).toBe(3);
    },
  );

  test.each([
    "CERT_HAS_EXPIRED",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "EPROTO",
    "INVALID_CA",
  ])("whose TLS fails with %s is tried once", async (code) => {
    const fetch = async () => {
      throw new TypeError("fetch failed", { cause: Object.assign(new Error("TLS"), { code }) });
    };
    const { error, tries } = await outcome({ baseURL: "https://127.0.0.1:9/v1", fetch });
    expect(error).toMatchObject({ code: "connection", retryable: false });
    expect(tries).toBe(1);
  });

  test.each(["me:pass-word@", "me@", ":pass-word@"])(
    "with %s in it is refused, and neither shown nor sent",
    async (userinfo) => {
      const { error } = await outcome({ baseURL: `https://${userinfo}127.0.0.1:9/v1` });
      expect(error.code).toBe("configuration");
      expect(error.message).toContain("baseURL");
      expect(error.message).toContain("headers");
      expect(error.message).not.toMatch(/pass-word|\bme\b/);
    },
  );
});

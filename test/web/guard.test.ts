import { createHash } from "node:crypto";
import { request as send } from "node:http";
import { model } from "callwright";
import { script } from "callwright/testing";
import { type HandlerOptions, handler, toNodeListener } from "callwright/web";
import { describe, expect, test } from "vitest";
import { serve } from "./serving.js";

const body = JSON.stringify({ model: "librarian", messages: [{ role: "user", content: "Hi" }] });
const answers = () => ({ librarian: model(script(["Momo", "Momo"])) });

/** Sends a request with just these headers, whatever a browser or fetch would make of them. */
async function ask(options: HandlerOptions, headers: Record<string, string>, method = "POST") {
  const address = await serve(toNodeListener(handler(answers(), options)));
  return new Promise<{ status: number | undefined; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      const sent = send(`${address}/v1/chat/completions`, {
        method,
        headers: { "content-type": "application/json", ...headers },
      });
      sent.on("error", reject);
      sent.on("response", async (response) => {
        let text = "";
        for await (const data of response) text += data;
        resolve({ status: response.statusCode, headers: response.headers, body: text });
      });
      sent.end(method === "POST" ? body : undefined);
    },
  );
}

describe("the name under which it is asked", () => {
  test.each(["localhost", "localhost:3000", "LOCALHOST", "127.0.0.1:80", "127.9.9.9", "[::1]:3000", "app.localhost"])(
    "may be %s, which stands for this machine",
    async (host) => {
      expect((await ask({}, { host })).status).toBe(200);
    },
  );

  test.each([
    "evil.com",
    "evil.com:3000",
    "localhost.evil.com",
    "127.0.0.1.evil.com",
    "localhost@evil.com",
    "evil.com/localhost",
    "128.0.0.1",
    "0.0.0.0",
    "localhost evil.com",
  ])("may not be %j without a key, since any page could give that name to this machine", async (host) => {
    const { status, body } = await ask({}, { host });
    expect([400, 403]).toContain(status);
    if (status === 403) expect(JSON.parse(body).error.code).toBe("forbidden");
  });

  test("may be any with a key, those of hosts, or any at will", async () => {
    const host = "llm.example.com:8080";
    expect((await ask({ apiKey: "secret" }, { host, authorization: "Bearer secret" })).status).toBe(200);
    expect((await ask({ hosts: ["LLM.example.com"] }, { host })).status).toBe(200);
    expect((await ask({ hosts: ["llm.example.com:8080"] }, { host })).status).toBe(200);
    expect((await ask({ hosts: "any" }, { host })).status).toBe(200);
    expect((await ask({ hosts: ["example.com"] }, { host })).status).toBe(403);
    expect(
      (await ask({ hosts: ["example.com"], apiKey: "secret" }, { host, authorization: "Bearer secret" })).status,
    ).toBe(403);
  });

  test("does not matter for a request that came over no network", async () => {
    const handle = handler(answers());
    expect((await handle(new Request("http://any.test/v1/models"))).status).toBe(200);
  });

  test("does not matter over https, where a certificate vouches for it, unless hosts says which", async () => {
    const init = { headers: { host: "llm.example.com" } };
    const [secure, plain] = ["https", "http"].map((protocol) => `${protocol}://llm.example.com/v1/models`);
    expect((await handler(answers())(new Request(`${secure}`, init))).status).toBe(200);
    expect((await handler(answers())(new Request(`${plain}`, init))).status).toBe(403);
    expect((await handler(answers(), { hosts: ["example.com"] })(new Request(`${secure}`, init))).status).toBe(403);
  });

  test.each([
    ["127.0.0.1", 403],
    ["::ffff:127.0.0.1", 403],
    ["::1", 403],
    ["192.0.2.7", 200],
    ["::ffff:192.0.2.7", 200],
    ["2001:db8::1", 200],
  ])("matters where it came to %s: %i", async (localAddress, status) => {
    const listener = toNodeListener(handler(answers()));
    const address = await serve((incoming, outgoing) => {
      // Only this machine's own addresses can be had here.
      Object.defineProperty(incoming.socket, "localAddress", { value: localAddress, configurable: true });
      void listener(incoming, outgoing);
    });
    const answered = new Promise<number | undefined>((resolve) => {
      send(`${address}/v1/models`, { headers: { host: "llm.example.com" } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(await answered).toBe(status);
  });

  test("is not taken for one with a certificate because the request line says so", async () => {
    const address = await serve(toNodeListener(handler(answers())));
    const answered = new Promise<number | undefined>((resolve) => {
      const path = "https://evil.com/v1/models";
      send(address, { path, headers: { host: "evil.com" } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(await answered).toBe(403);
  });
});

describe("on this machine, a page", () => {
  test.each(["https://evil.com", "http://localhost.evil.com", "null", "", "file://", "http://192.168.0.1"])(
    "of %j may not ask",
    async (origin) => {
      expect((await ask({}, { host: "localhost", origin })).status).toBe(403);
      expect((await ask({}, { host: "localhost", origin }, "OPTIONS")).status).toBe(403);
    },
  );

  test("of this machine may, and so may one of an origin that is allowed", async () => {
    expect((await ask({}, { host: "localhost:3000", origin: "http://localhost:5173" })).status).toBe(200);
    const origin = "https://app.example.com";
    expect((await ask({ cors: [origin] }, { host: "localhost", origin })).status).toBe(200);
  });
});

describe("cross-origin requests", () => {
  const origin = "https://app.example.com";
  const preflight = {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization, x-stainless-os",
  };

  test("are off: no answer says that a page may read it", async () => {
    const host = "llm.example.com";
    for (const method of ["POST", "OPTIONS"]) {
      const { headers } = await ask({ hosts: "any" }, { host, ...preflight }, method);
      expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });

  test("are let through for the origins that are listed, and the browser asks without the key", async () => {
    const options = { cors: [origin], apiKey: "secret" };
    const asked = await ask(options, preflight, "OPTIONS");
    expect(asked.status).toBe(204);
    expect(asked.headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-headers": "authorization, x-stainless-os",
      "access-control-allow-methods": "GET, POST",
      vary: "origin",
    });
    const refused = await ask(options, { origin });
    expect(refused.status).toBe(401);
    expect(refused.headers["access-control-allow-origin"]).toBe(origin);
    // Whether asking again is of use, and when, must be readable for a page, too.
    expect(refused.headers["x-should-retry"]).toBe("false");
    expect(String(refused.headers["access-control-expose-headers"]).split(", ")).toEqual(
      expect.arrayContaining(["x-request-id", "retry-after", "x-should-retry"]),
    );
    const other = await ask(
      { ...options, hosts: "any" },
      { ...preflight, host: "llm.example.com", origin: "https://evil.com" },
      "OPTIONS",
    );
    expect(other.headers["access-control-allow-origin"]).toBeUndefined();
    expect(other.headers.vary).toBe("origin");
  });
});

test.each([
  [{ hosts: ["https://llm.example.com"] }, "hosts"],
  [{ hosts: ["llm.example.com/"] }, "hosts"],
  [{ hosts: ["*"] }, "hosts"],
  [{ hosts: ["::1"] }, "hosts"],
  [{ cors: ["*"] }, "cors"],
  [{ cors: ["app.example.com"] }, "cors"],
  [{ cors: ["https://app.example.com/"] }, "cors"],
])("%j is refused at once, since no request could ever have it", (options, name) => {
  expect(() => handler(answers(), options)).toThrow(new RegExp(`^${name} holds .*example.com`));
});

test("an origin may be listed in upper case, and be an app's own", async () => {
  const cors = ["https://App.Example.com", "vscode-webview://1a2b"];
  for (const origin of ["https://app.example.com", "vscode-webview://1a2b"])
    expect((await ask({ cors }, { host: "localhost", origin })).status).toBe(200);
});

describe("a key", () => {
  test.each([
    undefined,
    "",
    "Bearer",
    "Bearer ",
    "Bearer secre",
    "Bearer secretx",
    "Bearer Secret",
    "Basic secret",
    "secret",
  ])("is not %j", async (authorization) => {
    const { status, headers, body } = await ask(
      { apiKey: "secret" },
      authorization === undefined ? {} : { authorization },
    );
    expect(status).toBe(401);
    expect(headers["www-authenticate"]).toBe("Bearer");
    expect(JSON.parse(body).error).toMatchObject({ code: "invalid_api_key", type: "invalid_request_error" });
    expect(body).not.toContain("secret");
  });

  test.each(["Bearer secret", "bearer  secret "])("is %j", async (authorization) => {
    expect((await ask({ apiKey: "secret" }, { authorization })).status).toBe(200);
  });

  test("is compared to its end", async () => {
    const lastByte = (text: string) => createHash("sha256").update(text).digest().at(-1);
    const similar = Array.from({ length: 10_000 }, (_, index) => `guess-${index}`).find(
      (guess) => lastByte(guess) === lastByte("secret"),
    );
    expect((await ask({ apiKey: "secret" }, { authorization: `Bearer ${similar}` })).status).toBe(401);
  });

  test("is asked for everywhere, and before anything is read", async () => {
    const handle = handler(answers(), { apiKey: "secret" });
    for (const path of ["/v1/models", "/v1/models/librarian", "/", "/v1/chat/completions"])
      expect((await handle(new Request(`http://localhost${path}`))).status).toBe(401);
    let pulls = 0;
    const body = new ReadableStream({ pull: () => void pulls++ }, { highWaterMark: 0 });
    const init = { method: "POST", body, duplex: "half" };
    expect((await handle(new Request("http://localhost/v1/chat/completions", init))).status).toBe(401);
    expect(pulls).toBe(0);
  });
});

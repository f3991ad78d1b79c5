import { inspect } from "node:util";
import { call, retry } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { providerOf, references } from "../streams/wire-chunks.js";
import { portOf } from "./listening.js";
import { proxyServer, refusing, type Tunnel } from "./proxy.js";
import { tlsServer, trustTestAuthority } from "./tls.js";

let server: WireServer;
const open: { close(): unknown }[] = [];
beforeEach(async () => {
  server = await wireServer();
  open.push(server);
  for (const name of ["http_proxy", "https_proxy", "no_proxy"]) {
    vi.stubEnv(name, undefined);
    vi.stubEnv(name.toUpperCase(), undefined);
  }
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(open.splice(0).map((each) => each.close()));
});

const serverPort = () => portOf(server);

async function startProxy(tunnel: () => Tunnel = serverPort) {
  const proxy = await proxyServer(tunnel);
  open.push(proxy);
  return proxy;
}

/** The wire server behind TLS, as `api.invalid`, which no name server knows. */
async function startTls() {
  const front = await tlsServer(server, "valid");
  open.push(front, { close: trustTestAuthority() });
  return front;
}

const soon = retry({ delayMs: () => 1 });

describe.each(references)("a proxy for %s", (reference) => {
  const provider = providerOf(reference);
  const access = (origin: string) => ({ ...server[provider], baseURL: `${origin}/v1` });
  const ask = (origin: string, options = {}) => call(reference, { ...access(origin), ...options })(() => "Hi")();

  test.each(["HTTPS_PROXY", "https_proxy"])("named by %s carries https, plain and streamed", async (variable) => {
    const front = await startTls();
    const proxy = await startProxy(() => front.port);
    vi.stubEnv(variable, `http://${proxy.host}`);
    const origin = "https://api.invalid";
    expect((await ask(origin)).content).toBe("Hello from the wire server.");
    const stream = await call(reference, { ...access(origin), stream: true })(() => "Hi")();
    expect((await stream.response()).content).toBe("Hello from the wire server.");
    expect(proxy.asked.map(({ url }) => url)).toContain("api.invalid:443");
    // The provider's key is for the provider.
    expect(inspect(proxy.asked.map(({ headers }) => headers))).not.toContain(server[provider].apiKey);
  });

  test.each(["HTTP_PROXY", "http_proxy"])("named by %s carries http, through a tunnel too", async (variable) => {
    const proxy = await startProxy();
    vi.stubEnv(variable, proxy.host);
    expect((await ask("http://api.invalid")).content).toBe("Hello from the wire server.");
    expect(proxy.asked.map(({ url }) => url)).toEqual(["api.invalid:80"]);
  });

  test.each(["https://api.invalid", "http://api.invalid"])(
    "keeps its tunnels to %s, and sends no request again that one of them broke under",
    async (origin) => {
      const front = await startTls();
      const proxy = await startProxy(() => (origin.startsWith("https:") ? front.port : serverPort()));
      vi.stubEnv("HTTP_PROXY", proxy.host);
      server.reply({ text: "One" }, { drop: "end" }, { text: "Two" });
      const options = { connections: 1, use: [retry({ retries: 0 })] };
      expect((await ask(origin, options)).content).toBe("One");
      await expect(ask(origin, options)).rejects.toMatchObject({ code: "connection" });
      expect((await ask(origin, options)).content).toBe("Two");
      expect(server.requests).toHaveLength(3);
    },
  );

  test("named by HTTP_PROXY carries https where HTTPS_PROXY names none; small letters win", async () => {
    const [used, unused] = [await startProxy(), await startProxy()];
    vi.stubEnv("HTTPS_PROXY", `http://${unused.host}`);
    vi.stubEnv("HTTP_PROXY", `http://${unused.host}`);
    vi.stubEnv("http_proxy", `http://${used.host}`);
    await ask("http://api.invalid");
    expect(used.asked.length).toBe(1);
    expect(unused.asked.length).toBe(0);
    vi.stubEnv("HTTPS_PROXY", "");
    const front = await startTls();
    const secure = await startProxy(() => front.port);
    vi.stubEnv("http_proxy", `http://${secure.host}`);
    await ask("https://api.invalid");
    expect([secure.asked.length, used.asked.length, unused.asked.length]).toEqual([1, 1, 0]);
  });

  test("of this machine carries what goes to this machine, and one of another machine does not", async () => {
    const proxy = await startProxy();
    const { origin, host } = new URL(server.openai.baseURL);
    vi.stubEnv("HTTP_PROXY", `http://${proxy.host}`);
    await ask(origin);
    expect(proxy.asked.map(({ url }) => url)).toEqual([host]);
    vi.stubEnv("HTTP_PROXY", "proxy.invalid:3128");
    expect((await ask(origin)).content).toBe("Hello from the wire server.");
  });

  test("is looked up at each call, and no client keeps one of an earlier time", async () => {
    const [first, second] = [await startProxy(), await startProxy()];
    for (const proxy of [first, second, first]) {
      vi.stubEnv("http_proxy", `http://${proxy.host}`);
      await ask("http://api.invalid");
    }
    expect([first.asked.length, second.asked.length]).toEqual([1, 1]);
    vi.stubEnv("http_proxy", undefined);
    await expect(ask("http://api.invalid", { use: [soon] })).rejects.toMatchObject({ code: "connection" });
    expect([first.asked.length, second.asked.length]).toEqual([1, 1]);
  });

  test("is left out for the hosts of NO_PROXY, whatever their port", async () => {
    const proxy = await startProxy();
    vi.stubEnv("http_proxy", `http://${proxy.host}`);
    for (const noProxy of ["api.invalid", ".invalid", "*.invalid", "other.test, api.invalid:80", "*"]) {
      vi.stubEnv("NO_PROXY", noProxy);
      await expect(ask("http://api.invalid", { use: [soon] })).rejects.toMatchObject({ code: "connection" });
    }
    expect(proxy.asked.length).toBe(0);
    vi.stubEnv("NO_PROXY", "api.invalid:8080,other.test");
    await ask("http://api.invalid");
    expect(proxy.asked.length).toBe(1);
  });

  test("keeps its tunnels for later calls, and opens no more than `connections`", async () => {
    const proxy = await startProxy();
    vi.stubEnv("http_proxy", `http://${proxy.host}`);
    await Promise.all(Array.from({ length: 10 }, () => ask("http://api.invalid", { connections: 2 })));
    expect(proxy.asked.length).toBe(2);
    expect(server.requests.length).toBe(10);
  });

  test.each([
    ["user:p%40ss", "user:p@ss"],
    ["token", "token:"],
  ])("is told the %s of its URL, and nobody else is", async (written, sent) => {
    let tunnel: Tunnel = serverPort();
    const proxy = await startProxy(() => tunnel);
    vi.stubEnv("http_proxy", `http://${written}@${proxy.host}`);
    await ask("http://api.invalid");
    const authorization = `Basic ${Buffer.from(sent).toString("base64")}`;
    expect(proxy.asked[0]?.headers["proxy-authorization"]).toBe(authorization);
    expect(server.requests[0]?.headers).not.toHaveProperty("proxy-authorization");
    tunnel = refusing(407);
    const error: any = await ask("http://api.invalid", { connections: 1 }).catch((error) => error);
    const shown = inspect(error, { depth: 20 }) + JSON.stringify(error) + error.stack;
    expect(error.code).toBe("connection");
    for (const secret of [written, sent, authorization, "p@ss"]) expect(shown).not.toContain(secret);
  });

  test.each([407, 403, 502])("that answers %i is asked once, and named", async (status) => {
    const proxy = await startProxy(() => refusing(status));
    vi.stubEnv("http_proxy", `http://${proxy.host}`);
    vi.stubEnv("https_proxy", `http://${proxy.host}`);
    for (const [count, origin] of ["http://api.invalid", "https://api.invalid"].entries()) {
      for (const stream of [false, true]) {
        const before = proxy.asked.length;
        const error: any = await ask(origin, { stream, use: [soon] }).catch((error) => error);
        expect(error, `${count}`).toMatchObject({ code: "connection", retryable: false, cause: { status } });
        expect(error.message).toContain(`http://${proxy.host}`);
        expect(error.message).toContain(String(status));
        expect(proxy.asked.length - before).toBe(1);
      }
    }
    expect(server.requests.length).toBe(0);
  });

  test.each<[string, Tunnel]>([
    ["hangs up", (socket) => socket.end()],
    ["resets the connection", (socket) => socket.resetAndDestroy()],
    ["does not speak HTTP", (socket) => socket.end("hello\r\n\r\n")],
  ])("that %s is asked once, and named", async (_, act) => {
    const proxy = await startProxy(() => act);
    vi.stubEnv("http_proxy", `http://${proxy.host}`);
    const error: any = await ask("http://api.invalid", { use: [soon] }).catch((error) => error);
    expect(error).toMatchObject({ code: "connection", retryable: false });
    expect(error.message).toContain(`http://${proxy.host} opens no tunnel`);
    expect(proxy.asked.length).toBe(1);
  });

  test("that cannot be reached is tried again, and named", async () => {
    const proxy = await startProxy();
    await proxy.close();
    vi.stubEnv("http_proxy", `http://${proxy.host}`);
    let tries = 1;
    const counting = retry({ delayMs: () => ++tries * 0 });
    const error: any = await ask("http://api.invalid", { use: [counting] }).catch((error) => error);
    expect(error).toMatchObject({ code: "connection", retryable: true });
    expect(error.message).toContain(`http://${proxy.host} cannot be reached (ECONNREFUSED)`);
    expect(tries).toBe(3);
  });

  test("that accepts and never answers is ended by connectMs", async () => {
    const proxy = await startProxy(() => () => {});
    vi.stubEnv("https_proxy", `http://${proxy.host}`);
    const error: any = await ask("https://api.invalid", {
      timeouts: { connectMs: 50 },
      use: [retry({ retries: 1, delayMs: () => 1 })],
    }).catch((error) => error);
    expect(error).toMatchObject({ code: "timeout", phase: "connect", retryable: true });
    expect(error.message).toContain(`http://${proxy.host}`);
    expect(proxy.asked.length).toBe(2);
  });

  test("whose tunnel leads to silence is ended by connectMs", async () => {
    const proxy = await startProxy(() => (socket) => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
    vi.stubEnv("https_proxy", `http://${proxy.host}`);
    await expect(
      ask("https://api.invalid", { timeouts: { connectMs: 50 }, use: [retry({ retries: 0 })] }),
    ).rejects.toMatchObject({ code: "timeout", phase: "connect" });
  });

  test("that is waited for is no longer waited for after an abort", async () => {
    const controller = new AbortController();
    const proxy = await startProxy(() => () => controller.abort("enough"));
    vi.stubEnv("https_proxy", `http://${proxy.host}`);
    await expect(ask("https://api.invalid", { signal: controller.signal })).rejects.toMatchObject({
      code: "aborted",
      reason: "enough",
    });
  });

  test("does not stand in for the server's certificate, which is checked through the tunnel", async () => {
    const front = await tlsServer(server, "elsewhere");
    open.push(front, { close: trustTestAuthority() });
    const proxy = await startProxy(() => front.port);
    vi.stubEnv("https_proxy", `http://${proxy.host}`);
    await expect(ask("https://api.invalid", { use: [soon] })).rejects.toMatchObject({
      code: "connection",
      retryable: false,
      cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" },
    });
    expect(proxy.asked.length).toBe(1);
    expect(server.requests.length).toBe(0);
  });

  test.each(["socks5://me:secret@127.0.0.1:1080", "http://[", "ftp://proxy"])(
    "that is no http(s) URL (%s) is refused without showing it",
    async (url) => {
      vi.stubEnv("HTTP_PROXY", url);
      const error: any = await ask("http://api.invalid").catch((error) => error);
      expect(error.code).toBe("configuration");
      expect(error.message).toContain("HTTP_PROXY");
      expect(error.message).not.toContain(url);
    },
  );

  test("is not for a fetch of one's own", async () => {
    const proxy = await startProxy(() => refusing(407));
    vi.stubEnv("http_proxy", `http://${proxy.host}`);
    const fetch: typeof globalThis.fetch = (url, init) =>
      globalThis.fetch(String(url).replace("api.invalid", `127.0.0.1:${serverPort()}`), init);
    expect((await ask("http://api.invalid", { fetch })).content).toBe("Hello from the wire server.");
    expect(proxy.sockets).toEqual([]);
  });
});

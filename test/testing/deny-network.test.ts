import { once } from "node:events";
import { get } from "node:http";
import { connect, createServer, type LookupFunction, Socket } from "node:net";
import { tmpdir } from "node:os";
import { connect as tlsConnect } from "node:tls";
import { CallwrightError, ConnectionError, call } from "callwright";
import { denyNetwork, type NetworkDenial, wireServer } from "callwright/testing";
import { request } from "undici";
import { afterEach, expect, test } from "vitest";

const untouched = Socket.prototype.connect;
const denials: NetworkDenial[] = [];
afterEach(() => {
  for (const denial of denials.splice(0)) denial.close();
  expect(Socket.prototype.connect).toBe(untouched);
});

function deny(): NetworkDenial {
  const denial = denyNetwork();
  denials.push(denial);
  return denial;
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => "reached",
    (error) => error,
  );
const failureOf = (socket: Socket) => once(socket, "error").then(([error]) => error);

test("a call fails at once with an error that names the host, without a retry", async () => {
  deny();
  let tries = 0;
  const counting = (model: any) => ({
    id: model.id,
    run(asked: any) {
      tries++;
      return model.run(asked);
    },
  });
  for (const id of ["openai/gpt-4o-mini", "anthropic/claude-haiku-4-5"] as const) {
    tries = 0;
    const options = { apiKey: "sk-not-used", baseURL: "https://api.denied.example/v1", use: [counting] };
    const error = await failure(call(id, options)(() => "Hi")());
    expect(error).toBeInstanceOf(ConnectionError);
    expect((error as Error).message).toContain("api.denied.example:443");
    expect((error as ConnectionError).retryable).toBe(false);
    expect(tries).toBe(1);
  }
});

test("fetch, undici, node:http, node:net and node:tls are all denied", async () => {
  deny();
  const errors = [
    (await failure(fetch("http://one.example/x"))).cause,
    await failure(request("http://two.example:8080/x")),
    await failure(once(get("http://three.example/x"), "response")),
    await failureOf(connect(80, "four.example")),
    await failureOf(connect({ port: 81, host: "203.0.113.5" })),
    await failureOf(tlsConnect({ port: 443, host: "six.example" })),
    await failureOf(new Socket().connect("82" as unknown as number, "2001:db8::1")),
  ];
  expect(errors.every((error) => CallwrightError.isInstance(error))).toBe(true);
  expect(errors.map(({ message }) => /keeps (\S+) from/.exec(message)?.[1])).toEqual([
    "one.example:80",
    "two.example:8080",
    "three.example:80",
    "four.example:80",
    "203.0.113.5:81",
    "six.example:443",
    "2001:db8::1:82",
  ]);
});

test("names that only look like this machine are denied", async () => {
  deny();
  for (const host of [
    "localhost.example.com",
    "127.0.0.1.example.com",
    "notlocalhost",
    "128.0.0.1",
    "::2",
    "1270.0.0.1",
  ])
    expect(CallwrightError.isInstance(await failureOf(connect({ port: 1, host })))).toBe(true);
});

test("this machine stays within reach, by name, address and local socket", async () => {
  deny();
  await using server = await wireServer();
  expect((await call("openai/gpt-4o-mini", server.openai)(() => "Hi")()).content).toBe("Hello from the wire server.");
  const port = Number(new URL(server.openai.baseURL).port);
  const sockets = [connect(port, "127.0.0.1"), connect(port), connect({ port, host: "localhost" })];
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  for (const socket of sockets) socket.destroy();
  const lookup: LookupFunction = (_, __, found) => found(null, [{ address: "127.0.0.1", family: 4 }]);
  const named = connect({ port, host: "app.localhost", lookup });
  await once(named, "connect");
  named.destroy();
  for (const host of ["::1", "127.8.9.1", "LOCALHOST.", "::ffff:127.0.0.1"])
    expect(CallwrightError.isInstance(await failure(once(connect({ port: 1, host }), "connect")))).toBe(false);

  const path = process.platform === "win32" ? "\\\\.\\pipe\\denial" : `${tmpdir()}/denial-${process.pid}.sock`;
  const local = createServer().listen(path);
  await once(local, "listening");
  const locals = [connect(path), connect({ path })];
  await Promise.all(locals.map((socket) => once(socket, "connect")));
  for (const socket of locals) socket.destroy();
  local.close();
});

test("denials nest: the last one that is closed lifts them, and leaves everything as it was", async () => {
  const before = Object.getOwnPropertyDescriptor(Socket.prototype, "connect");
  const [outer, inner] = [deny(), deny()];
  inner.close();
  inner.close();
  expect(CallwrightError.isInstance(await failureOf(connect(80, "still.example")))).toBe(true);
  outer[Symbol.dispose]();
  expect(Object.getOwnPropertyDescriptor(Socket.prototype, "connect")).toEqual(before);
  deny().close();
  expect(Object.getOwnPropertyDescriptor(Socket.prototype, "connect")).toEqual(before);
});

test("what another put over it stays, and lets everything through afterwards", async () => {
  const denial = deny();
  const denying = Socket.prototype.connect;
  const other = function (this: Socket, ...args: any[]) {
    return Reflect.apply(denying, this, args);
  };
  Socket.prototype.connect = other as typeof denying;
  denial.close();
  try {
    expect(Socket.prototype.connect).toBe(other);
    await using server = await wireServer();
    const socket = connect(Number(new URL(server.openai.baseURL).port), "0.0.0.0");
    await once(socket, "connect");
    socket.destroy();
  } finally {
    Socket.prototype.connect = untouched;
  }
});

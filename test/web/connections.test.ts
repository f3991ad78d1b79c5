import { once } from "node:events";
import { createServer as createHttp2Server, connect as openHttp2 } from "node:http2";
import { type AddressInfo, connect, type Socket } from "node:net";
import { type Model, model, Session } from "callwright";
import { script } from "callwright/testing";
import { handler, pipe, toNodeListener, toResponse } from "callwright/web";
import { afterEach, describe, expect, test, vi } from "vitest";
import { serve } from "./serving.js";

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function open(address: string): Promise<Socket> {
  const socket = connect(Number(new URL(address).port), "127.0.0.1");
  socket.on("error", () => {});
  sockets.push(socket);
  await once(socket, "connect");
  return socket;
}

const post = (body: object) => {
  const text = JSON.stringify(body);
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
};
const asked = (content: string) => ({ model: "librarian", messages: [{ role: "user", content }] });

/** A model that never answers, and keeps the signals of what was asked. */
function silentModel() {
  const signals: AbortSignal[] = [];
  const silent: Model = {
    id: "test/silent",
    async *run({ signal }) {
      if (signal) signals.push(signal);
      yield { type: "text-delta", text: "Once " };
      await new Promise(() => {});
    },
  };
  return { silent, signals };
}

describe("requests that are pipelined", () => {
  test("do not start more calls than can be answered, and none outlives a client that leaves", async () => {
    const { silent, signals } = silentModel();
    const address = await serve(toNodeListener(handler({ librarian: silent })));
    const socket = await open(address);
    socket.write(post(asked("Hi")).repeat(500));
    await vi.waitFor(() => expect(signals.length).toBeGreaterThan(0));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(signals.length).toBe(1);
    socket.destroy();
    await vi.waitFor(() => expect(signals.map(({ aborted }) => aborted)).toEqual([true]));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(signals.length).toBe(1);
  });

  test("are all answered, in their order", async () => {
    const address = await serve(
      toNodeListener(
        handler({ librarian: (messages) => model(script([`To ${messages[0]?.content}`])).chat(messages) }),
      ),
    );
    const socket = await open(address);
    const count = 100;
    let answers = "";
    socket.on("data", (data) => {
      answers += data;
    });
    for (let index = 0; index < count; index++) socket.write(post(asked(`${index}.`)));
    await vi.waitFor(() => expect(answers.match(/"To \d+\."/g)).toHaveLength(count), 20_000);
    expect(answers.match(/"To \d+\."/g)).toEqual(Array.from({ length: count }, (_, index) => `"To ${index}."`));
  }, 20_000);

  test("let a client go on that leaves one answer unread and another connection in peace", async () => {
    const { silent } = silentModel();
    const served = { silent, librarian: model(script(["Momo"])) };
    const address = await serve(toNodeListener(handler(served)));
    const first = await open(address);
    first.write(post({ ...asked("Hi"), model: "silent" }) + post(asked("Hi")));
    const second = await open(address);
    second.write(post(asked("Hi")));
    const [answer] = await once(second, "data");
    expect(String(answer)).toContain("Momo");
  });

  test("beyond a thousand close the connection", async () => {
    const { silent, signals } = silentModel();
    const address = await serve(toNodeListener(handler({ librarian: silent })));
    const socket = await open(address);
    const closed = once(socket, "close");
    socket.resume();
    socket.write("GET /nowhere HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(20));
    socket.write(post(asked("Hi")) + "GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(1_500));
    await closed;
    await vi.waitFor(() => expect(signals.every(({ aborted }) => aborted)).toBe(true));
  });

  test("over HTTP/2 are answered side by side", async () => {
    let open = 0;
    let peak = 0;
    const listener = toNodeListener(async () => {
      peak = Math.max(peak, ++open);
      await vi.waitFor(() => expect(peak).toBe(5));
      return new Response("done");
    });
    const server = createHttp2Server((incoming, outgoing) => void listener(incoming as never, outgoing as never));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const client = openHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    try {
      const ask = async () => {
        const stream = client.request({ ":path": "/", ":authority": "localhost" });
        let text = "";
        for await (const data of stream) text += data;
        return text;
      };
      expect(await Promise.all(Array.from({ length: 5 }, ask))).toEqual(Array(5).fill("done"));
    } finally {
      client.close();
      server.close();
    }
  });
});

/** Says more than any buffer holds. */
function endlessModel() {
  const state = { ended: false };
  const endless: Model = {
    id: "test/endless",
    async *run() {
      try {
        for (;;) {
          yield { type: "text-delta", text: "x".repeat(64 * 1024) };
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        state.ended = true;
      }
    },
  };
  return { endless, state };
}

describe("a client that stops reading", () => {
  const limit = { drainTimeoutMs: 150 };
  const stream = { ...asked("Hi"), stream: true };

  test.each([
    ["the listener", (librarian: Model) => toNodeListener(handler({ librarian }), limit)],
    ["the handler", (librarian: Model) => toNodeListener(handler({ librarian }, limit))],
    [
      "pipe",
      (librarian: Model) => (_: unknown, response: any) => void pipe(model(librarian).stream("Hi"), response, limit),
    ],
    ["toResponse", (librarian: Model) => toNodeListener(async () => toResponse(model(librarian).stream("Hi"), limit))],
  ])("loses its connection and its call after the time that %s gives it", async (_, listenerOf) => {
    const { endless, state } = endlessModel();
    const address = await serve(listenerOf(endless) as never);
    const socket = await open(address);
    socket.pause();
    socket.write(post(stream));
    await vi.waitFor(() => expect(state.ended).toBe(true), 5_000);
    // What the kernel still holds is read before the end shows.
    const closed = once(socket, "close");
    socket.resume();
    await closed;
  });

  test("leaves its place in a served session to others", async () => {
    const { endless } = endlessModel();
    const session = new Session({ model: endless });
    const address = await serve(toNodeListener(handler({ librarian: session }, limit)));
    const socket = await open(address);
    socket.pause();
    socket.write(post(stream));
    await vi.waitFor(() => expect(session.history).toEqual([]));
    session.model = script(["Momo"]);
    await vi.waitFor(async () => expect((await session.send("Hi")).content).toBe("Momo"), 5_000);
  });

  test("is noticed with a long answer that is no stream, too", async () => {
    const left: unknown[] = [];
    const body = () =>
      new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(new Uint8Array(32 * 1024 * 1024)),
        cancel: (reason) => void left.push(reason),
      });
    const address = await serve(toNodeListener(async () => new Response(body()), limit));
    const socket = await open(address);
    socket.pause();
    socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await vi.waitFor(() => expect(left).toHaveLength(1), 5_000);
    expect(String(left[0])).toMatch(/accepted nothing for 150 ms/);
  });

  test("is not one that reads slowly", async () => {
    const size = 4 * 1024 * 1024;
    const address = await serve(
      toNodeListener(async () => new Response(new Uint8Array(size)), { drainTimeoutMs: 1_000 }),
    );
    const socket = await open(address);
    socket.write("GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    let received = 0;
    socket.on("data", (data) => {
      received += data.length;
      socket.pause();
      setTimeout(() => socket.resume(), 20);
    });
    await once(socket, "end");
    expect(received).toBeGreaterThan(size);
  });

  test("is not waited for on other platforms either", async () => {
    const { endless, state } = endlessModel();
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(stream) };
    const handle = handler({ librarian: endless }, limit);
    const response = await handle(new Request("http://localhost/v1/chat/completions", init));
    const reader = response.body!.getReader();
    await reader.read();
    await vi.waitFor(() => expect(state.ended).toBe(true), 5_000);
    await expect(reader.read()).rejects.toThrow(/not read on for 150 ms/);
  });
});

test.each(["x/v1/models?", "x/v1/models#", "u@x", "x\\v1", "localhost/v1/models"])(
  "the host %j does not change the path that is served",
  async (host) => {
    const address = await serve(toNodeListener(handler({ librarian: model(script(["Hi"])) }, { hosts: "any" })));
    const socket = await open(address);
    socket.write(`GET /elsewhere HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1\.1 400 /);
  },
);

test("time limits that are out of range are refused", () => {
  const served = { librarian: model(script(["Hi"])) };
  for (const drainTimeoutMs of [0, -1, Number.NaN]) {
    expect(() => handler(served, { drainTimeoutMs })).toThrow(/drainTimeoutMs/);
    expect(() => toNodeListener(handler(served), { drainTimeoutMs })).toThrow(/drainTimeoutMs/);
    expect(() => toResponse(model(script(["Hi"])).stream("Hi"), { drainTimeoutMs })).toThrow(/drainTimeoutMs/);
  }
});

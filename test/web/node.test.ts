import { EventEmitter, once } from "node:events";
import { get, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { setImmediate } from "node:timers/promises";
import { model } from "callwright";
import { script } from "callwright/testing";
import { pipe, toNodeListener, toResponse } from "callwright/web";
import { describe, expect, test, vi } from "vitest";
import { onBothWires } from "../calls/wires.js";
import { allEvents, eventsOf } from "./events.js";
import { serve } from "./serving.js";

onBothWires((wire) => {
  const ask = () => model(wire.reference, wire.access).stream("Hi");

  test("pipe sends what toResponse would, and resolves when it is sent", async () => {
    wire.server.reply({ text: ["Once ", "upon\r\ndata: x"] });
    const piped: Promise<void>[] = [];
    const address = await serve((_, response) => {
      response.setHeader("x-page", "1");
      piped.push(pipe(ask(), response));
    });
    const response = await fetch(address);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
      "x-page": "1",
    });
    expect((await allEvents(response)).map(({ event, data }) => [event, data.text])).toEqual([
      ["delta", "Once "],
      ["delta", "upon\r\ndata: x"],
      ["done", undefined],
    ]);
    await Promise.all(piped);
  });

  test.each(["pipe", "toResponse"] as const)(
    "with %s, a client that leaves aborts the provider within 200 ms",
    async (way) => {
      async function* onceThenSilence() {
        yield "Once ";
        await new Promise(() => {});
      }
      wire.server.reply({ text: onceThenSilence() });
      const piped: Promise<void>[] = [];
      const address = await serve(
        way === "pipe"
          ? (_, response) => void piped.push(pipe(ask(), response))
          : toNodeListener(async () => toResponse(ask())),
      );
      const controller = new AbortController();
      const response = await fetch(address, { signal: controller.signal });
      for await (const { event } of eventsOf(response)) if (event === "delta") break;
      const left = performance.now();
      controller.abort();
      const [request] = wire.server.requests;
      await request?.closed;
      expect(request?.aborted).toBe(true);
      expect((request?.finishedAt ?? Number.POSITIVE_INFINITY) - left).toBeLessThan(200);
      // Who left is no failure.
      await Promise.all(piped);
    },
  );

  test("a client that does not read slows the provider down", async () => {
    const pieces = Array.from({ length: 600 }, () => "x".repeat(64 * 1024));
    wire.server.reply({ text: pieces });
    const address = await serve((_, response) => void pipe(ask(), response));
    const client = get(address);
    const [response] = await once(client, "response");
    response.pause();
    const request = await wire.server.arrived();
    let sent = 0;
    await vi.waitFor(
      () => {
        const before = sent;
        sent = request.chunksSent;
        expect(sent).toBeGreaterThan(0);
        expect(sent).toBe(before);
      },
      { interval: 200, timeout: 10_000 },
    );
    expect(sent).toBeLessThan(pieces.length);
    client.destroy();
    await request.closed;
  });
});

describe("pipe", () => {
  test("aborts a stream whose client had left before", async () => {
    const left: unknown[] = [];
    const address = await serve((incoming, response) => {
      incoming.socket.destroy();
      response.once("close", async () => {
        const stream = model(script(["Hi"])).stream("Hi");
        await pipe(stream, response);
        left.push(await stream.then((opened) => opened.response()).catch((error) => error.name));
      });
    });
    await fetch(address).catch(() => {});
    await vi.waitFor(() => expect(left).toHaveLength(1));
    expect(left[0]).toMatch(/AbortedError|StreamInterruptedError/);
  });

  test("goes on where headers were sent already", async () => {
    const address = await serve((_, response) => {
      response.writeHead(202, { "content-type": "text/event-stream" });
      void pipe(model(script(["Hi"])).stream("Hi"), response);
    });
    const response = await fetch(address);
    expect(response.status).toBe(202);
    expect((await allEvents(response)).at(-1)?.event).toBe("done");
  });

  test("leaves no listener behind", async () => {
    const counts: number[] = [];
    const count = (response: ServerResponse) =>
      ["close", "drain", "error"].reduce((sum, name) => sum + response.listenerCount(name), 0);
    const address = await serve(async (_, response) => {
      const before = count(response);
      await pipe(model(script(["Hi"])).stream("Hi"), response);
      counts.push(before, count(response));
    });
    await (await fetch(address)).text();
    expect(counts[1]).toBe(counts[0]);
  });

  test("refuses what is no stream", async () => {
    await expect(pipe("Hi" as never, new EventEmitter() as never)).rejects.toThrow(/takes a stream/);
  });
});

describe("toNodeListener", () => {
  test("hands over method, address, headers and body, and sends status, headers and cookies", async () => {
    const seen: unknown[] = [];
    const address = await serve(
      toNodeListener(async (request) => {
        seen.push(request.method, new URL(request.url).pathname, request.headers.get("x-a"), await request.text());
        const headers = new Headers({ "x-b": "2" });
        headers.append("set-cookie", "a=1");
        headers.append("set-cookie", "b=2");
        return new Response("Done.", { status: 201, headers });
      }),
    );
    const body = "\u00fc".repeat(200_000);
    const response = await fetch(`${address}/a?b=c`, { method: "PUT", headers: { "x-a": "1" }, body });
    expect(seen).toEqual(["PUT", "/a", "1", body]);
    expect([response.status, response.headers.get("x-b"), await response.text()]).toEqual([201, "2", "Done."]);
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  });

  test("answers without reading a body that nobody wants, and keeps the connection for the next", async () => {
    const address = await serve(toNodeListener(async () => new Response(null, { status: 204 })));
    for (let count = 0; count < 2; count++)
      expect((await fetch(address, { method: "POST", body: "x".repeat(3_000_000) })).status).toBe(204);
  });

  test("a body is received as it is read, and not before", async () => {
    let received = 0;
    let readOn = () => {};
    const wanted = new Promise<void>((resolve) => {
      readOn = resolve;
    });
    const started = new EventEmitter();
    const listener = toNodeListener(async (request) => {
      const reader = request.body?.getReader();
      await reader?.read();
      started.emit("read");
      await wanted;
      let bytes = 0;
      while (!(await reader?.read())?.done) bytes++;
      return new Response(String(bytes > 0));
    });
    const address = await serve((incoming, outgoing) => {
      void listener(incoming, outgoing);
      incoming.on("data", (data) => {
        received += data.length;
      });
    });
    const begun = once(started, "read");
    const answer = fetch(address, { method: "POST", body: "x".repeat(20_000_000) });
    await begun;
    for (let count = 0; count < 20; count++) await setImmediate();
    expect(received).toBeLessThan(1_000_000);
    readOn();
    expect(await (await answer).text()).toBe("true");
    expect(received).toBe(20_000_000);
  });

  test("a request whose body breaks off rejects where it is read, and its signal aborts", async () => {
    const seen: string[] = [];
    const address = await serve(
      toNodeListener(async (request) => {
        await request.text().catch(() => seen.push("broken"));
        await setImmediate();
        seen.push(request.signal.aborted ? "aborted" : "open");
        return new Response();
      }),
    );
    const socket = connect(Number(new URL(address).port), "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nhalf");
    socket.once("ready", () => setTimeout(() => socket.destroy(), 50));
    await vi.waitFor(() => expect(seen).toEqual(["broken", "aborted"]));
  });

  test.each([
    "GET / HTTP/1.0\r\n\r\n",
    "TRACE / HTTP/1.1\r\nhost: localhost\r\n\r\n",
    "GET / HTTP/1.1\r\nhost: a b\r\n\r\n",
  ])("%j is no request that a handler could read", async (text) => {
    const handled: Request[] = [];
    const address = await serve(
      toNodeListener(async (request) => {
        handled.push(request);
        return new Response();
      }),
    );
    const socket = connect(Number(new URL(address).port), "127.0.0.1");
    socket.write(text);
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1\.1 400 /);
    expect(handled).toEqual([]);
    socket.destroy();
  });

  test("a handler that throws is answered with 500, and one that breaks off looks like it", async () => {
    const broken = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode("half"));
        controller.error(new Error("no more"));
      },
    });
    const responses = [Promise.reject(new Error("x")), Promise.resolve(new Response(broken))];
    for (const response of responses) response.catch(() => {});
    const address = await serve(toNodeListener(() => responses.shift() as Promise<Response>));
    expect((await fetch(address)).status).toBe(500);
    await expect(fetch(address).then((response) => response.text())).rejects.toThrow();
  });
});

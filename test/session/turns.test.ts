import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { AbortedError, model, override, parallel, Session, system, user } from "callwright";
import { describe, expect, test } from "vitest";
import { errorOf, onBothWires, turnsOf } from "../calls/wires.js";

const rolesOf = (session: Session) => session.history.map(({ role }) => role);

/** A promise with its handle. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

onBothWires((wire) => {
  const start = () => new Session({ model: model(wire.reference, wire.access) });

  /** Lets the first request wait until `open` is called. */
  const holdFirst = () => {
    const { open, opened } = gate();
    let count = 0;
    wire.server.reply(async () => {
      if (++count === 1) await opened;
      return { text: `Answer ${count}` };
    });
    return open;
  };

  test("turns that are begun at once run one after the other, in the order in which they were begun", async () => {
    let count = 0;
    wire.server.reply(() => ({ text: `Answer ${++count}`, delayMs: 10 * (3 - count) }));
    const session = start();
    const responses = await Promise.all(["one", "two", "three"].map((text) => session.send(text)));
    expect(responses.map(({ content }) => content)).toEqual(["Answer 1", "Answer 2", "Answer 3"]);
    expect(wire.server.peakInFlight).toBe(1);
    expect(turnsOf(wire.body).map(([, text]) => text)).toEqual(["one", "Answer 1", "two", "Answer 2", "three"]);
  });

  test("a stream keeps its place among the turns until it was read", async () => {
    wire.server.reply({ text: ["Answer ", "1"] }, { text: "Answer 2" });
    const session = start();
    const stream = session.stream("one");
    const second = session.send("two");
    for await (const [chunk] of stream) expect(chunk.text.length).toBeGreaterThan(0);
    await second;
    expect(turnsOf(wire.body).map(([, text]) => text)).toEqual(["one", "Answer 1", "two"]);
  });

  test("a turn that fails does not hold up those behind it", async () => {
    wire.server.reply({ status: 400 }, { status: 400 }, { text: "Fine." });
    const session = start();
    const outcomes = await Promise.allSettled([
      session.send("one"),
      session.stream("two"),
      session.send("three"),
      session.send([{ role: "wizard" } as never]),
      session.stream(system("Obey me.")),
      session.send("five"),
    ]);
    expect(outcomes.map(({ status }) => status === "fulfilled")).toEqual([false, false, true, false, false, true]);
    expect(turnsOf(wire.body).map(([, text]) => text)).toEqual(["three", "Fine.", "five"]);
  });

  describe("a stream", () => {
    test("that was read to its end has entered the history", async () => {
      wire.server.reply({ text: ["Hel", "lo."] });
      const session = start();
      for await (const [chunk] of session.stream("Hi"))
        expect(chunk.finishReason && session.history.length).toBeFalsy();
      expect(session.history).toEqual([user("Hi"), { role: "assistant", content: "Hello." }]);
    });

    test("whose response() was awaited has entered the history", async () => {
      const session = start();
      const stream = await session.stream("Hi");
      expect((await stream.response()).content).toBe("Hello from the wire server.");
      expect(rolesOf(session)).toEqual(["user", "assistant"]);
    });

    test("that broke, was left or was aborted has not, and the next turn goes on", async () => {
      wire.server.reply(
        { text: ["Hel", "lo", "."], cutAfter: 4 },
        { text: ["Hel", "lo", "."], hangAfter: 4 },
        { text: ["Hel", "lo", "."], hangAfter: 4 },
        { text: "Fine." },
      );
      const session = start();
      await errorOf(session.stream("broken").then((stream) => stream.response()));
      for await (const [chunk] of session.stream("left")) if (chunk.content) break;
      const aborted = await session.stream("aborted");
      aborted.abort();
      await session.send("read");
      expect(turnsOf(wire.body)).toEqual([["user", "read"]]);
      expect(rolesOf(session)).toEqual(["user", "assistant"]);
    });

    test("that nobody holds any more lets the next turn go", { timeout: 60_000 }, async () => {
      setFlagsFromString("--expose-gc");
      const collect = runInNewContext("gc") as () => void;
      wire.server.reply({ text: ["Hel", "lo."], hangAfter: 4 }, { text: "Fine." });
      const session = start();
      await session.stream("dropped");
      let sent = false;
      const next = session.send("kept").finally(() => {
        sent = true;
      });
      while (!sent) {
        collect();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await next;
      expect(turnsOf(wire.body)).toEqual([["user", "kept"]]);
    });

    test("that the provider refuses throws where it is awaited, or in the loop", async () => {
      wire.server.reply({ status: 401 });
      const session = start();
      expect(await errorOf(session.stream("Hi"))).toMatchObject({ code: "authentication" });
      const loop = async () => {
        for await (const _ of session.stream("Hi")) throw new Error("a chunk came");
      };
      expect(await errorOf(loop)).toMatchObject({ code: "authentication" });
      expect(session.history).toEqual([]);
    });
  });

  describe("a turn that waits", () => {
    test("is given up as soon as its signal aborts; nothing is sent, and the turns around it are untouched", async () => {
      const open = holdFirst();
      const session = start();
      const controller = new AbortController();
      const first = session.send("one");
      const second = session.send("two", { signal: controller.signal });
      const third = session.send("three");
      await wire.server.arrived(1);
      controller.abort(new Error("Too late."));
      const error = await errorOf(second);
      expect(error).toBeInstanceOf(AbortedError);
      expect(error.message).toContain("Too late.");
      open();
      await Promise.all([first, third]);
      expect(wire.server.requests).toHaveLength(2);
      expect(turnsOf(wire.body).map(([, text]) => text)).toEqual(["one", "Answer 1", "three"]);
    });

    test("is given up when the override or the parallel work around it ends", async () => {
      const open = holdFirst();
      const session = start();
      const first = session.send("one");
      await wire.server.arrived(1);
      const controller = new AbortController();
      const inOverride = override({ signal: controller.signal }, () => session.send("two"));
      controller.abort();
      expect(await errorOf(inOverride)).toBeInstanceOf(AbortedError);

      let waiting: Promise<unknown> = Promise.resolve();
      const work = parallel(["wait", "fail"], async (item) => {
        if (item === "fail") throw new Error("failed");
        waiting = session.send("three");
        await waiting;
      });
      expect((await errorOf(work)).message).toBe("failed");
      expect(await errorOf(waiting)).toBeInstanceOf(AbortedError);
      open();
      await first;
      expect(wire.server.requests).toHaveLength(1);
    });

    test("leaves no listener on its signal", async () => {
      const session = start();
      const { signal } = new AbortController();
      await Promise.all(Array.from({ length: 20 }, () => session.send("Hi", { signal })));
      expect(getEventListeners(signal, "abort")).toEqual([]);
    });
  });

  test("a turn that runs is aborted by its signal and forgotten", async () => {
    wire.server.reply({ delayMs: Number.POSITIVE_INFINITY }, { text: "Fine." });
    const session = start();
    const controller = new AbortController();
    const turn = session.send("one", { signal: controller.signal });
    const request = await wire.server.arrived(1);
    controller.abort();
    expect(await errorOf(turn)).toBeInstanceOf(AbortedError);
    await request.closed;
    expect(request.aborted).toBe(true);
    await session.send("two");
    expect(turnsOf(wire.body)).toEqual([["user", "two"]]);
  });

  test("what is added while a turn runs stands behind that turn, also when it fails", async () => {
    const open = holdFirst();
    const session = start();
    const first = session.send("one");
    await wire.server.arrived(1);
    session.add(user("By the way"));
    expect(session.history).toEqual([user("By the way")]);
    open();
    await first;
    expect(session.history.map(({ content }) => content)).toEqual(["one", "Answer 1", "By the way"]);

    wire.server.reply({ status: 400 });
    const failing = errorOf(session.send("two"));
    await wire.server.arrived(2);
    session.add(system("Note"));
    await failing;
    expect(rolesOf(session)).toEqual(["user", "assistant", "user", "system"]);
  });

  test("clear() keeps a turn that runs from entering, but not the one behind it", async () => {
    const open = holdFirst();
    const session = start();
    const turns = [session.send("one"), session.send("two")];
    await wire.server.arrived(1);
    session.clear();
    open();
    await Promise.all(turns);
    expect(turnsOf(wire.body)).toEqual([["user", "two"]]);
    expect(session.history.map(({ content }) => content)).toEqual(["two", "Answer 2"]);
  });
});

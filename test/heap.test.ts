import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { assistant, cache, type Model, type ModelRequest, Session, user } from "callwright";
import { expect, test } from "vitest";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

const talker: Model = {
  id: "own/talker",
  async *run(): AsyncGenerator<never> {},
};

/** Megabytes that are still held after each of some rounds. */
async function heldAfter(rounds: number, work: (round: number) => void | Promise<void>): Promise<number[]> {
  const held: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await work(round);
    collectGarbage();
    held.push(process.memoryUsage().heapUsed / 2 ** 20);
  }
  return held;
}

const growth = ([first = 0, ...rest]: readonly number[]) => Math.max(...rest) - first;

test("a session within a limit holds no more after a hundred thousand messages than after twenty thousand", async () => {
  const session = new Session({ model: talker, maxMessages: 50 });
  const held = await heldAfter(5, (round) => {
    for (let n = 0; n < 10_000; n++) {
      session.add(user(`${round} ${n} ${"x".repeat(1000)}`));
      session.add(assistant(`${round} ${n} ${"y".repeat(1000)}`));
    }
  });
  // All of them would be 40 MB a round.
  expect(growth(held)).toBeLessThan(8);
}, 60_000);

test("a cache holds no more after five thousand answers than after one thousand", async () => {
  const answers: Model = {
    id: "own/answers",
    async *run({ messages }) {
      yield { type: "text-delta", text: `${JSON.stringify(messages)} ${"z".repeat(20_000)}` };
      yield { type: "finish", reason: "stop" };
    },
  };
  const cached = cache({ maxEntries: 20 })(answers);
  const held = await heldAfter(5, async (round) => {
    for (let n = 0; n < 1000; n++) {
      const request: ModelRequest = { messages: [user(`${round} ${n}`)], stream: false };
      for await (const _ of cached.run(request));
    }
  });
  // All of them would be 20 MB a round.
  expect(growth(held)).toBeLessThan(8);
}, 60_000);

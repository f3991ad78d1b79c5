import { answer, pieces, streamed } from "./load.mjs";

const inFlight = 64;

/** `more` says that more is better. Warm-up and blocks are counted a side. */
export const measures = [
  { name: "plain", title: "CPU a plain call", warmUp: 50, blocks: 15, calls: 200 },
  { name: "stream", title: "CPU a streamed chunk", warmUp: 20, blocks: 21, calls: 1 },
  { name: "inFlight", title: `calls/s, ${inFlight} in flight`, warmUp: 10, blocks: 25, calls: 500, more: true },
];

// No forced garbage collection between the blocks: it throws optimised code away, and doubles the figures of both sides.

/** The figures of both sides, block by block; each side is first every other time, so that what disturbs one disturbs the other. */
export async function compare(measure, { bare, ours }, quick) {
  const figures = { bare: [], ours: [] };
  const { warmUp, blocks, calls } = quick ? { warmUp: 0, blocks: 1, calls: Math.ceil(measure.calls / 50) } : measure;
  for (let block = -warmUp; block < blocks; block++) {
    const sides = [() => one(bare, figures.bare), () => one(ours, figures.ours)];
    for (const side of block % 2 ? sides.reverse() : sides) await side();

    async function one(side, into) {
      const figure = await runs[measure.name](side, calls);
      if (block >= 0) into.push(figure);
    }
  }
  return figures;
}

const runs = {
  async plain({ ask }, calls) {
    const cpu = await cpuOf(async () => {
      for (let i = 0; i < calls; i++) check(await ask(), answer);
    });
    return cpu / calls;
  },
  async stream({ read }) {
    const cpu = await cpuOf(async () => check(await read(), streamed));
    return cpu / pieces.length;
  },
  async inFlight({ ask }, calls) {
    let left = calls;
    const startedAt = performance.now();
    const one = async () => {
      while (left-- > 0) check(await ask(), answer);
    };
    await Promise.all(Array.from({ length: inFlight }, one));
    return (calls / (performance.now() - startedAt)) * 1000;
  },
};

/** Microseconds of user and system time. */
async function cpuOf(work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function check(length, expected) {
  if (length !== expected.length) throw new Error(`An answer has ${length} characters instead of ${expected.length}.`);
}

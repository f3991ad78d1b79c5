import { faults } from "./faults.mjs";
import { randomOf } from "./random.mjs";

/** How calls are made, and how many of a hundred. */
const modes = [
  { name: "plain", weight: 29 },
  { name: "streamed", weight: 34, streamed: true },
  { name: "tools", weight: 10, tools: true },
  { name: "streamed tools", weight: 10, streamed: true, tools: true },
  { name: "value", weight: 15, value: true },
  // Served by `handler`, to clients that send requests ahead or read slowly.
  { name: "pipelined", weight: 1, served: true, pipelined: true },
  { name: "read slowly", weight: 1, served: true, slow: true, streamed: true },
];
const faultShare = 0.2;
const words = [" wind", " the", " name", " of", "!", " Überraschung", " 🐉", '"quoted"', "\n"];

/** What one call does and meets; made of the seed and the id alone, so that client and server agree without a word. */
export function planOf(seed, id) {
  const random = randomOf(seed, id);
  const below = (count) => Math.floor(random() * count);
  const one = (list) => list[below(list.length)];
  const wire = one(["openai", "anthropic"]);
  const mode = weighted(random() * 100);
  const fault = random() < faultShare ? one(faults.filter((each) => each.strikes(mode))) : undefined;
  return {
    id,
    wire,
    mode,
    fault,
    /** How many tries the fault strikes; one more than there are retries fails the call. */
    times: fault?.times ?? 1 + below(3),
    pieces: Array.from({ length: 1 + below(40) }, () => one(words)),
    usage: { input: 10 + below(1000), output: 5 + below(500) },
    /** Of an answer without a fault: some come compressed, some in pieces that cut characters. */
    packing: one(["as it is", "as it is", "gzip", "split"]),
    variant: below(1000),
  };
}

/** How the call may end: answered, or with an error of one of these codes. */
export function endingsOf({ fault, times }) {
  if (!fault || fault.answered) return ["answered"];
  return fault.retried && times < 3 ? ["answered"] : fault.codes;
}

function weighted(place) {
  let left = place;
  return modes.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
}

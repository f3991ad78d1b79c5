// What becomes of your agent when the network, a proxy or the provider fails? Let wireServer() fail in their ways.
import { type CallStream, CallwrightError, call, warmUp } from "callwright";
import { faults, type WireReply, wireServer } from "callwright/testing";

await using server = await wireServer();
// Loads the SDK before, as a server would do while it starts.
await warmUp("openai/gpt-4o-mini", server.openai);
const timeouts = { firstEventMs: 300, idleMs: 300, totalMs: 5000 };
const tell = call("openai/gpt-4o-mini", { ...server.openai, stream: true, timeouts })((topic: string) => topic);

/** The agent. The library tries again what had no output yet; a story that broke off is for the agent to begin anew. */
async function story(topic: string): Promise<string> {
  for (let tries = 1; ; tries++) {
    const stream: CallStream = await tell(topic);
    try {
      return (await stream.response()).content;
    } catch (error) {
      if (tries === 2 || !CallwrightError.isInstance(error)) throw error;
    }
  }
}

const trouble: Readonly<Record<string, WireReply>> = {
  "closes before it answers": faults.hangUp(),
  "falls silent in mid-stream": faults.stall({ after: 2 }),
  "only pings": faults.pings({ after: 1 }),
  "ends too early": faults.truncate({ at: "character" }),
  "is overloaded": faults.overloaded({ after: 0 }),
  "sends a web page": faults.html(),
  "is out of credit": faults.quota(),
  "sends strange events": faults.oddChunks(),
};

for (const [name, fault] of Object.entries(trouble)) {
  const before = server.requests.length;
  // Once it goes wrong; what comes after that is well.
  server.reply(fault, { text: "Once upon a time." });
  const outcome = await story("dragons").catch((error: Error) => error.name);
  console.log(`${name}: ${outcome} (${server.requests.length - before} requests)`);
}

import { type Agent, readReply } from "../../connect/agent.js";
import { AgentReplyError } from "../../connect/errors.js";
import { dollars, duration, plural, tokens } from "../../connect/report/figures.js";
import { simRequest } from "../../connect/request.js";
import { askAgent } from "../../connect/turn.js";
import { user } from "../../message.js";
import { line, own } from "../line.js";
import type { Printer } from "../output.js";
import type { TestJob } from "./job.js";
import { hintFor } from "./keyless.js";

const prompt = "Hello! Are you there?";

/** What the examples of others return before anything was connected. */
const stubs = [/^this is a string response from your application/i, /^(todo|your response here|replace me)\b/i];

/** Asks the agent one thing, as a simulator would. @returns The exit code. */
export async function greet(job: TestJob, load: () => Promise<Agent>, output: Printer): Promise<number> {
  const agent = await load();
  const request = simRequest({ messages: [user(prompt)], testId: "test", conversationId: "test" });
  const outcome = await askAgent(agent, request, { timeoutMs: job.timeoutMs ?? 60_000 });
  try {
    if ("error" in outcome) throw outcome.error;
    const { response } = readReply(outcome.value);
    if (stubs.some((stub) => stub.test(response.trim())))
      throw new AgentReplyError(
        "The agent gives the response of a stub. Let it ask a model, and return what that says as `response`.",
      );
    const { measure } = outcome;
    output.out(own(`User:  ${prompt}`));
    output.out(line`Agent: ${response}`);
    if (job.offline) {
      output.out(own("The agent's own code works. No model was asked: this ran offline."));
      return 0;
    }
    output.out(
      own(
        `The agent works: ${duration(measure.latencyMs)}, ${plural(measure.calls, "call")}, ${plural(tokens(measure), "token")}, ${dollars(measure.costUsd)}.`,
      ),
    );
    return 0;
  } catch (error) {
    output.err(line`The agent gave no response: ${error instanceof Error ? error.message : String(error)}`);
    const hint = hintFor(error);
    if (hint) output.err(own(hint));
    return 1;
  }
}

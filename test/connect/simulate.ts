import {
  type ConnectOptions,
  type ConversationResult,
  connect,
  defineAgent,
  type LocalOptions,
  local,
  type Scenario,
} from "callwright/connect";

export const parrot = defineAgent({ completion: ({ prompt }) => ({ response: `You said: ${prompt}` }) });

/** Lets an agent, by default a parrot, talk to simulated users. */
export async function simulate(
  scenarios: Iterable<Scenario>,
  options: Partial<LocalOptions> = {},
  { agent = parrot, concurrency }: { readonly agent?: typeof parrot } & Pick<ConnectOptions, "concurrency"> = {},
) {
  const results: ConversationResult[] = [];
  const backend = local({ scenarios, onResult: (result) => void results.push(result), ...options });
  const outcome = await connect(agent, { backend, pollMs: 1, concurrency });
  const byId = (id: string) => results.find((each) => each.id === id)!;
  return { results, first: results[0]!, outcome, summary: backend.summary, byId };
}

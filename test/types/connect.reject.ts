// Agents and backends that must not compile, each for the reason that stands over it.
import { model } from "callwright";
import { connect, defineAgent, local, type SimBackend, snowglobe } from "callwright/connect";

const agent = defineAgent(() => "Fine.");
const backend = local({ scenarios: [] });

// @ts-expect-error the reply has no response
defineAgent({ completion: () => ({ content: "Fine." }) });

// @ts-expect-error a response is a text
defineAgent({ completion: async () => ({ response: 1 }) });

// @ts-expect-error an object without completion
defineAgent({ tools: [] });

// @ts-expect-error a model is asked by a function
defineAgent(model("openai/m"));

// @ts-expect-error nowhere to take tests from
connect(agent, {});

// @ts-expect-error no such option
connect(agent, { backend, paralel: 2 });

// @ts-expect-error the scenario has no id
local({ scenarios: [{ turns: ["Hi"] }] });

// @ts-expect-error no such check
local({ scenarios: [{ id: "a", turns: [{ say: "Hi", checks: [{ contain: "Momo" }] }] }] });

// @ts-expect-error a plain model name lacks its provider
local({ scenarios: [], user: "gpt-4o-mini" });

// @ts-expect-error it takes no failures
({ pending: async () => [], deliver: async () => {}, close: async () => {} }) satisfies SimBackend;

// @ts-expect-error which application?
snowglobe({ apiKey: "secret" });

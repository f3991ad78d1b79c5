import type { ModelRef } from "callwright";
import { wireServer } from "callwright/testing";
import { answer } from "./answers.js";

export interface Models {
  readonly model: ModelRef;
  /** Another provider's in the offline tour, else the same. */
  readonly secondModel: ModelRef;
  /** A name that the provider does not know. */
  readonly missingModel: ModelRef;
  stop(): Promise<void>;
}

/** The models of the tour; where `--live` finds none, the process ends with code 1. */
export async function chooseModels(): Promise<Models> {
  if (!process.argv.includes("--live")) return playBack();
  const found = findOpenAI() ?? findAnthropic() ?? (await findOllama());
  if (!found) {
    console.error(
      `No model to ask. Set OPENAI_API_KEY or ANTHROPIC_API_KEY, or start Ollama (tried ${ollamaURL}) and pull a model.\nWithout any of them, "npm start" plays back answers.`,
    );
    process.exit(1);
  }
  const { provider, reference, baseURL } = found;
  console.log(`Live: ${provider}, model ${nameIn(reference)}${baseURL ? `, at ${baseURL}` : ""}`);
  return {
    model: reference,
    secondModel: reference,
    missingModel: `${reference.split("/", 1)[0] ?? ""}/no-such-model`,
    stop: async () => {},
  };
}

/** Keys and addresses are read from the environment at each call, so setting them here is all it takes. */
async function playBack(): Promise<Models> {
  const server = await wireServer();
  server.reply(answer);
  process.env.OPENAI_BASE_URL = server.openai.baseURL;
  process.env.OPENAI_API_KEY = server.openai.apiKey;
  process.env.ANTHROPIC_BASE_URL = server.anthropic.baseURL;
  process.env.ANTHROPIC_API_KEY = server.anthropic.apiKey;
  console.log(
    "Offline: no model is involved; the openai and @anthropic-ai/sdk clients talk to a local server that plays back written answers.",
  );
  return {
    model: "openai/gpt-4o-mini",
    secondModel: "anthropic/claude-haiku-4-5",
    missingModel: "openai/no-such-model",
    stop: () => server.close(),
  };
}

interface Found {
  readonly provider: string;
  readonly reference: ModelRef;
  readonly baseURL?: string | undefined;
}

function findOpenAI(): Found | undefined {
  const { OPENAI_API_KEY: key, OPENAI_BASE_URL: baseURL } = process.env;
  return key ? { provider: "OpenAI", reference: "openai/gpt-4o-mini", baseURL } : undefined;
}

function findAnthropic(): Found | undefined {
  const { ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: baseURL } = process.env;
  return key ? { provider: "Anthropic", reference: "anthropic/claude-haiku-4-5", baseURL } : undefined;
}

// As Ollama's own programs read it: with or without http://.
const ollamaHost = process.env.OLLAMA_HOST ?? "127.0.0.1:11434";
const ollamaURL = ollamaHost.includes("://") ? ollamaHost : `http://${ollamaHost}`;

/** Ollama speaks OpenAI's wire; any text will do as its key. */
async function findOllama(): Promise<Found | undefined> {
  try {
    const response = await fetch(`${ollamaURL}/api/tags`, { signal: AbortSignal.timeout(1000) });
    const { models } = (await response.json()) as { models: { name: string }[] };
    const name = process.env.OLLAMA_MODEL ?? models[0]?.name;
    if (!name) return undefined;
    process.env.OPENAI_BASE_URL = `${ollamaURL}/v1`;
    process.env.OPENAI_API_KEY = "ollama";
    return { provider: "Ollama", reference: `openai/${name}`, baseURL: ollamaURL };
  } catch {
    return undefined;
  }
}

function nameIn(reference: ModelRef): string {
  return reference.slice(reference.indexOf("/") + 1);
}

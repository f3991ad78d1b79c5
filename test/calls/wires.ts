import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe } from "vitest";

type Provider = "openai" | "anthropic";

const references = { openai: "openai/gpt-4o-mini", anthropic: "anthropic/claude-haiku-4-5" } as const;

/** One provider under test, with a server that is new for each test. */
export class Wire {
  server!: WireServer;
  readonly provider: Provider;

  constructor(provider: Provider) {
    this.provider = provider;
  }

  get reference(): (typeof references)[Provider] {
    return references[this.provider];
  }

  /** The model's name without its provider. */
  get name(): string {
    return this.reference.slice(this.provider.length + 1);
  }

  /** The other of the two. */
  get other(): Wire {
    const other = new Wire(this.provider === "openai" ? "anthropic" : "openai");
    other.server = this.server;
    return other;
  }

  /** The server's address and key, for the options of a call. */
  get access(): { readonly baseURL: string; readonly apiKey: string } {
    return this.server[this.provider];
  }

  /** The body of the last request. */
  get body(): any {
    return this.server.requests.at(-1)?.body;
  }

  /** The names of the variables that the provider reads. */
  get variables(): { readonly key: string; readonly url: string } {
    const prefix = this.provider.toUpperCase();
    return { key: `${prefix}_API_KEY`, url: `${prefix}_BASE_URL` };
  }
}

/** Describes the same behaviour for each provider. */
export function onBothWires(describeBehaviour: (wire: Wire) => void): void {
  describe.each(["openai", "anthropic"] as const)("%s", (provider) => {
    const wire = new Wire(provider);
    beforeEach(async () => {
      wire.server = await wireServer();
    });
    afterEach(() => wire.server.close());
    describeBehaviour(wire);
  });
}

/** The messages of a body in one form for both wires: role and text, a system prompt first, other parts as `[type]`. */
export function turnsOf(body: any): [role: string, text: string][] {
  const system = body.system === undefined ? [] : [{ role: "system", content: body.system }];
  return [...system, ...body.messages].map(({ role, content }) => [role, spell(content)]);
}

function spell(content: unknown): string {
  if (!Array.isArray(content)) return String(content);
  return content.map((part) => (part.type === "text" ? part.text : `[${part.type}]`)).join("");
}

/** The error that a promise or a function ends with. */
export async function errorOf(run: PromiseLike<unknown> | (() => unknown)): Promise<any> {
  try {
    await (typeof run === "function" ? run() : run);
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** Freezes a value with all that it holds, so that whoever would change it throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value) && !ArrayBuffer.isView(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}

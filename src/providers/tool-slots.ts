import { UnexpectedResponseError } from "../errors.js";
import { ownThroughout } from "../own.js";
import { overLimit } from "../transport/limits.js";
import type { Emit } from "./exchange.js";

/** What one piece of the wire says of a tool call. Any of it may be missing, repeated or of the wrong type. */
export interface ToolDelta {
  readonly index?: unknown;
  readonly id?: unknown;
  readonly name?: unknown;
  readonly arguments?: unknown;
  /** What the provider wants back with the call, such as a signature. */
  readonly extra?: unknown;
}

interface Slot {
  readonly index: number;
  /** The index as the wire has it, where that is one. */
  readonly wireIndex: number | undefined;
  id: string;
  /** The id as the wire has it. */
  wireId: string;
  name: string;
  /** Arguments that came before the call had both its id and its name. */
  held: string;
  extra: unknown;
  started: boolean;
  ended: boolean;
}

/**
 * Puts the pieces of tool calls together: by index where the provider gives a usable one, else by id, else to the
 * latest call. One index with two ids is two calls.
 */
export class ToolSlots {
  readonly #provider: string;
  readonly #emit: Emit;
  readonly #maxToolCalls: number;
  readonly #slots = new Map<number, Slot>();
  readonly #byWireIndex = new Map<number, Slot>();
  readonly #ids = new Set<string>();
  #latest: Slot | undefined;

  constructor(provider: string, emit: Emit, maxToolCalls: number) {
    this.#provider = provider;
    this.#emit = emit;
    this.#maxToolCalls = maxToolCalls;
  }

  get size(): number {
    return this.#slots.size;
  }

  add(given: ToolDelta): void {
    const delta = ownThroughout(given);
    const id = spelled(delta.id);
    const name = spelled(delta.name);
    const slot = this.#find(usable(delta.index), id, name);
    this.#latest = slot;
    slot.name ||= name;
    slot.extra ??= delta.extra;
    if (!slot.id && id) {
      slot.wireId = id;
      slot.id = this.#unique(id);
    }
    const text = textOf(delta.arguments);
    if (slot.started) {
      if (text) this.#emit({ type: "tool-delta", index: slot.index, arguments: text });
      return;
    }
    slot.held += text;
    if (slot.id && slot.name) this.#start(slot);
  }

  /** Says what the arguments of a call come to, of which pieces were lost. */
  correct(index: number, from: string, to: string): void {
    this.#emit({ type: "correction", target: "tool", call: this.#find(index, "", "").index, from, to });
  }

  /** Ends the call of a wire index, or every call, in order of index. */
  end(index?: unknown): void {
    const ending = index === undefined ? [...this.#slots.values()] : [this.#find(usable(index), "", "")];
    for (const slot of ending.sort((a, b) => a.index - b.index)) {
      if (slot.ended) continue;
      slot.ended = true;
      if (!slot.name) throw this.#broken("a tool call without a name");
      // OpenAI takes back no id of more than 40 characters.
      slot.id ||= this.#unique(`call_${crypto.randomUUID().replaceAll("-", "")}`);
      if (!slot.started) this.#start(slot);
      this.#emit({ type: "tool-end", index: slot.index });
    }
  }

  #find(wireIndex: number | undefined, id: string, name: string): Slot {
    const latest = wireIndex === undefined ? this.#latest : this.#byWireIndex.get(wireIndex);
    const same = latest && (!id || !latest.wireId || latest.wireId === id);
    // With neither index nor id to go by, a name is what begins a call.
    const begins = wireIndex === undefined && !id && name !== "" && latest?.name;
    if (same && !begins) return latest;
    const known = [...this.#slots.values()].find(
      (slot) => id && slot.wireId === id && (wireIndex === undefined || slot.wireIndex === wireIndex),
    );
    if (known && wireIndex !== undefined) this.#byWireIndex.set(wireIndex, known);
    return known ?? this.#create(wireIndex);
  }

  #create(wireIndex: number | undefined): Slot {
    if (this.#slots.size >= this.#maxToolCalls)
      throw overLimit(this.#provider, `more than ${this.#maxToolCalls} tool calls in one answer`, "maxToolCalls");
    const free =
      wireIndex !== undefined && !this.#slots.has(wireIndex) ? wireIndex : Math.max(-1, ...this.#slots.keys()) + 1;
    const slot: Slot = {
      index: free,
      wireIndex,
      id: "",
      wireId: "",
      name: "",
      held: "",
      extra: undefined,
      started: false,
      ended: false,
    };
    this.#slots.set(free, slot);
    if (wireIndex !== undefined) this.#byWireIndex.set(wireIndex, slot);
    return slot;
  }

  #start(slot: Slot): void {
    slot.started = true;
    if (slot.extra != null)
      this.#emit({ type: "reasoning-delta", text: "", data: { toolCallId: slot.id, extra_content: slot.extra } });
    this.#emit({ type: "tool-start", index: slot.index, id: slot.id, name: slot.name });
    if (slot.held) this.#emit({ type: "tool-delta", index: slot.index, arguments: slot.held });
    slot.held = "";
  }

  /** Results are paired with calls by id, so two calls of one answer must not share it. Anthropic takes letters, digits, _ and - only. */
  #unique(id: string): string {
    let unique = id;
    for (let copy = 2; this.#ids.has(unique); copy++) unique = `${id}_${copy}`;
    this.#ids.add(unique);
    return unique;
  }

  #broken(what: string): UnexpectedResponseError {
    return new UnexpectedResponseError(`The answer of ${this.#provider} holds ${what}.`, { provider: this.#provider });
  }
}

function usable(index: unknown): number | undefined {
  return typeof index === "number" && Number.isSafeInteger(index) && index >= 0 ? index : undefined;
}

function spelled(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Some servers send the arguments as an object. */
function textOf(args: unknown): string {
  return typeof args === "object" && args !== null ? JSON.stringify(args) : spelled(args);
}

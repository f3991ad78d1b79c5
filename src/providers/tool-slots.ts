import { UnexpectedResponseError } from "../errors.js";
import { ownThroughout } from "../own.js";
import { overLimit } from "../transport/limits.js";
import { CallArguments } from "./call-arguments.js";
import type { Emit } from "./exchange.js";
import { stringOf } from "./wire-parts.js";

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
  /** The index as the wire has it, if that is one. */
  readonly wireIndex: number | undefined;
  args: CallArguments;
  id: string;
  /** The id as the wire has it. */
  wireId: string;
  /** Whether pieces of it came with other ids. */
  hasManyIds: boolean;
  name: string;
  /** Arguments that can be shown, but came before the call had both its id and its name. */
  held: string;
  extra: unknown;
  extraSent: boolean;
  started: boolean;
  ended: boolean;
}

/** A piece, read. */
interface Piece {
  readonly index: number | undefined;
  readonly id: string;
  readonly name: string;
  readonly args: string;
}

/**
 * Puts the pieces of tool calls together: by index if the provider gives a usable one, else by id, else to the latest
 * call. Another id alone does not begin a call, since some servers make a new one for every piece; another id with a name
 * does, once the arguments before it are whole.
 * Sources: https://github.com/NousResearch/hermes-agent/issues/62940, https://github.com/vercel/ai/issues/7834
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

  /** How many calls there are; those that turn out to be empty are not counted after the end. */
  get size(): number {
    return this.#slots.size;
  }

  /** Takes a piece and returns whether it says anything. */
  add(given: ToolDelta): boolean {
    const delta = ownThroughout(given);
    const index = usable(delta.index);
    const id = stringOf(delta.id);
    const name = spelled(delta.name);
    const args = textOf(delta.arguments);
    const slot = this.#find({ index, id, name, args });
    this.#latest = slot;
    slot.name ||= name;
    slot.extra ??= delta.extra;
    if (!slot.id && id) {
      slot.wireId = id;
      slot.id = this.#unique(id);
    }
    const shown = args && slot.args.add(args);
    if (slot.started) {
      if (shown) this.#emit({ type: "tool-delta", index: slot.index, arguments: shown });
    } else {
      slot.held += shown;
      if (slot.id && slot.name) this.#start(slot);
    }
    return id !== "" || name !== "" || args !== "";
  }

  /** Says what the arguments of a call come to, of which pieces were lost. */
  correct(index: number, from: string, to: string): void {
    const slot = this.#find({ index, id: "", name: "", args: "" });
    slot.args = new CallArguments();
    slot.args.add(to);
    this.#emit({ type: "correction", target: "tool", call: slot.index, from, to });
  }

  /**
   * Ends the call of a wire index, or every call, in order of index.
   *
   * @throws UnexpectedResponseError if a call has no name. One that has no id and no arguments either is left out.
   */
  end(index?: unknown): void {
    const ending =
      index === undefined
        ? [...this.#slots.values()]
        : [this.#find({ index: usable(index), id: "", name: "", args: "" })];
    for (const slot of ending.sort((a, b) => a.index - b.index)) if (!slot.ended) this.#end(slot);
  }

  #end(slot: Slot): void {
    slot.ended = true;
    if (!slot.name && !slot.id && slot.args.isEmpty) {
      this.#slots.delete(slot.index);
      return;
    }
    if (!slot.name) throw this.#broken("a tool call without a name");
    // OpenAI takes back no id of more than 40 characters.
    slot.id ||= this.#unique(`call_${crypto.randomUUID().replaceAll("-", "")}`);
    if (!slot.started) this.#start(slot);
    const rest = slot.args.end();
    if (rest) this.#emit({ type: "tool-delta", index: slot.index, arguments: rest });
    this.#sendExtra(slot);
    this.#emit({ type: "tool-end", index: slot.index });
  }

  #find(piece: Piece): Slot {
    const { index, id } = piece;
    const latest = index === undefined ? this.#latest : this.#byWireIndex.get(index);
    if (latest && (!id || !latest.wireId || latest.wireId === id)) {
      const isAgain = id !== "" && latest.wireId === id;
      return !isAgain && begins(latest, piece) ? this.#create(index) : latest;
    }
    const known = this.#withId(id, index);
    if (known) {
      if (index !== undefined) this.#byWireIndex.set(index, known);
      return known;
    }
    if (!latest) return this.#create(index);
    const continues = piece.name === "" || (index !== undefined && !begins(latest, piece));
    if (!continues) return this.#create(index);
    latest.hasManyIds = true;
    return latest;
  }

  #withId(id: string, index: number | undefined): Slot | undefined {
    if (id === "") return undefined;
    for (const slot of this.#slots.values())
      if (slot.wireId === id && (index === undefined || slot.wireIndex === index)) return slot;
    return undefined;
  }

  #create(wireIndex: number | undefined): Slot {
    if (this.#slots.size >= this.#maxToolCalls)
      throw overLimit(this.#provider, `more than ${this.#maxToolCalls} tool calls in one answer`, "maxToolCalls");
    const free =
      wireIndex !== undefined && !this.#slots.has(wireIndex) ? wireIndex : Math.max(-1, ...this.#slots.keys()) + 1;
    const slot: Slot = {
      index: free,
      wireIndex,
      args: new CallArguments(),
      id: "",
      wireId: "",
      hasManyIds: false,
      name: "",
      held: "",
      extra: undefined,
      extraSent: false,
      started: false,
      ended: false,
    };
    this.#slots.set(free, slot);
    if (wireIndex !== undefined) this.#byWireIndex.set(wireIndex, slot);
    return slot;
  }

  #start(slot: Slot): void {
    slot.started = true;
    this.#sendExtra(slot);
    this.#emit({ type: "tool-start", index: slot.index, id: slot.id, name: slot.name });
    if (slot.held) this.#emit({ type: "tool-delta", index: slot.index, arguments: slot.held });
    slot.held = "";
  }

  /** Once, as soon as it is known; it may come in a piece after the call began. */
  #sendExtra(slot: Slot): void {
    if (slot.extra == null || slot.extraSent) return;
    slot.extraSent = true;
    this.#emit({ type: "reasoning-delta", text: "", data: { toolCallId: slot.id, extra_content: slot.extra } });
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

/** Whether a piece that could continue a call begins the next one instead: a name says so, once the call is whole. */
function begins({ name, wireId, hasManyIds, args }: Slot, piece: Piece): boolean {
  if (piece.name === "" || name === "") return false;
  if (piece.name !== name) return true;
  if (!args.isWhole) return !args.takes(piece.args);
  if (piece.id !== "" && !hasManyIds) return true;
  // Some repeat the name with every piece, and some the whole call.
  return piece.args !== "" && !(wireId !== "" && args.isRepeatedBy(piece.args));
}

/** Some servers write the index as text. */
function usable(index: unknown): number | undefined {
  const number = typeof index === "string" && /^\d{1,9}$/.test(index) ? Number(index) : index;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

function spelled(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Some servers send the arguments as an object. */
function textOf(args: unknown): string {
  return typeof args === "object" && args !== null ? JSON.stringify(args) : spelled(args);
}

/** What became of each call. In typed arrays, so that the book does not grow the heap that is measured. */
export class Ledger {
  constructor(most) {
    this.most = most;
    this.answered = new Uint8Array(most);
    this.failed = new Uint8Array(most);
    this.dropped = new Uint8Array(most);
    this.tries = new Uint8Array(most);
    /** Tokens: those that the tries reported, and those that callers read from what they got. */
    this.used = new Uint32Array(most);
    this.told = new Uint32Array(most);
    this.surprises = [];
    this.kinds = new Map();
  }

  /** @param ending `answered`, `dropped`, `untyped`, or the code of the error. */
  settle(plan, ending, endings, detail) {
    const { id, mode, fault, wire } = plan;
    if (ending !== "untyped") (this[ending] ?? this.failed)[id]++;
    const kind = `${fault?.name ?? "none"}, ${mode.streamed ? "streamed" : "plain"}`;
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
    if (!endings.includes(ending) || detail) {
      this.surprise(`call ${id} (${wire}, ${mode.name}, ${fault?.name ?? "no fault"}): ${ending}, ${detail ?? ""}`);
    }
  }

  surprise(text) {
    // The first say enough, and all of them would grow the heap.
    if (this.surprises.length < 10) this.surprises.push(text);
    else this.surprises.length++;
  }

  /** The calls that a condition holds for, of the first `calls`. */
  count(calls, holds) {
    let count = 0;
    for (let id = 0; id < calls; id++) if (holds(id)) count++;
    return count;
  }
}

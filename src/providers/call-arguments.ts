/** What stands for no arguments until the real ones come, or its beginning. */
const placeholder = /^\s*(\{\s*\}?|n(u(ll?)?)?)?\s*$/;
const nothing = /^\s*(null|\{\s*\})?\s*$/;

/**
 * The arguments of one tool call, put together from the pieces of the wire.
 *
 * Some servers send `{}` or `null` before the real arguments, all of them a second time behind the pieces, or with every
 * piece all that came before. Each is left out. So that what was shown is never taken back, a beginning that may be a
 * placeholder waits for the next piece, and what follows a whole object waits for the end.
 * Sources: https://github.com/microsoft/autogen/pull/7549, https://github.com/lidge-jun/opencodex/issues/361,
 * https://github.com/NousResearch/hermes-agent/pull/35718
 */
export class CallArguments {
  /** What was shown so far. */
  #text = "";
  /** The beginning, as long as it may be a placeholder. */
  #waiting = "";
  /** What came behind a whole object. */
  #excess = "";
  readonly #bounds = new ObjectBounds();
  #isCumulative = false;

  /** Whether an object stands here from its first brace to its last. */
  get isWhole(): boolean {
    return this.#bounds.closed || (this.#text === "" && this.#waiting.trim() !== "" && nothing.test(this.#waiting));
  }

  /** Whether nothing was said but a placeholder. */
  get isEmpty(): boolean {
    return this.#text === "" && nothing.test(this.#waiting);
  }

  /** Whether a piece can go on from here: an object can only begin where JSON has a value. */
  takes(piece: string): boolean {
    if (!/^\s*\{/.test(piece) || this.#repeatsAll(piece)) return true;
    return this.#text === "" || this.#bounds.takesBrace;
  }

  /** Whether a piece says the same again. */
  isRepeatedBy(piece: string): boolean {
    return this.isWhole && (nothing.test(piece) || repeats(this.#text, piece));
  }

  /** Takes the next piece and returns what of the arguments can be shown now. */
  add(piece: string): string {
    if (this.#bounds.closed) {
      this.#excess += piece;
      return "";
    }
    if (this.#text !== "") {
      this.#isCumulative ||= this.#repeatsAll(piece);
      return this.#show(this.#isCumulative && piece.startsWith(this.#text) ? piece.slice(this.#text.length) : piece);
    }
    const isReplaced = /^\s*\{/.test(piece) && this.#waiting.trim() !== "";
    this.#waiting = isReplaced ? piece : this.#waiting + piece;
    if (placeholder.test(this.#waiting)) return "";
    const beginning = this.#waiting;
    this.#waiting = "";
    return this.#show(beginning);
  }

  /** Returns what is left to show when no more pieces come. */
  end(): string {
    const { waiting, excess } = { waiting: this.#waiting, excess: this.#excess };
    this.#waiting = "";
    this.#excess = "";
    if (this.#text === "") return waiting.trim() === "null" ? "{}" : waiting;
    return nothing.test(excess) || repeats(this.#text, excess) ? "" : excess;
  }

  /**
   * Whether a piece begins with all that was shown, where that cannot be meant: an object cannot begin here, nor be a part
   * of a string, in which its quotes would be escaped.
   */
  #repeatsAll(piece: string): boolean {
    const { length } = this.#text;
    if (length === 0 || piece.length < length || piece.charCodeAt(0) !== openBrace) return false;
    return !this.#bounds.takesObject && piece.startsWith(this.#text);
  }

  #show(piece: string): string {
    const end = this.#bounds.read(piece);
    let shown = piece;
    if (end < piece.length) {
      shown = piece.slice(0, end);
      this.#excess = piece.slice(end);
    }
    this.#text += shown;
    return shown;
  }
}

/** Finds the end of an object in its pieces, each of which is read once. */
class ObjectBounds {
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The last character that is not white space. */
  #last = 0;
  closed = false;

  /** Whether an object may come next. */
  get takesObject(): boolean {
    return !this.#inString && (this.#last === colon || this.#last === comma || this.#last === openBracket);
  }

  /** Whether a brace may come next, be it a part of a string. */
  get takesBrace(): boolean {
    return this.#inString || this.takesObject;
  }

  /** Reads a piece and returns the index behind the object's last brace, or the piece's length. */
  read(piece: string): number {
    for (let at = 0; at < piece.length; at++) {
      const code = piece.charCodeAt(at);
      if (code > space) this.#last = code;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (code === backslash) this.#escaped = true;
        else if (code === quote) this.#inString = false;
      } else if (code === quote) this.#inString = true;
      else if (code === openBrace || code === openBracket) this.#depth++;
      else if ((code === closeBrace || code === closeBracket) && --this.#depth === 0) {
        this.closed = true;
        return at + 1;
      }
    }
    return piece.length;
  }
}

const space = 0x20;
const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Whether `more` is the same value as `text` once or several times again, also with other white space. */
function repeats(text: string, more: string): boolean {
  const value = canonical(text);
  if (value === undefined) return false;
  for (let rest = more.trim(); rest !== ""; rest = rest.trim()) {
    const end = new ObjectBounds().read(rest);
    if (canonical(rest.slice(0, end)) !== value) return false;
    rest = rest.slice(end);
  }
  return true;
}

function canonical(json: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return undefined;
  }
}

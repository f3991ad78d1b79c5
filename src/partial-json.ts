import { maxJsonDepth } from "./json-text.js";

type Mark = "value" | "first-value" | "key" | "first-key" | "colon" | "separator" | "end";
type State = Mark | "string" | "escape" | "number" | "literal";

/** An array or object that is not closed yet. `key` is the one whose value comes next, or came last. */
type Open = { readonly list: unknown[] } | { readonly object: Record<string, unknown>; key: string };

/**
 * JSON that arrives in pieces, as one value that grows in place.
 *
 * Objects and arrays stay the same ones. A string is shown while it grows; a number, boolean or null once it is whole; a
 * key with the beginning of its value. The whole text gives what `JSON.parse` gives, but for keys `__proto__`, which are
 * dropped. Nothing is read twice: the time is linear in the text, however small the pieces are.
 */
export class PartialJson {
  #root: unknown;
  #state: State = "value";
  readonly #open: Open[] = [];
  /** The string, key, number or literal that is being read. Only ever appended to: to look into it would copy it. */
  #token = "";
  #isKey = false;
  /** The first half of a surrogate pair: it is not shown without the second. */
  #half = "";
  #escape = "";
  /** How many characters the earlier pieces had. */
  #before = 0;

  /** What is known so far; undefined until the first value begins. */
  get value(): unknown {
    return this.#root;
  }

  /** Whether the value is whole. Of a bare number only `end()` can tell. */
  get complete(): boolean {
    return this.#state === "end";
  }

  /**
   * Takes the next piece of the text.
   *
   * @throws SyntaxError where the text is no JSON, or nested more than 64 deep. The value keeps what it had; feed nothing more.
   */
  feed(text: string): void {
    let at = 0;
    while (at < text.length) {
      if (this.#state === "string") at = this.#readString(text, at);
      else if (this.#state === "escape") at = this.#readEscape(text, at);
      else if (this.#state === "number") at = this.#readNumber(text, at);
      else if (this.#state === "literal") at = this.#readLiteral(text, at);
      else at = this.#readMark(this.#state, text, at);
    }
    if (this.#state === "string" || this.#state === "escape") this.#showString();
    this.#before += text.length;
  }

  /**
   * Says that no more text comes.
   *
   * @throws SyntaxError where the value is not whole.
   */
  end(): void {
    if (this.#state === "number") this.#endNumber(0);
    if (this.#state !== "end") throw this.#error("ends before its value is whole", 0);
  }

  #readMark(state: Mark, text: string, from: number): number {
    const at = endOfRun(spaces, text, from);
    const mark = text[at];
    if (mark === undefined) return at;
    const parent = this.#open.at(-1);
    const inList = parent !== undefined && "list" in parent;
    const mayBegin = state === "value" || state === "first-value";
    const mayName = state === "key" || state === "first-key";

    if (mark === '"' && (mayBegin || mayName)) {
      this.#isKey = mayName;
      this.#token = "";
      this.#state = "string";
      if (mayBegin) this.#put("", "new");
    } else if (mark === "[" && mayBegin) {
      const list: unknown[] = [];
      this.#enter(list, { list }, "first-value", at);
    } else if (mark === "{" && mayBegin) {
      const object = {};
      this.#enter(object, { object, key: "" }, "first-key", at);
    } else if (
      (mark === "]" && inList && (state === "first-value" || state === "separator")) ||
      (mark === "}" && !inList && (state === "first-key" || state === "separator"))
    ) {
      this.#open.pop();
      this.#endValue();
    } else if (mark === "," && state === "separator") {
      this.#state = inList ? "value" : "key";
    } else if (mark === ":" && state === "colon") {
      this.#state = "value";
    } else if (mayBegin && /[-\dtfn]/.test(mark)) {
      this.#token = "";
      this.#state = /[tfn]/.test(mark) ? "literal" : "number";
      return at;
    } else {
      throw this.#error(`has ${JSON.stringify(mark)} where ${expected[state]} should be`, at);
    }
    return at + 1;
  }

  #readString(text: string, from: number): number {
    const at = endOfRun(plain, text, from);
    this.#append(text.slice(from, at));
    const mark = text[at];
    if (mark === undefined) return at;
    if (mark === "\\") {
      this.#escape = mark;
      this.#state = "escape";
    } else if (mark === '"') {
      this.#endString();
    } else {
      throw this.#error("has a control character in a string", at);
    }
    return at + 1;
  }

  #readEscape(text: string, from: number): number {
    const size = (this.#escape[1] ?? text[from]) === "u" ? 6 : 2;
    const at = from + size - this.#escape.length;
    this.#escape += text.slice(from, at);
    if (this.#escape.length === size) {
      this.#append(this.#parse(`"${this.#escape}"`, "has an unknown escape in a string", from) as string);
      this.#state = "string";
    }
    return Math.min(at, text.length);
  }

  #readNumber(text: string, from: number): number {
    const at = endOfRun(digits, text, from);
    this.#token += text.slice(from, at);
    // More of it may come with the next piece.
    if (at < text.length) this.#endNumber(at);
    return at;
  }

  #endNumber(at: number): void {
    this.#put(this.#parse(this.#token, "has a number that is none", at), "new");
    this.#endValue();
  }

  #readLiteral(text: string, from: number): number {
    this.#token += text[from];
    const literal = literals.find((literal) => literal.startsWith(this.#token));
    if (!literal) throw this.#error("has a word that is no value", from);
    if (literal === this.#token) {
      this.#put(JSON.parse(literal), "new");
      this.#endValue();
    }
    return from + 1;
  }

  #endString(): void {
    this.#token += this.#half;
    this.#half = "";
    const parent = this.#open.at(-1);
    if (this.#isKey && parent && "object" in parent) {
      parent.key = this.#token;
      this.#state = "colon";
    } else {
      this.#showString();
      this.#endValue();
    }
  }

  #enter(container: unknown, open: Open, state: State, at: number): void {
    if (this.#open.length === maxJsonDepth) throw this.#error(`is nested more than ${maxJsonDepth} deep`, at);
    this.#put(container, "new");
    this.#open.push(open);
    this.#state = state;
  }

  #endValue(): void {
    this.#state = this.#open.length === 0 ? "end" : "separator";
  }

  #append(piece: string): void {
    const text = this.#half + piece;
    const last = text.charCodeAt(text.length - 1);
    const cut = last >= 0xd800 && last <= 0xdbff ? text.length - 1 : text.length;
    this.#token += text.slice(0, cut);
    this.#half = text.slice(cut);
  }

  #showString(): void {
    if (!this.#isKey) this.#put(this.#token, "longer");
  }

  #put(value: unknown, change: "new" | "longer"): void {
    const parent = this.#open.at(-1);
    if (!parent) this.#root = value;
    else if ("list" in parent) parent.list[parent.list.length - (change === "new" ? 0 : 1)] = value;
    else if (parent.key !== "__proto__") parent.object[parent.key] = value;
  }

  #parse(token: string, problem: string, at: number): unknown {
    try {
      return JSON.parse(token);
    } catch {
      throw this.#error(problem, at);
    }
  }

  #error(problem: string, at: number): SyntaxError {
    return new SyntaxError(`The JSON ${problem}, at position ${this.#before + at}.`);
  }
}

const expected: Record<Mark, string> = {
  value: "a value",
  "first-value": "a value or ]",
  key: "a key in double quotes",
  "first-key": "a key in double quotes or }",
  colon: "a colon",
  separator: "a comma or the closing bracket",
  end: "the end",
};

const literals = ["true", "false", "null"];
const spaces = /[ \t\n\r]*/y;
const plain = /[^"\\\u0000-\u001f]*/y;
const digits = /[-+.\deE]*/y;

function endOfRun(run: RegExp, text: string, from: number): number {
  run.lastIndex = from;
  run.test(text);
  return run.lastIndex;
}

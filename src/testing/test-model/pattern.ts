import { pick, type Random, wholeBetween } from "./random.js";

type Make = () => string;

/**
 * A text that a regular expression probably matches. Look-around and back references are not obeyed, so the caller looks
 * whether it does.
 */
export function textFor(pattern: string, random: Random): string {
  return new PatternReader(pattern, random).alternatives()();
}

const letters = [..."abcdefghijklmnopqrstuvwxyz"];
const digits = [..."0123456789"];
const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
const sets: Readonly<Record<string, readonly string[]>> = {
  d: digits,
  D: letters,
  w: [...letters, ...digits],
  W: [" ", "-", "."],
  s: [" "],
  S: letters,
  p: letters,
  P: digits,
};
const controls: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", f: "\f", v: "\v", 0: "\0" };

class PatternReader {
  readonly #pattern: string;
  readonly #random: Random;
  #at = 0;

  constructor(pattern: string, random: Random) {
    this.#pattern = pattern;
    this.#random = random;
  }

  alternatives(): Make {
    const makes = [this.#sequence()];
    while (this.#take(/\|/y)) makes.push(this.#sequence());
    return () => pick(this.#random, makes)();
  }

  #sequence(): Make {
    const makes: Make[] = [];
    while (this.#at < this.#pattern.length && !/[|)]/.test(this.#pattern[this.#at] ?? "")) makes.push(this.#repeated());
    return () => makes.map((make) => make()).join("");
  }

  #repeated(): Make {
    const make = this.#atom();
    const [, sign, least, comma, most] = this.#take(/([*+?])\??|\{(\d+)(,?)(\d*)\}\??/y) ?? [];
    const from = sign ? Number(sign === "+") : Number(least ?? 1);
    const open = sign === "?" ? 1 : from + 3;
    const to = sign ? open : most ? Math.min(Number(most), from + 8) : comma ? open : from;
    return () => Array.from({ length: wholeBetween(this.#random, from, to) }, make).join("");
  }

  #atom(): Make {
    if (this.#take(/\^|\$|\\[bB]/y)) return () => "";
    const group = this.#take(/\((\?(?:<?[=!]|:|<\w+>))?/y);
    if (group) {
      const inner = this.alternatives();
      this.#take(/\)/y);
      return /[=!]/.test(group[1] ?? "") ? () => "" : inner;
    }
    const set = this.#take(/\[(\^?)/y) ? this.#class(this.#pattern[this.#at - 1] === "^") : this.#one();
    return () => pick(this.#random, set);
  }

  /** What stands between square brackets. */
  #class(negated: boolean): readonly string[] {
    const members: string[] = [];
    while (this.#at < this.#pattern.length && !this.#take(/\]/y)) {
      const from = this.#one(true);
      const to = from.length === 1 && this.#take(/-(?!\])/y) ? this.#one(true) : from;
      if (to === from) members.push(...from);
      else
        for (let code = from[0]?.codePointAt(0) ?? 0; code <= (to[0]?.codePointAt(0) ?? 0); code++)
          members.push(String.fromCodePoint(code));
    }
    return negated ? printable.filter((character) => !members.includes(character)) : members;
  }

  /** The characters that one sign stands for. */
  #one(inClass = false): readonly string[] {
    const code = this.#take(/\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|x([\da-f]{2}))/iy);
    if (code) return [String.fromCodePoint(Number.parseInt(code[1] ?? code[2] ?? code[3] ?? "", 16))];
    const [, escaped, character = ""] = this.#take(/\\([pP])\{[^}]*\}|\\?([\s\S])/uy) ?? [];
    const isEscape = this.#pattern[this.#at - character.length - 1] === "\\";
    if (escaped) return sets[escaped] ?? letters;
    if (isEscape) return sets[character] ?? [controls[character] ?? character];
    return character === "." && !inClass ? letters : [character];
  }

  #take(what: RegExp): RegExpExecArray | null {
    what.lastIndex = this.#at;
    const match = what.exec(this.#pattern);
    if (match) this.#at = what.lastIndex;
    return match;
  }
}

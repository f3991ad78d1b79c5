/** What is known of a part of a regular expression. In doubt, all are false. */
interface Facts {
  /** It matches the empty text wherever it stands. */
  readonly isOptional: boolean;
  /** Whatever it matches has at least one character. */
  readonly consumes: boolean;
  /** It matches nothing. */
  readonly isImpossible: boolean;
  readonly anchor?: "start" | "end" | undefined;
}

const plain: Facts = { isOptional: false, consumes: true, isImpossible: false };
const assertion: Facts = { isOptional: false, consumes: false, isImpossible: false };
const impossible: Facts = { isOptional: false, consumes: true, isImpossible: true };

/** Whether a regular expression matches every text, such as `.*` or `a?`. Only what is certain counts. */
export function alwaysMatches(pattern: RegExp): boolean {
  return factsOf(pattern)?.some((terms) => isAlways(terms)) ?? false;
}

/** Whether a regular expression matches no text, such as `$100`, `a^b` or `[]`. Only what is certain counts. */
export function neverMatches(pattern: RegExp): boolean {
  return factsOf(pattern)?.every(isNever) ?? false;
}

function isAlways(terms: readonly Facts[]): boolean {
  // One anchor at its end of the text always holds; two of them hold for some texts only.
  const inner =
    terms[0]?.anchor === "start" ? terms.slice(1) : terms.at(-1)?.anchor === "end" ? terms.slice(0, -1) : terms;
  return inner.every(({ isOptional }) => isOptional);
}

function isNever(terms: readonly Facts[]): boolean {
  return terms.some(
    ({ isImpossible, anchor }, at) =>
      isImpossible ||
      (anchor === "end" && terms.slice(at + 1).some(({ consumes }) => consumes)) ||
      (anchor === "start" && terms.slice(0, at).some(({ consumes }) => consumes)),
  );
}

/** The terms of each alternative; undefined for what is not understood here. */
function factsOf({ source, flags }: RegExp): Facts[][] | undefined {
  // Sets in sets are rare, and not worth their grammar.
  if (flags.includes("v")) return undefined;
  const reader = new Reader(source, flags.includes("m"));
  try {
    const alternatives = reader.alternatives();
    return reader.isAtEnd ? alternatives : undefined;
  } catch (error) {
    // Groups may be nested deeper than the stack.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Reads a pattern that `RegExp` has accepted. */
class Reader {
  readonly #source: string;
  readonly #isMultiline: boolean;
  #at = 0;

  constructor(source: string, isMultiline: boolean) {
    this.#source = source;
    this.#isMultiline = isMultiline;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#source.length;
  }

  alternatives(): Facts[][] {
    const all: Facts[][] = [[]];
    while (!this.isAtEnd && this.#source[this.#at] !== ")") {
      if (this.#take(/\|/y) !== undefined) all.push([]);
      else all.at(-1)?.push(this.#quantified(this.#atom()));
    }
    return all;
  }

  #atom(): Facts {
    if (this.#take(/\^/y)) return this.#isMultiline ? assertion : { ...assertion, anchor: "start" };
    if (this.#take(/\$/y)) return this.#isMultiline ? assertion : { ...assertion, anchor: "end" };
    if (this.#take(/\\[bB]/y)) return assertion;
    // A reference matches what its group did, which may be nothing.
    if (this.#take(/\\(?:[1-9]\d*|k<[^>]*>)/y)) return assertion;
    if (this.#take(/\\(?:u\{[^}]*\}|[pP]\{[^}]*\}|[\s\S])/uy)) return plain;
    if (this.#take(/\[\]/y)) return impossible;
    if (this.#take(/\[(?:\\[\s\S]|[^\\\]])*\]/y)) return plain;
    if (this.#take(/\(/y)) return this.#group();
    this.#take(/[\s\S]/uy);
    return plain;
  }

  #group(): Facts {
    const around = this.#take(/\?<?[=!]/y);
    const opening = around === undefined ? this.#take(/\?(?:[a-z-]*:|<[^>]*>)/y) : undefined;
    const alternatives = this.alternatives();
    this.#take(/\)/y);
    const isImpossible = alternatives.every(isNever);
    const isOptional = alternatives.some((terms) => terms.every((term) => term.isOptional));
    if (around !== undefined) return { ...assertion, isImpossible: around.endsWith("!") ? isOptional : isImpossible };
    // `(?m:…)` gives anchors another meaning.
    if (opening !== undefined && /[a-z-]:/.test(opening)) return assertion;
    return { isOptional, isImpossible, consumes: alternatives.every((terms) => terms.some((term) => term.consumes)) };
  }

  #quantified(facts: Facts): Facts {
    const quantifier = this.#take(/(?:[*+?]|\{\d+(?:,\d*)?\})\??/y);
    if (quantifier === undefined) return facts;
    const mayBeNone = /^(?:[*?]|\{0+[,}])/.test(quantifier);
    return mayBeNone ? { isOptional: true, consumes: false, isImpossible: false } : facts;
  }

  #take(expected: RegExp): string | undefined {
    expected.lastIndex = this.#at;
    const [found] = expected.exec(this.#source) ?? [];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

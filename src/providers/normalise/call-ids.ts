/**
 * Gives each call of a request an id that the wire takes, each id once. The same conversation always gets the same ids, also
 * when it has grown, so that the provider's prompt cache holds.
 */
export function callIds(taken: RegExp): (id: string) => string {
  const used = new Set<string>();
  return (id) => {
    let fitted = taken.test(id) ? id : shortId(id);
    for (let copy = 2; used.has(fitted); copy++) fitted = shortId(`${id} ${copy}`);
    used.add(fitted);
    return fitted;
  };
}

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Nine letters and digits, which every wire takes; always the same for the same text. */
function shortId(text: string): string {
  let rest = hash(text);
  let short = "";
  for (let place = 0; place < 9; place++) {
    short += digits[Number(rest % 62n)];
    rest /= 62n;
  }
  return short;
}

/** FNV-1a in 64 bits, of which nine digits keep 53. */
function hash(text: string): bigint {
  let value = 0xcbf29ce484222325n;
  for (const unit of new TextEncoder().encode(text))
    value = BigInt.asUintN(64, (value ^ BigInt(unit)) * 0x100000001b3n);
  return value;
}

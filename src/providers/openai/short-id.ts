const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Nine letters and digits for an id, always the same for the same; an id that is such stays as it is. */
export function shortId(id: string): string {
  if (/^[a-zA-Z0-9]{9}$/.test(id)) return id;
  let rest = hash(id);
  let short = "";
  for (let place = 0; place < 9; place++) {
    short += digits[Number(rest % 62n)];
    rest /= 62n;
  }
  return short;
}

/** FNV-1a in 64 bits, of which 9 digits keep 53: enough that the calls of one conversation do not meet. */
function hash(text: string): bigint {
  let value = 0xcbf29ce484222325n;
  for (const unit of new TextEncoder().encode(text))
    value = BigInt.asUintN(64, (value ^ BigInt(unit)) * 0x100000001b3n);
  return value;
}

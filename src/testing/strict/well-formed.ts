/**
 * The index of the first half of a surrogate pair in the text of a body, or undefined if there is none. JSON.stringify
 * writes halves as escapes, in values and in keys.
 */
export function surrogateHalfAt(json: string): number | undefined {
  if (!/\\u[dD][89a-fA-F]/.test(json)) return undefined;
  let high: number | undefined;
  let end = -1;
  // Every escape is matched, so that the backslash of "\\ud800", which is text, is not taken for one.
  for (const { 0: match, index } of json.matchAll(/\\(?:u[\da-fA-F]{4}|[^u])/g)) {
    const unit = match.length > 2 ? Number.parseInt(match.slice(2), 16) : 0;
    const isLow = unit >= 0xdc00 && unit <= 0xdfff;
    if (high !== undefined && !(isLow && index === end)) return high;
    if (high === undefined && isLow) return index;
    high = unit >= 0xd800 && unit <= 0xdbff ? index : undefined;
    end = index + match.length;
  }
  return high;
}

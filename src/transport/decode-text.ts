/**
 * Decodes UTF-8 across the borders of chunks; a byte order mark at the start is dropped.
 *
 * A decoder that remembers half a character takes five times as long, so it is asked only where there may be one.
 */
export function textDecoder(): (chunk: Uint8Array) => string {
  const careful = new TextDecoder();
  // The mark is the other one's business: further on, it is a character.
  const quick = new TextDecoder("utf-8", { ignoreBOM: true });
  let mayHoldBytes = true;

  return (chunk) => {
    const endsInAscii = (chunk.at(-1) ?? 0x80) < 0x80;
    const text = mayHoldBytes || !endsInAscii ? careful.decode(chunk, { stream: true }) : quick.decode(chunk);
    mayHoldBytes = !endsInAscii;
    return text;
  };
}

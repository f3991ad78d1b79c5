/** Ends an iterator that nobody reads any more. It never rejects: the reason why it is closed counts, not what goes wrong behind it. */
export async function closeQuietly(iterator: { return?(): unknown } | undefined): Promise<void> {
  try {
    await iterator?.return?.();
  } catch {}
}

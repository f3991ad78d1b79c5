/** Options that would change or break every call. zod itself does not bear more than such names. */
const members = {
  apiKey: "of-a-stranger",
  baseURL: "http://127.0.0.1:9/v1",
  retries: 0,
  maxSteps: 1,
  maxTokens: 1,
  totalMs: 1,
  firstEventMs: 1,
  connections: 1,
  drainTimeoutMs: 1,
};

/** Puts members on the prototype of all objects. Returns what takes them off again. */
export function polluted() {
  for (const [name, value] of Object.entries(members))
    Object.defineProperty(Object.prototype, name, { value, enumerable: true, configurable: true, writable: true });
  return () => {
    for (const name of Object.keys(members)) delete Object.prototype[name];
  };
}

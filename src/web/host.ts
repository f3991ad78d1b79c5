/** A host and its port as a URL; undefined for text that could bring a path, a user or a query along. */
export function parseHost(host: string): URL | undefined {
  const address = `http://${host}`;
  return host === "" || /[/@?#\\\s]/.test(host) || !URL.canParse(address) ? undefined : new URL(address);
}

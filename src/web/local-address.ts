/** Where requests arrived, as far as their server told: a Request has no place for it. */
const localAddresses = new WeakMap<Request, string>();

/** Says at which of the server's own addresses a request arrived, such as `127.0.0.1`. */
export function setLocalAddress(request: Request, address: string): void {
  localAddresses.set(request, address);
}

/** Undefined on platforms that do not tell, and for requests that came over no network. */
export function localAddressOf(request: Request): string | undefined {
  return localAddresses.get(request);
}

/** Whether an address is one that only this machine reaches; IPv4 may be written as IPv6. */
export function isLoopbackAddress(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127(\.\d+){3}$/i.test(address);
}

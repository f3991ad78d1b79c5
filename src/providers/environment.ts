/** A variable at this moment; undefined also where there is no environment. */
export function readEnvironment(variable: string): string | undefined {
  return globalThis.process?.env?.[variable];
}

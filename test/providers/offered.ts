import { call } from "callwright";

/** The providers that references can name, as the error for an unknown one lists them. */
export async function providersOf(): Promise<string[]> {
  try {
    call("no-such-provider/m");
  } catch (error) {
    return /Known are ([^.]*)\./.exec(String(error))?.[1]?.split(", ") ?? [];
  }
  return [];
}

import { user } from "callwright";
import { type Measure, type SimBackend, type SimReply, type SimRequest, simRequest } from "callwright/connect";

/** A test with one question. */
export function question(testId: string, text = `Question ${testId}`): SimRequest {
  return simRequest({ messages: [user(text)], testId, conversationId: `conversation of ${testId}` });
}

export interface Listing extends SimBackend {
  readonly delivered: { readonly testId: string; readonly reply: SimReply; readonly measure: Measure }[];
  readonly failed: { readonly testId: string; readonly error: unknown }[];
  readonly polls: number;
  readonly closed: boolean;
}

/** A backend that lists its tests at every poll until they are answered, and is exhausted when all are. */
export function listing(tests: readonly SimRequest[], changes: Partial<SimBackend> = {}): Listing {
  const delivered: Listing["delivered"][number][] = [];
  const failed: Listing["failed"][number][] = [];
  let polls = 0;
  let closed = false;
  const done = () => new Set([...delivered, ...failed].map(({ testId }) => testId));
  const backend = {
    delivered,
    failed,
    get polls() {
      return polls;
    },
    get closed() {
      return closed;
    },
    async pending() {
      polls++;
      const over = done();
      return tests.filter(({ testId }) => !over.has(testId));
    },
    async deliver({ testId }: SimRequest, reply: SimReply, measure: Measure) {
      delivered.push({ testId, reply, measure });
    },
    async fail({ testId }: SimRequest, error: unknown) {
      failed.push({ testId, error });
    },
    get exhausted() {
      return done().size >= tests.length;
    },
    async close() {
      closed = true;
    },
  };
  // Getters of the changes stay getters.
  return Object.defineProperties(backend as Listing, Object.getOwnPropertyDescriptors(changes));
}

import type { Access, ModelRequest } from "../model.js";
import { own, ownThroughout } from "../own.js";
import { type ClientOptions, clientOf, closeClients, type ProviderModel, sendOptions } from "./clients.js";
import { encoding } from "./encoding.js";
import { type Emit, exchange, type Wire } from "./exchange.js";
import { failureOf } from "./failure/failure-of.js";
import { answerByTool } from "./output-by-tool.js";
import { fitUnicode } from "./unicode.js";

/** One API of a vendor's SDK: how it is reached, asked and read. */
export interface SdkApi<Client> extends Pick<Wire, "provider" | "requestIdHeader" | "decodeBody" | "streamDecoder"> {
  /** @throws ConfigurationError where there is no key, or the address is none. */
  endpointOf(access: Access): Access & { readonly apiKey: string; readonly baseURL: string };
  createClient(options: ClientOptions): Promise<Client>;
  encode(request: ModelRequest, warn: Emit): Record<string, unknown>;
  /** Whether it can hold the answer of a request to its schema by itself; otherwise a tool asks for it, if that is allowed. */
  holdsOutput(request: ModelRequest): boolean;
  /** The SDK's type of a body depends on `stream`, which is data here. */
  create(client: Client, body: never, options: ReturnType<typeof sendOptions>): { asResponse(): Promise<Response> };
}

/** A model behind an API of a vendor's SDK, with a client of our own or the caller's. */
export function sdkModel<Client>(name: string, given: Access, api: SdkApi<Client>): ProviderModel {
  const access = own(given);
  const { provider } = api;
  const run = (request: ModelRequest) =>
    exchange(request, {
      ...api,
      async send(attempt, warn) {
        const body = encoding(() => fitUnicode(api.encode(request, warn)));
        const endpoint = access.client === undefined ? own(api.endpointOf(access)) : undefined;
        const client = endpoint
          ? await clientOf(provider, endpoint, request, api.createClient)
          : (access.client as Client);
        try {
          const options = { ...unset, ...sendOptions(attempt, request, endpoint ?? access) };
          return await api.create(client, body as never, options).asResponse();
        } catch (error) {
          throw failureOf(provider, attempt, error, body);
        }
      },
    });

  return {
    id: `${provider}/${name}`,
    close: async () => {
      if (access.client === undefined) await closeClients(provider, api.endpointOf(access));
    },
    warmUp: async () => {
      if (access.client !== undefined) return;
      await clientOf(provider, own(api.endpointOf(access)), nothingAsked, api.createClient);
    },
    run(asked) {
      const request = ownThroughout(asked);
      const { output } = request;
      return output?.byTool && !api.holdsOutput(request) ? answerByTool(run, request, output) : run(request);
    },
  };
}

const nothingAsked: ModelRequest = { messages: [], stream: false };

/** Where there are none, the SDKs look for them on the prototype of all objects. */
const unset = { headers: {} };

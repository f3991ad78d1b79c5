/// <reference lib="esnext.disposable" preserve="true" />

export { type HandlerOptions, handler } from "./handler.js";
export { type NodeRequest, toNodeListener } from "./node-listener.js";
export type { NodeResponse } from "./node-response.js";
export { pipe } from "./pipe.js";
export type { Served, ServedFunction, ServedRequest } from "./serve.js";
export type { AnyStream, StreamEvent } from "./stream-events.js";
export { type StreamResponseOptions, toResponse } from "./to-response.js";

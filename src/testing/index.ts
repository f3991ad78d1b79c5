/// <reference lib="esnext.disposable" preserve="true" />

export { denyNetwork, type NetworkDenial } from "./deny-network.js";
export { faults } from "./faults/faults.js";
export { type Cassette, type RecordOptions, record } from "./record/record.js";
export type { RecordedRequest } from "./record/recorded.js";
export type {
  TcpStep,
  WireAnswer,
  WireChunk,
  WireName,
  WireReply,
  WireReplyMaker,
  WireRequest,
  WireToolCall,
  WireUsage,
} from "./reply.js";
export { type ScriptAnswer, type ScriptedAnswer, type ScriptTurn, script } from "./script.js";
export { type TestModelOptions, testModel } from "./test-model/test-model.js";
export { type WireServer, type WireServerOptions, wireServer } from "./wire-server.js";

export { faults } from "./faults/faults.js";
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
export { type ScriptedAnswer, type ScriptTurn, script } from "./script.js";
export { type WireServer, wireServer } from "./wire-server.js";

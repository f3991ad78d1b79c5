/// <reference lib="esnext.disposable" preserve="true" />

export { type Agent, defineAgent, type SimReply } from "./agent.js";
export type { Heartbeat, SimBackend } from "./backend.js";
export { type ConnectEvent, type ConnectOptions, connect } from "./connect.js";
export { AgentReplyError, MissingConversationError, ScenarioError } from "./errors.js";
export { judgeBy } from "./judge.js";
export { type LocalBackend, type LocalOptions, local } from "./local.js";
export type { Measure } from "./meter.js";
export { type SimRequest, simRequest } from "./request.js";
export type { CheckResult, ConversationResult, Outcome, TurnResult } from "./result.js";
export type { Check, Conversation, Judge, Persona, PlayedUser, Scenario, ScriptedTurn, Verdict } from "./scenario.js";
export { loadScenarios } from "./scenario-file.js";
export { type SnowglobeOptions, snowglobe } from "./snowglobe.js";
export type { Summary } from "./tally.js";

import { wireNames } from "./seeds.js";
import type { Target } from "./target.js";
import { answersTarget } from "./targets/answers.js";
import { cacheEntries } from "./targets/cache-entries.js";
import { cassettes } from "./targets/cassettes.js";
import { handlerBodies } from "./targets/handler-bodies.js";
import { scenarios } from "./targets/scenarios.js";
import { schemas } from "./targets/schemas.js";
import { sessions } from "./targets/sessions.js";

/** Everything that reads data from outside. */
export const targets: readonly Target[] = [
  ...wireNames.flatMap((wire) => [answersTarget(wire, false), answersTarget(wire, true)]),
  handlerBodies,
  cacheEntries,
  sessions,
  cassettes,
  scenarios,
  schemas,
];

import type { Row } from "./row.js";
import { connecting } from "./rows/connecting.js";
import { limits } from "./rows/limits.js";
import { outages } from "./rows/outages.js";
import { shapes } from "./rows/shapes.js";
import { silence } from "./rows/silence.js";
import { statuses } from "./rows/statuses.js";

/** Every fault, in the order of the table. */
export const rows: readonly Row[] = [...connecting, ...silence, ...limits, ...statuses, ...shapes, ...outages].sort(
  (a, b) => a.id.localeCompare(b.id),
);

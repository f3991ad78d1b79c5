import type { Row } from "./row.js";
import { aborting } from "./rows/aborting.js";
import { between } from "./rows/between.js";
import { connecting } from "./rows/connecting.js";
import { crowds } from "./rows/crowds.js";
import { decoding } from "./rows/decoding.js";
import { interrupted } from "./rows/interrupted.js";
import { kept } from "./rows/kept.js";
import { leaving } from "./rows/leaving.js";
import { limits } from "./rows/limits.js";
import { outages } from "./rows/outages.js";
import { shapes } from "./rows/shapes.js";
import { silence } from "./rows/silence.js";
import { sizes } from "./rows/sizes.js";
import { statuses } from "./rows/statuses.js";

const unordered: readonly Row[] = [
  ...connecting,
  ...kept,
  ...between,
  ...silence,
  ...interrupted,
  ...limits,
  ...decoding,
  ...sizes,
  ...statuses,
  ...shapes,
  ...outages,
  ...leaving,
  ...aborting,
  ...crowds,
];

/** Every fault, in the order of the table. */
export const rows: readonly Row[] = unordered.toSorted((a, b) => a.id.localeCompare(b.id));

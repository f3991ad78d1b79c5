import type { Row } from "./row.js";
import { connecting } from "./rows/connecting.js";

/** Every fault, in the order of the table. */
export const rows: readonly Row[] = [...connecting];

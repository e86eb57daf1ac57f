/** Whether the real data sets are here (`$PITH_DATA/datasets`). */
import { existsSync } from "node:fs";
import { join } from "node:path";

const root = process.env["PITH_DATA"];
export const realData = root !== undefined && existsSync(join(root, "datasets"));

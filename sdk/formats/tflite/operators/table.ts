/** The operators of all tables. A name in two of them does not type-check. */
import type { TfliteTable } from "../operator.ts";
import { core } from "./core.ts";
import { elementwise } from "./elementwise.ts";
import { matrix } from "./matrix.ts";
import { movement } from "./movement.ts";

type Twice =
  | (keyof typeof core & keyof (typeof elementwise & typeof matrix & typeof movement))
  | (keyof typeof elementwise & keyof (typeof matrix & typeof movement))
  | (keyof typeof matrix & keyof typeof movement);
/** `[Twice]` is `[never]` where no name has two rows. */
const NONE_TWICE: [Twice] extends [never] ? true : Twice = true;

export const OPERATORS: TfliteTable = NONE_TWICE && { ...core, ...elementwise, ...matrix, ...movement };

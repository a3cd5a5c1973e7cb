// All commands, in the order of help.

import type { Command } from "./command.ts";
import { EVALUATE } from "./evaluate.ts";
import { EXPLAIN } from "./explain.ts";
import { INFO } from "./info.ts";
import { PROFILE } from "./profile.ts";
import { RECIPES_COMMAND } from "./recipes.ts";
import { SWEEP } from "./sweep.ts";
import { TRAIN } from "./train.ts";

/** The commands of the program. */
export const COMMANDS: readonly Command[] = [
  TRAIN,
  SWEEP,
  EVALUATE,
  RECIPES_COMMAND,
  EXPLAIN,
  PROFILE,
  INFO,
];

// All commands, in the order of help.

import type { Command } from "./command.ts";
import { EVALUATE } from "./evaluate.ts";
import { EXPORT } from "./export.ts";
import { EXPLAIN } from "./explain.ts";
import { FIGURES } from "./figures.ts";
import { INFO } from "./info.ts";
import { PROFILE } from "./profile.ts";
import { RELATIONS } from "./relations.ts";
import { REPORT } from "./report.ts";
import { RECIPES_COMMAND } from "./recipes.ts";
import { SWEEP } from "./sweep.ts";
import { TRAIN } from "./train.ts";
import { TUNE } from "./tune.ts";

/** The commands of the program. */
export const COMMANDS: readonly Command[] = [
  TRAIN,
  SWEEP,
  EVALUATE,
  FIGURES,
  REPORT,
  EXPORT,
  RELATIONS,
  RECIPES_COMMAND,
  EXPLAIN,
  PROFILE,
  TUNE,
  INFO,
];

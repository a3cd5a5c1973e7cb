// Every kind of objective, a line each, beside the line of its configuration. The
// compiler refuses a kind without its line in the union, and the other way round.

import { type Field, union } from "../base/fields.ts";
import type { KindsOf, ObjectiveKind } from "./kind.ts";
import { ALP, type AlpConfig } from "./objectives/alp.ts";
import { GAIRAT, type GairatConfig } from "./objectives/gairat.ts";
import {
  LAS_AT,
  LAS_TRADES,
  type LasAtConfig,
  type LasTradesConfig,
} from "./objectives/las_kinds.ts";
import { LBGAT, type LbgatConfig } from "./objectives/lbgat.ts";
import { MART, type MartConfig } from "./objectives/mart.ts";
import { STANDARD, type StandardConfig } from "./objectives/standard.ts";
import { TRADES, type TradesConfig } from "./objectives/trades.ts";
import { VANILLA_AT, type VanillaAtConfig } from "./objectives/vanilla_at.ts";

/** What the student minimizes. */
export type ObjectiveConfig =
  | StandardConfig
  | VanillaAtConfig
  | TradesConfig
  | LbgatConfig
  | MartConfig
  | AlpConfig
  | GairatConfig
  | LasAtConfig
  | LasTradesConfig;

/** The objectives. */
export const OBJECTIVES: KindsOf<ObjectiveConfig, ObjectiveKind> = {
  "standard": STANDARD,
  "vanilla-at": VANILLA_AT,
  "trades": TRADES,
  "lbgat": LBGAT,
  "mart": MART,
  "alp": ALP,
  "gairat": GAIRAT,
  "las-at": LAS_AT,
  "las-trades": LAS_TRADES,
};

/** The field of an objective. */
export const OBJECTIVE: Field = union("method", OBJECTIVES);

// The list of objectives, one line each, beside the union of their configurations. The
// compiler refuses a kind without its line in the union, and the other way round.

import { type Field, union } from "../base/fields.ts";
import type { MethodConfig, ObjectiveKind } from "./kind.ts";
import { ALP, type AlpOptions } from "./objectives/alp.ts";
import { GAIRAT, type GairatOptions } from "./objectives/gairat.ts";
import {
  LAS_AT,
  LAS_TRADES,
  type StrategyConfig,
} from "./objectives/las_kinds.ts";
import { LBGAT, type LbgatConfig } from "./objectives/lbgat.ts";
import { MART, type MartOptions } from "./objectives/mart.ts";
import { STANDARD } from "./objectives/standard.ts";
import { TRADES, type TradesOptions } from "./objectives/trades.ts";
import { VANILLA_AT } from "./objectives/vanilla_at.ts";

/** The configuration of an objective. */
export type ObjectiveConfig =
  | MethodConfig<"standard">
  | MethodConfig<"vanilla-at">
  | MethodConfig<"trades", TradesOptions>
  | LbgatConfig
  | MethodConfig<"mart", MartOptions>
  | MethodConfig<"alp", AlpOptions>
  | MethodConfig<"gairat", GairatOptions>
  | MethodConfig<
    "las-at",
    { readonly smoothing: number; readonly strategy: StrategyConfig }
  >
  | MethodConfig<"las-trades", { readonly strategy: StrategyConfig }>;

/** The objectives. */
export const OBJECTIVES: {
  readonly [M in ObjectiveConfig["method"]]: ObjectiveKind<
    Extract<ObjectiveConfig, { readonly method: M }>
  >;
} = {
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

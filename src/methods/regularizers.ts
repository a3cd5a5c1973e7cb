// The list of regularizers, one line each, beside the union of their configurations. The
// compiler refuses a kind without its line in the union, and the other way round.

import { type Field, union } from "../base/fields.ts";
import type { MethodConfig, RegularizerKind } from "./kind.ts";
import {
  ABSOLUTE_RELATION,
  type AbsoluteRelationOptions,
} from "./regularizers/absolute_relation.ts";
import { CRD, type CrdOptions } from "./regularizers/crd.ts";
import { FRPAT, type FrpatConfig } from "./regularizers/frpat.ts";
import { MCA, type McaOptions } from "./regularizers/mca.ts";
import { PKT, type PktOptions } from "./regularizers/pkt.ts";
import { RKD, type RkdOptions } from "./regularizers/rkd.ts";

/** The configuration of a regularizer. */
export type RegularizerConfig =
  | FrpatConfig
  | MethodConfig<"rkd", RkdOptions>
  | MethodConfig<"absolute-relation", AbsoluteRelationOptions>
  | MethodConfig<"pkt", PktOptions>
  | MethodConfig<"crd", CrdOptions>
  | MethodConfig<"mca", McaOptions>;

/** The regularizers. */
export const REGULARIZERS: {
  readonly [M in RegularizerConfig["method"]]: RegularizerKind<
    Extract<RegularizerConfig, { readonly method: M }>
  >;
} = {
  "frpat": FRPAT,
  "rkd": RKD,
  "absolute-relation": ABSOLUTE_RELATION,
  "pkt": PKT,
  "crd": CRD,
  "mca": MCA,
};

/** The field of a regularizer. */
export const REGULARIZER: Field = union("method", REGULARIZERS);

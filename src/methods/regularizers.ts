// Every kind of regularizer, a line each, beside the line of its configuration. The
// compiler refuses a kind without its line in the union, and the other way round.

import { type Field, union } from "../base/fields.ts";
import type { KindsOf, RegularizerKind } from "./kind.ts";
import {
  ABSOLUTE_RELATION,
  type AbsoluteRelationConfig,
} from "./regularizers/absolute_relation.ts";
import { CRD, type CrdConfig } from "./regularizers/crd.ts";
import { FRPAT, type FrpatConfig } from "./regularizers/frpat.ts";
import { MCA, type McaConfig } from "./regularizers/mca.ts";
import { PKT, type PktConfig } from "./regularizers/pkt.ts";
import { RKD, type RkdConfig } from "./regularizers/rkd.ts";

/** What is added to the objective. */
export type RegularizerConfig =
  | FrpatConfig
  | RkdConfig
  | AbsoluteRelationConfig
  | PktConfig
  | CrdConfig
  | McaConfig;

/** The regularizers. */
export const REGULARIZERS: KindsOf<RegularizerConfig, RegularizerKind> = {
  "frpat": FRPAT,
  "rkd": RKD,
  "absolute-relation": ABSOLUTE_RELATION,
  "pkt": PKT,
  "crd": CRD,
  "mca": MCA,
};

/** The field of a regularizer. */
export const REGULARIZER: Field = union("method", REGULARIZERS);

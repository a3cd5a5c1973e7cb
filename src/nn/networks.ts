// The list of networks, one line each, beside the union of their configurations. The
// compiler refuses a kind without its line in the union, and the other way round.

import { type Field, union } from "../base/fields.ts";
import type { Activation } from "./activation.ts";
import { RESNET50 } from "./bottleneck_resnet.ts";
import { DM_PREACT_RESNET18 } from "./deepmind_preact_resnet.ts";
import {
  type DeepMindWideResNetOptions,
  DM_WIDE_RESNET,
} from "./deepmind_wide_resnet.ts";
import type { NetworkConfig, NetworkKind } from "./network_kind.ts";
import {
  PREACT_RESNET18,
  PREACT_RESNET18_NO_BN,
  PREACT_RESNET18_V2,
} from "./preact_resnet.ts";
import { RESNET18, RESNET18_LBGAT, RESNET8 } from "./resnet.ts";
import { WIDE_RESNET, type WideResNetOptions } from "./wide_resnet.ts";

/** The configuration of a network. */
export type ArchitectureConfig =
  | NetworkConfig<"resnet8", { readonly width: number }>
  | NetworkConfig<"resnet18">
  | NetworkConfig<"resnet18-lbgat">
  | NetworkConfig<"resnet50">
  | NetworkConfig<"preact-resnet18">
  | NetworkConfig<"preact-resnet18-no-bn">
  | NetworkConfig<"preact-resnet18-v2">
  | NetworkConfig<"wide-resnet", Omit<WideResNetOptions, "classes">>
  | NetworkConfig<"dm-wide-resnet", Omit<DeepMindWideResNetOptions, "classes">>
  | NetworkConfig<"dm-preact-resnet18", { readonly activation: Activation }>;

/** The networks. */
export const NETWORKS: {
  readonly [N in ArchitectureConfig["network"]]: NetworkKind<
    Extract<ArchitectureConfig, { readonly network: N }>
  >;
} = {
  "resnet8": RESNET8,
  "resnet18": RESNET18,
  "resnet18-lbgat": RESNET18_LBGAT,
  "resnet50": RESNET50,
  "preact-resnet18": PREACT_RESNET18,
  "preact-resnet18-no-bn": PREACT_RESNET18_NO_BN,
  "preact-resnet18-v2": PREACT_RESNET18_V2,
  "wide-resnet": WIDE_RESNET,
  "dm-wide-resnet": DM_WIDE_RESNET,
  "dm-preact-resnet18": DM_PREACT_RESNET18,
};

/** The field of an architecture. */
export const ARCHITECTURE: Field = union("network", NETWORKS);

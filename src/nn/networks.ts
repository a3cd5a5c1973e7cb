// Every kind of network, a line each, beside the line of its configuration. The
// compiler refuses a kind without its line in the union, and the other way round.

import { type Field, union } from "../base/fields.ts";
import { RESNET50, type ResNet50Config } from "./bottleneck_resnet.ts";
import {
  type DeepMindPreActResNet18Config,
  DM_PREACT_RESNET18,
} from "./deepmind_preact_resnet.ts";
import {
  type DeepMindWideResNetConfig,
  DM_WIDE_RESNET,
} from "./deepmind_wide_resnet.ts";
import type { NetworkKind } from "./network_kind.ts";
import {
  PREACT_RESNET18,
  PREACT_RESNET18_NO_BN,
  PREACT_RESNET18_V2,
  type PreActResNet18Config,
  type PreActResNet18NoBnConfig,
  type PreActResNet18V2Config,
} from "./preact_resnet.ts";
import {
  RESNET18,
  RESNET18_LBGAT,
  type ResNet18Config,
  type ResNet18LbgatConfig,
  RESNET8,
  type ResNet8Config,
} from "./resnet.ts";
import { WIDE_RESNET, type WideResNetConfig } from "./wide_resnet.ts";

/** A network's architecture. */
export type ArchitectureConfig =
  | ResNet8Config
  | ResNet18Config
  | ResNet18LbgatConfig
  | ResNet50Config
  | PreActResNet18Config
  | PreActResNet18NoBnConfig
  | PreActResNet18V2Config
  | WideResNetConfig
  | DeepMindWideResNetConfig
  | DeepMindPreActResNet18Config;

/** The networks. */
export const NETWORKS: {
  readonly [N in ArchitectureConfig["network"]]: NetworkKind & {
    readonly network: N;
  };
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

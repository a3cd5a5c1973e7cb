// The networks and one more.

import { type Field, union } from "../../../src/base/fields.ts";
import type { NetworkKind } from "../../../src/nn/network_kind.ts";
import { NETWORKS as LISTED } from "../../../src/nn/networks.ts";
import { TOY_NETWORK } from "../toys.ts";

export * from "../../../src/nn/networks.ts";

export const NETWORKS: Readonly<Record<string, NetworkKind>> = {
  ...LISTED,
  "toy-net": TOY_NETWORK,
};
export const ARCHITECTURE: Field = union("network", NETWORKS);

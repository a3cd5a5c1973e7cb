// A network to evaluate, whose state is from a checkpoint of a run or from a file of
// weights.

import type { Memory } from "../gpu/memory.ts";
import type { Network } from "../nn/network.ts";

/** A network and its state. */
export interface EvaluatedNetwork {
  /** The name in results: "student", "teacher", "network". */
  readonly name: string;
  readonly network: Network;
  /** Writes its state to the device. */
  readonly upload: (memory: Memory) => void;
}

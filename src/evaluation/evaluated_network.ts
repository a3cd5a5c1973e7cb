// A network to evaluate, wherever its state is from: a checkpoint of a run, or a file
// of weights.

import type { Memory } from "../gpu/memory.ts";
import type { Network } from "../nn/network.ts";

/** A network, and the state that it is evaluated in. */
export interface EvaluatedNetwork {
  /** What results call it: "student", "teacher", "network". */
  readonly name: string;
  readonly network: Network;
  /** Writes its state to the device. */
  readonly upload: (memory: Memory) => void;
}

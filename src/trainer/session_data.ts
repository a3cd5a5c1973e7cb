// What a session trains on.

import type { Communicator } from "../base/communicator.ts";
import type { UnlabeledImages } from "../data/drop_labels.ts";
import type { TrainingSplit } from "../data/float_images.ts";
import type { NetworkValues } from "../weights/network_tensors.ts";

/** The images of a session, and the values that its teacher starts from. */
export interface SessionData {
  /** The images to train on, without those held out. */
  readonly split: TrainingSplit;
  /** Images without labels, where the step learns from some. */
  readonly unlabeled?: UnlabeledImages | null;
  /** The teacher's values, in place of random ones. */
  readonly teacher?: NetworkValues | null;
  /** The ranks that train together; this process alone if left out. */
  readonly communicator?: Communicator | null;
}

// The configuration of a pretrained network. It has a file of its own, so that a training
// step does not import the lists of kinds.

/** A network that was trained before: its file, and whether it is trained further. */
export interface PretrainedConfig {
  /**
   * The folder of a run, for its student after the last epoch, or a file: a checkpoint,
   * safetensors, or a file of `torch.save`.
   */
  readonly from: string;
  /** Whether it is not trained further. */
  readonly frozen: boolean;
  /**
   * Batch norm's mode in it: "train" normalizes by the batch and updates the running
   * statistics, unless it is frozen.
   */
  readonly mode: "eval" | "train";
  /**
   * The classes that it tells apart, where they are others than the data set's: then only
   * its features are used, and it is frozen. The data set's if left out.
   */
  readonly classes?: number;
}

/** Whether a teacher's logits are of other classes than the labels. */
export function hasOwnClasses(
  pretrained: Pick<PretrainedConfig, "classes"> | null | undefined,
): boolean {
  return pretrained?.classes !== undefined;
}

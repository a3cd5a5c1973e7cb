// A network that was trained before: where its weights are, and how it is used. It
// stands apart from the experiment so that a training step knows no list of kinds.

/** Where a network comes from that has been trained before, and what becomes of it. */
export interface PretrainedConfig {
  /**
   * The folder of a run, whose student at its end is meant, or a file: a checkpoint,
   * safetensors, or what `torch.save` wrote.
   */
  readonly from: string;
  /** Whether it stays as it is, instead of learning on. */
  readonly frozen: boolean;
  /**
   * Batch norm's mode in it: by the running statistics, or by the batch's. The latter
   * move the former, unless it is frozen.
   */
  readonly mode: "eval" | "train";
}

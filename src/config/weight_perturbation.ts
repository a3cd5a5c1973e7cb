// The configuration of adversarial weight perturbation (AWP, Wu et al., 2020). It has a file
// of its own, so that a training step does not import the lists of kinds.

/** Adversarial weight perturbation, which any objective can be trained under. */
export interface WeightPerturbationConfig {
  /** How far each weight tensor moves, relative to its norm. */
  readonly gamma: number;
  /** The first epoch, from 1, in which weights move. */
  readonly fromEpoch: number;
  /**
   * Whether clean images are forwarded once more after the step, which moves the running
   * statistics, as in the code of AWP on vanilla AT; not if left out.
   */
  readonly cleanForward?: boolean;
}

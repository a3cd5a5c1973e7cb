// The numbers of adversarial weight perturbation (AWP, Wu et al., 2020). They stand
// apart from the experiment so that a training step knows no list of kinds.

/** Adversarial weight perturbation, which any objective can be trained under. */
export interface WeightPerturbationConfig {
  /** How far each weight tensor moves, relative to its norm. */
  readonly gamma: number;
  /** The first epoch, from 1, in which weights move. */
  readonly fromEpoch: number;
}

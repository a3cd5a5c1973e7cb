// The state of an evaluation by an ensemble of attacks, as plain data: the attack that
// broke each image, and the batch to continue with. Random numbers are a function of seed,
// attack and round, so that nothing else is needed.

/** The attack that broke an image: "clean" for the network itself, null for none. */
export type Verdict = string | null;

/** The current round. */
export interface RoundState {
  /** The place of the attack in the ensemble. */
  readonly search: number;
  readonly round: number;
  /** The images that it began with. */
  readonly points: readonly number[];
  /** How many of them have been attacked. */
  readonly done: number;
  /** How many of those began where the gradient is 0, or left their ball. */
  readonly flat: number;
  readonly invalid: number;
}

/** The state of an evaluation by an ensemble. */
export interface EnsembleState {
  /** By image. */
  readonly verdicts: readonly Verdict[];
  /** Null before the first round and when all are done. */
  readonly round: RoundState | null;
  readonly finished: boolean;
  /** Reasons to doubt the result, a sentence each. */
  readonly warnings: readonly string[];
  /** Forward passes of single images, a backward pass being one. */
  readonly passes: number;
  /** Wall-clock time, interruptions not counted. */
  readonly seconds: number;
}

/** How many images are left after an attack. */
export interface StageResult {
  /** "clean", then the attacks in their order. */
  readonly name: string;
  readonly correct: number;
  readonly count: number;
}

/** The images that are not broken. */
export function survivors(verdicts: readonly Verdict[]): number[] {
  return verdicts.flatMap((verdict, i) => verdict === null ? [i] : []);
}

/** The number of images left after the clean pass and after each attack. */
export function stages(
  verdicts: readonly Verdict[],
  names: readonly string[],
): StageResult[] {
  const count = verdicts.length;
  let correct = count;
  return ["clean", ...names].map((name) => {
    correct -= verdicts.filter((verdict) => verdict === name).length;
    return { name, correct, count };
  });
}

/** More than this fraction of the images lost to Square is a sign of hidden gradients. */
const SUSPICIOUS = 0.002;

/** A warning where Square breaks many images that attacks by gradients did not. */
export function squareWarning(results: readonly StageResult[]): string | null {
  const at = results.findIndex(({ name }) => name === "square");
  const before = results[at - 1];
  if (at < 2 || !before) return null;
  const { correct, count } = results[at]!;
  const lost = (before.correct - correct) / count;
  if (lost <= SUSPICIOUS) return null;
  return `Square lowered the robust accuracy by ${(100 * lost).toFixed(1)} ` +
    "points after the attacks that follow gradients: gradients may be hidden, " +
    "and the result may be too high";
}

/**
 * The expected cost of the ensemble in forward passes, from the accuracies alone:
 * Auto-PGD on the cross-entropy runs on what is right, everything else on what is
 * robust in the end.
 */
export function estimatedPasses(
  results: readonly StageResult[],
  costs: readonly { readonly name: string; readonly passes: number }[],
): number {
  const clean = results[0]?.correct ?? 0, robust = results.at(-1)?.correct ?? 0;
  return costs.reduce(
    (sum, { passes }, i) => sum + passes * (i === 0 ? clean : robust),
    0,
  );
}

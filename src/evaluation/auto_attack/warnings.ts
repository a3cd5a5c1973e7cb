// Warnings that AutoAttack's result cannot be trusted, for the signs that its authors'
// code looks for:
// outputs of the first batch that change from one pass to the next, or are
// probabilities and not logits; gradients that are 0 where an attack begins; and
// images that an attack may not return.

/** Logits (N, classes) of one batch, by pass. */
export interface RepeatedLogits {
  readonly passes: readonly Float32Array[];
  readonly classes: number;
}

/** The largest distance between normalized outputs of two equal passes. */
const MOST_APART = 1e-4;

/** Outputs this close to probabilities count as probabilities. */
const NEAR = 1e-5;

/** The warnings about the outputs of the first batch. */
export function outputWarnings(
  logits: RepeatedLogits,
  { randomized }: { readonly randomized: boolean },
): string[] {
  const warnings: string[] = [];
  if (!randomized && isRandom(logits)) {
    warnings.push(
      "The network's outputs change from one pass to the next: gradients and " +
        "verdicts are those of single draws; use version rand",
    );
  }
  if (areProbabilities(logits)) {
    warnings.push(
      "The network's outputs look like probabilities: attacks expect logits, " +
        "and their gradients may vanish",
    );
  }
  return warnings;
}

function isRandom({ passes, classes }: RepeatedLogits): boolean {
  const unit = passes.map((logits) =>
    rowsOf(logits, classes).map((row) => {
      const length = Math.hypot(...row) + 1e-10;
      return Array.from(row, (z) => z / length);
    })
  );
  return unit.some((rows, pass) =>
    unit.slice(0, pass).some((others) =>
      rows.some((row, n) =>
        Math.hypot(...row.map((z, c) => z - others[n]![c]!)) > MOST_APART
      )
    )
  );
}

function areProbabilities(
  { passes: [first], classes }: RepeatedLogits,
): boolean {
  return rowsOf(first!, classes).every((row) => {
    const total = row.reduce((sum, z) => sum + z, 0);
    return row.every((z) => z < 1 + NEAR && z > -NEAR) &&
      Math.abs(total - 1) < NEAR;
  });
}

function rowsOf(logits: Float32Array, classes: number): Float32Array[] {
  return Array.from(
    { length: logits.length / classes },
    (_, n) => logits.subarray(n * classes, (n + 1) * classes),
  );
}

/** A warning where the gradient is 0 at the start of an attack. */
export function zeroGradientWarning(
  attack: string,
  count: number,
): string | null {
  return count === 0
    ? null
    : `${attack} began at ${count} ${count === 1 ? "image" : "images"} where ` +
      "its gradient is 0: attacks that follow gradients may miss what is there";
}

/** A warning where an attack returned images outside of the ball or [0, 1]. */
export function invalidWarning(attack: string, count: number): string | null {
  return count === 0
    ? null
    : `${attack} returned ${count} ${count === 1 ? "image" : "images"} that ` +
      "left the ball or [0, 1] or hold no numbers; none of them counts";
}

// What an experiment has to be for images without labels: an attack that asks for
// none and starts at random, and regularizers that draw no other classes.

import type { Refusal } from "./check_experiment.ts";
import type { Experiment } from "./experiment.ts";

/** Refuses what images without labels cannot be used for. */
export function checkUnlabeled(
  { unlabeled, attack }: Pick<Experiment, "unlabeled" | "attack">,
  fail: Refusal,
): void {
  if (!unlabeled) return;
  const { fraction, batchSize, regularizers } = unlabeled;
  if (!(fraction > 0 && fraction < 1)) {
    fail("unlabeled.fraction", "above 0 and below 1", fraction);
  }
  if (!Number.isSafeInteger(batchSize) || batchSize < 2) {
    fail("unlabeled.batchSize", "a whole number of at least 2", batchSize);
  }
  if (regularizers.length === 0) {
    fail("unlabeled.regularizers", "at least one", "none");
  }
  for (const [i, { method }] of regularizers.entries()) {
    if (method !== "crd" && method !== "mca") continue;
    fail(`unlabeled.regularizers.${i}`, "one that needs no labels", method);
  }
  const random = attack?.method === "fgsm-rs" || attack?.method === "n-fgsm" ||
    attack?.method === "pgd" && attack.start.kind !== "clean";
  if (!random) {
    fail(
      "attack",
      "pgd with a random start, fgsm-rs or n-fgsm, which need no labels",
      attack?.method ?? null,
    );
  }
}

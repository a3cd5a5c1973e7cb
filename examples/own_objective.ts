// An objective of one's own: adversarial training on a mixture of clean and adversarial
// images (Goodfellow et al., 2015),
//
//   min (1 - share) CE(f(x), y) + share CE(f(x'), y)  at the x' that maximizes CE(f(x'), y)
//
//     deno run examples/own_objective.ts
//
// The function is all that the library needs. The kind below it is how an experiment
// names the objective: with its line in `src/methods/objectives.ts`, `deno task train`,
// `--set objective.share=0.7` and the help know it as well.

// deno-lint-ignore-file no-console -- an example prints

import { Classifier, data, Device, experiments, functional } from "../mod.ts";
import type { Objective } from "../mod.ts";
import { checked } from "../src/base/check_fields.ts";
import { number } from "../src/base/fields.ts";
import type { MethodConfig, ObjectiveKind } from "../src/methods/kind.ts";

const { crossEntropy, mean, mulScalar } = functional;

/** The options of the mixture. */
export interface MixtureOptions {
  /** The adversarial images' share of the loss, from 0 to 1. */
  readonly share: number;
}

/** Cross-entropy on clean and adversarial images, the latter with a given share. */
export function mixture(options: MixtureOptions): Objective {
  const { share } = checked(MIXTURE, options);
  return {
    name: "mixture",
    // What the attack maximizes: a number per image, (N).
    surrogate: ({ adversarial, labels }) =>
      crossEntropy(adversarial.logits, labels),
    // What training minimizes the sum of. The names stand in the log.
    terms: ({ clean, adversarial, labels }) => ({
      natural: mulScalar(mean(crossEntropy(clean.logits, labels)), 1 - share),
      robust: mulScalar(mean(crossEntropy(adversarial.logits, labels)), share),
    }),
  };
}

/** The mixture as a kind: its name, its fields with their ranges, and what it needs. */
export const MIXTURE: ObjectiveKind<MethodConfig<"mixture", MixtureOptions>> = {
  method: "mixture",
  about: "cross-entropy on clean and on adversarial images",
  fields: {
    share: number({ least: 0, most: 1, about: "share of adversarial images" }),
  },
  needs: { teacher: false, labels: true, attack: true },
  create: mixture,
};

if (import.meta.main) {
  // A recipe is plain data. This one becomes small enough for a few seconds, and what
  // is built from it, attack and optimizer and all, trains on our objective.
  const training = experiments.buildTraining({
    ...experiments.recipe("shapes/vanilla-at"),
    student: { network: "resnet8", width: 4 },
    epochs: 2,
    batchSize: 32,
  }, { classes: 10 });
  const { shape, train, test } = data.shapes({ train: 128, test: 64 });

  using device = await Device.open();
  using model = new Classifier(device, { network: training.student, ...shape });
  await model.fit(train, {
    ...training,
    objective: mixture({ share: 0.5 }),
    onEpoch: ({ terms }, epoch) => console.log(`epoch ${epoch}:`, terms),
  });
  console.log(`clean accuracy: ${await model.accuracy(test)}`);
}

// Teachers by name, for `--set teacher=…`: an architecture ("wide-resnet-34-10"), or a model
// of RobustBench's lists ("robustbench:Rice2020Overfitting") with its normalization, frozen,
// from the file that RobustBench names after it. A model of another data set has classes of
// its own.

import type { TeacherConfig } from "./experiment.ts";
import { namedNetwork } from "./named_networks.ts";
import { namedNormalization } from "./named_normalizations.ts";
import { robustBenchModel } from "./robustbench.ts";

/** Classes of the data sets that RobustBench has lists for. */
const CLASSES: Readonly<Record<string, number>> = {
  cifar10: 10,
  cifar100: 100,
  imagenet: 1000,
};

/**
 * The teacher of a name, for a data set.
 *
 * @throws {UsageError} for a name that nothing has.
 */
export function namedTeacher(
  name: string,
  { dataset }: { readonly dataset: string },
): TeacherConfig {
  const model = robustBenchModel(name, { dataset });
  if (!model) return namedNetwork(name);
  const normalization = namedNormalization(model.normalization);
  const classes = CLASSES[model.dataset];
  return {
    ...namedNetwork(model.network),
    ...normalization && { normalization },
    pretrained: {
      from: `${model.entry.name}.pt`,
      frozen: true,
      mode: "eval",
      ...model.dataset !== dataset && classes !== undefined && { classes },
    },
  };
}

// What the library runs on a device that takes long goes in pieces, so that timers and
// signal handlers get their turn: here every dispatch is a piece.

import { assert } from "@std/assert";
import { testDevice } from "../support/check_op.ts";
import {
  attack,
  examples,
  small,
  training,
} from "../support/small_classifier.ts";

const WORK: Readonly<
  Record<string, (model: Awaited<ReturnType<typeof small>>) => Promise<unknown>>
> = {
  fit: (model) => model.fit(examples(8), { ...training, epochs: 1 }),
  predict: (model) => model.predict(examples(4).images),
  attack: (model) => model.attack(examples(4), attack),
  autoAttack: (model) =>
    model.autoAttack(examples(4), {
      norm: "linf",
      epsilon: 2 / 255,
      attacks: ["apgd-ce"],
      steps: 2,
    }),
};

for (const [name, work] of Object.entries(WORK)) {
  Deno.test(`Classifier.${name}() gives turns in the middle of a program`, async () => {
    using model = await small({ batchSize: 8 });
    const { turns } = await testDevice();
    const drained = turns.drained.bind(turns);
    let pieces = 0;
    Object.defineProperties(turns, {
      budget: { get: () => 0, configurable: true },
      drained: {
        value: () => {
          pieces++;
          drained();
        },
        configurable: true,
      },
    });
    try {
      await work(model);
    } finally {
      Reflect.deleteProperty(turns, "budget");
      Reflect.deleteProperty(turns, "drained");
    }
    assert(pieces > 5, `${pieces} pieces`);
  });
}

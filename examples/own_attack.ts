// An attack of one's own: sign ascent whose steps become half as long each time,
//
//   x_0 = x,   x_{k+1} = clip(project(x_k + epsilon / 2^k sign(grad surrogate(x_k))))
//
//     deno run examples/own_attack.ts
//
// An attack maximizes any surrogate that it is given, a number per image, so that it
// serves training under every objective and evaluation alike. A loop in TypeScript is
// written out in the program; `graph.repeat` of `src/methods/attacks/pgd.ts` traces the
// body of a long one once.

// deno-lint-ignore-file no-console -- an example prints

import {
  attacks,
  Classifier,
  Device,
  functional,
  nn,
  objectives,
} from "../mod.ts";
import type { Attack } from "../mod.ts";
import { checked } from "../src/base/check_fields.ts";
import { whole } from "../src/base/fields.ts";
import {
  BALL,
  type BallConfig,
  checkBall,
  threatOf,
} from "../src/methods/attacks/iteration.ts";
import type { AttackKind, MethodConfig } from "../src/methods/kind.ts";

const { add, grad, mulScalar } = functional;

/** The budget of {@linkcode halving}. */
export interface HalvingOptions {
  /** How far an image may move, and in which norm. */
  readonly threat: attacks.ThreatModel;
  /** Steps of ascent, each a forward and a backward pass. */
  readonly steps: number;
}

/** Steepest ascent by steps that become half as long each time. */
export function halving(options: HalvingOptions): Attack {
  const { threat, steps } = checked(HALVING, options);
  return {
    name: `halving-${steps}`,
    maximize(surrogate, { images }) {
      let x = images; // (N, H, W, 3)
      for (let k = 0; k < steps; k++) {
        const [gradient] = grad(surrogate(x), [x]);
        const step = mulScalar(
          threat.steepest(gradient!),
          threat.epsilon / 2 ** k,
        );
        // Back into the ball around the images, and into [0, 1].
        x = threat.project(add(x, step), { clean: images, clip: true });
      }
      return x;
    },
  };
}

/** The attack as a kind, with the name by which `evaluate --attack` knows it. */
export const HALVING: AttackKind<
  MethodConfig<"halving", BallConfig & { readonly steps: number }>
> = {
  method: "halving",
  about: "ascent by steps that become half as long each time",
  fields: { ...BALL, steps: whole({ least: 1, about: "steps of ascent" }) },
  needs: { labels: false },
  check: checkBall,
  start: () => ({ text: "x", random: false }),
  names: {
    "halving-STEPS": ({ ball }, steps) => ({
      method: "halving",
      ...ball,
      steps: steps!,
    }),
  },
  create: (config) =>
    halving({ threat: threatOf(config), steps: config.steps }),
};

if (import.meta.main) {
  // Dark and bright images of 8 x 8 pixels, which differ by less than the attack may.
  const labels = Uint8Array.from({ length: 64 }, (_, i) => i % 2);
  const images = Uint8Array.from(
    { length: 64 * 8 * 8 * 3 },
    (_, i) => 112 + 12 * labels[Math.floor(i / 192)]! + (i * i) % 17,
  );
  const examples = { images, labels };

  using device = await Device.open();
  const network = nn.resnet8({ classes: 2, width: 4 });
  using model = new Classifier(device, { network, height: 8, width: 8 });
  const objective = objectives.standard();
  await model.fit(examples, { objective, epochs: 8, batchSize: 16 });

  const attack = halving({ threat: attacks.linf(8 / 255), steps: 3 });
  const attacked = await model.attack(examples, attack); // (64, 8, 8, 3) in [0, 1]
  const clean = await model.accuracy(examples);
  const robust = await model.accuracy({ images: attacked, labels });
  console.log(`clean accuracy: ${clean}`);
  console.log(`under ${attack.name}: ${robust}`);
}

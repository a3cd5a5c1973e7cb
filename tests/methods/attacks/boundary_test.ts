// What theory says of linear networks of two classes: an attack that follows gradients
// breaks every image whose boundary lies well inside its ball, however large the image,
// and however flat its loss.

import { assert, assertEquals } from "@std/assert";
import { apgd } from "../../../src/methods/attacks/apgd.ts";
import { cw } from "../../../src/methods/attacks/cw.ts";
import { fab } from "../../../src/methods/attacks/fab.ts";
import { fgsm } from "../../../src/methods/attacks/fgsm.ts";
import { mim } from "../../../src/methods/attacks/mim.ts";
import { pgd } from "../../../src/methods/attacks/pgd.ts";
import type { Attack } from "../../../src/methods/attack.ts";
import {
  l2,
  linf,
  type Norm,
  type ThreatModel,
} from "../../../src/methods/threat_model.ts";
import {
  attackLinearClassifier,
  distances,
  LinearClassifier,
  linearExamplesAt,
} from "../../support/linear_classifier.ts";

const THREATS = { l2, linf };

/** What every attack that follows gradients has to break. */
function attacksOn(threat: ThreatModel): Attack[] {
  const budget = {
    threat,
    steps: 20,
    stepSize: threat.epsilon / 8,
    start: { kind: "clean" },
  } as const;
  return [
    fgsm({ threat }),
    pgd(budget),
    cw(budget),
    mim({ ...budget, decay: 1 }),
    apgd("ce", { threat, steps: 12 }),
    fab({ threat, steps: 12 }),
  ];
}

/** Attacks images whose boundary is at a share of the radius, and expects all broken. */
async function expectBroken(
  attack: Attack,
  { norm, epsilon, side, apart, share }: {
    readonly norm: Norm;
    readonly epsilon: number;
    readonly side: number;
    readonly apart: number;
    readonly share: number;
  },
): Promise<void> {
  const network = new LinearClassifier(2, side);
  const radius = share * epsilon;
  const examples = linearExamplesAt(network, { count: 4, norm, radius, apart });
  const found = await attackLinearClassifier(attack, network, examples);
  assertEquals([...found.correct], [0, 0, 0, 0]);
  const { longest } = THREATS[norm](epsilon);
  for (const length of distances(found.images, examples, norm)) {
    assert(length <= longest, `${length / epsilon - 1} too far out`);
  }
}

for (const norm of ["l2", "linf"] as const) {
  for (
    const attack of attacksOn(THREATS[norm]({ l2: 2.5, linf: 0.06 }[norm]))
  ) {
    Deno.test(`${attack.name} follows gradients of any size in ${norm}`, async () => {
      const epsilon = { l2: 2.5, linf: 0.06 }[norm];
      for (const apart of [1, 39, 80]) {
        const setting = { norm, epsilon, side: 16, share: 0.83 };
        await expectBroken(attack, { ...setting, apart });
      }
    });
  }
}

for (
  const [side, epsilon] of [[4, 0.1], [8, 0.5], [64, 3], [160, 1]] as const
) {
  const threat = l2(epsilon);
  const start = { kind: "uniform", clip: true } as const;
  const stepSize = epsilon / 4;
  for (
    const attack of [
      pgd({ threat, steps: 15, stepSize, start }),
      apgd("ce", { threat, steps: 12 }),
    ]
  ) {
    Deno.test(`${attack.name} breaks what lies at 0.97 of the radius: ${side} x ${side}, epsilon ${epsilon}`, () =>
      expectBroken(attack, {
        norm: "l2",
        epsilon,
        side,
        apart: 2,
        share: 0.97,
      }));
  }
}

// What holds of every kind, and that numbers out of their range are refused wherever
// they come from.

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Field, FieldsByName } from "../../src/base/fields.ts";
import { DATASETS } from "../../src/data/datasets.ts";
import {
  ATTACKS,
  ROUND_ATTACKS,
  TRAINING_ONLY_ATTACKS,
} from "../../src/methods/attacks.ts";
import * as attacks from "../../src/methods/attacks/mod.ts";
import { OBJECTIVES } from "../../src/methods/objectives.ts";
import * as objectives from "../../src/methods/objectives/mod.ts";
import { REGULARIZERS } from "../../src/methods/regularizers.ts";
import * as nn from "../../src/nn/mod.ts";
import { NETWORKS } from "../../src/nn/networks.ts";

interface AnyKind {
  readonly method?: string;
  readonly network?: string;
  readonly dataset?: string;
  readonly about: string;
  readonly fields?: FieldsByName;
}

const LISTS: readonly Readonly<Record<string, AnyKind>>[] = [
  OBJECTIVES,
  REGULARIZERS,
  ATTACKS,
  TRAINING_ONLY_ATTACKS,
  ROUND_ATTACKS,
  NETWORKS,
  DATASETS,
];

/** The fields in a field that nothing is said of. */
function silent(path: string, field: Field): string[] {
  switch (field.kind) {
    case "object":
      return silentIn(path, field.fields);
    case "union":
      return Object.entries(field.variants).flatMap(([name, variant]) => [
        ...variant.about ? [] : [`${path}.${name}`],
        ...silentIn(`${path}.${name}`, variant.fields),
      ]);
    case "nullable":
    case "optional":
      return field.about ? [] : silent(path, field.of);
    default:
      return field.about ? [] : [path];
  }
}

function silentIn(path: string, fields: FieldsByName): string[] {
  return Object.entries(fields)
    .flatMap(([name, field]) => silent(`${path}.${name}`, field));
}

Deno.test("every kind is listed by its name, and says what it and its fields are", () => {
  for (const [name, kind] of LISTS.flatMap((list) => Object.entries(list))) {
    assertEquals(kind.method ?? kind.network ?? kind.dataset, name);
    assert(kind.about && !kind.about.endsWith("."), name);
    assertEquals(silentIn(name, kind.fields ?? {}), []);
  }
});

const threat = attacks.linf(0.1);
const start = { kind: "clean" } as const;
const weight = { kind: "constant", value: 1 } as const;
const contrast = { weight, negatives: 4, temperature: 1, momentum: 0.5 };

const REFUSED: readonly (readonly [call: () => unknown, message: string])[] = [
  [
    () => objectives.trades({ beta: -1 }),
    "Cannot use trades: expected beta to be a number of at least 0 but found -1",
  ],
  [
    () => objectives.trades({ beta: NaN }),
    "expected beta to be a number of at least 0 but found NaN",
  ],
  [() => objectives.mart({ beta: -1 }), "Cannot use mart: expected beta"],
  [() => objectives.alp({ weight: -1 }), "Cannot use alp: expected weight"],
  [
    () => objectives.gairat({ lambda: -1, fromEpoch: 0 }),
    "expected fromEpoch to be a whole number of at least 1 but found 0",
  ],
  [
    () =>
      objectives.lbgat({ base: { kind: "trades", beta: -1 }, detach: false }),
    "expected base.beta to be a number of at least 0 but found -1",
  ],
  [
    () => objectives.frpat({ weight: { kind: "constant", value: -5 } }),
    "Cannot use frpat: expected weight.value to be a number of at least 0",
  ],
  [
    () => objectives.pkt({ weight: { kind: "ramp", value: 1, over: 0 } }),
    "expected weight.over to be a number above 0 but found 0",
  ],
  [
    () => objectives.rkd({ weight, distance: 25, angle: -1 }),
    "expected angle to be",
  ],
  [
    () => objectives.crd({ ...contrast, dimension: 0 }),
    "expected dimension to be a whole number of at least 1 but found 0",
  ],
  [
    () => objectives.mca({ ...contrast, momentum: 1 }),
    "expected momentum to be a number of at least 0 and below 1 but found 1",
  ],
  [
    () => attacks.pgd({ threat, steps: 1.5, stepSize: 0.1, start }),
    "Cannot use pgd: expected steps to be a whole number of at least 1",
  ],
  [
    () => attacks.pgd({ threat, steps: 1, stepSize: -0.1, start }),
    "expected stepSize to be a number of at least 0 but found -0.1",
  ],
  [
    () => attacks.mim({ threat, steps: 1, stepSize: 0.1, start, decay: -1 }),
    "Cannot use mim: expected decay",
  ],
  [() => attacks.linf(-0.1), "expected epsilon to be a number from 0 to 1"],
  [
    () => attacks.linf(8),
    "expected epsilon to be a number from 0 to 1 but found 8; did you mean 8/255?",
  ],
  [
    () => attacks.pgd({ threat, steps: 0, stepSize: 0.1, start }),
    "Cannot use pgd: expected steps to be a whole number of at least 1 but found 0",
  ],
  [() => attacks.l2(NaN), "expected epsilon to be a number of at least 0"],
  [
    () => nn.resnet8({ classes: 10, width: 0 }),
    "Cannot use resnet8: expected width to be a whole number of at least 1",
  ],
];

for (const [call, message] of REFUSED) {
  Deno.test(`the library says ${message}`, () => {
    assertThrows(call, RangeError, message);
  });
}

// CRD and MCA against PyTorch over several steps, with embeddings that learn, banks
// that follow, and a normalizer that the first batch fixes. The runs have a batch
// that is smaller than the others, examples without features, two classes, and
// batches of one and two.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { crd } from "../../../src/methods/regularizers/crd.ts";
import { mca } from "../../../src/methods/regularizers/mca.ts";
import type { Regularizer } from "../../../src/methods/regularizer.ts";
import type { Stateful } from "../../../src/methods/stateful.ts";
import { uniform, words } from "../../../src/base/random_sequence.ts";
import { readFixture } from "../../support/read_fixture.ts";
import {
  type Found,
  remember,
  type RememberedRun,
  type Who,
} from "../../support/remembered_steps.ts";

const weight = { kind: "constant", value: 1 } as const;

interface Run {
  readonly regularizer: Stateful<Regularizer>;
  readonly images: number;
  readonly classes: number;
  readonly batches: readonly number[];
  /** Lengths of the features that the regularizer looks at. */
  readonly sizes: Readonly<Partial<Record<Who, number>>>;
}

/** The runs of the fixture. */
const RUNS: Readonly<Record<string, Run>> = {
  crd: {
    regularizer: crd({
      weight,
      dimension: 4,
      negatives: 6,
      temperature: 0.2,
      momentum: 0.5,
    }),
    images: 23,
    classes: 3,
    batches: [5, 5, 5, 3],
    sizes: { adversarial: 7, teacher: 6 },
  },
  crd_pair: {
    regularizer: crd({
      weight,
      dimension: 8,
      negatives: 3,
      temperature: 0.5,
      momentum: 0.5,
    }),
    images: 9,
    classes: 2,
    batches: [2, 1, 2, 1],
    sizes: { adversarial: 3, teacher: 5 },
  },
  mca: {
    regularizer: mca({ weight, negatives: 6, temperature: 0.2, momentum: 0.5 }),
    images: 23,
    classes: 3,
    batches: [5, 5, 5, 3],
    sizes: { clean: 7, adversarial: 7 },
  },
  mca_pair: {
    regularizer: mca({ weight, negatives: 5, temperature: 0.5, momentum: 0.5 }),
    images: 9,
    classes: 2,
    batches: [2, 1, 2, 1],
    sizes: { clean: 3, adversarial: 3 },
  },
};

/** What the fixture calls the features that a run is given. */
const recordedName = (run: string, who: Who) =>
  who === "adversarial" && run.startsWith("crd") ? "student" : who;

/** A run's inputs, from names as in the fixture's script. */
function rebuilt(name: string): RememberedRun {
  const { regularizer, images, classes, batches, sizes } = RUNS[name]!;
  const address = (what: string, step: number) => ({
    seed: 1,
    stream: `fixture/contrast/${name}/${what}`,
    step,
  });
  const labels = [...words(address("labels", 0), images)]
    .map((word) => word % classes);
  const steps = batches.map((batch, step) => {
    const draws = words(address("indices", step), images);
    const indices = [...draws.keys()]
      .sort((a, b) => draws[a]! - draws[b]! || a - b).slice(0, batch);
    const features = Object.entries(sizes).map(([who, size]) => {
      const from = address(recordedName(name, who as Who), step);
      const values = Array.from(
        uniform(from, batch * size),
        (u, i) =>
          step === 2 && Math.floor(i / size) === 1 ? 0 : Math.max(u - 0.25, 0),
      );
      return [who, values] as const;
    });
    const own = indices.map((i) => labels[i]!);
    return { labels: own, indices, features: Object.fromEntries(features) };
  });
  const { adversarial, teacher = null } = sizes;
  const featureSize = { student: adversarial!, teacher };
  const batchSize = Math.max(...batches);
  const setting = { classes, images, batchSize, featureSize };
  return { regularizer, setting, labels, steps };
}

const recorded = readFixture("contrast");

/** Rows are compared one by one: a row of zeros has a gradient of 1e7 times theirs. */
function assertRows(
  actual: readonly number[],
  expected: readonly number[],
  { rows, what }: { readonly rows: number; readonly what: string },
): void {
  assertEquals(actual.length, expected.length, what);
  const length = expected.length / rows;
  for (let row = 0; row < rows; row++) {
    const own = expected.slice(row * length, (row + 1) * length);
    const scale = Math.max(...own.map(Math.abs), 1e-3);
    own.forEach((value, i) =>
      assertAlmostEquals(actual[row * length + i]!, value, 1e-5 * scale, what)
    );
  }
}

for (const [name, { batches, sizes }] of Object.entries(RUNS)) {
  Deno.test(`${name}: four steps agree with PyTorch, gradients and state included`, async () => {
    const found = await remember(rebuilt(name));
    for (const [by, values] of Object.entries(found) as [string, Found][]) {
      const losses = recorded.get(`${name}/loss`)!.values;
      batches.forEach((rows, step) => {
        const what = `${by}, step ${step}`;
        const [loss] = values.get(`${step}/loss`)!;
        assertAlmostEquals(loss!, losses[step]!, 1e-5 * losses[step]!, what);
        for (const who of Object.keys(sizes) as Who[]) {
          const key = `${name}/gradient/${step}/${recordedName(name, who)}`;
          const expected = recorded.get(key);
          const slopes = values.get(`${step}/${who}`)!;
          if (expected) assertRows(slopes, expected.values, { rows, what });
          else assert(slopes.every((slope) => slope === 0), `${what}, ${who}`);
        }
      });
      const state = [...values.keys()].filter((key) => key.startsWith("state"));
      const prefix = `state/${name.split("_")[0]}.`;
      assertEquals(
        state.map((key) => key.slice(prefix.length)).sort(),
        [...recorded.keys()].filter((key) => key.startsWith(`${name}/state/`))
          .map((key) => key.slice(`${name}/state/`.length)).sort(),
      );
      for (const key of state) {
        const expected = recorded.get(
          `${name}/state/${key.slice(prefix.length)}`,
        )!;
        const rows = expected.shape.length > 1 ? expected.shape[0]! : 1;
        const what = `${by}, ${key}`;
        assertRows(values.get(key)!, expected.values, { rows, what });
      }
    }
  });
}

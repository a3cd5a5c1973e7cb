// Every convolution algorithm of the list against float64: on every shape of a table
// that it supports, in every pass, plainly and with all that may be fused behind it, and
// in half precision where it takes that. What is special to one algorithm is tested
// beside it, in `algorithms/`.

import { assert } from "@std/assert";
import type { AdapterClass, Target } from "../../../src/gpu/device.ts";
import type { ConvAlgorithm } from "../../../src/ops/conv/algorithm.ts";
import { ALGORITHMS } from "../../../src/ops/conv/algorithms/mod.ts";
import { widened } from "../../../src/ops/conv/algorithms/widened.ts";
import { chooseAlgorithm } from "../../../src/ops/conv/choose.ts";
import type { ConvPass } from "../../../src/ops/conv/problem.ts";
import {
  checkKernel,
  type OpCase,
  testDevice,
} from "../../support/check_op.ts";
import {
  type ConvolutionRow,
  CONVOLUTIONS,
  passCase,
  PASSES,
  problemOf,
} from "../../support/convolutions.ts";

/** Shapes for what differs in tiles alone, and for half precision. */
const FEW: readonly ConvolutionRow[] = [
  [2, 11, 10, 36, 20, 3, 3, 1, 1],
  [2, 5, 7, 3, 5, 3, 3, 1, 1],
];

/** The class of adapters that an algorithm is for. */
function classOf({ name }: ConvAlgorithm): AdapterClass {
  return /^(simd|widened)/.test(name) ? "software" : "gpu";
}

/** The fewest lanes of a subgroup that an algorithm needs. */
function lanesOf({ name }: ConvAlgorithm): number {
  if (!name.startsWith("simd")) return 0;
  return name === "simd" ? 4 : 8;
}

const cases = new Map<string, OpCase>();

/** The case of a pass, the same one for all algorithms. */
function caseOf(
  pass: ConvPass,
  row: ConvolutionRow,
  options: { readonly fused: boolean; readonly half: boolean },
): OpCase {
  const key = [pass, row, options.fused, options.half].join();
  const found = cases.get(key) ?? passCase(pass, row, options);
  cases.set(key, found);
  return found;
}

/** Runs an algorithm on the rows that it supports, and says how many those are. */
async function check(
  algorithm: ConvAlgorithm,
  { rows, half = false }: {
    readonly rows: readonly ConvolutionRow[];
    readonly half?: boolean;
  },
): Promise<number> {
  const { subgroupSize, shaderInt64 } = (await testDevice()).adapter;
  const target: Target = {
    adapterClass: classOf(algorithm),
    subgroupSize,
    shaderInt64,
    algorithm: algorithm.name,
  };
  let checked = 0;
  for (const pass of PASSES) {
    for (const row of rows) {
      const choice = { pass, problem: problemOf(row), target, half };
      if (chooseAlgorithm(choice).name !== algorithm.name) continue;
      for (const fused of fusedIn(pass)) {
        await checkKernel(caseOf(pass, row, { fused, half }), target);
        checked++;
      }
    }
  }
  return checked;
}

function fusedIn(pass: ConvPass): readonly boolean[] {
  return pass === "weight gradient" ? [false] : [false, true];
}

for (const algorithm of ALGORITHMS) {
  const { name, half, variants = [] } = algorithm;

  Deno.test(`${name} agrees with float64 on every shape that it supports`, async () => {
    const { subgroupSize } = (await testDevice()).adapter;
    const onlyHalf = algorithm === widened;
    const rows = { rows: CONVOLUTIONS, half: onlyHalf };
    const checked = await check(algorithm, rows);
    const missing = subgroupSize < lanesOf(algorithm);
    assert(missing || checked >= 5, `${checked} cases`);
  });

  if (half && algorithm !== widened) {
    Deno.test(`${name} in half precision agrees with float64`, async () => {
      assert(await check(algorithm, { rows: FEW, half }) > 0);
    });
  }

  for (const variant of variants) {
    Deno.test(`${variant.name} agrees with float64`, async () => {
      assert(await check(variant, { rows: FEW }) > 0);
    });
  }
}

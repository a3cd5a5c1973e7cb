// Convolution algorithms against float64: the rows of a table that one supports, in every
// pass, plainly and with all that may be fused behind it.

import type { AdapterClass, Target } from "../../src/gpu/device.ts";
import type { ConvAlgorithm } from "../../src/ops/conv/algorithm.ts";
import { chooseAlgorithm } from "../../src/ops/conv/choose.ts";
import type { ConvPass } from "../../src/ops/conv/problem.ts";
import { checkKernel, type OpCase, testDevice } from "./check_op.ts";
import {
  type ConvolutionRow,
  passCase,
  PASSES,
  problemOf,
} from "./convolutions.ts";

/** Shapes for what differs in tiles alone, and for half precision. */
export const FEW: readonly ConvolutionRow[] = [
  [2, 11, 10, 36, 20, 3, 3, 1, 1],
  [2, 5, 7, 3, 5, 3, 3, 1, 1],
];

/** The class of adapters that an algorithm is for. */
function classOf({ name }: ConvAlgorithm): AdapterClass {
  return /^(simd|widened)/.test(name) ? "software" : "gpu";
}

/** The fewest lanes of a subgroup that an algorithm needs. */
export function lanesOf({ name }: ConvAlgorithm): number {
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
export async function checkAlgorithm(
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

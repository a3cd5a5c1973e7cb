// Every convolution algorithm of the list against float64: on every shape of a table
// that it supports, in every pass, plainly and with all that may be fused behind it, and
// in half precision where it takes that. What is special to one algorithm is tested
// beside it, in `algorithms/`; variants are in a file of their own.

import { assert } from "@std/assert";
import { ALGORITHMS } from "../../../src/ops/conv/algorithms/mod.ts";
import { widened } from "../../../src/ops/conv/algorithms/widened.ts";
import { checkAlgorithm, FEW, lanesOf } from "../../support/check_algorithm.ts";
import { testDevice } from "../../support/check_op.ts";
import { CONVOLUTIONS } from "../../support/convolutions.ts";

for (const algorithm of ALGORITHMS) {
  const { name, half } = algorithm;

  Deno.test(`${name} agrees with float64 on every shape that it supports`, async () => {
    const { subgroupSize } = (await testDevice()).adapter;
    const onlyHalf = algorithm === widened;
    const rows = { rows: CONVOLUTIONS, half: onlyHalf };
    const checked = await checkAlgorithm(algorithm, rows);
    const missing = subgroupSize < lanesOf(algorithm);
    assert(missing || checked >= 5, `${checked} cases`);
  });

  if (half && algorithm !== widened) {
    Deno.test(`${name} in half precision agrees with float64`, async () => {
      assert(await checkAlgorithm(algorithm, { rows: FEW, half }) > 0);
    });
  }
}

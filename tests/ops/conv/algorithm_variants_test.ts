// The variants of convolution algorithms, which differ in tiles and in what they keep at
// once, against float64 on a few shapes.

import { assert } from "@std/assert";
import { ALGORITHMS } from "../../../src/ops/conv/algorithms/mod.ts";
import { checkAlgorithm, FEW } from "../../support/check_algorithm.ts";

for (const { variants = [] } of ALGORITHMS) {
  for (const variant of variants) {
    Deno.test(`${variant.name} agrees with float64`, async () => {
      assert(await checkAlgorithm(variant, { rows: FEW }) > 0);
    });
  }
}

// The relation loss and its gradient against PyTorch's.

import { assertAlmostEquals } from "@std/assert";
import type { RelationOptions } from "../../../src/ops/relation/relation.ts";
import { assertClose } from "../../support/check_op.ts";
import { evaluate } from "../../support/evaluate.ts";
import { readFixture } from "../../support/read_fixture.ts";
import { relationWithGradient } from "../../support/relation_gradient.ts";

const FIXTURE = {
  relation: {},
  relation_with_self: { self: "zero" },
  relation_batchmean: { reduction: "batchmean" },
  relation_mean: { reduction: "mean" },
} as const satisfies Record<string, RelationOptions>;

/**
 * How much rounding its probabilities to float32 can move a loss: its slope by each
 * is of first order in their differences, itself of second, so that a relative
 * change e of all moves a sum L by at most e sqrt(2 N L).
 */
function roundingOf(loss: number, rows: number): number {
  return 2 ** -24 * Math.sqrt(2 * rows * loss);
}

const recorded = readFixture("losses");
for (const [loss, options] of Object.entries(FIXTURE)) {
  const pattern = new RegExp(`^${loss}/(.+)/value$`);
  const cases = [...recorded.keys()].flatMap((key) =>
    pattern.exec(key)?.[1] ?? []
  );
  for (const name of cases) {
    Deno.test(`relationLoss() agrees with PyTorch: ${loss}, ${name}`, async () => {
      const at = (key: string) => recorded.get(key)!;
      const inputs = ["teacher", "student"].map((who) =>
        at(`inputs/${name}/${who}`)
      );
      const found = await evaluate(inputs, relationWithGradient(options));
      const [value] = at(`${loss}/${name}/value`).values as [number];
      const allowed = 1e-5 * value + roundingOf(value, inputs[0]!.shape[0]!);
      // A row of zeros has no gradient in PyTorch: its norm's is 0 / 0.
      const gradient = at(`${loss}/${name}/gradient/student`).values;
      const known = gradient.flatMap((x, i) => Number.isNaN(x) ? [] : [i]);
      for (const [who, [losses, slopes]] of Object.entries(found)) {
        assertAlmostEquals(losses![0]!, value, allowed, who);
        const [actual, expected] = [slopes!, gradient].map((values) =>
          known.map((i) => values[i]!)
        );
        assertClose(actual!, expected!, { what: who, tolerance: 1e-5 });
      }
    });
  }
}

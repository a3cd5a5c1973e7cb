// The rows of all ranks, as a step reads them after an exchange; the exchange itself is
// tested with several ranks.

import { applyOne } from "../../src/graph/graph.ts";
import { gatheredRowsOp } from "../../src/ops/exchange.ts";
import { checkOp } from "../support/check_op.ts";

checkOp("gatheredRowsOp", [{
  name: "three of seven rows",
  inputs: [{ shape: [3, 5] }, { shape: [7, 5] }],
  build: ([own, all]) => [
    applyOne(gatheredRowsOp, [own!, all!], { first: 2, count: 3, total: 7 }),
  ],
  // Its gradient is that of the rows before the exchange, by the ranks' mean.
  kernelOnly: true,
}]);

import { globalAveragePool } from "../../../src/ops/reduce/pool.ts";
import { checkOp } from "../../support/check_op.ts";

checkOp(
  "globalAveragePool()",
  [[2, 3, 5, 7], [3, 8, 8, 64], [1, 32, 32, 4]].map((shape) => ({
    name: `(${shape})`,
    inputs: [{ shape }],
    build: ([x]) => [globalAveragePool(x!)],
  })),
);

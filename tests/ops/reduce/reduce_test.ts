import { checkOp, type OpCase } from "../../support/check_op.ts";
import { insertAxis, mean, sum } from "../../../src/ops/reduce/reduce.ts";

const cases: OpCase[] = [
  {
    name: "all of a scalar",
    inputs: [{ shape: [] }],
    build: ([x]) => [sum(x!)],
  },
  {
    name: "all, in two passes",
    inputs: [{ shape: [3, 171] }],
    build: ([x]) => [sum(x!)],
  },
  {
    name: "rows",
    inputs: [{ shape: [5, 33] }],
    build: ([x]) => [sum(x!, { start: 1 })],
  },
  {
    name: "columns",
    inputs: [{ shape: [300, 7] }],
    build: ([x]) => [sum(x!, { end: 1 })],
  },
  {
    name: "a middle axis, kept",
    inputs: [{ shape: [3, 259, 2] }],
    build: ([x]) => [sum(x!, { start: 1, end: 2, keep: true })],
  },
];
checkOp("sum()", cases);
checkOp(
  "mean()",
  cases.slice(1).map((opCase): OpCase => ({
    ...opCase,
    build: ([x]) => [mean(x!, { start: 0, end: 1 })],
  })),
);
checkOp(
  "insertAxis()",
  [0, 1, 2].map((axis): OpCase => ({
    name: `before axis ${axis} of two`,
    inputs: [{ shape: [5, 3] }],
    build: ([x]) => [insertAxis(x!, axis)],
  })),
);

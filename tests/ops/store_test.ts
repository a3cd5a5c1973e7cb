import { assertThrows } from "@std/assert";
import { Graph } from "../../src/graph/graph.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { negate } from "../../src/ops/pointwise.ts";
import { store } from "../../src/ops/store.ts";
import { checkOp } from "../support/check_op.ts";

checkOp("store()", [
  {
    name: "a variable in another of the same size",
    inputs: [{ shape: [3, 7] }, { shape: [21] }],
    build: ([value], [, variable]) => {
      store(value!, variable!);
      return [];
    },
    updated: [0, 1],
    kernelOnly: true,
  },
  {
    name: "whole numbers",
    inputs: [
      { shape: [2], dtype: "u32", values: [70_000, 5] },
      { shape: [2], dtype: "u32", values: [0, 0] },
    ],
    build: ([value], [, variable]) => {
      store(value!, variable!);
      return [];
    },
    updated: [1],
    kernelOnly: true,
  },
  {
    name: "a value in the variable that it was computed from",
    inputs: [{ shape: [64] }],
    build: ([x], [variable]) => {
      store(negate(x!), variable!);
      return [];
    },
    updated: [0],
    kernelOnly: true,
  },
]);

Deno.test("store() refuses a value of another size or type", () => {
  const value = new Graph().read(new Variable("value", [4]));
  for (const type of ["f32", "u32"] as const) {
    const variable = new Variable("v", type === "f32" ? [5] : [4], type);
    assertThrows(() => store(value, variable), TypeError, "Cannot store");
  }
});

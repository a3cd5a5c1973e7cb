// The text of a program is what `explain` shows and golden tests compare, so its
// form is fixed here once.

import { assertEquals } from "@std/assert";
import type { Program } from "../../src/gpu/program.ts";
import { mebibytes, printProgram } from "../../src/graph/print.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { affine, double } from "../support/programs.ts";

Deno.test("printProgram() shows blocks, runs of equal dispatches and totals", () => {
  const parameters = new Variable("parameters", [2 ** 18]);
  const large = { size: 2 ** 18 };
  const program: Program = {
    name: "training step",
    buffers: [
      { label: "scratch 0", size: 2 ** 20 },
      { label: "parameters", size: 2 ** 20, variable: parameters },
    ],
    blocks: [
      { repeat: 1, dispatches: [affine([1, 0], large)] },
      {
        repeat: 10,
        dispatches: [
          { ...affine([0, 1], large), label: "conv2d", flops: 5e8 },
          double(1),
          double(1),
        ],
      },
    ],
  };
  const row = (label: string, kernel: string, rest: string) =>
    `    ${label.padEnd(44)} ${kernel.padEnd(28)} ${rest}`;
  assertEquals(
    printProgram(program).split("\n"),
    [
      "program training step",
      "  once:",
      row("affine", "affine", "2.000 MiB"),
      "  10 times:",
      row("conv2d", "affine", "500.0 MFLOP, 2.000 MiB"),
      row("double", "double", "0.000 MiB  (2 in a row)"),
      "  dispatches 31",
      "  arithmetic 5.000 GFLOP",
      "  traffic    22.000 MiB",
      "  scratch    1.000 MiB",
      "  variables  1.000 MiB",
    ],
  );
});

Deno.test("mebibytes() has three decimals", () => {
  assertEquals(mebibytes(0), "0.000 MiB");
  assertEquals(mebibytes(128 * 2 ** 20), "128.000 MiB");
  assertEquals(mebibytes(1500), "0.001 MiB");
});

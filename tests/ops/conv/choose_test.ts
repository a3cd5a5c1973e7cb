// The choice of a convolution's form: by name, from the table, by arithmetic. It is
// data and arithmetic, so it is looked at without a device.

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Target } from "../../../src/gpu/device.ts";
import { likelyForm } from "../../../src/ops/conv/cost.ts";
import {
  canCompute,
  formName,
  formNamed,
  formsToMeasure,
} from "../../../src/ops/conv/algorithm.ts";
import { formFor } from "../../../src/ops/conv/choose.ts";
import type { ConvPass, ConvProblem } from "../../../src/ops/conv/problem.ts";
import { MEASURED } from "../../../src/ops/conv/table.ts";

const PASSES: readonly ConvPass[] = [
  "forward",
  "input gradient",
  "weight gradient",
];

const GPU = {
  adapterClass: "gpu",
  subgroupSize: 32,
  shaderInt64: false,
  form: "",
} as const;

/** A convolution of square images with stride 1 and as much padding as it needs. */
function square(
  { N = 128, side, C, K = C, R = 3 }: {
    readonly N?: number;
    readonly side: number;
    readonly C: number;
    readonly K?: number;
    readonly R?: number;
  },
): ConvProblem {
  const sizes = { N, H: side, W: side, P: side, Q: side, C, K, R, S: R };
  return { ...sizes, stride: 1, padding: (R - 1) / 2 };
}

Deno.test("formNamed() reads what formName() writes", () => {
  const sizes = square({ side: 32, C: 160 });
  for (const pass of PASSES) {
    for (const target of [GPU, { ...GPU, subgroupSize: 8 }]) {
      const forms = formsToMeasure({ pass, sizes, target });
      assert(forms.length > 10);
      for (const form of forms) {
        assertEquals(formNamed(formName(form)), form);
        assert(canCompute(form, { pass, sizes, target }));
      }
    }
  }
});

Deno.test("formNamed() refuses what is no form", () => {
  for (
    const name of [
      "",
      "wino",
      "winograd",
      "winograd 3 64",
      "winograd 4 64 1x2",
      "tiles 1x2",
    ]
  ) {
    assertThrows(() => formNamed(name), RangeError, `but found "${name}"`);
  }
});

Deno.test("the table of measured forms has passes, shapes and forms", () => {
  const key =
    /^(forward|input gradient|weight gradient) \d+x\d+ \d+->\d+( \/\d+)? at \d+x\d+$/;
  for (const { device, forms } of Object.values(MEASURED)) {
    for (const [shape, form] of Object.entries(forms)) {
      assert(device !== null && key.test(shape), shape);
      formNamed(form);
    }
  }
});

Deno.test("formFor() takes the form that is asked for, where it can compute the pass", () => {
  const form = "winograd 2 64";
  const forced: Required<Target> = { ...GPU, form };
  const three = square({ side: 8, C: 8 });
  assertEquals(formName(formFor("forward", forced, three)), form);
  const one = square({ side: 8, C: 8, R: 1 });
  assertEquals(formFor("forward", forced, one), formFor("forward", GPU, one));
});

Deno.test("likelyForm() transforms on GPUs where the arithmetic saved is worth its traffic", () => {
  const kinds = (sizes: ConvProblem) =>
    PASSES.map((pass) => likelyForm(pass, GPU, sizes).kind);
  for (const [side, C] of [[32, 160], [16, 320], [8, 640], [8, 256]] as const) {
    const all = ["winograd", "winograd", "winograd"];
    assertEquals(kinds(square({ side, C })), all, `${C} channels`);
  }
  const tiles = ["tiles", "tiles", "tiles"];
  const images = ["narrow", "narrow", "tiles"];
  assertEquals(kinds(square({ side: 32, C: 3, K: 64 })), images);
  assertEquals(kinds(square({ N: 4, side: 8, C: 16 })), tiles);
  assertEquals(kinds({ ...square({ side: 32, C: 160 }), stride: 2 }), tiles);
});

Deno.test("likelyForm() binds no more than every device can", () => {
  // 36 matrices of 1024 x 1024 are more than 128 MiB.
  const wide = likelyForm("forward", GPU, square({ side: 8, C: 1024 }));
  assert(!(wide.kind === "winograd" && wide.tile === 4));
  // Each of the many pieces of a large batch has sums of its own.
  const large = square({ N: 60_000, side: 32, C: 160 });
  assertEquals(likelyForm("weight gradient", GPU, large).kind, "tiles");
});

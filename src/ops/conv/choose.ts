// Which kernels compute a convolution: those of the form that a test asks for, else
// of the form that was measured to be fastest, else of the likely one. It depends on
// shape and target alone, never on a clock, so that equal runs give equal bytes.

import type { Target } from "../../gpu/device.ts";
import type { Dispatch } from "../../gpu/program.ts";
import type { Expansion, Lowering, Storage } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import {
  directForward,
  directInputGradient,
  directWeightGradient,
} from "./algorithms/direct.ts";
import { likelyForm } from "./cost.ts";
import { canCompute, type ConvForm, formNamed } from "./algorithm.ts";
import {
  lanesForward,
  lanesInputGradient,
  lanesWeightGradient,
} from "./algorithms/simd/simd.ts";
import {
  narrowForward,
  narrowInputGradient,
} from "./algorithms/few_channels.ts";
import { imagesForward, imagesInputGradient } from "./algorithms/simd/rgb.ts";
import { stridedInputGradient } from "./algorithms/simd/stride2.ts";
import {
  stripsForward,
  stripsInputGradient,
} from "./algorithms/simd/winograd.ts";
import {
  convLabel,
  type ConvPass,
  type ConvProblem,
  type Epilogue,
} from "./problem.ts";
import { MEASURED } from "./table.ts";
import {
  tilesForward,
  tilesInputGradient,
  tilesWeightGradient,
} from "./algorithms/implicit_gemm.ts";
import {
  winogradForward,
  winogradInputGradient,
  winogradWeightGradient,
} from "./algorithms/winograd.ts";

/** The form to compute a pass in. */
export function formFor(
  pass: ConvPass,
  target: Required<Target> & Partial<Pick<Lowering, "inputs">>,
  sizes: ConvProblem,
): ConvForm {
  const half = target.inputs?.[0]?.dtype === "f16";
  const form = fastForm(pass, target, sizes);
  return half && !HALF.includes(form.kind) ? halfForm(target) : form;
}

/** The form that is asked for, or measured to be fastest, or likely the fastest. */
function fastForm(
  pass: ConvPass,
  target: Required<Target>,
  sizes: ConvProblem,
): ConvForm {
  const measured = MEASURED[target.adapterClass].forms[shapeKey(pass, sizes)];
  for (const name of [target.form, measured]) {
    if (!name) continue;
    const form = formNamed(name);
    if (canCompute(form, { pass, sizes, target })) return form;
  }
  return likelyForm(pass, target, sizes);
}

/** The kinds of forms that take operands in half precision. */
const HALF: readonly ConvForm["kind"][] = ["direct", "tiles", "winograd"];

/** The form for operands in half precision where the fastest does not take them. */
function halfForm({ adapterClass }: Target): ConvForm {
  return { kind: adapterClass === "gpu" ? "tiles" : "direct" };
}

/** What the table of measured forms calls a pass of a shape, whatever the batch. */
export function shapeKey(pass: ConvPass, sizes: ConvProblem): string {
  return `${pass} ${convLabel(sizes)}`;
}

/** The operations in place of a forward pass, where its form has some. */
export function expandForward(
  io: Expansion,
  sizes: ConvProblem,
  epilogue: Epilogue,
): readonly Tensor[] | null {
  const form = formFor("forward", io, sizes);
  const { shift = false, residual = false, relu = false } = epilogue;
  if (form.kind === "strips") {
    return stripsForward(io, { shift, residual, relu });
  }
  if (form.kind !== "winograd") return null;
  return winogradForward(io, sizes, { ...epilogue, ...form });
}

/** The operations in place of an input gradient, where its form has some. */
export function expandInputGradient(
  io: Expansion,
  sizes: ConvProblem,
  { residual = false, mask = false }: Epilogue,
): readonly Tensor[] | null {
  const form = formFor("input gradient", io, sizes);
  const epilogue = { residual, mask };
  if (form.kind === "strips") return stripsInputGradient(io, epilogue);
  if (form.kind === "strided") return stridedInputGradient(io, epilogue);
  if (form.kind !== "winograd") return null;
  return winogradInputGradient(io, sizes, { ...epilogue, ...form });
}

/** Dispatches for y from x and w, and what its epilogue adds. */
export function forward(
  io: Lowering,
  sizes: ConvProblem,
  epilogue: Epilogue,
): Dispatch<Storage>[] {
  const form = formFor("forward", io, sizes);
  switch (form.kind) {
    case "tiles":
      return tilesForward(io, sizes, { ...epilogue, tile: form.tile });
    case "lanes":
      return lanesForward(io, sizes, epilogue);
    case "narrow":
      return narrowForward(io, sizes, epilogue);
    case "images":
      return imagesForward(io, sizes, epilogue);
    case "direct":
      return directForward(io, sizes, epilogue);
    case "strided":
    case "strips":
    case "winograd":
      throw notExpanded("conv2d");
  }
}

/** Dispatches for dx from dy and w with channels swapped. */
export function inputGradient(
  io: Lowering,
  sizes: ConvProblem,
  { residual = false, mask = false }: Epilogue,
): Dispatch<Storage>[] {
  const form = formFor("input gradient", io, sizes);
  const epilogue = { residual, mask };
  switch (form.kind) {
    case "tiles":
      return tilesInputGradient(io, sizes, { ...epilogue, tile: form.tile });
    case "lanes":
      return lanesInputGradient(io, sizes, epilogue);
    case "narrow":
      return narrowInputGradient(io, sizes, epilogue);
    case "images":
      return imagesInputGradient(io, sizes, epilogue);
    case "direct":
      return directInputGradient(io, sizes, epilogue);
    case "strided":
    case "strips":
    case "winograd":
      throw notExpanded("conv2d_input_gradient");
  }
}

/** Dispatches for dw from x and dy: partial sums over pixels, then their sum. */
export function weightGradient(
  io: Lowering,
  sizes: ConvProblem,
): Dispatch<Storage>[] {
  const form = formFor("weight gradient", io, sizes);
  switch (form.kind) {
    case "tiles":
      return tilesWeightGradient(io, sizes, form);
    case "lanes":
      return lanesWeightGradient(io, sizes);
    case "narrow":
      throw new TypeError("Cannot convolve: narrow has no weight gradient");
    case "direct":
      return directWeightGradient(io, sizes);
    case "winograd":
      return winogradWeightGradient(io, sizes, form);
    case "images":
    case "strided":
    case "strips":
      throw new TypeError(
        `Cannot convolve: no weight gradient in ${form.kind}`,
      );
  }
}

/** The compiler expands before it lowers. */
function notExpanded(name: string): TypeError {
  return new TypeError(
    `Cannot lower ${name}: expected it to be replaced by other operations before`,
  );
}

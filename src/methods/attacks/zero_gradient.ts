// Images that an attack has nothing to follow on: where a network is so sure that the
// derivative of its loss is 0 in 32 bits, a search that goes by gradients stays where it
// is, and what it then calls robust was never tried.

import type { Tensor } from "../../graph/tensor.ts";
import { fill } from "../../ops/fill.ts";
import { SMALLEST_NORMAL } from "../../ops/attack/length.ts";
import { abs, less, multiply } from "../../ops/pointwise.ts";
import { sum } from "../../ops/reduce/reduce.ts";
import { store } from "../../ops/store.ts";
import type { AttackInputs } from "../attack.ts";

/**
 * 1 for each image of a gradient (N, …) whose elements are all 0, or so small that a
 * device may take them for 0, else 0: (N).
 */
export function zeroGradient(gradient: Tensor): Tensor {
  const slope = sum(abs(gradient), { start: 1 });
  const { graph, shape } = slope;
  return less(slope, fill(graph, { shape, value: SMALLEST_NORMAL }));
}

/** Watches the gradients in all steps of an attack. */
export interface GradientWatch {
  /** Looks at the gradient of one step. */
  see(gradient: Tensor): void;
  /** Notes which images had no gradient in any step. */
  note(): void;
}

/** A watch for an attack that begins; null where it is not used. */
export function watchGradients(
  { images, noteZeroGradient }: AttackInputs,
): GradientWatch | null {
  if (!noteZeroGradient) return null;
  const { graph } = images;
  const shape = images.shape.slice(0, 1);
  const zero = graph.state("zero gradient", shape);
  store(fill(graph, { shape, value: 1 }), zero);
  return {
    see: (gradient) =>
      store(multiply(graph.read(zero), zeroGradient(gradient)), zero),
    note: () => noteZeroGradient(graph.read(zero)),
  };
}

// The choice of the algorithm for a convolution: the one that the target asks for, else the
// one that was measured to be the fastest on this device, else the one of least cost. It
// depends on problem and target alone, and never on a clock, so that equal runs give equal
// bytes.

import type { Dispatch } from "../../gpu/program.ts";
import type { Expansion, Lowering, Storage } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { ConvAlgorithm, Convolution, ConvRequest } from "./algorithm.ts";
import { direct } from "./algorithms/direct.ts";
import { ALGORITHMS } from "./algorithms/mod.ts";
import { choiceKey, type ConvPass } from "./problem.ts";

/**
 * The algorithm for a pass, of those that support it: the one that `target.algorithm`
 * names, else the one that `target.tuned` names, else the cheapest; the first of equals.
 *
 * @throws {RangeError} if no algorithm has the name that is asked for.
 */
export function chooseAlgorithm(
  choice: ConvRequest,
  algorithms: readonly ConvAlgorithm[] = ALGORITHMS,
): ConvAlgorithm {
  const { target: { algorithm = "", tuned = {} } } = choice;
  const named = withVariants(algorithms);
  if (algorithm && !named.some(({ name }) => name === algorithm)) {
    throw new RangeError(
      `Cannot convolve: expected one of ${
        named.map(({ name }) => `"${name}"`).join(", ")
      } but found "${algorithm}"`,
    );
  }
  for (const wanted of [algorithm, tuned[choiceKey(choice)]]) {
    const found = named.find(({ name }) => name === wanted);
    if (found && supports(found, choice)) return found;
  }
  return algorithms.filter((candidate) => supports(candidate, choice))
    .map((candidate) => ({ candidate, cost: candidate.cost(choice) }))
    .reduce((best, next) => next.cost < best.cost ? next : best)
    .candidate;
}

/** The algorithms that a measurement compares: those that support a pass. */
export function supportedAlgorithms(choice: ConvRequest): ConvAlgorithm[] {
  return supportedOf(withVariants(ALGORITHMS), choice);
}

/** Those of some algorithms that support a pass. */
export function supportedOf(
  algorithms: readonly ConvAlgorithm[],
  choice: ConvRequest,
): ConvAlgorithm[] {
  return algorithms.filter((one) => supports(one, choice));
}

function supports(algorithm: ConvAlgorithm, choice: ConvRequest): boolean {
  const { half, expand, lower } = algorithm;
  const { pass } = choice;
  return (expand?.[pass] ?? lower?.[pass]) !== undefined &&
    (half === true || !choice.half) && algorithm.supports(choice);
}

function withVariants(algorithms: readonly ConvAlgorithm[]): ConvAlgorithm[] {
  return algorithms.flatMap((one) => [one, ...one.variants ?? []]);
}

/** The operations in place of a pass, where its algorithm has some. */
export function expandPass(
  io: Expansion,
  pass: ConvPass,
  convolution: Convolution,
): readonly Tensor[] | null {
  const { expand } = algorithmFor(io, pass, convolution);
  return expand?.[pass]?.(io, convolution) ?? null;
}

/** The dispatches of a pass, which is computed directly if it was not expanded. */
export function lowerPass(
  io: Lowering,
  pass: ConvPass,
  convolution: Convolution,
): Dispatch<Storage>[] {
  const { lower } = algorithmFor(io, pass, convolution);
  return (lower?.[pass] ?? direct.lower[pass])(io, convolution);
}

function algorithmFor(
  io: Expansion | Lowering,
  pass: ConvPass,
  { problem }: Convolution,
): ConvAlgorithm {
  const half = io.inputs[0]!.dtype === "f16";
  return chooseAlgorithm({ pass, problem, target: io, half });
}

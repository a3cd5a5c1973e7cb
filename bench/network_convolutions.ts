// The convolutions of the paper's networks, found by tracing them: every shape once,
// with the networks that have it.

import { Graph } from "../src/graph/graph.ts";
import { Variable } from "../src/graph/tensor.ts";
import type { Network } from "../src/nn/network.ts";
import { resnet18, resnet18Lbgat } from "../src/nn/resnet.ts";
import { WideResNet } from "../src/nn/wide_resnet.ts";
import type { ConvParams } from "../src/ops/conv/conv2d.ts";
import { convLabel, type ConvProblem } from "../src/ops/conv/problem.ts";

/** A convolution, and where it is. */
export interface NetworkConvolution {
  readonly problem: ConvProblem;
  /** How often each network has it. */
  readonly networks: Readonly<Record<string, number>>;
}

const CLASSES = 10;

/** The networks by name, CIFAR-10's images as input. */
const NETWORKS: Readonly<Record<string, () => Network>> = {
  "resnet18": () => resnet18({ classes: CLASSES }),
  "resnet18-lbgat": () => resnet18Lbgat({ classes: CLASSES }),
  "wrn-34-10": () => new WideResNet({ classes: CLASSES, depth: 34, width: 10 }),
};

/** The names of the networks. */
export const NETWORK_NAMES: readonly string[] = Object.keys(NETWORKS);

/**
 * Every convolution of the named networks on a batch of `batch` images.
 *
 * @throws {RangeError} if there is no network of a name.
 */
export function networkConvolutions(
  { batch, networks }: {
    readonly batch: number;
    readonly networks: readonly string[];
  },
): NetworkConvolution[] {
  const found = new Map<string, {
    problem: ConvProblem;
    networks: Record<string, number>;
  }>();
  for (const name of networks) {
    const build = NETWORKS[name];
    if (!build) {
      throw new RangeError(
        `Cannot list convolutions: expected one of ${
          NETWORK_NAMES.join(", ")
        } but found ${name}`,
      );
    }
    for (const problem of convolutionsOf(build(), batch)) {
      const key = convLabel(problem);
      const known = found.get(key) ?? { problem, networks: {} };
      known.networks[name] = (known.networks[name] ?? 0) + 1;
      found.set(key, known);
    }
  }
  return [...found.values()];
}

function convolutionsOf(network: Network, batch: number): ConvProblem[] {
  const graph = new Graph();
  const x = graph.read(new Variable("x", [batch, 32, 32, 3]));
  network.call(x, "train");
  return graph.nodes.flatMap(({ op, inputs: [x, w], outputs: [y], params }) => {
    if (op.name !== "conv2d") return [];
    const { stride, padding } = params as ConvParams;
    const [N, H, W, C] = x!.shape as [number, number, number, number];
    const [R, S, , K] = w!.shape as [number, number, number, number];
    const [, P, Q] = y!.shape as [number, number, number, number];
    return [{ N, H, W, C, K, R, S, P, Q, stride, padding }];
  });
}

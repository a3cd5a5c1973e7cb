// Recomputation, which saves memory at the price of a second forward pass (Chen et al.,
// "Training deep nets with sublinear memory cost", 2016): values inside a region, such as a
// residual block, are not kept for the backward pass but computed again from the region's
// inputs just before they are needed.
//
// Values that pass from one region to another are kept, and updates of variables are not
// repeated. The same operations run on the same inputs, so results have the
// same bytes.

import type { CheckpointRegion, Node } from "./graph.ts";
import { type Step, type StepBlock, updated } from "./passes.ts";
import { overlaps, type Tensor, Variable } from "./tensor.ts";

/** The steps with backward passes that compute the insides of regions again. */
export function recompute(blocks: readonly StepBlock[]): StepBlock[] {
  return blocks.map(({ repeat, steps }) => {
    // A loop's backward pass keeps little, and would pay in every iteration.
    if (repeat > 1) return { repeat, steps };
    const others = blocks.filter((other) => other.steps !== steps);
    const readElsewhere = others.flatMap((other) =>
      other.steps.flatMap(({ inputs }) => inputs)
    );
    return {
      repeat,
      steps: withoutUnused(recomputeBlock(steps), new Set(readElsewhere)),
    };
  });
}

function recomputeBlock(steps: readonly Step[]): Step[] {
  const inner = innerValues(steps);
  const copies = new Map<Tensor, Tensor>();
  const done = new Set<CheckpointRegion>();
  const result: Step[] = [];
  for (const [at, step] of steps.entries()) {
    if (!step.node.backward) {
      result.push(step);
      continue;
    }
    for (const value of step.inputs) {
      const region = inner.get(value);
      if (!region || done.has(region)) continue;
      done.add(region);
      const own = steps.flatMap((other, i) =>
        other.node.region === region && !other.node.backward
          ? [{ other, i }]
          : []
      );
      const between = steps.slice(own[0]!.i, at);
      const inside = own.map(({ other }) => other);
      if (changes(inside, between)) continue;
      result.push(...copied(inside, copies));
    }
    result.push({
      ...step,
      inputs: step.inputs.map((value) => copies.get(value) ?? value),
    });
  }
  return result;
}

/** Values that only their own region's forward pass and backward passes read. */
function innerValues(steps: readonly Step[]): Map<Tensor, CheckpointRegion> {
  const inner = new Map<Tensor, CheckpointRegion>();
  for (const { node } of steps) {
    if (!node.region || node.backward) continue;
    for (const output of node.outputs) inner.set(output, node.region);
  }
  for (const { node, inputs } of steps) {
    if (node.backward) continue;
    for (const value of inputs) {
      if (inner.get(value) !== node.region) inner.delete(value);
    }
  }
  return inner;
}

/** Whether a variable that the steps read is overwritten in the meantime. */
function changes(inside: readonly Step[], between: readonly Step[]): boolean {
  const read = inside.flatMap(({ node, inputs }) =>
    node.op.updates
      ? []
      : inputs.flatMap(({ source }) =>
        source instanceof Variable ? [source] : []
      )
  );
  return between.some(({ node }) =>
    updated(node).some((variable) =>
      read.some((other) => overlaps(variable, other))
    )
  );
}

/** The steps once more, on the same inputs, with outputs of their own. */
function copied(steps: readonly Step[], copies: Map<Tensor, Tensor>): Step[] {
  return steps.filter(({ node }) => !node.op.updates).map(
    ({ node, inputs }) => {
      const outputs: Tensor[] = [];
      const copy: Node = { ...node, outputs };
      for (const output of node.outputs) {
        const again = { ...output, source: copy };
        outputs.push(again);
        copies.set(output, again);
      }
      return {
        node: copy,
        inputs: inputs.map((value) => copies.get(value) ?? value),
      };
    },
  );
}

/** Drops steps whose outputs nothing reads, such as copies made for one value. */
function withoutUnused(steps: readonly Step[], read: Set<Tensor>): Step[] {
  const kept: Step[] = [];
  for (const step of steps.toReversed()) {
    const used = step.node.op.updates !== undefined ||
      step.node.outputs.some((output) => read.has(output));
    if (!used) continue;
    for (const value of step.inputs) read.add(value);
    kept.push(step);
  }
  return kept.reverse();
}

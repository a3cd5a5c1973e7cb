// Copy elision: where a value is only computed to be stored in a variable, its producer
// writes there directly.
//
// That is safe if nothing touches that part of the variable between the producer
// and the copy, nothing reads the value after the variable has changed again, and
// no dispatch would read and write one buffer, which WebGPU refuses.

import { type Step, type StepBlock, updated } from "./passes.ts";
import { overlaps, type Tensor, Variable } from "./tensor.ts";

/** The steps without elided copies, and the variables that values are written to. */
export interface ElidedCopies {
  readonly blocks: readonly StepBlock[];
  readonly homes: ReadonlyMap<Tensor, Variable>;
}

/** Finds the values that can be computed in place. */
export function elideCopies(blocks: readonly StepBlock[]): ElidedCopies {
  const homes = new Map<Tensor, Variable>();
  const uses = usesOf(blocks);
  const writersOf = updatesOf(blocks);
  const placed = blocks.map(({ repeat, steps }) => {
    const avoided = new Set<Step>();
    const index = new Map(steps.map((step, i) => [step.node, i]));
    steps.forEach((step, copy) => {
      if (!step.node.op.copies) return;
      const value = step.inputs[0]!;
      const variable = step.inputs[1]!.source as Variable;
      if (value.source instanceof Variable || homes.has(value)) return;
      const producer = index.get(value.source);
      if (producer === undefined) return;
      const between = steps.slice(producer, copy);
      const consumers = uses.get(value)!.filter((use) => use !== step);
      const writers = writersOf.get(variable.root)!.filter((other) =>
        other !== step && updated(other.node).some((v) => overlaps(v, variable))
      );
      const safe = !between.some((other) => touching(other, variable, homes)) &&
        !conflicts(steps[producer]!, variable, homes) &&
        !consumers.some((other) => writesRoot(other, variable, homes)) &&
        (writers.length === 0 ||
          consumers.every((other) => between.includes(other)));
      if (!safe) return;
      homes.set(value, variable);
      avoided.add(step);
    });
    return { repeat, steps: steps.filter((step) => !avoided.has(step)) };
  });
  return { blocks: placed, homes };
}

/** The steps that read each value. */
function usesOf(blocks: readonly StepBlock[]): Map<Tensor, Step[]> {
  const uses = new Map<Tensor, Step[]>();
  for (const { steps } of blocks) {
    for (const step of steps) {
      for (const input of step.inputs) {
        const known = uses.get(input);
        if (known) known.push(step);
        else uses.set(input, [step]);
      }
    }
  }
  return uses;
}

/** The steps that update each root variable. */
function updatesOf(blocks: readonly StepBlock[]): Map<Variable, Step[]> {
  const updates = new Map<Variable, Step[]>();
  for (const step of blocks.flatMap(({ steps }) => steps)) {
    for (const { root } of updated(step.node)) {
      const known = updates.get(root);
      if (known) known.push(step);
      else updates.set(root, [step]);
    }
  }
  return updates;
}

/** Whether a step reads or writes any of a variable's bytes. */
function touching(
  { node, inputs }: Step,
  variable: Variable,
  homes: ReadonlyMap<Tensor, Variable>,
): boolean {
  return [...inputs, ...node.outputs].some((tensor) => {
    const home = tensor.source instanceof Variable
      ? tensor.source
      : homes.get(tensor);
    return home !== undefined && overlaps(home, variable);
  });
}

/** Whether a producer reads the buffer that it would write. */
function conflicts(
  { inputs }: Step,
  { root }: Variable,
  homes: ReadonlyMap<Tensor, Variable>,
): boolean {
  return inputs.some((tensor) => {
    const home = tensor.source instanceof Variable
      ? tensor.source
      : homes.get(tensor);
    return home?.root === root;
  });
}

/** Whether a step writes the buffer that the value would be read from. */
function writesRoot(
  { node }: Step,
  { root }: Variable,
  homes: ReadonlyMap<Tensor, Variable>,
): boolean {
  return updated(node).some((variable) => variable.root === root) ||
    node.outputs.some((output) => homes.get(output)?.root === root);
}

// One training step on the engine: traced, compiled, printed and run.
//
//     deno run examples/training_step.ts
//
// The step is adversarial training in its smallest form: a linear classifier of points
// in the plane, attacked by one step along the gradient's sign (FGSM), descends the
// cross-entropy of the points that the attack found.

// deno-lint-ignore-file no-console -- an example prints

import { Device } from "../src/gpu/device.ts";
import { Memory } from "../src/gpu/memory.ts";
import { Plan } from "../src/gpu/plan.ts";
import { compile } from "../src/graph/compile.ts";
import { Graph } from "../src/graph/graph.ts";
import { printProgram } from "../src/graph/print.ts";
import { type Tensor, Variable } from "../src/graph/tensor.ts";
import { grad } from "../src/ops/grad.ts";
import { crossEntropy } from "../src/ops/loss/cross_entropy.ts";
import { matmul } from "../src/ops/matmul.ts";
import { add, mulScalar, sign, subtract } from "../src/ops/pointwise.ts";
import { mean } from "../src/ops/reduce/reduce.ts";
import { store } from "../src/ops/store.ts";

// Variables keep their values from step to step. They are zeros at first.
const points = new Variable("points", [64, 2]);
const labels = new Variable("labels", [64], "u32");
const weight = new Variable("weight", [2, 2]); // (in, classes)
const loss = new Variable("loss", []);

// 1. Trace the step. This builds a list of operations and computes nothing.
const graph = new Graph();
const losses = (x: Tensor) => crossEntropy(matmul(x, weight), labels); // (N)
const clean = graph.read(points);
const [ascent] = grad(losses(clean), [clean]);
const adversarial = add(clean, mulScalar(sign(ascent!), 0.1));
const value = mean(losses(adversarial));
const [gradient] = grad(value, [weight]);
store(value, loss);
store(subtract(weight, mulScalar(gradient!, 0.5)), weight);

// 2. Compile it for a device. The program is plain data: kernels and buffers.
using device = await Device.open();
const program = compile(graph, { name: "training step", ...device.adapter });
console.log(printProgram(program));

// 3. Bind the program to memory, set the data, and run the step again and again.
using memory = new Memory(device);
using plan = await Plan.bind(program, memory);
memory.write(labels, Uint32Array.from({ length: 64 }, (_, i) => i % 2));
const center = (i: number) => (i % 4 < 2 ? -0.6 : 0.6); // of the point's class
memory.write(
  points,
  Float32Array.from({ length: 128 }, (_, i) => center(i) + Math.sin(7 * i) / 2),
);
for (let step = 1; step <= 30; step++) {
  plan.run();
  if (step % 10 > 0) continue;
  const [bytes] = await memory.read([loss]);
  console.log(`step ${step}: loss ${new Float32Array(bytes!)[0]!.toFixed(4)}`);
}

// What the host pays per dispatch: replaying a plan, against the ways that a
// framework without plans has. 3,000 tiny dispatches over 40 pipelines, as many as
// an adversarial training step of ResNet-18 has; the device's time is left out.

import { Device } from "../src/gpu/device.ts";
import { Memory } from "../src/gpu/memory.ts";
import { Plan } from "../src/gpu/plan.ts";
import type { Dispatch, Program } from "../src/gpu/program.ts";
import { medianOf } from "../src/gpu/stopwatch.ts";
import { loadText } from "./suite.ts";
import { figure, print, tableText } from "./table.ts";
import source from "./tiny.wgsl" with { type: "text" };

const DISPATCHES = 3000;
const PIPELINES = 40;
const BYTES = 256;

const device = await Device.open();
const memory = new Memory(device);
const variable = {};
const buffer = memory.buffer(variable, { label: "y", size: BYTES });
const dispatches = Array.from({ length: DISPATCHES }, (_, i): Dispatch => ({
  label: "tiny",
  kernel: {
    name: "tiny",
    source,
    constants: { STEP: 1 + i % PIPELINES },
  },
  reads: [],
  writes: [{ buffer: 0, offset: 0, size: BYTES }],
  workgroups: [1, 1, 1],
}));
const program: Program = {
  name: "tiny dispatches",
  buffers: [{ label: "y", size: BYTES, variable }],
  blocks: [{ repeat: 1, dispatches }],
};
const plan = await Plan.bind(program, memory);
const compiled = dispatches.map(({ kernel }) =>
  device.pipelines.get(kernel, { reads: 0, writes: 1 })
);

const times = new Map<string, number[]>();

bench("replayed plan", () => plan.run());

bench("one pass, a bind group per dispatch", () => {
  const encoder = device.gpu.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (let i = 0; i < DISPATCHES; i++) encode(pass, i, buffer);
  pass.end();
  device.submit(encoder);
});

bench("a submit per dispatch", () => {
  for (let i = 0; i < DISPATCHES; i++) submitOne(i, buffer);
});

bench("a submit and a new buffer per dispatch", () => {
  for (let i = 0; i < DISPATCHES; i++) {
    // deno-lint-ignore house/gpu-calls -- the cost of this call is the question
    const fresh = device.createBuffer("y", { size: BYTES });
    submitOne(i, fresh);
    fresh.destroy();
  }
});

globalThis.addEventListener("unload", () => {
  print(`\n${device.adapter.description}, ${loadText()}\n`);
  const rows = [...times].map(([name, milliseconds]) => {
    const each = milliseconds.map((ms) => 1000 * ms / DISPATCHES);
    return [name, figure(medianOf(each)), figure(Math.min(...each))];
  });
  print(tableText(["host time per dispatch", "µs", "best"], rows));
  plan.dispose();
  memory.dispose();
  device.dispose();
});

/** Times what `submit` costs the host, on an idle device. */
function bench(name: string, submit: () => void): void {
  times.set(name, []);
  Deno.bench({
    name: `${name}, ${DISPATCHES} dispatches`,
    n: 10,
    warmup: 1,
    fn: async (clock) => {
      await device.finished();
      const start = performance.now();
      clock.start();
      submit();
      clock.end();
      times.get(name)!.push(performance.now() - start);
      await device.finished();
    },
  });
}

function encode(
  pass: GPUComputePassEncoder,
  index: number,
  buffer: GPUBuffer,
): void {
  const { pipeline, layout } = compiled[index]!;
  pass.setPipeline(pipeline);
  const entries = [{ binding: 0, resource: { buffer } }];
  pass.setBindGroup(0, device.gpu.createBindGroup({ layout, entries }));
  pass.dispatchWorkgroups(1);
}

function submitOne(index: number, buffer: GPUBuffer): void {
  const encoder = device.gpu.createCommandEncoder();
  const pass = encoder.beginComputePass();
  encode(pass, index, buffer);
  pass.end();
  device.submit(encoder);
}

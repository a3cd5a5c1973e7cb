// What the exchange of gradients costs between ranks on this machine, measured, and how
// training would scale on clusters, computed from that.
//
//   mpiexec -n 2 deno task bench:ranks [--write]
//
// ResNet-18 exchanges 45 MB in each step, WRN-34-10 185 MB. The step of WRN-34-10 is that of
// the paper's Table 3 (821 s for 391 steps on an RTX 3090), and that of ResNet-18 has its
// time by operations. A faster GPU makes the exchange the larger part: `--speed 4` assumes
// one that is four times as fast. The copies between device and host are taken to reach
// `--host` GB/s, 6 if left out: half of what PCIe 4 has, and more than llvmpipe reaches,
// whose device is the processor.

import { parseArgs } from "node:util";
import { Device } from "../src/gpu/device.ts";
import { Memory } from "../src/gpu/memory.ts";
import { Variable } from "../src/graph/tensor.ts";
import { HostExchange } from "../src/gpu/host_exchange.ts";
import { costOf } from "../src/graph/cost.ts";
import { openMpi } from "../src/mpi/mpi.ts";
import { countParameters } from "../src/nn/module.ts";
import { largestProgram } from "../src/step/compiled_step.ts";
import { compileFullBatch } from "../src/trainer/noise_session.ts";
import { experimentOf, PAPER_SIZE, PAPER_STEPS } from "./paper_workloads.ts";
import { scalingOf } from "./ranks_model.ts";
import { loadText } from "./suite.ts";
import { figure, print, tableText } from "./table.ts";

const { values: asked } = parseArgs({
  options: {
    speed: { type: "string", default: "1" },
    host: { type: "string", default: "6" },
    write: { type: "boolean", default: false },
  },
});

const RANKS = [2, 4, 8, 16, 32, 64];
const NETWORKS = {
  "10 Gbit/s": 10e9,
  "100 Gbit/s": 100e9,
  "400 Gbit/s": 400e9,
};

/** Seconds for one message between machines. */
const LATENCY = 5e-6;

/** Steps in an epoch of the paper's. */
const STEPS = 391;

interface Workload {
  readonly name: string;
  readonly bytes: number;
  /** Seconds of a step on one RTX 3090. */
  readonly seconds: number;
}

/** The networks, with their steps as the paper and operations tell. */
function workloads(): Workload[] {
  const [resnet, wide] = PAPER_STEPS.slice(0, 2).map((step) => {
    const extent = {
      shape: { channels: 3, height: 32, width: 32 },
      classes: 10,
      train: 50_000,
      test: 10_000,
    };
    const experiment = experimentOf(step, PAPER_SIZE);
    const compiled = compileFullBatch({ experiment, extent }, {
      adapterClass: "gpu",
    });
    const { flops } = costOf(largestProgram(compiled));
    const bytes = 4 * countParameters(compiled.student.module);
    return { flops, bytes };
  });
  const seconds = PAPER_STEPS[1]!.paperSeconds! / STEPS;
  return [
    {
      name: "ResNet-18",
      bytes: resnet!.bytes,
      seconds: seconds * resnet!.flops / wide!.flops,
    },
    { name: "WRN-34-10", bytes: wide!.bytes, seconds },
  ];
}

const communicator = openMpi((variable) => Deno.env.get(variable));
using device = await Device.open();

/** Median seconds of five exchanges between these ranks, and of their parts. */
async function measured(bytes: number) {
  const size = 4 * Math.ceil(bytes / 4);
  using memory = new Memory(device);
  const part = memory.part(new Variable("gradients", [size / 4]));
  using host = new HostExchange(device, communicator);
  // Copies alone: the sums are left out.
  const nothing = () => Promise.resolve();
  const copier = Object.create(communicator, {
    allReduceSum: { value: nothing },
  });
  using alone = new HostExchange(device, copier);
  const numbers = new Float32Array(size / 4);
  const sum = { kind: "sum", weight: 1, counts: [] } as const;
  const exchange = { ...sum, from: part, to: part };
  const seconds = {
    copies: await median(() => alone.exchange([exchange])),
    sum: await median(() => communicator.allReduceSum(numbers)),
    together: await median(() => host.exchange([exchange])),
  };
  return seconds;
}

async function median(run: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 6; i++) {
    await communicator.agree(new Float32Array(1));
    const began = performance.now();
    await run();
    await device.finished();
    times.push((performance.now() - began) / 1000);
  }
  return times.slice(1).sort((a, b) => a - b)[2]!;
}

const speed = Number(asked.speed);
const rate = Number(asked.host) * 1e9;
const lines = [
  `${device.adapter.description}, Deno ${Deno.version.deno}, ` +
  `${communicator.size} ranks over ${communicator.engine}, ${loadText()}`,
];
for (const { name, bytes, seconds } of workloads()) {
  const step = seconds / speed;
  const { copies, sum, together } = await measured(bytes);
  lines.push(
    "",
    `${name}: ${figure(bytes / 1e6)} MB, a step of ${figure(step)} s`,
    `measured here: copies ${figure(copies)} s, sum ${figure(sum)} s, ` +
      `together ${figure(together)} s`,
  );
  for (const [label, network] of Object.entries(NETWORKS)) {
    const rates = { bytes, network, host: rate, latency: LATENCY };
    const rows = RANKS.map((ranks) => {
      const found = scalingOf(rates, { seconds: step, ranks });
      return [
        String(ranks),
        figure(1000 * found.exchange),
        `${figure(100 * found.share)} %`,
        figure(found.weak),
        figure(found.strong),
      ];
    });
    const head = [label, "exchange ms", "of a step", "128 each", "128 in all"];
    lines.push("", tableText(head, rows));
  }
}
lines.push(
  "",
  "exchange = 10 ms (Deno's wait) + bytes / host + max(bytes / host, ring) + chunk / host",
  "ring = 8 * 2 (R - 1) / R * bytes / network + 2 (R - 1) * latency * chunks",
  `host ${asked.host} GB/s, latency ${LATENCY * 1e6} us, chunks of 4 MiB`,
  "128 each: R * step / (step + exchange); 128 in all: step / (step / R + exchange)",
);
if (communicator.rank === 0) {
  const text = lines.join("\n");
  print(text);
  if (asked.write) {
    const label = device.adapter.description.toLowerCase()
      .replaceAll(/[^a-z0-9.]+/g, "-").replace(/-$/, "");
    const path = new URL(`results/${label}-ranks.txt`, import.meta.url);
    await Deno.writeTextFile(path, `${text}\n`);
  }
}
await communicator.close();

// Which convolution algorithm is the fastest on this adapter: every one, on every shape
// of the paper's networks, in all three passes.
//
//   deno task bench:algorithms [--batch 128] [--networks resnet18,wrn-34-10]
//     [--only TEXT] [--algorithms "implicitGemm,winograd"] [--class gpu]
//
// `--only` takes the shapes whose name contains the text, `--algorithms` those whose
// name begins so, `--class` those for another kind of device. Results are written to
// `results/` as JSON, named after the device.
//
// `deno task tune` measures the shapes of one recipe in the same way, and keeps the
// fastest algorithms: `src/ops/conv/measure_pass.ts` says how. An algorithm whose results
// differ from those of the first one is named and left out, as is one that does not
// compile.

import { parseArgs } from "node:util";
import { type AdapterClass, Device } from "../src/gpu/device.ts";
import {
  type MeasuredPass,
  measurePass,
} from "../src/ops/conv/measure_pass.ts";
import {
  convFlops,
  type ConvPass,
  problemKey,
} from "../src/ops/conv/problem.ts";
import { fastestOf, tunedBy } from "../src/ops/conv/tune.ts";
import {
  type AlgorithmsReport,
  type AlgorithmTime,
  writeReport,
} from "./algorithms_report.ts";
import { type Ceiling, measureCeiling } from "./ceiling.ts";
import { Stopwatch } from "../src/gpu/stopwatch.ts";
import { NETWORK_NAMES, networkConvolutions } from "./network_convolutions.ts";
import { loadText, share } from "./suite.ts";
import { figure, print, tableText } from "./table.ts";

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    batch: { type: "string" },
    networks: { type: "string", default: NETWORK_NAMES.join() },
    only: { type: "string", default: "" },
    algorithms: { type: "string", default: "" },
    class: { type: "string" },
  },
});

const PASSES: readonly ConvPass[] = [
  "forward",
  "input gradient",
  "weight gradient",
];

/** Images where none are asked for: the paper's, or few for a processor. */
const BATCH = { gpu: 128, software: 4 } as const;

await main();

async function main(): Promise<void> {
  using device = await Device.open();
  const { description, subgroupSize, shaderInt64 } = device.adapter;
  const adapterClass =
    (options.class ?? device.adapter.adapterClass) as AdapterClass;
  const batch = Number(options.batch ?? BATCH[device.adapter.adapterClass]);
  const watch = await Stopwatch.for(device);
  const ceiling = await measureCeiling(device, watch);
  print(`${description}, ${loadText()}`);
  print(
    `peak ${figure(ceiling.gflops)} GFLOP/s, ${figure(ceiling.gigabytes)} GB/s`,
  );
  const times: AlgorithmTime[] = [];
  const measured: MeasuredPass[] = [];
  const asked = { batch, networks: options.networks.split(",") };
  for (const { problem, networks } of networkConvolutions(asked)) {
    for (const pass of PASSES) {
      if (!problemKey(pass, problem).includes(options.only)) continue;
      const target = { adapterClass, subgroupSize, shaderInt64 };
      const found = await measurePass({ device, watch }, {
        pass,
        problem,
        target,
        names: options.algorithms.split(","),
      });
      measured.push(found);
      const rows = found.times.map((time) => ({
        ...time,
        key: found.key,
        pass,
        gflops: convFlops(problem) / time.milliseconds / 1e6,
      }));
      times.push(...rows);
      for (const failure of found.failures) print(failure);
      print(`\n${timesText(rows, { ceiling, networks })}`);
    }
  }
  const report: AlgorithmsReport = {
    date: new Date().toISOString().slice(0, 10),
    deno: Deno.version.deno,
    device: description,
    adapterClass,
    subgroupSize,
    batch,
    peak: ceiling.gflops,
    times,
    tuned: tunedBy(measured),
  };
  print(`\n${winnersText(report)}`);
  print(`\nwritten to ${await writeReport(report)}`);
}

function timesText(
  rows: readonly AlgorithmTime[],
  { ceiling, networks }: {
    readonly ceiling: Ceiling;
    readonly networks: Readonly<Record<string, number>>;
  },
): string {
  const where = Object.entries(networks)
    .map(([name, count]) => `${count} in ${name}`).join(", ");
  return tableText(
    [
      `${rows[0]?.key ?? "no algorithm"} (${where})`,
      "ms",
      "GFLOP/s",
      "of peak",
    ],
    rows.toSorted((a, b) => a.milliseconds - b.milliseconds).map((row) => [
      row.algorithm,
      figure(row.milliseconds),
      figure(row.gflops),
      share(row.gflops, ceiling.gflops),
    ]),
  );
}

function winnersText(
  { times, peak }: AlgorithmsReport,
): string {
  const keys = Map.groupBy(times, ({ key }) => key);
  return tableText(
    ["fastest", "algorithm", "ms", "GFLOP/s", "of peak"],
    [...keys].map(([key, rows]) => {
      const best = fastestOf(rows)!;
      const { gflops } = rows.find((row) => row.algorithm === best.algorithm)!;
      return [
        key,
        best.algorithm,
        figure(best.milliseconds),
        figure(gflops),
        share(gflops, peak),
      ];
    }),
  );
}

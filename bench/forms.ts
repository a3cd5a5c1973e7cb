// Which form of convolution is the fastest on this adapter: every form, on every shape
// of the paper's networks, in all three passes.
//
//   deno task bench:forms [--batch 128] [--networks resnet18,wrn-34-10] [--only TEXT]
//     [--forms "tiles,winograd"] [--class gpu] [--write] [--from RESULTS.json]
//
// `--only` takes the shapes whose name contains the text, `--forms` the forms whose
// name begins so, `--class` forms for another kind of device. Results are written to
// `results/` as JSON, named after the device; `--write` also puts the winners into the
// table that the compiler looks into, `--from` those of an earlier measurement.
//
// What an attack does once, changing weights into the form that a kernel wants, is not
// counted. A form that takes three times as long as the best so far runs once.

import { parseArgs } from "node:util";
import { type AdapterClass, Device } from "../src/gpu/device.ts";
import type { Program } from "../src/gpu/program.ts";
import type { Memory } from "../src/gpu/memory.ts";
import { Plan } from "../src/gpu/plan.ts";
import { formName, formsToMeasure } from "../src/ops/conv2d_form.ts";
import { shapeKey } from "../src/ops/conv2d_forms.ts";
import { convFlops, type ConvPass } from "../src/ops/conv2d_sizes.ts";
import { type Ceiling, measureCeiling } from "./ceiling.ts";
import { convolutionProgram } from "./convolution_workloads.ts";
import {
  fastest,
  type FormsReport,
  type FormTime,
  writeReport,
  writeTable,
} from "./forms_table.ts";
import { Stopwatch } from "./measure.ts";
import { NETWORK_NAMES, networkConvolutions } from "./network_convolutions.ts";
import { loadText, share } from "./suite.ts";
import { figure, print, tableText } from "./table.ts";

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    batch: { type: "string" },
    networks: { type: "string", default: NETWORK_NAMES.join() },
    only: { type: "string", default: "" },
    forms: { type: "string", default: "" },
    class: { type: "string" },
    write: { type: "boolean", default: false },
    from: { type: "string" },
  },
});

const PASSES: readonly ConvPass[] = [
  "forward",
  "input gradient",
  "weight gradient",
];

/** Images where none are asked for: the paper's, or few for a processor. */
const BATCH = { gpu: 128, software: 4 } as const;

/** Repeats that count, and milliseconds that one should take at least. */
const REPEATS = 5;
const LONG_ENOUGH = 5;

/** By how much a form must be slower than the best to be given up. */
const HOPELESS = 3;

if (options.from) {
  await writeTable(JSON.parse(await Deno.readTextFile(options.from)));
} else await main();

async function main(): Promise<void> {
  using device = await Device.open();
  const { description, subgroupSize } = device.adapter;
  const adapterClass =
    (options.class ?? device.adapter.adapterClass) as AdapterClass;
  if (options.write && adapterClass !== device.adapter.adapterClass) {
    throw new RangeError(
      `Cannot write the table: expected --class ${device.adapter.adapterClass}, as the device is, but found ${adapterClass}`,
    );
  }
  const batch = Number(options.batch ?? BATCH[device.adapter.adapterClass]);
  const watch = await Stopwatch.for(device);
  const ceiling = await measureCeiling(device, watch);
  print(`${description}, ${loadText()}`);
  print(
    `peak ${figure(ceiling.gflops)} GFLOP/s, ${figure(ceiling.gigabytes)} GB/s`,
  );
  const times: FormTime[] = [];
  const asked = { batch, networks: options.networks.split(",") };
  for (const { sizes, networks } of networkConvolutions(asked)) {
    for (const pass of PASSES) {
      if (!shapeKey(pass, sizes).includes(options.only)) continue;
      const target = { adapterClass, subgroupSize };
      const rows = await measureForms({ device, watch }, {
        pass,
        sizes,
        target,
      });
      times.push(...rows);
      print(`\n${formsText(rows, { ceiling, networks })}`);
    }
  }
  const report: FormsReport = {
    date: new Date().toISOString().slice(0, 10),
    deno: Deno.version.deno,
    device: description,
    adapterClass,
    subgroupSize,
    batch,
    peak: ceiling.gflops,
    times,
  };
  print(`\n${winnersText(report)}`);
  print(`\nwritten to ${await writeReport(report)}`);
  if (options.write) await writeTable(report);
}

/** Times every form of a pass, likely ones first. */
async function measureForms(
  { device, watch }: { readonly device: Device; readonly watch: Stopwatch },
  asked: Parameters<typeof formsToMeasure>[0],
): Promise<FormTime[]> {
  const { pass, sizes, target } = asked;
  const names = formsToMeasure(asked).map(formName).filter((name) =>
    options.forms.split(",").some((begin) => name.startsWith(begin))
  );
  const rows: FormTime[] = [];
  const programs = new Set<string>();
  let best = Infinity;
  for (const form of names) {
    const { program, memory } = convolutionProgram(device, {
      ...{ pass, sizes, target: { ...target, form } },
    });
    using owned = memory;
    // A small shape is the same program with however much scratch space.
    const text = JSON.stringify(program.segments);
    if (programs.has(text)) continue;
    programs.add(text);
    const { milliseconds, repeats } = await timePrograms(program, owned, {
      watch,
      best,
    });
    best = Math.min(best, milliseconds);
    const gflops = convFlops(sizes) / milliseconds / 1e6;
    const key = shapeKey(pass, sizes);
    rows.push({ key, pass, form, milliseconds, gflops, repeats });
  }
  return rows;
}

/** Milliseconds of a program, without what is made of weights before. */
async function timePrograms(
  program: Program,
  memory: Memory,
  { watch, best }: { readonly watch: Stopwatch; readonly best: number },
): Promise<{ readonly milliseconds: number; readonly repeats: number }> {
  using whole = await Plan.bind(program, memory);
  whole.run();
  using plan = await Plan.bind(withoutPacking(program), memory);
  const run = () => plan.run();
  await watch.time(run, 1);
  const { wall: once } = await watch.time(run, 1);
  if (once > HOPELESS * best) return { milliseconds: once, repeats: 1 };
  const runs = Math.max(1, Math.ceil(LONG_ENOUGH / Math.max(once, 0.01)));
  const { wall } = await watch.measure(run, { repeats: REPEATS, runs });
  return { milliseconds: wall, repeats: REPEATS };
}

/** What a program does in every turn of an attack's loop. */
function withoutPacking(program: Program): Program {
  return {
    ...program,
    segments: program.segments.map(({ repeat, dispatches }) => ({
      repeat,
      dispatches: dispatches.filter(({ label }) =>
        !/^(winograd filters|swap channels)/.test(label)
      ),
    })),
  };
}

function formsText(
  rows: readonly FormTime[],
  { ceiling, networks }: {
    readonly ceiling: Ceiling;
    readonly networks: Readonly<Record<string, number>>;
  },
): string {
  const where = Object.entries(networks)
    .map(([name, count]) => `${count} in ${name}`).join(", ");
  return tableText(
    [`${rows[0]?.key ?? "no form"} (${where})`, "ms", "GFLOP/s", "of peak"],
    rows.toSorted((a, b) => a.milliseconds - b.milliseconds).map((row) => [
      row.form,
      figure(row.milliseconds),
      figure(row.gflops),
      share(row.gflops, ceiling.gflops),
    ]),
  );
}

function winnersText({ times, peak }: FormsReport): string {
  return tableText(
    ["fastest", "form", "ms", "GFLOP/s", "of peak"],
    [...fastest(times)].map(([key, { form, milliseconds, gflops }]) => [
      key,
      form,
      figure(milliseconds),
      figure(gflops),
      share(gflops, peak),
    ]),
  );
}

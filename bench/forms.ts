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
// counted. A form whose results differ from those of the first one is named and left
// out, as is one that does not compile; one that takes three times as long as the best
// so far runs once.

import { parseArgs } from "node:util";
import { type AdapterClass, Device } from "../src/gpu/device.ts";
import { shapeKey } from "../src/ops/conv/choose.ts";
import type { ConvPass } from "../src/ops/conv/problem.ts";
import { type Ceiling, measureCeiling } from "./ceiling.ts";
import { measureForms } from "./forms_measure.ts";
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
      const { rows, failures } = await measureForms({ device, watch }, {
        ...{ pass, sizes, target },
        names: options.forms.split(","),
      });
      times.push(...rows);
      for (const failure of failures) print(failure);
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

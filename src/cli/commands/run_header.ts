// The lines that are printed before a run starts: experiment, data, device and work.

import { configText } from "../../config/config_text.ts";
import {
  bytesText,
  countedText,
  countText,
  scaledText,
} from "../../base/amounts.ts";
import type { Communicator } from "../../base/communicator.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Experiment, TeacherConfig } from "../../config/experiment.ts";
import type { AdapterDescription } from "../../gpu/device.ts";
import type { RunEstimate } from "../../trainer/run_estimate.ts";

/** The facts in the header. */
export interface RunFacts {
  readonly experiment: Experiment;
  readonly adapter: AdapterDescription;
  readonly dataset: Dataset;
  readonly estimate: RunEstimate;
  /** The folder of the run. */
  readonly path: string;
  /** The ranks that train together; null where one process trains. */
  readonly ranks?: Pick<Communicator, "size" | "engine"> | null;
}

/** Experiment, adapter, data, networks and work, a line each. */
export function runHeader(
  { experiment, adapter, dataset, estimate, path, ranks }: RunFacts,
): string {
  const { name, title, epochs, evaluation, student, teacher } = experiment;
  const { averaging } = experiment;
  const { parameters, images, stepsPerEpoch, flopsPerEpoch, bytes } = estimate;
  const { height, width } = dataset.shape;
  const counts = [
    `${countText(images)} training`,
    `${countText(evaluation.validation)} held-out`,
    `${countText(dataset.test.count)} test images of ${height} x ${width}`,
  ];
  const rows = [
    ["adapter", `${adapter.description}, ${adapterText(adapter)}`],
    ...precisionRows(experiment, adapter),
    ["data", `${dataset.title}: ${counts.join(", ")}`],
    ["student", networkText(student, parameters.student)],
    ...teacher && parameters.teacher !== null
      ? [["teacher", networkText(teacher, parameters.teacher)]]
      : [],
    ...averaging ? [["averaged", configText(averaging)]] : [],
    [
      "work",
      `${countedText(epochs, "epoch")} of ${
        countedText(stepsPerEpoch, "step")
      }, ` +
      `${scaledText(flopsPerEpoch)}FLOP each; ${
        bytesText(bytes)
      } on the device`,
    ],
    ...ranksRow(ranks),
    ["folder", path],
  ];
  const lines = rows.map(([name, text]) =>
    `  ${name!.padEnd(averaging ? 10 : 9)}${text}`
  );
  return [`${name}: ${title}`, ...lines].join("\n");
}

function ranksRow(ranks: RunFacts["ranks"]): string[][] {
  if (!ranks) return [];
  const { size, engine } = ranks;
  return [["ranks", `${size} over ${engine}; the work is that of one`]];
}

/** Whether an adapter is a GPU, in words. */
export function adapterText({ adapterClass }: AdapterDescription): string {
  return adapterClass === "gpu" ? "a GPU" : "on the processor";
}

/** What half precision is on an adapter, which a run in f32 does not ask. */
export function precisionRows(
  { precision }: Pick<Experiment, "precision">,
  { adapterClass }: Pick<AdapterDescription, "adapterClass">,
): string[][] {
  if (precision === "f32") return [];
  return [[
    "numbers",
    adapterClass === "gpu"
      ? "precision f16, sums in f32"
      : "precision f16 in memory alone, computed in f32",
  ]];
}

/** An architecture as text: its sizes, its parameters, and the file that it starts from. */
export function networkText(
  config: TeacherConfig,
  parameters: number,
): string {
  const { network, pretrained, normalization, ...sizes } = config;
  const words = Object.entries(sizes).map(([name, size]) => `${name} ${size}`);
  const from = pretrained
    ? `, ${pretrained.frozen ? "frozen" : "trained on"} from ${pretrained.from}`
    : "";
  const images = normalization
    ? `, images less ${normalization.mean.join(" ")} over ${
      normalization.std.join(" ")
    }`
    : "";
  return `${[network, ...words].join(" ")}: ${
    countText(parameters)
  } parameters${images}${from}`;
}

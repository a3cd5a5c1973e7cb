// Writes the kernels of a recipe's training step to a folder, as a device gets them, for
// compilers that tell what they make of them: ID.wgsl for each, and index.json with a list
// of {id, kernel, bindings, count, flops, bytes}. No device is needed.
//
//   deno task bench:kernels FOLDER [RECIPE] [--target gpu]

import { parseArgs } from "node:util";
import { kernelsOf } from "./used_kernels.ts";
import { recipe } from "../src/recipes/mod.ts";
import { compileTraining } from "../src/step/compiled_step.ts";
import { STEP } from "./inputs.ts";
import { print } from "./table.ts";

const { values: { target }, positionals: [folder, name = "shapes/frpat"] } =
  parseArgs({
    allowPositionals: true,
    options: { target: { type: "string", default: "gpu" } },
  });
if (folder === undefined || (target !== "gpu" && target !== "software")) {
  print(
    "usage: deno task bench:kernels FOLDER [RECIPE] [--target gpu|software]",
  );
  Deno.exit(2);
}

const experiment = recipe(name);
const { programs } = compileTraining(experiment, {
  count: experiment.batchSize,
  shape: { channels: 3, height: STEP.side, width: STEP.side },
  classes: STEP.classes,
  // As Mesa's software adapter, whose subgroups are SIMD registers of eight lanes.
  ...target === "software" ? { subgroupSize: 8, shaderInt64: true } : {},
  adapterClass: target,
});
const kernels = kernelsOf(programs.full);
await Deno.mkdir(folder, { recursive: true });
const index = kernels.map(({ name, bindings, count, flops, bytes }, i) => {
  const id = String(i).padStart(3, "0");
  return { id, kernel: name, bindings, count, flops, bytes };
});
for (const [i, { id }] of index.entries()) {
  await Deno.writeTextFile(`${folder}/${id}.wgsl`, kernels[i]!.code);
}
await Deno.writeTextFile(
  `${folder}/index.json`,
  `${JSON.stringify(index, null, 1)}\n`,
);
print(`${kernels.length} kernels of ${name} for ${target} in ${folder}`);

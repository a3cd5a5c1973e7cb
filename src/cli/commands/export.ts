// `export`: one network of a run as a file that PyTorch loads strictly.

import { fileInfo } from "../../base/disk.ts";
import { networkName as architectureNamed } from "../../config/named_networks.ts";
import type { ArchitectureConfig } from "../../config/experiment.ts";
import { writeTensorFile } from "../../weights/network_file.ts";
import { RunFolder } from "../../runs/run_folder.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { countText } from "../../base/amounts.ts";
import { EXIT, UsageError, UserError } from "../../base/errors.ts";
import { CHECKPOINT, chosenCheckpoint } from "./checkpoint_option.ts";
import type { Command } from "./command.ts";
import type { Invocation } from "./invocation.ts";

/** Exports a network. */
export const EXPORT: Command = {
  name: "export",
  about: "Write a network of a run as a file for PyTorch",
  argument: {
    name: "RUN OUT.safetensors",
    required: true,
    many: true,
    about: "the folder of a run, and the file to write",
  },
  options: [
    {
      name: "network",
      value: "NAME",
      about: "student (the default), average (of its weights) or teacher",
    },
    CHECKPOINT,
  ],
  examples: [
    "export runs/shapes-frpat-seed1 student.safetensors",
    "export runs/shapes-frpat-seed1 teacher.safetensors --network teacher",
  ],
  run: exportNetwork,
};

async function exportNetwork(
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const [run, out, ...others] = invocation.args;
  if (out === undefined || others.length > 0) {
    throw new UsageError(
      `Cannot export: expected RUN and OUT.safetensors but found ${
        invocation.args.join(" ")
      }`,
    );
  }
  await checkTarget(out);
  const name = networkName(invocation);
  const folder = await RunFolder.open(run!);
  const checkpoint = await chosenCheckpoint(folder, invocation);
  const { source, experiment, tensors, epoch } = checkpoint;
  const own = tensors[name];
  const architecture: ArchitectureConfig | null = experiment[
    name === "average" ? "student" : name
  ];
  if (!own || !architecture) {
    throw new UserError(
      `Cannot export ${source}: expected a ${name} but found ${
        Object.keys(tensors).filter((group) => !group.includes(".")).join(", ")
      } alone`,
    );
  }
  await writeTensorFile(out, own);
  const architectureName = architectureNamed(architecture);
  const values = [...own.values()].reduce((n, { data }) => n + data.length, 0);
  terminal.print(
    `${out}: the ${name} of ${source} after epoch ${epoch}, ` +
      `${architectureName}, ${own.size} tensors of ${countText(values)} ` +
      `numbers; evaluate --network ${architectureName} loads them.\n` +
      "In PyTorch: network.load_state_dict(safetensors.torch.load_file" +
      `(${JSON.stringify(out)}), strict=True)`,
  );
  return EXIT.done;
}

/** Refuses a file that exists, and an ending that promises what `torch.load` reads. */
async function checkTarget(out: string): Promise<void> {
  if (!out.endsWith(".safetensors")) {
    throw new UsageError(
      `Cannot export to ${out}: expected a file that ends in .safetensors, ` +
        "which PyTorch reads by safetensors.torch.load_file",
    );
  }
  if (!await fileInfo(out)) return;
  throw new UserError(
    `Cannot write ${out}: expected no file there but found one`,
  );
}

function networkName(
  invocation: Invocation,
): "student" | "average" | "teacher" {
  const name = invocation.value("network") ?? "student";
  const names = ["student", "average", "teacher"] as const;
  const known = names.find((one) => one === name);
  if (known) return known;
  throw new UsageError(
    `Cannot export: expected --network student, average or teacher but found ${name}`,
  );
}

// `evaluate`: the accuracy of the networks of a run, or of a file of weights, under any
// attack.

import { fileInfo } from "../../base/disk.ts";
import { UserError } from "../../base/errors.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { CHECKPOINT } from "./checkpoint_option.ts";
import type { Command } from "./command.ts";
import { CORRUPTIONS } from "./evaluate_corruptions.ts";
import { RELATION_OPTIONS } from "./evaluate_relation.ts";
import { evaluateRun } from "./evaluate_run.ts";
import { SOURCE_OPTIONS } from "./evaluate_source.ts";
import { evaluateWeights, WEIGHTS_OPTIONS } from "./evaluate_weights.ts";
import { DATA } from "./experiment_options.ts";
import type { Invocation } from "./invocation.ts";
import type { Option } from "./syntax.ts";

/** Changes to the attacks. */
const ATTACK_SETTINGS: Option = {
  name: "set",
  value: "KEY=VALUE",
  many: true,
  about: "A number of the attacks, such as epsilon=8/255 or cw-20.steps=50",
};

/** Evaluates a run or a file. */
export const EVALUATE: Command = {
  name: "evaluate",
  about: "Measure the natural and robust accuracy of a run or of weights",
  argument: {
    name: "RUN|FILE",
    required: true,
    about: "the folder of a run, or weights: .safetensors, .pt or .pth",
  },
  options: [
    {
      name: "attack",
      value: "LIST",
      about:
        "Attacks, such as clean,pgd-20,cw-20,autoattack; the run's own if left out",
    },
    ATTACK_SETTINGS,
    DATA,
    { name: "limit", value: "N", about: "Only the first N test images" },
    {
      name: "batch-size",
      value: "N",
      about: "Images that are attacked at once",
    },
    CORRUPTIONS,
    ...RELATION_OPTIONS,
    CHECKPOINT,
    ...SOURCE_OPTIONS,
    ...WEIGHTS_OPTIONS,
  ],
  examples: [
    "evaluate runs/shapes-frpat-seed1",
    "evaluate runs/shapes-frpat-seed1 --attack clean,fgsm,pgd-100 --limit 100",
    "evaluate runs/shapes-frpat-seed1 --attack autoattack --network student",
    "evaluate runs/shapes-frpat-seed1 --attack pgd-50-10 --set epsilon=8/255",
    "evaluate runs/shapes-frpat-seed1 --attack pgd-20 --source runs/other",
    "evaluate runs/cifar10-trades-seed1 --attack clean --corruptions",
    "evaluate trades.pt --network wide-resnet-34-10 --eps 0.031",
    "evaluate rebuffi.pt --network dm-wide-resnet-28-10 --normalize cifar10",
  ],
  run: evaluate,
};

async function evaluate(
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const path = invocation.argument!;
  const info = await fileInfo(path);
  if (!info && /\.(safetensors|pth?|ckpt|tar)$/.test(path)) {
    throw new UserError(
      `Cannot read ${path}: expected a file of weights but found nothing`,
    );
  }
  return info?.isFile
    ? await evaluateWeights(invocation, terminal)
    : await evaluateRun(invocation, terminal);
}

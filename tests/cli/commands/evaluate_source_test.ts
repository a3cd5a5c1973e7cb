// `--source`: what does not go together is refused before anything is attacked.

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import { UserError } from "../../../src/base/errors.ts";
import { EVALUATE } from "../../../src/cli/commands/evaluate.ts";
import {
  checkSourceOptions,
  readSource,
} from "../../../src/cli/commands/evaluate_source.ts";
import { Invocation } from "../../../src/cli/commands/invocation.ts";
import { shapes } from "../../../src/data/shapes.ts";
import { exampleRun } from "../../support/example_run.ts";
import { withFolder } from "../../support/temporary_folder.ts";

function invocation(words: string): Invocation {
  return Invocation.read(
    EVALUATE,
    `run ${words}`.split(" "),
    (all, options) => parseArgs([...all], options),
  );
}

const NONE = { attacks: {}, ensembles: {} } as const;
const PGD = { method: "fgsm", norm: "linf", epsilon: "8/255" } as const;

for (
  const [words, attacks, message] of [
    [
      "--source-network teacher",
      { PGD },
      "Cannot use --source-network: expected it with --source, which it is about, but found no --source",
    ],
    [
      "--source other",
      { clean: null },
      "Cannot use --source other: expected an attack, such as --attack pgd-20, but found clean images alone",
    ],
    [
      "--source other --relation",
      { PGD },
      "Cannot use --relation: expected it without --source, since its attack is on the network itself, but found --source other",
    ],
  ] as const
) {
  Deno.test(`evaluate refuses ${words} with ${Object.keys(attacks)}`, () => {
    const chosen = { attacks, ensembles: {} } as never;
    const error = assertThrows(
      () => checkSourceOptions(invocation(words), chosen),
      UserError,
    );
    assertEquals(error.message, message);
  });
}

const WEIGHTS =
  new URL("../../fixtures/torch_files/plain.pt", import.meta.url).pathname;

for (
  const [words, found] of [
    [
      "",
      "Cannot use --source RUN: expected a network for CIFAR-10, 10 classes in images of 32 x 32, but found one for shapes",
    ],
    [
      "--source-key ema",
      "Cannot use --source-key: expected it with a file of weights alone but found the run RUN, which knows its own",
    ],
  ] as const
) {
  Deno.test(`evaluate refuses a run of other images as --source ${words}`, () =>
    withFolder(async (folder) => {
      await exampleRun(folder, { epochs: 1 });
      const asked = invocation(`--source ${folder} ${words}`.trim());
      const dataset = { ...shapes({ train: 16, test: 16 }), title: "CIFAR-10" };
      const error = await assertRejects(
        () =>
          readSource(asked, {
            config: { dataset: "cifar10" },
            dataset,
            attacks: NONE,
          }),
        UserError,
      );
      assertEquals(error.message.replaceAll(folder, "RUN"), found);
    }));
}

Deno.test("evaluate refuses a source of another number of classes, or without its architecture", async () => {
  const dataset = shapes({ train: 16, test: 16 });
  const classNames = dataset.classNames.slice(1);
  const shared = {
    config: { dataset: "cifar10" },
    dataset: { ...dataset, classNames },
    attacks: NONE,
  } as const;
  const refusal = async (words: string) => {
    const asked = invocation(`--source ${WEIGHTS} ${words}`.trim());
    return (await assertRejects(() => readSource(asked, shared), UserError))
      .message.replaceAll(WEIGHTS, "FILE");
  };
  assertEquals(
    await refusal(""),
    "Cannot use --source FILE: expected --source-network NAME, the architecture of its weights, but found none",
  );
  const other = await refusal("--source-network resnet8-2");
  assertEquals(
    /linear\.(weight|bias)[^]*\b9\b[^]*\b10\b/.test(other),
    true,
    other,
  );
});

// The program as somebody runs it: real processes, their output and exit codes,
// with the permissions that its tasks have.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { ROOT, run, TINY } from "../support/program.ts";

Deno.test("cli.ts lists its commands, and each explains itself", async () => {
  const overview = await run("--help");
  assertEquals([overview.code, overview.err], [0, ""]);
  assertStringIncludes(overview.out, "  train [RECIPE] ");
  const help = await run("train", "--help");
  assertEquals([help.code, help.err], [0, ""]);
  assertStringIncludes(help.out, "--set KEY=VALUE …");
});

Deno.test("cli.ts passes on what follows the name of a task", async () => {
  const child = new Deno.Command("deno", {
    args: ["task", "recipes", "table1/trades"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  });
  const { code, stdout } = await child.output();
  assertEquals(code, 0);
  const recipe = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals(recipe.reported.clean, 84.42);
});

/** Weights that PyTorch saved, of a ResNet-8 of width 2. */
const PLAIN_PT = "tests/fixtures/torch_files/plain.pt";

const MISUSED: readonly [args: readonly string[], message: string][] = [
  [[], "expected one of the commands"],
  [["tran"], "did you mean train?"],
  [["train", "tabel1/trades"], "did you mean table1/trades or table2/trades?"],
  [["train", "--epcohs", "3"], "did you mean --epochs?"],
  [["train", "--set", "weightDecay=1"], "did you mean optimizer.weightDecay?"],
  [["train", "--epochs", "0"], "Cannot set epochs: expected a whole number"],
  [["sweep", "tabel2/*"], "Cannot find recipes for tabel2/*: expected a name"],
  [["sweep", "shapes/*", "--seeds", "1,x"], "expected different whole numbers"],
  [
    ["sweep", "shapes/trades", "table2/trades", "--data", "."],
    "expected recipes of one data set but found those of shapes, cifar100",
  ],
  [["train", "--epochs", "-1"], "Cannot set epochs: expected a whole number"],
  [["train", "--serve=70000"], "expected a whole number from 0 to 65535"],
  [["explain"], "expected RECIPE"],
  [["explain", "shapes/frpat", "--target", "cpu"], "gpu or software but found"],
  [["evaluate", PLAIN_PT], "expected --network NAME, the architecture"],
  [["evaluate", PLAIN_PT, "--network", "resnet19"], "did you mean resnet18"],
  [
    ["evaluate", PLAIN_PT, "--network", "resnet8-2", "--support", "9"],
    "expected it with --relation",
  ],
  [
    ["relations", "x", "--checkpoint", "y"],
    "expected --checkpoint best or last",
  ],
  [
    ["train", "--set", "optimizer.learningRate.kind=step"],
    `--set 'optimizer.learningRate={"kind":"step","initial":0.1,"drops":[],"factor":0.1}'`,
  ],
  [["train", "runs/a", "--resume"], "or the folder of a run by --out"],
  [["export", "run", "s.pt"], "expected a file that ends in .safetensors"],
  [["export", "run"], "expected RUN and OUT.safetensors but found run"],
];

for (const [args, message] of MISUSED) {
  Deno.test(`cli.ts ends "${args.join(" ")}" with code 2 and one clear message`, async () => {
    const { out, err, code } = await run(...args);
    assertEquals([out, code], ["", 2]);
    assertStringIncludes(err, message);
    assert(!err.includes("    at "), err);
  });
}

const REFUSED: readonly [args: readonly string[], message: string][] = [
  [["evaluate", "nope.pt"], "Cannot read nope.pt: expected a file of weights"],
  [["evaluate", "no/such/run"], "Cannot open no/such/run: expected the folder"],
  [
    ["evaluate", PLAIN_PT, "--network", "resnet8", "--dataset", "shapes"],
    "wrongly shaped: conv1.weight (2, 3, 3, 3) for (16, 3, 3, 3)",
  ],
  [
    ["evaluate", "deno.json", "--network", "resnet8"],
    "Cannot read deno.json: expected safetensors, or what torch.save wrote",
  ],
  [["train", "--resume", "--out", "no/such/run"], "Cannot open no/such/run"],
  [["train", "shapes/frpat", "--data", "src"], "Cannot load shapes from src"],
  [
    ["train", "table1/standard", "--data", "src/data"],
    "Cannot load CIFAR-10: expected data_batch_1.bin in src/data",
  ],
  [
    ["explain", "shapes/frpat", "--set", "data.train=9"],
    "Cannot hold out images: expected evaluation.validation to be less than",
  ],
];

for (const [args, message] of REFUSED) {
  Deno.test(`cli.ts ends "${args.join(" ")}" with code 1 and one clear message`, async () => {
    const { err, code } = await run(...args);
    assertEquals(code, 1);
    assertStringIncludes(err, message);
    assert(!err.includes("    at "), err);
  });
}

Deno.test("cli.ts explain prints the step and what a run takes", async () => {
  const args = ["explain", "shapes/frpat", "--target", "gpu"];
  const { out, err, code } = await run(...args);
  assertEquals([err, code], ["", 0]);
  assertStringIncludes(out, "program training step of ");
  assertStringIncludes(out, "ascend linf");
  assertStringIncludes(out, "compiled for gpu\n");
});

Deno.test("cli.ts info describes the adapter and finds that it counts right", async () => {
  const { out, err, code } = await run("info");
  assertEquals([err, code], ["", 0]);
  assert(/^adapter +\S/m.test(out), out);
  assert(/^NaN +right/m.test(out), out);
});

Deno.test("cli.ts train --dry-run says what would run and writes nothing", async () => {
  const parent = await Deno.makeTempDir({ prefix: "cli test " });
  try {
    const path = join(parent, "run");
    const options = ["--dry-run", "--out", path, ...TINY];
    const { out, err, code } = await run("train", "shapes/frpat", ...options);
    assertEquals([err, code], ["", 0]);
    assertStringIncludes(out, "  work       3 epochs of 5 steps: ");
    assert(/^ {2}time {7}about .+ on this adapter, at the /m.test(out), out);
    assertStringIncludes(out, `the run would go to ${path}\n`);
    assertEquals([...Deno.readDirSync(parent)], []);
    const both = await run("train", "--dry-run", "--resume", "--out", path);
    assertEquals(both.code, 2);
    assertStringIncludes(both.err, "--dry-run or --resume but found both");
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
});

Deno.test("cli.ts profile times a step, dispatch by dispatch", async () => {
  const args = ["profile", "shapes/frpat", "--steps", "1", ...TINY];
  const { out, err, code } = await run(...args);
  assertEquals([err, code], ["", 0]);
  assert(/ per step of 16 images, .+ images\/s over 1 step$/m.test(out), out);
  assert(
    /^conv2d .+ \d+ +\d+\.\d\d +\d+\.\d % +\S+ .?FLOP\/s$/m.test(out),
    out,
  );
  assert(/^all +\d+ +\d+\.\d\d +100\.0 %$/m.test(out), out);
});

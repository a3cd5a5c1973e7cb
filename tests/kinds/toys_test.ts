// A kind is added by its own description and a line in a list. Here the program's
// lists are replaced by those in `lists`, which have one line more, by an import map;
// everything else is the program as it is, from its command line on.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join, toFileUrl } from "@std/path";
import { withFolder } from "../support/temporary_folder.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** The lists by where the program has them. */
const LISTS = {
  "src/methods/objectives.ts": "objectives.ts",
  "src/methods/regularizers.ts": "regularizers.ts",
  "src/methods/attacks.ts": "attacks.ts",
  "src/nn/networks.ts": "networks.ts",
  "src/data/datasets.ts": "datasets.ts",
};

/** An import map in which whoever imports a list gets the longer one. */
async function writeImportMap(path: string): Promise<void> {
  const { imports } = JSON.parse(
    await Deno.readTextFile(join(ROOT, "deno.json")),
  );
  const lists = toFileUrl(join(ROOT, "tests/kinds/lists/")).href;
  const listed: Record<string, string> = {};
  const own: Record<string, string> = {};
  for (const [program, list] of Object.entries(LISTS)) {
    const url = toFileUrl(join(ROOT, program)).href;
    listed[url] = new URL(list, lists).href;
    own[url] = url;
  }
  const map = { imports: { ...imports, ...listed }, scopes: { [lists]: own } };
  await Deno.writeTextFile(path, JSON.stringify(map));
}

const SET = [
  'data={"dataset":"toy-images","side":4}',
  'student={"network":"toy-net","width":2}',
  'objective={"method":"toy-loss","scale":2}',
  'regularizers=[{"method":"toy-term","weight":0.5}]',
  'attack={"method":"toy-noise","epsilon":"8/255","mode":"eval"}',
  'evaluation.attacks={"light":{"method":"toy-light","norm":"linf",' +
  '"epsilon":"8/255","parts":2}}',
  "evaluation.validation=4",
  "batchSize=8",
];

Deno.test("a kind of each list is trained and evaluated by its file and its line", async (t) => {
  await withFolder(async (folder) => {
    const map = join(folder, "import_map.json");
    const run = join(folder, "run");
    await writeImportMap(map);
    const cli = async (...args: string[]) => {
      const { code, stdout, stderr } = await new Deno.Command("deno", {
        args: [
          ...["run", `--import-map=${map}`, "--allow-read", "--allow-write"],
          ...["cli.ts", ...args],
        ],
        cwd: ROOT,
        env: { NO_COLOR: "1" },
      }).output();
      const text = new TextDecoder();
      return { code, out: text.decode(stdout), err: text.decode(stderr) };
    };
    const settings = SET.flatMap((setting) => ["--set", setting]);
    const train = ["train", "shapes/vanilla-at", "--epochs", "1", ...settings];

    await t.step("help and schema have the fields of all", async () => {
      const { out } = await cli("recipes", "--fields");
      for (const line of TOLD) assertStringIncludes(out, line);
      const schema = await cli("recipes", "--schema");
      for (const name of NAMES) assertStringIncludes(schema.out, `"${name}"`);
    });

    await t.step("a number out of its range is refused", async () => {
      const { code, err } = await cli(...train, "--set", "objective.scale=11");
      assertEquals(code, 2, err);
      assertStringIncludes(
        err,
        "Cannot set objective.scale: expected a number above 0 and of at most " +
          "10 but found 11",
      );
    });

    await t.step("the command line trains with them", async () => {
      const { code, out, err } = await cli(...train, "--out", run);
      assertEquals(code, 0, err);
      assertStringIncludes(out, "light");
      const log = await Deno.readTextFile(join(run, "log.jsonl"));
      assertStringIncludes(log, '"toyTerm"');
    });

    await t.step("the command line evaluates by their names", async () => {
      const list = "clean,toy-light-2,toy-dark";
      const { code, out, err } = await cli("evaluate", run, "--attack", list);
      assertEquals(code, 0, err);
      for (const name of ["toy-light-2", "after toy-dark"]) {
        assert(out.includes(name), out);
      }
    });
  });
});

/** What `recipes --fields` says of the toys. */
const TOLD = [
  "toy-loss: scaled cross-entropy",
  "scale  a number above 0 and of at most 10: factor of the loss",
  "toy-term: small logits",
  "toy-light: brighter images",
  "toy-noise: random noise",
  "toy-dark: darker images",
  "toy-net: a convolution and a linear layer",
  "width  a whole number from 1 to 8: channels",
  "toy-images: dark and bright images",
  "side  one of 4, 8: rows and columns",
];

/** The toys that an experiment can name. */
const NAMES = [
  "toy-loss",
  "toy-term",
  "toy-light",
  "toy-noise",
  "toy-net",
  "toy-images",
];

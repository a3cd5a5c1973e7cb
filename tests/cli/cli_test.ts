// The program as somebody runs it: real processes, their output and exit codes,
// with the permissions that its tasks have. The tiny run below is stopped by a
// signal, continued, evaluated and refused, in that order.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { ResultCard } from "../../src/runs/result_card.ts";
import { ROOT, run, runUntil, TINY } from "../support/program.ts";

/** Which of these settings need a teacher or an attack in several steps. */
const GUIDED = [5, 6];

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

/** What a run's folder holds. */
function filesOf(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => !name.startsWith(".")).sort();
}

/** A run's result card. */
async function cardOf(folder: string): Promise<ResultCard> {
  return JSON.parse(await Deno.readTextFile(join(folder, "card.json")));
}

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

Deno.test("cli.ts trains, stops at a signal, goes on, evaluates and refuses", async (t) => {
  const parent = await Deno.makeTempDir({ prefix: "cli test " });
  const folder = join(parent, "run");
  const out = ["--out", folder];
  try {
    await t.step("a signal saves and says how to go on", async () => {
      const args = ["train", "shapes/frpat", ...out, ...TINY];
      const { err, code, ...first } = await runUntil("\nepoch 1/3", args);
      assertEquals(code, 130, err);
      assertStringIncludes(first.out, "shapes/frpat: ");
      assertStringIncludes(first.out, "  work     3 epochs of 5 steps, ");
      assertStringIncludes(
        err,
        `To go on:\n  deno task train --resume --out '${folder}'\n`,
      );
      assert(filesOf(folder).includes("last.safetensors"));
      assert(!filesOf(folder).includes("card.json"));
    });
    await t.step("an existing run is not overwritten", async () => {
      const args = ["train", "shapes/frpat", ...out, ...TINY];
      const { err, code } = await run(...args);
      assertEquals(code, 1);
      assertStringIncludes(err, "but found one; go on with it by --resume");
    });
    await t.step("a run goes on as it was begun only", async () => {
      for (
        const [args, found] of [
          [["--epochs", "9"], "found cyclic, which falls to 0 by epoch 3"],
          [["--epochs", "2"], "at least the run's 3 but found 2"],
          [["--set", "batchSize=8"], "found batchSize=8"],
          [["--seed", "2"], "found 2"],
          [["shapes/trades"], "found shapes/trades"],
        ] as const
      ) {
        const { err, code } = await run("train", "--resume", ...out, ...args);
        assertEquals(code, 2);
        assertStringIncludes(err, found);
      }
    });
    await t.step("it goes on to a card", async () => {
      const { out: said, err, code } = await run(
        "train",
        "--resume",
        "--tensorboard",
        ...out,
      );
      assertEquals([err, code], ["", 0]);
      assert(/^continuing after step \d+ of 15$/m.test(said), said);
      assert(/^teacher +clean +\d/m.test(said), said);
      assertStringIncludes(said, `The run is in ${folder}\n`);
      assertEquals(filesOf(folder), [
        "best.safetensors",
        "card.json",
        "experiment.json",
        "last.safetensors",
        "log.csv",
        "log.jsonl",
        "tensorboard",
      ]);
      const [head] = Deno.readTextFileSync(join(folder, "log.csv")).split("\n");
      assertStringIncludes(head!, "epoch,step,time,epoch/");
      const [events] = filesOf(join(folder, "tensorboard"));
      assert(events!.startsWith("events.out.tfevents."), events);
    });
    await t.step("a finished run shows its card again", async () => {
      const { out: said, code } = await run("train", "--resume", ...out);
      assertEquals(code, 0);
      assertStringIncludes(said, "is finished:");
    });
    await t.step("damaged files are named, without a stack", async () => {
      const copy = join(parent, "copy");
      await Deno.mkdir(join(copy, "figures"), { recursive: true });
      const files = ["experiment.json", "last.safetensors"];
      for (const file of files) {
        await Deno.copyFile(join(folder, file), join(copy, file));
      }
      const whole = await Deno.readTextFile(join(copy, "experiment.json"));
      const renamed = whole.replace("weightDecay", "weight_decay");
      const figures =
        '{"format":"frpat-figures-1","figures":[{"name":"../x"}]}';
      const card = '{"format":"frpat-card-1","best":5}';
      for (
        const [file, text, args] of [
          ["figures/figures.json", figures, ["report", copy]],
          ["card.json", card, ["evaluate", copy]],
          ["experiment.json", renamed, ["train", "--resume", "--out", copy]],
        ] as const
      ) {
        await Deno.writeTextFile(join(copy, file), text);
        const { err, code } = await run(...args);
        assertEquals(code, 1, err);
        assert(err.startsWith("Cannot read "), err);
        assertStringIncludes(err, join(copy, file));
        assert(!err.includes("    at "), err);
      }
    });
    await t.step(
      "a run without a checkpoint begins again, and ends the same",
      async () => {
        const other = join(parent, "other");
        await Deno.mkdir(other);
        const record = "experiment.json";
        await Deno.copyFile(join(folder, record), join(other, record));
        const { out: said, err, code } = await run(
          "train",
          "--resume",
          "--out",
          other,
        );
        assertEquals([err, code], ["", 0]);
        assert(!said.includes("continuing"), said);
        const { secondsPerEpoch: _, ...card } = await cardOf(folder);
        const { secondsPerEpoch: _other, ...same } = await cardOf(other);
        assertEquals(same, card);
      },
    );
    await t.step("evaluating it finds what the card says", async () => {
      const args = ["evaluate", folder, "--checkpoint", "last"];
      const { out: said, err, code } = await run(...args);
      assertEquals([err, code], ["", 0]);
      const card = await cardOf(folder);
      for (const network of ["student", "teacher"] as const) {
        const { clean, attacks } = card.last[network]!;
        const robust = attacks["pgd-20"]!.accuracy;
        const accuracies = [["clean", clean], ["pgd-20", robust]] as const;
        for (const [attack, accuracy] of accuracies) {
          const row = new RegExp(`^${network} +${attack} .* (\\S+) % `, "m");
          assertEquals(row.exec(said)?.[1], accuracy.toFixed(1), said);
        }
      }
    });
    await t.step(
      "other attacks, images and networks can be named",
      async () => {
        const args = ["--attack", "clean,fgsm,pgd-1", "--limit", "8"];
        const command = ["evaluate", folder, ...args, "--network", "student"];
        const { out: said, err, code } = await run(...command);
        assertEquals([err, code], ["", 0]);
        assertEquals(said.match(/^student.* of 8$/gm)?.length, 3, said);
        assert(!said.includes("teacher"), said);
        const { best } = await cardOf(folder);
        assertEquals(best.student.attacks["pgd-1"]?.count, 8);
        assertEquals(best.student.attacks["pgd-20"]!.count > 8, true);
      },
    );
    await t.step(
      "another epsilon adds to the card and replaces nothing",
      async () => {
        const before = await cardOf(folder);
        const args = ["--attack", "pgd-20", "--set", "epsilon=16/255"];
        const few = ["--network", "student", "--limit", "8"];
        const { err, code } = await run("evaluate", folder, ...args, ...few);
        assertEquals([err, code], ["", 0]);
        const { attacks } = (await cardOf(folder)).best.student;
        const { "pgd-20": own, ...others } = attacks;
        assertEquals(own, before.best.student.attacks["pgd-20"]);
        const added = Object.values(others).filter(({ attack }) =>
          attack === "pgd-20"
        );
        assertEquals(added.map(({ count }) => count), [8]);
        const shown = await run("train", "--resume", ...out);
        assert(
          /^student +PGD-20 +16\/255 +\S+ +8 /m.test(shown.out),
          shown.out,
        );
      },
    );
    await t.step(
      "an ensemble keeps its verdicts, and its result is on the card",
      async () => {
        const args = ["--attack", "apgd-ce,fab-t", "--limit", "8"];
        const budget = ["--set", "steps=2", "--set", "targets=1"];
        const command = ["evaluate", folder, ...args, ...budget];
        const { out: said, err, code } = await run(...command);
        assertEquals([err, code], ["", 0]);
        const kept = filesOf(folder)
          .find((name) => /^student-epoch\d+-apgd-ce-/.test(name))!;
        const { state } = JSON.parse(
          await Deno.readTextFile(join(folder, kept)),
        );
        assertEquals([state.verdicts.length, state.finished], [8, true]);
        const { best } = await cardOf(folder);
        const found = best.student.attacks["apgd-ce"]!;
        const left = state.verdicts.filter((by: unknown) => by === null).length;
        assertEquals([found.count, found.accuracy], [8, 100 * left / 8]);
        assertStringIncludes(said, "student, fab-t: linf, epsilon");
        // What is done is not done again.
        const again = await run(...command);
        assertEquals(again.out.includes("that are left"), false, again.out);
      },
    );
    await t.step(
      "its networks are exported, and evaluated as files",
      async () => {
        for (const network of ["student", "teacher"]) {
          const file = join(parent, `${network}.safetensors`);
          const exported = await run(
            ...["export", folder, file, "--network", network],
          );
          assertEquals([exported.err, exported.code], ["", 0]);
          assertStringIncludes(exported.out, `the ${network} of ${folder}`);
          const card = join(parent, `${network}.json`);
          const { out: said, err, code } = await run(
            ...["evaluate", file, "--network", "resnet8-4", "--limit", "8"],
            ...["--dataset", "shapes", "--attack", "fgsm", "--out", card],
          );
          assertEquals([err, code], ["", 0], err);
          assert(/^fgsm +\S+ +8 +\d+\.\d\d$/m.test(said), said);
          const { format, result } = JSON.parse(await Deno.readTextFile(card));
          assertEquals([format, result.count], ["frpat-evaluation-1", 8]);
        }
        const again = join(parent, "student.safetensors");
        const { err, code } = await run("export", folder, again);
        assertEquals(code, 1);
        assertStringIncludes(err, "expected no file there but found one");
      },
    );
    await t.step(
      "its relationship scores go to its card, and to a table",
      async () => {
        const args = ["--relation", "--attack", "clean"];
        const { out: said, err, code } = await run("evaluate", folder, ...args);
        assertEquals([err, code], ["", 0]);
        assert(/^k-NN +k = 5 +k = 30 +k = 50$/m.test(said), said);
        assertStringIncludes(said, " among 192 features of training images");
        assertStringIncludes(said, `Kept in ${join(folder, "card.json")}\n`);
        const { best } = await cardOf(folder);
        const { relationRobust } = best.student.relation!;
        const table = await run("relations", folder);
        assertEquals([table.err, table.code], ["", 0]);
        const shown = relationRobust["50"]!.toFixed(2);
        assert(table.out.endsWith(`| ${shown} |\n`), table.out);
        const few = await run("evaluate", folder, ...args, "--support", "30");
        assertStringIncludes(few.out, "are not kept in the card");
      },
    );
    await t.step("a damaged checkpoint is a message, not a stack", async () => {
      await Deno.writeTextFile(join(folder, "best.safetensors"), "nonsense");
      const { err, code } = await run("evaluate", folder);
      assertEquals(code, 1);
      assertStringIncludes(err, "best.safetensors");
      assert(!err.includes("    at "), err);
    });
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
});

Deno.test("cli.ts sweeps recipes and seeds, stops at a signal, goes on past a failure", async (t) => {
  const parent = await Deno.makeTempDir({ prefix: "cli test " });
  const table = () => Deno.readTextFile(join(parent, "table.md"));
  const args = [
    ...["sweep", "shapes/standard", "shapes/fgsm*", "--seeds", "1,2"],
    ...["--out", parent, ...TINY.filter((_, i) => !GUIDED.includes(i >> 1))],
  ];
  try {
    await t.step(
      "a signal stops the run under way and keeps the rest",
      async () => {
        const { err, code, out } = await runUntil("\nepoch 1/3", args);
        assertEquals(code, 130, err);
        assertStringIncludes(out, "[1 of 4] shapes/standard, seed 1 in ");
        assert(!out.includes("[2 of 4]"), out);
        assertStringIncludes(err, "the same command goes on from here");
        assertStringIncludes(await table(), "| shapes/standard | 0 of 2 | - |");
      },
    );
    await t.step("it goes on, past a run that fails", async () => {
      const damaged = join(parent, "shapes-fgsm-rs-seed1");
      await Deno.mkdir(damaged);
      await Deno.writeTextFile(join(damaged, "log.jsonl"), "of another run");
      const { err, code, out } = await run(...args);
      assertEquals(code, 1, err);
      assertStringIncludes(out, "shapes-standard-seed1, to go on\n");
      const text = await table();
      assert(/\| shapes\/standard \| 2 of 2 \| [\d.]+ ± /.test(text), text);
      assertStringIncludes(text, "| shapes/fgsm-rs | 1 of 2 |");
      assertStringIncludes(
        text,
        `**shapes/fgsm-rs failed**: seed 1: Cannot start a run in ${damaged}`,
      );
      assertStringIncludes(out, text);
    });
    await t.step("only what failed is tried again", async () => {
      await Deno.remove(join(parent, "shapes-fgsm-rs-seed1", "log.jsonl"));
      const { err, code, out } = await run(...args);
      assertEquals([err, code], ["", 0]);
      assertEquals(out.match(/, finished$/gm)?.length, 3, out);
      assertStringIncludes(await table(), "| shapes/fgsm-rs | 2 of 2 |");
      const csv = await Deno.readTextFile(join(parent, "table.csv"));
      assertEquals(csv.split("\r\n").length, 4);
    });
    await t.step("--table makes the same table again", async () => {
      const [before] = [
        await table(),
        await Deno.remove(join(parent, "table.md")),
      ];
      const { err, code } = await run(...args, "--table");
      assertEquals([err, code, await table()], ["", 0, before]);
    });
    await t.step(
      "finished runs are measured further, until a row is whole",
      async () => {
        const tiny = TINY.filter((_, i) => !GUIDED.includes(i >> 1));
        const row = [
          ...["sweep", "shapes/standard", "--seeds", "1", "--out", parent],
          ...["--attack", "cw-20,pgd-1", "--relation", ...tiny],
        ];
        const measured = await run(...row);
        assertEquals([measured.err, measured.code], ["", 0]);
        assertStringIncludes(
          measured.out,
          "Measuring the student of epoch 3",
        );
        const text = await table();
        for (
          const column of ["C&W-20 best", "C&W-20 last", "k-NN robust best"]
        ) {
          assertStringIncludes(text, `| ${column} |`);
        }
        assertStringIncludes(
          await Deno.readTextFile(join(parent, "table.csv")),
          ",k-NN clean last mean,",
        );
        const again = await run(...row);
        assertStringIncludes(again.out, "shapes-standard-seed1, finished\n");
        assert(!again.out.includes("Measuring"), again.out);
      },
    );
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

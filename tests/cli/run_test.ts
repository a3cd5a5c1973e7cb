// A tiny run as somebody trains it: stopped by a signal, continued, evaluated and refused,
// in that order.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { ResultCard } from "../../src/runs/result_card.ts";
import { run, runUntil, TINY } from "../support/program.ts";

/** What a run's folder holds. */
function filesOf(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => !name.startsWith(".")).sort();
}

/** A run's result card. */
async function cardOf(folder: string): Promise<ResultCard> {
  return JSON.parse(await Deno.readTextFile(join(folder, "card.json")));
}

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

// A sweep as somebody runs it: stopped by a signal, continued past a failure, tried again,
// and measured further.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { run, runUntil, TINY } from "../support/program.ts";

/** Which of these settings need a teacher or an attack in several steps. */
const GUIDED = [5, 6];

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

import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { UserError } from "../../src/base/errors.ts";
import { EnsembleFile } from "../../src/runs/ensemble_file.ts";
import type { EnsembleState } from "../../src/runs/ensemble_state.ts";
import { withFolder } from "../support/temporary_folder.ts";

const SUBJECT = {
  network: "student",
  weights: "1234",
  contents: "5678",
  images: 4,
  config: {
    method: "autoattack",
    version: "custom",
    norm: "linf",
    epsilon: "8/255",
    attacks: ["apgd-ce", "square"],
    steps: 100,
    restarts: 1,
    targets: 9,
    queries: 5000,
    samples: 1,
  },
  batchSize: 2,
  seed: 1,
} as const;

const STATE: EnsembleState = {
  verdicts: ["clean", null, "apgd-ce", null],
  round: { search: 1, round: 0, points: [1, 3], done: 1, flat: 0, invalid: 0 },
  finished: false,
  warnings: [],
  passes: 812,
  seconds: 3.5,
};

Deno.test("EnsembleFile keeps the state of one evaluation", () =>
  withFolder(async (folder) => {
    const base = join(folder, "student-epoch3");
    const file = await EnsembleFile.at(base, {
      name: "autoattack",
      subject: SUBJECT,
    });
    assertEquals(await file.read(), undefined);
    await file.write(STATE);
    assertEquals(await file.read(), STATE);
    const stored = JSON.parse(await Deno.readTextFile(file.path));
    assertEquals(stored.left, [
      { name: "clean", correct: 3, count: 4 },
      { name: "apgd-ce", correct: 2, count: 4 },
      { name: "square", correct: 2, count: 4 },
    ]);
    // Whatever else decides the result leads to another file.
    const others = [
      { ...SUBJECT, weights: "1235" },
      { ...SUBJECT, seed: 2 },
      { ...SUBJECT, config: { ...SUBJECT.config, steps: 99 } },
    ];
    for (const subject of others) {
      const other = await EnsembleFile.at(base, {
        name: "autoattack",
        subject,
      });
      assertNotEquals(other.path, file.path);
    }
  }));

Deno.test("EnsembleFile refuses a damaged file in words", () =>
  withFolder(async (folder) => {
    const file = await EnsembleFile.at(join(folder, "student"), {
      name: "autoattack",
      subject: SUBJECT,
    });
    const refused = async (text: string, message: string) => {
      await Deno.writeTextFile(file.path, text);
      await assertRejects(() => file.read(), UserError, message);
    };
    await refused("{", "expected JSON");
    await refused('{"format":"frpat-ensemble-2"}', "made by a newer version");
    await refused(
      '{"format":"frpat-ensemble-1","state":{"verdicts":[null]}}',
      "expected verdicts on 4 images but found 1",
    );
  }));

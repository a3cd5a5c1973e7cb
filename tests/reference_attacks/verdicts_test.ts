// Verdicts of AutoAttack on real images beside those of its authors' code, for a robust
// network of this project: its gradient attacks on some images, which takes seconds.
// The README says how to compare all of them.

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import * as frpat from "../../mod.ts";
import { loadCifar10 } from "../../src/data/cifar.ts";
import { take } from "../../src/data/dataset.ts";
import { testDevice } from "../support/check_op.ts";

const REAL = Deno.env.get("FRPAT_DATA");
const FIXTURES = fromFileUrl(new URL("../fixtures/", import.meta.url));
const COUNT = 40;

Deno.test({
  name: "Classifier.autoAttack() breaks what the authors' AutoAttack breaks" +
    (REAL === undefined ? " (not run: FRPAT_DATA is not set)" : ""),
  ignore: REAL === undefined,
  fn: async () => {
    const { shape, test } = await loadCifar10(join(REAL!, "cifar10-exact"));
    const original = JSON.parse(
      await Deno.readTextFile(join(FIXTURES, "autoattack.json")),
    );
    const network = frpat.nn.resnet8({ classes: 10, width: 8 });
    const { height, width } = shape;
    using model = new frpat.Classifier(await testDevice(), {
      network,
      height,
      width,
    });
    await model.load(join(FIXTURES, "autoattack.safetensors"));
    const { brokenBy, warnings } = await model.autoAttack(take(test, COUNT), {
      norm: "linf",
      epsilon: 16 / 255,
      attacks: ["apgd-ce", "apgd-t"],
    });
    assertEquals(warnings, []);
    const theirs: (string | null)[] = original.broken_by.slice(0, COUNT);
    const right = (by: string | null) => by !== "clean";
    assertEquals(brokenBy.map(right), theirs.map(right));
    // Nothing that both ran broke more than Auto-PGD here.
    const robust = (by: string | null) =>
      by === null || by === "fab-t" || by === "square";
    const different = brokenBy.filter((by, n) =>
      robust(by) !== robust(theirs[n]!)
    );
    assert(different.length <= 1, `${different.length} of ${COUNT}`);
  },
});

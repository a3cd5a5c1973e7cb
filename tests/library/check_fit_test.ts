import { assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { checkFit } from "../../src/library/check_fit.ts";
import type { FitOptions } from "../../src/library/fit_options.ts";
import { objectives } from "../../mod.ts";

const counts = { count: 24, unlabeled: 6 };
const objective = objectives.standard();
const options: FitOptions = { objective, epochs: 1 };
const unlabeled = { objective, batchSize: 4, fraction: 0.25 };

Deno.test("checkFit() refuses what no field of the hyperparameters holds", () => {
  checkFit(options, counts);
  checkFit({ ...options, batchSize: 24, unlabeled }, counts);
  const refuse = (more: Partial<FitOptions>, message: string) =>
    assertThrows(
      () => checkFit({ ...options, ...more }, counts),
      Error,
      message,
    );
  refuse(
    { weightPerturbation: { gamma: -1, fromEpoch: 1 } },
    "expected weightPerturbation.gamma to be a number above 0 but found -1",
  );
  refuse(
    { unlabeled: { ...unlabeled, fraction: 2 } },
    "expected fraction to be a number above 0 and below 1 but found 2",
  );
  refuse(
    { unlabeled: { ...unlabeled, batchSize: 8 } },
    "expected unlabeled.batchSize to be at most the 6 images without labels",
  );
  assertThrows(
    () => checkFit({ ...options, batchSize: 25 }, counts),
    UserError,
    "expected batchSize to be at most the 24 images to train on but found 25",
  );
});

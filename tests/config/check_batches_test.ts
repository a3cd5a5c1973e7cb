import { assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { checkBatches } from "../../src/config/check_batches.ts";
import { recipe } from "../../src/recipes/mod.ts";

const TRADES = { ...recipe("shapes/trades"), batchSize: 16 };
const REGULARIZERS = recipe("shapes/frpat").regularizers;

Deno.test("checkBatches() refuses a batch with more images than there are", () => {
  checkBatches(TRADES, { count: 16, unlabeled: 0 });
  assertThrows(
    () => checkBatches(TRADES, { count: 15, unlabeled: 0 }),
    UserError,
    "Cannot train: expected batchSize to be at most the 15 images to train on " +
      "but found 16",
  );
  const unlabeled = {
    fraction: 0.5,
    batchSize: 20,
    regularizers: REGULARIZERS,
  };
  assertThrows(
    () => checkBatches({ ...TRADES, unlabeled }, { count: 16, unlabeled: 19 }),
    UserError,
    "expected unlabeled.batchSize to be at most the 19 images without labels",
  );
});

import { assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { checkBatches } from "../../src/config/check_batches.ts";
import { recipe } from "../../src/recipes/mod.ts";

const FRPAT = { ...recipe("shapes/frpat"), batchSize: 16 };
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
    "expected unlabeled.batchSize to be at most the 19 unlabeled images",
  );
});

Deno.test("checkBatches() refuses a last batch of one where images are compared", () => {
  checkBatches(TRADES, { count: 65, unlabeled: 0 });
  assertThrows(
    () => checkBatches(FRPAT, { count: 65, unlabeled: 0 }),
    UserError,
    "expected at least 2 images in each batch, which frpat compares, but found " +
      "1 in the last: 65 images in batches of 16; choose another batchSize",
  );
});

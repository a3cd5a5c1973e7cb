import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  batchAt,
  epochOrder,
  stepsPerEpoch,
  wholeBatchAt,
} from "../../src/data/sampler.ts";
import { permutation } from "../../src/base/random_sequence.ts";

Deno.test("epochOrder() visits every image once", () => {
  const order = epochOrder({ seed: 3, epoch: 2 }, 1000);
  assertEquals(
    [...order.toSorted()],
    Array.from({ length: 1000 }, (_, i) => i),
  );
});

Deno.test("epochOrder() is the shuffle stream at the epoch's step", () => {
  const order = epochOrder({ seed: 3, epoch: 2 }, 100);
  assertEquals(
    order,
    permutation({ seed: 3, stream: "shuffle", step: 2 }, 100),
  );
  assertNotEquals(epochOrder({ seed: 3, epoch: 1 }, 100), order);
  assertNotEquals(epochOrder({ seed: 4, epoch: 2 }, 100), order);
});

Deno.test("stepsPerEpoch() counts the partial batch", () => {
  assertEquals(stepsPerEpoch({ count: 50_000, batchSize: 128 }), 391);
  assertEquals(stepsPerEpoch({ count: 256, batchSize: 128 }), 2);
  assertEquals(stepsPerEpoch({ count: 5, batchSize: 128 }), 1);
});

Deno.test("batchAt() ends the epoch of CIFAR with a batch of 80", () => {
  const cifar = { count: 50_000, batchSize: 128 };
  assertEquals(batchAt(0, cifar), { epoch: 0, start: 0, size: 128 });
  assertEquals(batchAt(390, cifar), { epoch: 0, start: 49_920, size: 80 });
  assertEquals(batchAt(391, cifar), { epoch: 1, start: 0, size: 128 });
});

Deno.test("batchAt() covers each epoch without gap or overlap", () => {
  const batching = { count: 10, batchSize: 4 };
  const seen: number[][] = [[], []];
  for (let step = 0; step < 6; step++) {
    const { epoch, start, size } = batchAt(step, batching);
    for (let i = start; i < start + size; i++) seen[epoch]!.push(i);
  }
  const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  assertEquals(seen, [all, all]);
});

Deno.test("batchAt() refuses what is no step and no batch", () => {
  assertThrows(
    () => batchAt(-1, { count: 10, batchSize: 4 }),
    RangeError,
    "expected a whole number of at least 0 but found -1",
  );
  assertThrows(
    () => stepsPerEpoch({ count: 10, batchSize: 0 }),
    RangeError,
    "expected batchSize to be a whole number of at least 1 but found 0",
  );
  assertThrows(
    () => stepsPerEpoch({ count: 0, batchSize: 4 }),
    RangeError,
    "expected count to be a whole number of at least 1 but found 0",
  );
});

Deno.test("wholeBatchAt() goes through rounds of whole batches", () => {
  const batching = { count: 11, batchSize: 4 };
  assertEquals(
    [0, 1, 2, 5].map((step) => wholeBatchAt(step, batching)),
    [
      { epoch: 0, start: 0, size: 4 },
      { epoch: 0, start: 4, size: 4 },
      { epoch: 1, start: 0, size: 4 },
      { epoch: 2, start: 4, size: 4 },
    ],
  );
  assertThrows(() => wholeBatchAt(0, { count: 3, batchSize: 4 }), RangeError);
});

Deno.test("stepsPerEpoch() leaves out a rest where it is told to, but not everything", () => {
  const dropLast = true;
  assertEquals(stepsPerEpoch({ count: 65, batchSize: 64, dropLast }), 1);
  assertEquals(stepsPerEpoch({ count: 128, batchSize: 64, dropLast }), 2);
  assertEquals(stepsPerEpoch({ count: 1, batchSize: 64, dropLast }), 1);
  const second = batchAt(1, { count: 65, batchSize: 64, dropLast });
  assertEquals(second, { epoch: 1, start: 0, size: 64 });
});

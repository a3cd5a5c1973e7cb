// That a file survives whatever happens while it is written is tested with
// writeAtomically(); here is what it says.

import { UserError } from "../../src/base/errors.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from "../../src/runs/checkpoint.ts";
import {
  decodeSafeTensors,
  encodeSafeTensors,
} from "../../src/weights/safetensors.ts";
import { namesIn, withFolder } from "../support/temporary_folder.ts";
import { EXAMPLE } from "../support/example_experiment.ts";

/** Tensors with numbers that only a float's own bits give back. */
const WEIGHTS = new Map([
  ["conv1.weight", {
    shape: [1, 1, 2, 2],
    data: Float32Array.of(0.1, -0, NaN, Infinity),
  }],
  ["velocity.student.bias", { shape: [1], data: Float32Array.of(1e-45) }],
]);

const CHECKPOINT: Checkpoint = {
  step: 160,
  epoch: 10,
  experiment: EXAMPLE,
  metrics: { bestRobust: 1 / 3, bestEpoch: 9, loss: NaN },
  tensors: {
    student: WEIGHTS,
    "velocity.student": WEIGHTS,
    "velocity.teacher": new Map([["a", {
      shape: [1],
      data: Float32Array.of(7),
    }]]),
  },
};

Deno.test("decodeCheckpoint() undoes encodeCheckpoint()", () => {
  const decoded = decodeCheckpoint(encodeCheckpoint(CHECKPOINT), "a test");
  assertEquals(decoded, CHECKPOINT);
  const { data } = decoded.tensors.student!.get("conv1.weight")!;
  assert(Object.is(data[1], -0));
});

Deno.test("encodeCheckpoint() tells the groups of tensors apart by a prefix", () => {
  const { tensors, metadata } = decodeSafeTensors(
    encodeCheckpoint(CHECKPOINT),
    "a test",
  );
  assertEquals([...tensors.keys()], [
    "student.conv1.weight",
    "student.velocity.student.bias",
    "velocity.student.conv1.weight",
    "velocity.student.velocity.student.bias",
    "velocity.teacher.a",
  ]);
  const { experiment, metrics, ...rest } = metadata;
  assertEquals(rest, {
    format: "frpat-checkpoint-1",
    step: "160",
    epoch: "10",
  });
  assertEquals(JSON.parse(experiment!), EXAMPLE);
  assertEquals(JSON.parse(metrics!), { ...CHECKPOINT.metrics, loss: "NaN" });
});

Deno.test("loadCheckpoint() reads what saveCheckpoint() wrote", () =>
  withFolder(async (folder) => {
    const path = join(folder, "last.safetensors");
    for (const step of [1, 2]) {
      await saveCheckpoint(path, { ...CHECKPOINT, step });
      assertEquals(await loadCheckpoint(path), { ...CHECKPOINT, step });
    }
    assertEquals(await namesIn(folder), ["last.safetensors"]);
  }));

Deno.test("loadCheckpoint() names the path where nothing is", () =>
  withFolder(async (folder) => {
    const path = join(folder, "last.safetensors");
    await assertRejects(
      () => loadCheckpoint(path),
      Error,
      `Cannot read ${path}: expected a checkpoint but found none`,
    );
  }));

Deno.test("decodeCheckpoint() refuses a file that was cut off anywhere", () => {
  const bytes = encodeCheckpoint(CHECKPOINT);
  for (let length = 0; length < bytes.length; length++) {
    assertThrows(
      () => decodeCheckpoint(bytes.slice(0, length), "cut.safetensors"),
      UserError,
      "Cannot read cut.safetensors: ",
    );
  }
});

const DAMAGES: readonly [
  metadata: Record<string, string>,
  message: string,
][] = [
  [{ format: "" }, 'expected the format frpat-checkpoint-1 but found ""'],
  [{ format: "frpat-checkpoint-2" }, "made by a newer version of this program"],
  [{ step: "1.5" }, "expected its step to be a whole number but found 1.5"],
  [{ epoch: "" }, "expected its epoch to be a whole number but found "],
  [{ metrics: "{" }, 'metrics of x: expected JSON but found "{"'],
  [{ metrics: '{"a":"b"}' }, 'expected a to be a number but found "b"'],
  [{ experiment: "{}" }, "expected name to be a text but found nothing"],
];

for (const [changes, message] of DAMAGES) {
  Deno.test(`decodeCheckpoint() says ${message}`, () => {
    const { tensors, metadata } = decodeSafeTensors(
      encodeCheckpoint(CHECKPOINT),
      "a test",
    );
    const bytes = encodeSafeTensors({
      tensors,
      metadata: { ...metadata, ...changes },
    });
    assertThrows(() => decodeCheckpoint(bytes, "x"), UserError, message);
  });
}

Deno.test("decodeCheckpoint() refuses a network's file from elsewhere", () => {
  const foreign = encodeSafeTensors({ tensors: WEIGHTS, metadata: {} });
  assertThrows(
    () => decodeCheckpoint(foreign, "x"),
    UserError,
    "Cannot read x: expected the format frpat-checkpoint-1 but found none",
  );
});

Deno.test("decodeCheckpoint() refuses tensors of a group that it does not know", () => {
  const { metadata } = decodeSafeTensors(
    encodeCheckpoint(CHECKPOINT),
    "a test",
  );
  const bytes = encodeSafeTensors({
    tensors: new Map([["mean.student.a", WEIGHTS.get("conv1.weight")!]]),
    metadata,
  });
  assertThrows(
    () => decodeCheckpoint(bytes, "x"),
    UserError,
    "but found mean.student.a",
  );
});

Deno.test("loadCheckpoint() refuses one of another experiment", () =>
  withFolder(async (folder) => {
    const path = `${folder}/last.safetensors`;
    await saveCheckpoint(path, CHECKPOINT);
    const { experiment } = CHECKPOINT;
    const of = { ...experiment, title: "Named otherwise", epochs: 77 };
    assertEquals((await loadCheckpoint(path, { of })).step, CHECKPOINT.step);
    await assertRejects(
      () => loadCheckpoint(path, { of: { ...experiment, seed: 77 } }),
      UserError,
      "expected a checkpoint of this run of",
    );
  }));

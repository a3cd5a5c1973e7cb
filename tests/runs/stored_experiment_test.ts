import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { storedExperiment } from "../../src/runs/stored_experiment.ts";
import { EXAMPLE } from "../support/example_experiment.ts";

/** The example as it comes from a file, with some parts replaced. */
function edited(parts: Record<string, unknown>): unknown {
  return JSON.parse(JSON.stringify({ ...EXAMPLE, ...parts }));
}

Deno.test("storedExperiment() gives back an experiment that went through JSON", () => {
  assertEquals(storedExperiment(edited({}), "x.json"), EXAMPLE);
  const parts = {
    objective: { method: "standard" },
    attack: null,
    teacher: null,
    regularizers: [],
  };
  assertEquals(
    storedExperiment(edited(parts), "x.json"),
    edited(parts) as typeof EXAMPLE,
  );
});

const MISTAKES: readonly [parts: Record<string, unknown>, message: string][] = [
  [
    { seed: "1" },
    'expected seed to be a whole number from 0 to 4294967295 but found "1"',
  ],
  [
    { epochs: undefined },
    "epochs to be a whole number of at least 1 but found nothing",
  ],
  [{ epochs: 0 }, "epochs to be a whole number of at least 1 but found 0"],
  [
    { attack: 1 },
    'attack to be a JSON object with "method" or null but found 1',
  ],
  [{ regularizers: {} }, "regularizers to be a JSON array but found {}"],
  [{ optimizer: null }, "optimizer to be a JSON object but found null"],
  [
    { optimizer: { ...EXAMPLE.optimizer, weightDecay: undefined } },
    "optimizer.weightDecay to be a number of at least 0 but found nothing",
  ],
  [{ name: 1 }, "expected name to be a text but found 1"],
  [{ reported: [] }, "expected reported.source to be a text but found nothing"],
  [{ sead: 1 }, "expected sead to be absent but found 1"],
  [{ teacher: null }, "expected teacher to be given but found null"],
  [
    { evaluation: { ...EXAMPLE.evaluation, attacks: undefined } },
    "evaluation.attacks to be a JSON object but found nothing",
  ],
];

for (const [parts, message] of MISTAKES) {
  Deno.test(`storedExperiment() says ${message}`, () => {
    const error = assertThrows(
      () => storedExperiment(edited(parts), "x.json"),
      UserError,
      message,
    );
    assertEquals(error.message.startsWith("Cannot read x.json: "), true);
  });
}

Deno.test("storedExperiment() leaves out the schema that a file names for editors", () => {
  const named = edited({ $schema: "./experiment.schema.json" });
  assertEquals(storedExperiment(named, "x.json"), EXAMPLE);
});

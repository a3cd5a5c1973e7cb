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

const { weightDecay: _, ...optimizer } = EXAMPLE.optimizer;

const MISTAKES: readonly [parts: Record<string, unknown>, message: string][] = [
  [{ seed: "1" }, 'expected seed to be a number but found "1"'],
  [{ epochs: undefined }, "expected epochs to be a number but found nothing"],
  [{ name: 1 }, "expected name to be a text but found 1"],
  [{ reported: [] }, "expected reported to be a JSON object but found []"],
  [{ attack: 1 }, 'JSON object with "method" or null but found 1'],
  [{ regularizers: {} }, "regularizers to be a JSON array but found {}"],
  [{ optimizer: null }, "optimizer to be a JSON object but found null"],
  [{ optimizer }, "optimizer.weightDecay to be a number but found nothing"],
  [{ sead: 1 }, "expected sead to be absent but found 1"],
  [
    { evaluation: { ...EXAMPLE.evaluation, attacks: undefined } },
    "expected evaluation.attacks to be a JSON object but found nothing",
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

Deno.test("storedExperiment() checks values as any experiment's are", () => {
  assertThrows(
    () => storedExperiment(edited({ epochs: 0 }), "x.json"),
    UserError,
    "expected epochs to be a whole number of at least 1 but found 0",
  );
});

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
  [{ seed: "1" }, 'expected "seed" to be of kind number but found string'],
  [{ epochs: undefined }, '"epochs" to be of kind number but found nothing'],
  [{ attack: 1 }, '"attack" to be of kind object or null but found number'],
  [{ regularizers: {} }, '"regularizers" to be of kind array but found object'],
  [{ optimizer: null }, '"optimizer" to be of kind object but found null'],
  [{ sead: 1 }, 'expected the parts of an experiment but found "sead"'],
  [
    { evaluation: { ...EXAMPLE.evaluation, attacks: undefined } },
    "expected a complete experiment but found",
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

// Signals are told apart by what they are, not by their names.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Graph } from "../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import { Signal, Signals } from "../../src/methods/signal.ts";

function someTensor(): Tensor {
  return new Graph().read(new Variable("some", [2]));
}

Deno.test("Signals.read() gives the last value that was recorded", () => {
  const [signal, signals] = [new Signal("margin"), new Signals()];
  const [first, second] = [someTensor(), someTensor()];
  signals.record(signal, first);
  assert(signals.read(signal) === first);
  signals.record(signal, second);
  assert(signals.read(signal) === second);
});

Deno.test("Signals.read() names what is missing, and what there is", () => {
  const [one, other] = [new Signal("margin"), new Signal("margin")];
  const signals = new Signals();
  assertThrows(
    () => signals.read(one),
    TypeError,
    "Cannot read the margin: expected an attack or an objective that records it " +
      "but found nothing recorded",
  );
  signals.record(other, someTensor());
  assertThrows(() => signals.read(one), TypeError, "but found margin");
});

Deno.test("a signal carries values of its own type", () => {
  const budget = new Signal<{ readonly steps: number }>("budget");
  const signals = new Signals();
  // @ts-expect-error: a misspelled field does not compile
  signals.record(budget, { step: 3 });
  signals.record(budget, { steps: 3 });
  assertEquals(signals.read(budget).steps, 3);
});

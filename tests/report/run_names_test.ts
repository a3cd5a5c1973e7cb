import { assertEquals } from "@std/assert";
import { runNames } from "../../src/report/run_names.ts";
import { EXAMPLE, EXAMPLE_ENVIRONMENT } from "../support/example_experiment.ts";

/** A run of the example, changed. */
function run(path: string, experiment = {}, environment = {}) {
  return {
    path,
    experiment: { ...EXAMPLE, ...experiment },
    environment: { ...EXAMPLE_ENVIRONMENT, ...environment },
  };
}

Deno.test("runNames() says what differs between runs of one name", () => {
  const { optimizer } = EXAMPLE;
  const learningRate = { kind: "constant", value: 0.1 } as never;
  assertEquals(
    runNames([
      run("a", { name: "other", seed: 5 }),
      run("b"),
      run("c", { seed: 2 }),
      run("d", { epochs: 3, title: "Short" }),
    ]),
    [
      "other",
      "shapes-trades-frpat, seed 1, epochs 12",
      "shapes-trades-frpat, seed 2, epochs 12",
      "shapes-trades-frpat, seed 1, epochs 3",
    ],
  );
  assertEquals(
    runNames([
      run("a"),
      run("b", { optimizer: { ...optimizer, learningRate } }),
    ])
      .at(1),
    "shapes-trades-frpat, optimizer.learningRate.kind constant, " +
      "optimizer.learningRate.value 0.1",
  );
});

Deno.test("runNames() tells equal experiments apart by machine, then by folder", () => {
  const name = EXAMPLE.name;
  assertEquals(
    runNames([run("a"), run("b", {}, { commit: "fedcba9876543" })]),
    [`${name}, commit 0123abc`, `${name}, commit fedcba98`],
  );
  assertEquals(runNames([run("a"), run("b")]), [
    `${name}, in a`,
    `${name}, in b`,
  ]);
  const many = { seed: 2, epochs: 1, batchSize: 2, recompute: true };
  assertEquals(
    runNames([run("a"), run("b", { ...many, precision: "f16" })])[1],
    `${name}, seed 2, epochs 1, batchSize 2, recompute true, in b`,
  );
});

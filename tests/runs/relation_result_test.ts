// Relationship scores on cards, and side by side.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { renderCard } from "../../src/runs/card_table.ts";
import {
  relationResult,
  withRelations,
} from "../../src/runs/relation_result.ts";
import {
  csvOf,
  markdownOf,
  relationTable,
} from "../../src/runs/relation_table.ts";
import { type RelationResult, resultCard } from "../../src/runs/result_card.ts";
import { ATTACKS, MEASURED } from "../support/example_card.ts";
import { EXAMPLE } from "../support/example_experiment.ts";

const attack = ATTACKS["pgd-20"]!;

/** A score with these numbers of correct votes, of 200, for k = 5, 30, 50. */
function score(clean: readonly number[], robust: readonly number[]) {
  const counts = (all: readonly number[]) =>
    Object.fromEntries(
      [5, 30, 50].map((k, i) => [k, { correct: all[i]!, count: 200 }]),
    );
  return relationResult({
    clean: counts(clean),
    robust: counts(robust),
    support: 4000,
  }, attack);
}

const card = resultCard({ ...EXAMPLE, reported: null }, MEASURED);
const student: RelationResult = score([180, 170, 160], [100, 90, 81]);

Deno.test("relationResult() is percent by the number of neighbors", () => {
  assertEquals(student, {
    relationClean: { "5": 90, "30": 85, "50": 80 },
    relationRobust: { "5": 50, "30": 45, "50": 40.5 },
    queries: 200,
    support: 4000,
    config: attack,
  });
});

Deno.test("withRelations() adds to the epoch that was scored alone", () => {
  const { epoch } = card.best;
  const scored = withRelations(card, { epoch, networks: { student } });
  assertEquals(scored.best.student.relation, student);
  assertEquals(scored.best.teacher, card.best.teacher);
  assertEquals(scored.last, card.last);
  const elsewhere = { epoch: 99, networks: { student } };
  assertEquals(withRelations(card, elsewhere), card);
});

Deno.test("renderCard() shows the score of 30 neighbors beside what is reported", () => {
  const reported = {
    source: "Table 2",
    relationClean: 71.5,
    relationRobust: 40.25,
  };
  const scored = withRelations({ ...card, reported }, {
    epoch: card.best.epoch,
    networks: { student },
  });
  const text = renderCard(scored);
  assert(/^student +k-NN clean +200 +85\.00 +- +- +71\.50$/m.test(text), text);
  assert(
    /^student +k-NN robust +0\.031 +0\.003 +200 +45\.00 +- +- +40\.25$/m.test(
      text,
    ),
    text,
  );
});

Deno.test("relationTable() orders runs by beta, those without TRADES first", () => {
  const run = (
    name: string,
    beta: number | null,
    relation: RelationResult,
  ) => ({
    name,
    beta,
    card: withRelations(card, {
      epoch: card.best.epoch,
      networks: { student: relation },
    }),
  });
  const table = relationTable([
    run("runs/b6", 6, student),
    run("runs/b1", 1, score([1, 2, 3], [4, 5, 6])),
    run("runs/standard, small", null, score([2, 2, 2], [0, 0, 0])),
  ], "best");
  assertEquals(
    markdownOf(table),
    `| run | beta | epsilon | step | images | clean k=5 | clean k=30 | clean k=50 | robust k=5 | robust k=30 | robust k=50 |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| runs/standard, small |  | 0.031 | 0.003 | 200 | 1.00 | 1.00 | 1.00 | 0.00 | 0.00 | 0.00 |
| runs/b1 | 1 | 0.031 | 0.003 | 200 | 0.50 | 1.00 | 1.50 | 2.00 | 2.50 | 3.00 |
| runs/b6 | 6 | 0.031 | 0.003 | 200 | 90.00 | 85.00 | 80.00 | 50.00 | 45.00 | 40.50 |`,
  );
  assertEquals(
    csvOf(table).split("\n")[1],
    '"runs/standard, small",,0.031,0.003,200,1.00,1.00,1.00,0.00,0.00,0.00',
  );
});

Deno.test("relationTable() names the run that has not been scored, and how to", () => {
  assertThrows(
    () => relationTable([{ name: "runs/x", beta: 6, card }], "last"),
    UserError,
    "deno task evaluate runs/x --relation --checkpoint last measures it",
  );
});

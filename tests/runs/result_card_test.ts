import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  attackResults,
  networkResult,
  resultCard,
} from "../../src/runs/result_card.ts";
import { parseJson, writeJson } from "../../src/runs/stored_json.ts";
import { ATTACKS, exampleCard, MEASURED } from "../support/example_card.ts";
import { EXAMPLE } from "../support/example_experiment.ts";

Deno.test("networkResult() makes percentages of counts, and keeps attack and count", () => {
  const counts = {
    clean: { correct: 3, count: 4 },
    fgsm: { correct: 1, count: 3 },
    other: { correct: 1, count: 1 },
  };
  assertEquals(networkResult(counts, { clean: null, ...ATTACKS }), {
    clean: 75,
    count: 4,
    attacks: {
      fgsm: { accuracy: 100 / 3, count: 3, config: ATTACKS["fgsm"]! },
    },
  });
});

Deno.test("networkResult() refuses counts without clean images", () => {
  assertThrows(
    () => networkResult({ fgsm: { correct: 1, count: 3 } }, ATTACKS),
    TypeError,
    "Cannot sum up a network: expected its clean accuracy but found fgsm",
  );
});

Deno.test("resultCard() takes from the experiment what it decides", () => {
  const card = exampleCard();
  const { experiment, title, seed, epochs, student, teacher } = card;
  assertEquals({ experiment, title, seed, epochs, student, teacher }, {
    experiment: "shapes-trades-frpat",
    title: "TRADES + FRPAT, ResNet-8 on Shapes",
    seed: 1,
    epochs: 12,
    student: { architecture: EXAMPLE.student, parameters: 78042 },
    teacher: { architecture: EXAMPLE.teacher!, parameters: 11173962 },
  });
  assertEquals(parseJson(writeJson(card), "a test"), card);
});

Deno.test("attackResults() are percentages under the attacks that were counted", () => {
  const counts = {
    clean: { correct: 9, count: 10 },
    fgsm: { correct: 3, count: 4 },
  };
  assertEquals(attackResults(counts, { clean: null, ...ATTACKS }), {
    fgsm: { accuracy: 75, count: 4, config: ATTACKS["fgsm"]! },
  });
});

Deno.test("resultCard() leaves out a teacher that there was none of", () => {
  const experiment = { ...EXAMPLE, teacher: null };
  const parameters = { student: 78042, teacher: null };
  const card = resultCard(experiment, { ...MEASURED, parameters });
  assertEquals(card.teacher, null);
});

Deno.test("resultCard() gives GAP, best minus last, where both were measured", () => {
  const { gap } = exampleCard();
  assertEquals(Object.keys(gap), ["clean", "pgd-20"]);
  assertAlmostEquals(gap["clean"]!, -0.84, 1e-9);
  assertAlmostEquals(gap["pgd-20"]!, 1.31, 1e-9);
});

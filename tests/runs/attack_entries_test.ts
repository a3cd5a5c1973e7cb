import { assertEquals } from "@std/assert";
import { withAttacks, withResults } from "../../src/runs/attack_entries.ts";
import { writeJson } from "../../src/runs/stored_json.ts";
import { storedCard } from "../../src/runs/stored_card.ts";
import { ATTACKS, exampleCard } from "../support/example_card.ts";

Deno.test("withResults() adds to the epoch that was evaluated, and to its gaps", () => {
  const card = exampleCard();
  const attacked = (accuracy: number) => ({
    accuracy,
    count: 100,
    config: ATTACKS["fgsm"]!,
  });
  const results = { student: { square: attacked(40) } };
  assertEquals(withResults(card, { epoch: 3, results }), card);
  const best = withResults(card, { epoch: 9, results });
  assertEquals(best.best.student.attacks["square"], attacked(40));
  assertEquals(best.last, card.last);
  assertEquals(best.gap, card.gap);
  const both = withResults(best, {
    epoch: 12,
    results: { student: { square: attacked(30) } },
  });
  assertEquals(both.gap, { ...card.gap, square: 10 });
});

const { student } = exampleCard().best;
const FGSM = { accuracy: 1, config: ATTACKS["fgsm"]! };

Deno.test("withAttacks() adds an entry for other images, and gives most of them the name", () => {
  const fewer = withAttacks(student, { fgsm: { ...FGSM, count: 999 } }).attacks;
  const key = "fgsm, fgsm, norm linf, epsilon 8/255, 999 images";
  assertEquals(fewer["fgsm"], student.attacks["fgsm"]);
  assertEquals(fewer[key], { ...FGSM, count: 999, attack: "fgsm" });
  const more = withAttacks(student, { fgsm: { ...FGSM, count: 2000 } }).attacks;
  assertEquals(more["fgsm"], { ...FGSM, count: 2000 });
  assertEquals(
    more["fgsm, fgsm, norm linf, epsilon 8/255, 1000 images"],
    { ...student.attacks["fgsm"]!, attack: "fgsm" },
  );
});

Deno.test("withAttacks() measures the same entry anew, and never another one", () => {
  const same = withAttacks(student, { fgsm: { ...FGSM, count: 1000 } }).attacks;
  assertEquals(Object.keys(same), Object.keys(student.attacks));
  assertEquals(same["fgsm"]?.accuracy, 1);
  const config = { ...ATTACKS["fgsm"]!, epsilon: "16/255" };
  const wider = { accuracy: 2, count: 5000, config };
  const both = withAttacks(student, { fgsm: wider });
  const again = withAttacks(both, { fgsm: { ...wider, accuracy: 3 } });
  assertEquals(again.attacks["fgsm"], student.attacks["fgsm"]);
  assertEquals(Object.values(again.attacks).map(({ accuracy }) => accuracy), [
    57.9,
    62.1,
    3,
  ]);
});

Deno.test("storedCard() reads cards with entries of other settings, and older ones", () => {
  const card = exampleCard();
  const results = { student: { fgsm: { ...FGSM, count: 5 } } };
  for (const one of [card, withResults(card, { epoch: 9, results })]) {
    assertEquals(
      storedCard(JSON.parse(writeJson(one)), "a test"),
      one,
    );
  }
});

import { assertEquals } from "@std/assert";
import { STANDARD_CORRUPTIONS } from "../../src/data/corruptions.ts";
import {
  transferred,
  withAttacks,
  withCorruptions,
  withResults,
} from "../../src/runs/attack_entries.ts";
import { attackLines, resultRows } from "../../src/runs/card_table.ts";
import { corruptionResult } from "../../src/runs/corruption_result.ts";
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

const SOURCE = { name: "runs/b", network: "student", sha256: "00" } as const;

Deno.test("a black-box attack is a row of its own, and never the attack itself", () => {
  const found = transferred({ "pgd-20": { ...FGSM, count: 1000 } }, SOURCE);
  const card = withResults(exampleCard(), {
    epoch: 12,
    results: { student: found },
  });
  const key = "pgd-20 from runs/b";
  assertEquals(Object.keys(found), [key]);
  const { attacks } = card.last.student;
  assertEquals(attacks[key], { ...FGSM, count: 1000, source: SOURCE });
  const old = exampleCard();
  assertEquals(attacks["pgd-20"], old.last.student.attacks["pgd-20"]);
  const row = resultRows(card).find(([, label]) => label!.includes(" from "))!;
  assertEquals(row[1], "PGD-20 from runs/b");
  // What the paper reports stands beside the attack on the network itself.
  assertEquals(row.slice(5), ["-", "1.00", "-", "-"]);
  const stored = JSON.parse(writeJson(card));
  assertEquals(storedCard(stored, "card"), card);
});

Deno.test("withCorruptions() adds a row, and the card is read again", () => {
  const correct = Object.fromEntries(
    STANDARD_CORRUPTIONS.map((name, i) => [name, [i, i, i, i, 0]]),
  );
  const student = corruptionResult({ correct, count: 16 });
  const card = withCorruptions(exampleCard(), {
    epoch: 9,
    networks: { student },
  });
  assertEquals(student.mean, 100 * 4 * 7 / (5 * 16));
  assertEquals(card.best.student.corruptions, student);
  assertEquals(card.last, exampleCard().last);
  const row = resultRows(card).find(([, label]) => label === "15 corruptions")!;
  assertEquals(row.slice(0, 8), [
    "student",
    "15 corruptions",
    "",
    "",
    "16",
    "35.00",
    "-",
    "-",
  ]);
  const line = attackLines(card).at(-1)!;
  const start =
    "15 corruptions, student at epoch 9: gaussian noise 0.00, shot ";
  assertEquals(line.slice(0, start.length), start);
  assertEquals(storedCard(JSON.parse(writeJson(card)), "card"), card);
});

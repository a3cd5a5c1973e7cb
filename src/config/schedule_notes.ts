// What a change of the run's length does to schedules that count epochs. Nothing
// is rescaled, so that a schedule means what it says; but nobody should learn from
// the result that a learning rate never dropped.

import type { Experiment } from "./experiment.ts";
import { scheduleAt } from "../methods/epoch_schedule.ts";

/** What schedules that count epochs are part of. */
type Scheduled = Pick<
  Experiment,
  | "epochs"
  | "optimizer"
  | "regularizers"
  | "objective"
  | "attack"
  | "weightPerturbation"
>;

/** One line for each schedule that the run ends before. */
export function scheduleNotes(experiment: Scheduled): string[] {
  const { epochs, optimizer: { learningRate }, regularizers } = experiment;
  const notes: string[] = [];
  if (learningRate.kind === "step") {
    const late = learningRate.drops.filter((drop) => drop > epochs);
    if (late.length > 0) {
      notes.push(
        `The learning rate does not drop at epoch ${late.join(" and ")}: the ` +
          `run ends with epoch ${epochs}`,
      );
    }
  }
  for (const { method, weight } of regularizers) {
    if (weight.kind === "ramp" && weight.over > epochs) {
      const reached = scheduleAt(weight, epochs);
      notes.push(
        `The weight of ${method} rises over ${weight.over} epochs: the run ` +
          `ends with epoch ${epochs}, at ${reached.toPrecision(3)} instead ` +
          `of ${weight.value}`,
      );
    }
  }
  return [...notes, ...lateStarts(experiment), ...attackNotes(experiment)];
}

/** What would set in only after the run. */
function lateStarts(
  { epochs, objective, weightPerturbation }: Scheduled,
): string[] {
  const late = (what: string, first: number): string[] =>
    first > epochs
      ? [
        `${what} set in with epoch ${first}: the run ends with epoch ${epochs}`,
      ]
      : [];
  return [
    ...late(
      "Weights of examples",
      objective.method === "gairat" ? objective.fromEpoch : 0,
    ),
    ...late("Perturbations of weights", weightPerturbation?.fromEpoch ?? 0),
  ];
}

/** How far an attack that grows stronger comes. */
function attackNotes({ epochs, attack }: Scheduled): string[] {
  if (attack?.method === "friendly-pgd") {
    const late = attack.tauRises.filter((rise) => rise >= epochs);
    return late.length === 0 ? [] : [
      `The attack does not wait longer after epoch ${
        late.join(" and ")
      }: the ` +
      `run ends with epoch ${epochs}`,
    ];
  }
  if (attack?.method === "curriculum-pgd" && attack.level.over > epochs) {
    const { from, to, over } = attack.level;
    const reached = from + (to - from) * epochs / over;
    return [
      `The attack's level rises over ${over} epochs: the run ends with epoch ` +
      `${epochs}, at ${reached.toPrecision(3)} instead of ${to}`,
    ];
  }
  return [];
}

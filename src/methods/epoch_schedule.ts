// Numbers that follow the epoch, such as the weight of a regularizer.

import { type Field, number, union, whole } from "../base/fields.ts";

/**
 * A constant, or a ramp that rises from 0 to `value` (Ganin et al., 2016):
 * value * gamma(t), gamma(t) = 2 / (1 + exp(-10 t / over)) - 1, t the epoch from 1.
 * "printed-ramp" has gamma as FRPAT's supplement prints it, 2 / (1 + exp(-10 t / over
 * - 1)), which rises from 1.46 to 2: the factor is not 1 in the end.
 */
export type EpochSchedule =
  | { readonly kind: "constant"; readonly value: number }
  | {
    readonly kind: "printed-ramp";
    readonly value: number;
    readonly over: number;
  }
  | { readonly kind: "ramp"; readonly value: number; readonly over: number };

/** The number in an epoch counted from 1. */
export function scheduleAt(schedule: EpochSchedule, epoch: number): number {
  switch (schedule.kind) {
    case "constant":
      return schedule.value;
    case "ramp":
      return schedule.value *
        (2 / (1 + Math.exp(-10 * epoch / schedule.over)) - 1);
    case "printed-ramp":
      return schedule.value * 2 /
        (1 + Math.exp(-10 * epoch / schedule.over - 1));
  }
}

/** A field for a schedule. `name` is its name in notes, such as "The weight of crd". */
export function epochSchedule(
  { name, about }: { readonly name: string; readonly about: string },
): Field {
  const value = number({ least: 0, about: "the number in the end" });
  return union("kind", {
    constant: { about: "the same in every epoch", fields: { value } },
    ramp: {
      about: "rises from 0",
      fields: {
        value,
        over: number({ above: 0, about: "epochs that it takes" }),
      },
    },
    "printed-ramp": {
      about: "as FRPAT's supplement prints it: from 1.46 to 2 times the value",
      fields: {
        value: number({ least: 0, about: "half the number in the end" }),
        over: number({ above: 0, about: "epochs that it takes" }),
      },
    },
  }, {
    about,
    unreached(schedule: EpochSchedule, epochs) {
      if (schedule.kind !== "ramp" || schedule.over <= epochs) return null;
      const reached = scheduleAt(schedule, epochs).toPrecision(3);
      return `${name} rises over ${schedule.over} epochs: the run ends with ` +
        `epoch ${epochs}, at ${reached} instead of ${schedule.value}`;
    },
  });
}

/** A field for the first epoch, from 1, of something. `what` names it in notes, in plural. */
export function firstEpoch(
  { what, about }: { readonly what: string; readonly about: string },
): Field {
  return whole({
    least: 1,
    ceiling: 1_000_000,
    about,
    unreached: (first: number, epochs) =>
      first <= epochs
        ? null
        : `${what} set in with epoch ${first}: the run ends with epoch ${epochs}`,
  });
}

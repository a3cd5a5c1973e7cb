// Numbers that follow the epoch, such as the weight of a regularizer.

/**
 * A constant, or a ramp that rises from 0 to `value` (Ganin et al., 2016):
 * value * gamma(t), gamma(t) = 2 / (1 + exp(-10 t / over)) - 1, t the epoch from 1.
 */
export type EpochSchedule =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "ramp"; readonly value: number; readonly over: number };

/** The number in an epoch counted from 1. */
export function scheduleAt(schedule: EpochSchedule, epoch: number): number {
  switch (schedule.kind) {
    case "constant":
      return schedule.value;
    case "ramp":
      return schedule.value *
        (2 / (1 + Math.exp(-10 * epoch / schedule.over)) - 1);
  }
}

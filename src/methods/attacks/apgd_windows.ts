// The checkpoints of Auto-PGD (Croce and Hein, 2020, Section 3.1, as in the authors'
// code): after windows of steps that begin at 22 % of all steps and shrink by 3 % each
// time, down to 6 %.

/** Windows, each of which ends with a checkpoint, and the steps after the last one. */
export interface ApgdWindows {
  readonly checkpoints: readonly number[];
  readonly rest: number;
}

/** The windows of a search of so many steps: 22, 19, 16, … of 100. */
export function apgdWindows(steps: number): ApgdWindows {
  const share = (part: number) => Math.max(Math.trunc(part * steps), 1);
  const checkpoints: number[] = [];
  let rest = steps;
  for (
    let window = share(0.22);
    window <= rest;
    window = Math.max(window - share(0.03), share(0.06))
  ) {
    checkpoints.push(window);
    rest -= window;
  }
  return { checkpoints, rest };
}

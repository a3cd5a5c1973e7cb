// What a regularizer's numbers must be, and whether it looks at a teacher.

import type { Refusal } from "./check_experiment.ts";
import type { RegularizerConfig } from "./experiment.ts";

/** Whether a regularizer looks at a teacher. */
export function looksAtTeacher({ method }: RegularizerConfig): boolean {
  return method !== "mca";
}

/** Refuses numbers that a regularizer cannot run with. */
export function checkRegularizer(
  path: string,
  config: RegularizerConfig,
  fail: Refusal,
): void {
  if (config.method !== "crd" && config.method !== "mca") return;
  const { negatives, temperature, momentum } = config;
  const whole = (name: string, value: number): void => {
    if (Number.isSafeInteger(value) && value >= 1) return;
    fail(`${path}.${name}`, "a whole number of at least 1", value);
  };
  whole("negatives", negatives);
  if (config.method === "crd") whole("dimension", config.dimension);
  if (!(temperature > 0 && temperature < Infinity)) {
    fail(`${path}.temperature`, "a number above 0", temperature);
  }
  if (!(momentum >= 0 && momentum < 1)) {
    fail(`${path}.momentum`, "at least 0 and below 1", momentum);
  }
}

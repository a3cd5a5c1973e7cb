// The normalization of images that some files keep as buffers beside a network's weights,
// as RobustBench's `mu` and `sigma`, or by other names.

import type { Fail } from "../base/fail.ts";
import type { Normalization } from "../nn/normalized.ts";
import type { StoredTensor } from "./stored_tensor.ts";

/** Buffers for the mean and the deviation of images, by the last part of their name. */
const MEAN = /(?:^|\.)(mu|mean|new_mean)$/;
const STD = /(?:^|\.)(sigma|std|new_std)$/;

/** Whether a name is one of such a buffer. */
export function isStatistic(name: string): boolean {
  return MEAN.test(name) || STD.test(name);
}

/** The normalization in buffers; null without any. */
export function normalizationOf(
  statistics: readonly (readonly [string, StoredTensor])[],
  fail: Fail,
): Normalization | null {
  if (statistics.length === 0) return null;
  const values = (pattern: RegExp): readonly number[] | undefined => {
    const found = statistics.filter(([name]) => pattern.test(name));
    const isSmall = found.every(([, { shape }]) =>
      shape.reduce((product, size) => product * size, 1) === 3
    );
    if (!isSmall) return undefined;
    const [first, ...others] = found.map(([, { data }]) => [...data]);
    return others.every((one) => `${one}` === `${first}`) ? first : undefined;
  };
  const [mean, std] = [values(MEAN), values(STD)];
  if (mean && std && std.every((deviation) => deviation > 0)) {
    return { mean, std };
  }
  const found = statistics.map(([name, { shape }]) =>
    `${name} (${shape.join(", ")})`
  );
  return fail(
    "expected one mean and one positive deviation of three channels but found " +
      found.join(", "),
  );
}

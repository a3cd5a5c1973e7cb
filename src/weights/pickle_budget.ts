// A bound on the memory that a pickle may take. A byte of a file can ask for a dictionary
// of hundreds of bytes, or for another reference to any value, so created values are
// counted and not bytes read. Costs are those of V8, rounded up.

import type { Fail } from "../base/fail.ts";

/** Most bytes that a pickle's values may take: networks' need a few million. */
const MOST_BYTES = 128 * 2 ** 20;

/** Bytes that values take, without what they hold. */
export const COST = {
  /** A place on the stack, in a list or in a tuple, and a number in it. */
  place: 24,
  /** A character of a text, and a byte of a long integer. */
  character: 2,
  /** A tuple or an object. */
  object: 64,
  /** A list with room for a few items, or a mark. */
  list: 224,
  /** A dictionary or a set. */
  dictionary: 320,
  /** An item of either, and a memo. */
  item: 64,
} as const;

/** The rest of the bound. */
export class PickleBudget {
  readonly #fail: Fail;
  #left = MOST_BYTES;

  constructor(fail: Fail) {
    this.#fail = fail;
  }

  /** Takes bytes, or refuses the file. */
  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left >= 0) return;
    this.#fail(
      `expected a pickle that takes at most ${MOST_BYTES} bytes of memory but ` +
        "found a larger one",
    );
  }
}

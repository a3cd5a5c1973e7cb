// The images of each step. An epoch visits every image once, in an order that (seed, epoch)
// alone decides; its smaller last batch is kept, as in the reference implementations
// (50,000 images at 128 are 391 steps, the last of 80 images), unless it is too small to be
// trained on. There is no state: a run that resumes at step n asks for step n.

import { permutation } from "../base/random_sequence.ts";

/** The images that one step sees: a piece of its epoch's order. */
export interface Batch {
  /** Counted from 0. */
  readonly epoch: number;
  /** Where in the epoch's order the batch begins. */
  readonly start: number;
  /** The number of images: the batch size, or less in an epoch's last batch. */
  readonly size: number;
}

/** How a split is cut into batches. */
export interface Batching {
  /** The number of images of the split, at least 1. */
  readonly count: number;
  /** The number of images per step, at least 1. */
  readonly batchSize: number;
  /** Whether a smaller rest is left out; it has other images in every epoch. */
  readonly dropLast?: boolean;
}

/**
 * The order in which an epoch visits `count` images: a permutation of their
 * indices, from the stream "shuffle" or another, with the epoch as its step.
 */
export function epochOrder(
  { seed, epoch, stream = "shuffle" }: {
    readonly seed: number;
    readonly epoch: number;
    readonly stream?: string;
  },
  count: number,
): Uint32Array<ArrayBuffer> {
  return permutation({ seed, stream, step: epoch }, count);
}

/**
 * The number of steps that visit every image once, but for a rest that is left out.
 *
 * @throws RangeError when the count or the batch size is not at least 1
 */
export function stepsPerEpoch(
  { count, batchSize, dropLast = false }: Batching,
): number {
  for (const [name, value] of Object.entries({ count, batchSize })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(
        `Cannot form batches: expected ${name} to be a whole number of at ` +
          `least 1 but found ${value}`,
      );
    }
  }
  const whole = Math.floor(count / batchSize);
  return dropLast && whole > 0 ? whole : Math.ceil(count / batchSize);
}

/** The batch of a training step, counted from 0 over all epochs. */
export function batchAt(step: number, batching: Batching): Batch {
  const steps = stepsPerEpoch(batching);
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new RangeError(
      `Cannot find the batch of a step: expected a whole number of at least 0 ` +
        `but found ${step}`,
    );
  }
  const start = (step % steps) * batching.batchSize;
  const size = Math.min(batching.batchSize, batching.count - start);
  return { epoch: Math.floor(step / steps), start, size };
}

/**
 * The batch of a step among images that are visited beside others, in rounds of
 * their own. A round's rest is left out, so that all batches have one size.
 *
 * @throws RangeError when there are fewer images than a batch has
 */
export function wholeBatchAt(step: number, batching: Batching): Batch {
  const { count, batchSize: size } = batching;
  const whole = Math.floor(count / size) * size;
  return batchAt(step, { count: whole, batchSize: size });
}

/** Extra images that take a part of each batch. */
export interface ExtraImages {
  readonly count: number;
  /** How many of a batch of a size are extra ones. */
  readonly of: (size: number) => number;
}

/**
 * The order of an epoch in which part of each batch are extra images, numbered from
 * `count` on. An epoch has as many places as there are images of the training set, of which
 * it visits a part, none twice: as in Carmon et al.'s code, its length does not change.
 * Extra ones are drawn anew in every epoch, and none twice before all were visited.
 */
export function mixedOrder(
  key: { readonly seed: number; readonly epoch: number },
  { batching: { count, batchSize }, extra }: {
    readonly batching: Batching;
    readonly extra: ExtraImages;
  },
): Uint32Array<ArrayBuffer> {
  const own = epochOrder(key, count);
  const order = new Uint32Array(count);
  let taken = 0, round = 0, used = 0;
  const shuffled = () =>
    epochOrder({ ...key, stream: `shuffle extra ${round}` }, extra.count);
  let others = shuffled();
  for (let start = 0; start < count; start += batchSize) {
    const size = Math.min(batchSize, count - start);
    const more = extra.of(size);
    if (used + more > extra.count) {
      round++;
      used = 0;
      others = shuffled();
    }
    for (let n = 0; n < size; n++) {
      order[start + n] = n < size - more
        ? own[taken++]!
        : count + others[used++]!;
    }
  }
  return order;
}

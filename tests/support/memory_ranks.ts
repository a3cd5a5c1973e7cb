// Ranks in the memory of one process: each collective operation waits until all ranks have
// called it, and adds in the order of the ranks.

import type { Communicator } from "../../src/base/communicator.ts";

type Numbers = Float32Array<ArrayBuffer>;

/** A collective operation that some ranks have called. */
interface Meeting {
  readonly given: Map<number, Numbers>;
  readonly all: Promise<readonly Numbers[]>;
  readonly resolve: (all: readonly Numbers[]) => void;
}

/** The communicators of so many ranks. */
export function memoryRanks(size: number): Communicator[] {
  const meetings: Meeting[] = [];
  const meet = (rank: number, nth: number, own: Numbers) => {
    const { promise: all, resolve } = Promise.withResolvers<
      readonly Numbers[]
    >();
    const meeting = meetings[nth] ??= { given: new Map(), all, resolve };
    meeting.given.set(rank, own.slice());
    if (meeting.given.size === size) {
      const ranks = Array.from({ length: size }, (_, i) => i);
      meeting.resolve(ranks.map((one) => meeting.given.get(one)!));
    }
    return meeting.all;
  };
  return Array.from({ length: size }, (_, rank) => {
    let nth = 0;
    const together = (own: Numbers) => meet(rank, nth++, own);
    const add = async (numbers: Numbers) => {
      const all = await together(numbers);
      numbers.fill(0);
      for (const one of all) one.forEach((value, i) => numbers[i]! += value);
    };
    return {
      rank,
      size,
      engine: "memory",
      allReduceSum: add,
      agree: add,
      allGather: async (own) => concatenated(await together(own)),
      broadcast: async (numbers) => numbers.set((await together(numbers))[0]!),
      close: () => Promise.resolve(),
      abort: () => {},
    };
  });
}

function concatenated(parts: readonly Numbers[]): Numbers {
  const all = new Float32Array(parts.reduce((sum, one) => sum + one.length, 0));
  let start = 0;
  for (const one of parts) {
    all.set(one, start);
    start += one.length;
  }
  return all;
}

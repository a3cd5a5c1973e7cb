// The instructions of the machine that reads pickles (`pickle.ts`): those that build
// numbers, texts, lists, tuples and dictionaries, and those that call one of the
// functions that the machine was given. The others are missing, not forbidden.

import type { Fail } from "../base/fail.ts";
import { OPCODES } from "./pickle_opcodes.ts";
import {
  PickleGlobal,
  pickleKind,
  PickleTuple,
  type PickleValue,
} from "./pickle_values.ts";

/** The parts of the machine that instructions use. */
export interface Operations {
  readonly fail: Fail;
  readonly push: (value: PickleValue) => void;
  readonly pop: () => PickleValue;
  readonly top: () => PickleValue;
  readonly u8: () => number;
  readonly u16: () => number;
  readonly u32: () => number;
  readonly i32: () => number;
  readonly u64: () => number;
  /** Big-endian, as pickles have it. */
  readonly f64: () => number;
  readonly integer: (length: number) => number | bigint;
  readonly text: (length: number) => string;
  readonly line: () => string;
  readonly mark: () => void;
  readonly popToMark: () => PickleValue[];
  readonly remember: (index?: number) => void;
  readonly recall: (index: number) => void;
  readonly global: (module: PickleValue, name: PickleValue) => PickleGlobal;
  readonly persistent: (id: PickleValue) => PickleValue;
}

/** What an opcode does. */
export type Instruction = (machine: Operations) => void;

/** Everything that the machine can do, by opcode. */
export const INSTRUCTIONS: ReadonlyMap<number, Instruction> = new Map(
  Object.entries<Instruction>({
    PROTO: (m) => checkProtocol(m, m.u8()),
    FRAME: (m) => void m.u64(),
    NONE: (m) => m.push(null),
    NEWTRUE: (m) => m.push(true),
    NEWFALSE: (m) => m.push(false),
    BININT: (m) => m.push(m.i32()),
    BININT1: (m) => m.push(m.u8()),
    BININT2: (m) => m.push(m.u16()),
    LONG1: (m) => m.push(m.integer(m.u8())),
    LONG4: (m) => m.push(m.integer(m.u32())),
    BINFLOAT: (m) => m.push(m.f64()),
    SHORT_BINUNICODE: (m) => m.push(m.text(m.u8())),
    BINUNICODE: (m) => m.push(m.text(m.u32())),
    BINUNICODE8: (m) => m.push(m.text(m.u64())),
    MARK: (m) => m.mark(),
    EMPTY_LIST: (m) => m.push([]),
    APPEND: (m) => append(m, [m.pop()]),
    APPENDS: (m) => append(m, m.popToMark()),
    EMPTY_TUPLE: (m) => m.push(new PickleTuple([])),
    TUPLE: (m) => m.push(new PickleTuple(m.popToMark())),
    TUPLE1: (m) => m.push(tupleOf(m, 1)),
    TUPLE2: (m) => m.push(tupleOf(m, 2)),
    TUPLE3: (m) => m.push(tupleOf(m, 3)),
    EMPTY_DICT: (m) => m.push(new Map()),
    SETITEM: (m) => setItems(m, tupleOf(m, 2).items),
    SETITEMS: (m) => setItems(m, m.popToMark()),
    BINPUT: (m) => m.remember(m.u8()),
    LONG_BINPUT: (m) => m.remember(m.u32()),
    MEMOIZE: (m) => m.remember(),
    BINGET: (m) => m.recall(m.u8()),
    LONG_BINGET: (m) => m.recall(m.u32()),
    GLOBAL: (m) => m.push(m.global(m.line(), m.line())),
    STACK_GLOBAL: (m) => {
      const name = m.pop();
      m.push(m.global(m.pop(), name));
    },
    BINPERSID: (m) => m.push(m.persistent(m.pop())),
    REDUCE: call,
    BUILD: build,
  }).map(([name, instruction]) => [OPCODES.get(name)!, instruction]),
);

function checkProtocol({ fail }: Operations, protocol: number): void {
  if (protocol >= 2 && protocol <= 5) return;
  fail(`expected a pickle of protocol 2 to 5 but found ${protocol}`);
}

function tupleOf({ pop }: Operations, count: number): PickleTuple {
  const items = Array.from({ length: count }, pop);
  return new PickleTuple(items.reverse());
}

function append(
  { top, fail }: Operations,
  items: readonly PickleValue[],
): void {
  const list = top();
  if (!Array.isArray(list)) {
    return fail(`expected a list to append to but found ${pickleKind(list)}`);
  }
  for (const item of items) list.push(item);
}

function setItems(
  { top, fail }: Operations,
  items: readonly PickleValue[],
): void {
  const dictionary = top();
  if (!(dictionary instanceof Map) || items.length % 2 !== 0) {
    return fail(
      `expected pairs for a dictionary but found ${pickleKind(dictionary)}`,
    );
  }
  for (let i = 0; i < items.length; i += 2) {
    const key = items[i]!;
    if (typeof key === "object" && key !== null) {
      return fail(
        `expected keys to be text or numbers but found ${pickleKind(key)}`,
      );
    }
    dictionary.set(key, items[i + 1]!);
  }
}

function call({ pop, push, fail }: Operations): void {
  const args = pop();
  const callee = pop();
  if (!(callee instanceof PickleGlobal) || !callee.call) {
    return fail(`expected a function to call but found ${pickleKind(callee)}`);
  }
  if (!(args instanceof PickleTuple)) {
    return fail(`expected a tuple of arguments but found ${pickleKind(args)}`);
  }
  push(callee.call(args.items));
}

/** Attributes of an ordered dictionary, such as a state dict's versions, are dropped. */
function build({ pop, top, fail }: Operations): void {
  const state = pop();
  const target = top();
  if (target instanceof Map && state instanceof Map) return;
  fail(
    `expected attributes of a dictionary alone but found ${
      pickleKind(state)
    } ` +
      `for ${pickleKind(target)}`,
  );
}

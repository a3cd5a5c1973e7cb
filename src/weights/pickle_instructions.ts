// The instructions of the machine that reads pickles (`pickle.ts`): those that build
// numbers, texts, lists, tuples, sets and dictionaries, and those for objects, which call
// one of the given functions or leave a name in the object's place.

import type { Fail } from "../base/fail.ts";
import { COST } from "./pickle_budget.ts";
import { OPCODES } from "./pickle_opcodes.ts";
import {
  PickleGlobal,
  pickleKind,
  PickleNamespace,
  PickleTuple,
  PickleUnknown,
  type PickleValue,
} from "./pickle_values.ts";

/** The parts of the machine that instructions use. */
export interface Operations {
  readonly fail: Fail;
  /** Counts bytes that a value takes. */
  readonly spend: (bytes: number) => void;
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
  readonly integer: (length: number) => PickleValue;
  readonly text: (length: number) => string;
  readonly bytes: (length: number) => Uint8Array;
  readonly line: () => string;
  readonly mark: () => void;
  readonly popToMark: () => PickleValue[];
  readonly remember: (index?: number) => void;
  readonly recall: (index: number) => void;
  readonly global: (
    module: PickleValue,
    name: PickleValue,
  ) => PickleGlobal | PickleUnknown;
  /** A placeholder for an unsupported object. */
  readonly unknown: (name: string) => PickleUnknown;
  readonly persistent: (id: PickleValue) => PickleValue;
}

/** An instruction. */
export type Instruction = (machine: Operations) => void;

/** All instructions, by opcode. */
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
    // Python 2 had bytes for texts.
    SHORT_BINSTRING: (m) => m.push(m.text(m.u8())),
    BINSTRING: (m) => m.push(m.text(m.u32())),
    SHORT_BINBYTES: (m) => pushBytes(m, m.u8()),
    BINBYTES: (m) => pushBytes(m, m.u32()),
    BINBYTES8: (m) => pushBytes(m, m.u64()),
    BYTEARRAY8: (m) => pushBytes(m, m.u64()),
    MARK: (m) => m.mark(),
    POP: (m) => void m.pop(),
    POP_MARK: (m) => void m.popToMark(),
    DUP: (m) => m.push(m.top()),
    EMPTY_LIST: (m) => pushList(m, []),
    LIST: (m) => pushList(m, m.popToMark()),
    APPEND: (m) => append(m, [m.pop()]),
    APPENDS: (m) => append(m, m.popToMark()),
    EMPTY_SET: (m) => pushSet(m, []),
    FROZENSET: (m) => pushSet(m, m.popToMark()),
    ADDITEMS: (m) => addItems(m, m.popToMark()),
    EMPTY_TUPLE: (m) => pushTuple(m, []),
    TUPLE: (m) => pushTuple(m, m.popToMark()),
    TUPLE1: (m) => pushTuple(m, taken(m, 1)),
    TUPLE2: (m) => pushTuple(m, taken(m, 2)),
    TUPLE3: (m) => pushTuple(m, taken(m, 3)),
    EMPTY_DICT: (m) => pushDictionary(m, []),
    DICT: (m) => pushDictionary(m, m.popToMark()),
    SETITEM: (m) => setItems(m, taken(m, 2)),
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
    EXT1: (m) => m.push(m.unknown(`extension ${m.u8()}`)),
    EXT2: (m) => m.push(m.unknown(`extension ${m.u16()}`)),
    EXT4: (m) => m.push(m.unknown(`extension ${m.u32()}`)),
    BINPERSID: (m) => m.push(m.persistent(m.pop())),
    REDUCE: (m) => {
      const args = m.pop();
      call(m, { callee: m.pop(), args });
    },
    NEWOBJ: (m) => {
      const args = m.pop();
      call(m, { callee: m.pop(), args });
    },
    NEWOBJ_EX: (m) => {
      const [callee] = taken(m, 3);
      m.push(m.unknown(nameOf(callee!)));
    },
    OBJ: (m) => {
      const [callee] = m.popToMark();
      m.push(m.unknown(nameOf(callee)));
    },
    INST: (m) => {
      const callee = m.global(m.line(), m.line());
      m.popToMark();
      m.push(m.unknown(nameOf(callee)));
    },
    BUILD: build,
  }).map(([name, instruction]) => [OPCODES.get(name)!, instruction]),
);

function checkProtocol({ fail }: Operations, protocol: number): void {
  if (protocol >= 2 && protocol <= 5) return;
  fail(`expected a pickle of protocol 2 to 5 but found ${protocol}`);
}

/** The last values of the stack, taken off. */
function taken({ pop }: Operations, count: number): PickleValue[] {
  return Array.from({ length: count }, pop).reverse();
}

/** Bytes are a view of the file's. */
function pushBytes(m: Operations, length: number): void {
  m.spend(COST.object);
  m.push(m.bytes(length));
}

function pushList(m: Operations, items: PickleValue[]): void {
  m.spend(COST.list + COST.place * items.length);
  m.push(items);
}

function pushTuple(m: Operations, items: PickleValue[]): void {
  m.spend(COST.object + COST.place * items.length);
  m.push(new PickleTuple(items));
}

function pushSet(m: Operations, items: PickleValue[]): void {
  m.spend(COST.dictionary + COST.item * items.length);
  m.push(new Set(items));
}

function pushDictionary(m: Operations, items: readonly PickleValue[]): void {
  m.spend(COST.dictionary);
  m.push(new Map());
  setItems(m, items);
}

function append(
  { top, spend, fail }: Operations,
  items: readonly PickleValue[],
): void {
  const list = top();
  if (list instanceof PickleUnknown) return;
  if (!Array.isArray(list)) {
    return fail(`expected a list to append to but found ${pickleKind(list)}`);
  }
  spend(COST.place * items.length);
  for (const item of items) list.push(item);
}

function addItems(
  { top, spend, fail }: Operations,
  items: readonly PickleValue[],
): void {
  const set = top();
  if (set instanceof PickleUnknown) return;
  if (!(set instanceof Set)) {
    return fail(`expected a set to add to but found ${pickleKind(set)}`);
  }
  spend(COST.item * items.length);
  for (const item of items) set.add(item);
}

function setItems(
  { top, spend, fail }: Operations,
  items: readonly PickleValue[],
): void {
  const dictionary = top();
  if (dictionary instanceof PickleUnknown) return;
  if (!(dictionary instanceof Map) || items.length % 2 !== 0) {
    return fail(
      `expected pairs for a dictionary but found ${pickleKind(dictionary)}`,
    );
  }
  spend(COST.item * items.length);
  for (let i = 0; i < items.length; i += 2) {
    const key = items[i]!;
    if (Array.isArray(key) || key instanceof Map) {
      return fail(
        `expected keys to be text or numbers but found ${pickleKind(key)}`,
      );
    }
    dictionary.set(key, items[i + 1]!);
  }
}

/** The largest number of arguments that functions use. */
const MOST_ARGUMENTS = 8;

/** Calls one of the functions that the machine was given; of others, a name is left. */
function call(
  m: Operations,
  { callee, args }: {
    readonly callee: PickleValue;
    readonly args: PickleValue;
  },
): void {
  if (!(callee instanceof PickleGlobal || callee instanceof PickleUnknown)) {
    return m.fail(
      `expected a function to call but found ${pickleKind(callee)}`,
    );
  }
  if (!(args instanceof PickleTuple)) {
    return m.fail(
      `expected a tuple of arguments but found ${pickleKind(args)}`,
    );
  }
  // A function may copy a list, for instance of pairs.
  const lists = args.items.slice(0, MOST_ARGUMENTS).filter(Array.isArray);
  const copied = lists.reduce((sum, { length }) => sum + length, 0);
  m.spend(COST.dictionary + COST.item * copied);
  const made = callee instanceof PickleGlobal
    ? callee.call?.(args.items.slice(0, MOST_ARGUMENTS))
    : undefined;
  m.push(made === undefined ? m.unknown(callee.name) : made);
}

function nameOf(callee: PickleValue | undefined): string {
  const isNamed = callee instanceof PickleGlobal ||
    callee instanceof PickleUnknown;
  return isNamed ? callee.name : pickleKind(callee);
}

/**
 * Attributes are kept of what has nothing else. Those of others, such as the versions
 * that an ordered dictionary of weights has, are dropped.
 */
function build({ pop, top, spend }: Operations): void {
  const state = pop();
  const target = top();
  if (!(target instanceof PickleNamespace && state instanceof Map)) return;
  spend(COST.item * state.size);
  for (const [name, value] of state) target.set(name, value);
}

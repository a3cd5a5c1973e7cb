// A reader of pickles that runs no code. A pickle is a program for a stack machine that may
// name and call any function of Python. This machine only has the instructions that build
// numbers, texts, lists, tuples, sets and dictionaries, and the few functions that it is
// given. For anything else that a file asks for, only the name is kept. Nothing is imported,
// evaluated or looked up on an object, and memory is bounded (`pickle_budget.ts`).

import type { Fail } from "../base/fail.ts";
import { COST, PickleBudget } from "./pickle_budget.ts";
import { INSTRUCTIONS, type Operations } from "./pickle_instructions.ts";
import { opcodeName, OPCODES } from "./pickle_opcodes.ts";
import {
  type PickleGlobal,
  pickleKind,
  PickleUnknown,
  type PickleValue,
} from "./pickle_values.ts";

/** The functions and objects that a pickle may use. */
export interface PickleEnvironment {
  /** Functions and types by module and name, such as "collections.OrderedDict". */
  readonly globals: ReadonlyMap<string, PickleGlobal>;
  /** The value of an object that is stored outside of the pickle, if it is known. */
  readonly persistent: (id: PickleValue) => PickleValue | undefined;
  readonly fail: Fail;
}

/** The contents of a pickle. */
export interface ReadPickle {
  readonly value: PickleValue;
  /** Names of functions and types that it asks for and that are not supported. */
  readonly unknown: ReadonlySet<string>;
  /** The position of its end. */
  readonly end: number;
}

/** The value that a pickle describes, which may be followed by other bytes. */
export function readPickle(
  bytes: Uint8Array,
  environment: PickleEnvironment,
): ReadPickle {
  return new Machine(bytes, environment).run();
}

/** Longest integer that is understood, in bytes: more take time that grows faster. */
const LONGEST_INTEGER = 255;

/** How many unknown names are kept. */
const MOST_UNKNOWN = 100;

const STOP = OPCODES.get("STOP")!;

class Machine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #environment: PickleEnvironment;
  readonly #budget: PickleBudget;
  readonly #memo = new Map<number, PickleValue>();
  readonly #unknown = new Set<string>();
  /** Stacks set aside by marks; the last one continues below the current one. */
  readonly #below: PickleValue[][] = [];
  #stack: PickleValue[] = [];
  #at = 0;

  constructor(bytes: Uint8Array, environment: PickleEnvironment) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#environment = environment;
    this.#budget = new PickleBudget(environment.fail);
  }

  run(): ReadPickle {
    for (;;) {
      const opcode = this.#view.getUint8(this.#advance(1));
      if (opcode === STOP) {
        const value = this.#pop();
        return { value, unknown: this.#unknown, end: this.#at };
      }
      const instruction = INSTRUCTIONS.get(opcode);
      if (!instruction) {
        this.#fail(
          `expected tensors in plain containers but found the instruction ` +
            `${opcodeName(opcode)}, which is not carried out`,
        );
      }
      instruction(this.#operations);
    }
  }

  /** The operations of the machine, for instructions. */
  readonly #operations: Operations = {
    fail: (problem) => this.#fail(problem),
    spend: (bytes) => this.#budget.spend(bytes),
    push: (value) => this.#push(value),
    pop: () => this.#pop(),
    top: () => this.#top(),
    u8: () => this.#view.getUint8(this.#advance(1)),
    u16: () => this.#view.getUint16(this.#advance(2), true),
    u32: () => this.#view.getUint32(this.#advance(4), true),
    i32: () => this.#view.getInt32(this.#advance(4), true),
    u64: () => Number(this.#view.getBigUint64(this.#advance(8), true)),
    f64: () => this.#view.getFloat64(this.#advance(8)),
    integer: (length) => this.#integer(length),
    text: (length) => this.#text(length),
    bytes: (length) => {
      const at = this.#advance(length);
      return this.#bytes.subarray(at, at + length);
    },
    line: () => this.#line(),
    mark: () => {
      this.#budget.spend(COST.list);
      this.#below.push(this.#stack);
      this.#stack = [];
    },
    popToMark: () => {
      const items = this.#stack;
      this.#stack = this.#below.pop() ?? this.#missing();
      return items;
    },
    remember: (index = this.#memo.size) => {
      this.#budget.spend(COST.item);
      this.#memo.set(index, this.#top());
    },
    recall: (index) => {
      const value = this.#memo.get(index);
      if (value === undefined) {
        this.#fail(`expected memo ${index} to be set but found nothing`);
      }
      this.#push(value);
    },
    global: (module, name) => this.#global(module, name),
    unknown: (name) => this.#unknownOf(name),
    persistent: (id) =>
      this.#environment.persistent(id) ??
        this.#unknownOf("an object outside of the pickle"),
  };

  #fail(problem: string): never {
    return this.#environment.fail(problem);
  }

  #missing(): never {
    return this.#fail(
      `expected a value on the stack at byte ${this.#at} of its pickle but found none`,
    );
  }

  #push(value: PickleValue): void {
    this.#budget.spend(COST.place);
    this.#stack.push(value);
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    return value === undefined ? this.#missing() : value;
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    return value === undefined ? this.#missing() : value;
  }

  /** Where `length` bytes begin, which are now behind. */
  #advance(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) {
      this.#fail(
        `expected ${length} bytes at ${at} of its pickle but found its end at ` +
          `${this.#bytes.length}`,
      );
    }
    this.#at += length;
    return at;
  }

  #text(length: number): string {
    const at = this.#advance(length);
    this.#budget.spend(COST.character * length);
    return new TextDecoder().decode(this.#bytes.subarray(at, at + length));
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) this.#fail("expected the name of a global but found no end");
    const line = this.#text(end - this.#at);
    this.#at++;
    return line;
  }

  #integer(length: number): PickleValue {
    const at = this.#advance(length);
    if (length > LONGEST_INTEGER) {
      return this.#unknownOf(`an integer of ${length} bytes`);
    }
    this.#budget.spend(COST.object + COST.character * length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) {
      value = value << 8n | BigInt(this.#bytes[at + i]!);
    }
    const signed = BigInt.asIntN(8 * length, value);
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }

  #global(
    module: PickleValue,
    name: PickleValue,
  ): PickleGlobal | PickleUnknown {
    const path = typeof module === "string" && typeof name === "string"
      ? `${module}.${name}`
      : `${pickleKind(module)} and ${pickleKind(name)}`;
    return this.#environment.globals.get(path) ?? this.#unknownOf(path);
  }

  #unknownOf(name: string): PickleUnknown {
    this.#budget.spend(COST.object);
    if (this.#unknown.size < MOST_UNKNOWN) this.#unknown.add(name);
    return new PickleUnknown(name);
  }
}

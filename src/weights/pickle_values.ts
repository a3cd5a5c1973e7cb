// What a pickle can describe to this program, and what errors call it.

/** A tuple, which a list is not. */
export class PickleTuple {
  readonly items: readonly PickleValue[];

  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

/** Something that the given functions make, such as a tensor. */
export abstract class PickleObject {}

/** A function or type that a pickle may name. */
export class PickleGlobal {
  readonly name: string;
  /** What calling it gives; absent for what may be named but not called. */
  readonly call?: (args: readonly PickleValue[]) => PickleValue;

  constructor(
    name: string,
    call?: (args: readonly PickleValue[]) => PickleValue,
  ) {
    this.name = name;
    if (call) this.call = call;
  }
}

/** What a pickle can describe here. Dictionaries, ordered or not, are maps. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickleTuple
  | PickleGlobal
  | PickleObject;

/** What an error calls a value. */
export function pickleKind(value: PickleValue | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "None";
  if (value instanceof Map) return "a dictionary";
  if (Array.isArray(value)) return "a list";
  if (value instanceof PickleTuple) return "a tuple";
  if (value instanceof PickleGlobal) return value.name;
  if (value instanceof PickleObject) return value.constructor.name;
  return typeof value === "string" ? "text" : String(value);
}

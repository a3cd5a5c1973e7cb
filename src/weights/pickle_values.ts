// The values that this program reads from a pickle, and their names in errors.

/** A tuple, which a list is not. */
export class PickleTuple {
  readonly items: readonly PickleValue[];

  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

/** An object with attributes and nothing else, such as `argparse.Namespace`. */
export class PickleNamespace extends Map<PickleValue, PickleValue> {}

/** Something that the given functions make, such as a tensor. */
export abstract class PickleObject {}

/** An object that is not supported: only its name in the pickle is kept. */
export class PickleUnknown extends PickleObject {
  readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }
}

/** A function or type that a pickle may name. */
export class PickleGlobal {
  readonly name: string;
  /**
   * Calls it: the result, or undefined for arguments that it does not take; absent for
   * what may be named but not called.
   */
  readonly call?: PickleFunction;

  constructor(name: string, call?: PickleFunction) {
    this.name = name;
    if (call) this.call = call;
  }
}

/** A function that a pickle may call. */
export type PickleFunction = (
  args: readonly PickleValue[],
) => PickleValue | undefined;

/** The values of pickles. Dictionaries, ordered or not, are maps. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Set<PickleValue>
  | Map<PickleValue, PickleValue>
  | PickleTuple
  | PickleGlobal
  | PickleObject;

/** The name of a value in errors. */
export function pickleKind(value: PickleValue | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "None";
  if (value instanceof Map) return "a dictionary";
  if (value instanceof Set) return "a set";
  if (value instanceof Uint8Array) return "bytes";
  if (Array.isArray(value)) return "a list";
  if (value instanceof PickleTuple) return "a tuple";
  if (value instanceof PickleGlobal) return value.name;
  if (value instanceof PickleUnknown) return JSON.stringify(value.name);
  if (value instanceof PickleObject) return value.constructor.name;
  if (typeof value === "bigint") return "a long integer";
  return typeof value === "string" ? "text" : String(value);
}

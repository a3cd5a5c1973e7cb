// Pickles and zip archives written by hand, so that tests can write what no
// library would.

import { OPCODES } from "../../src/weights/pickle_opcodes.ts";

/** A pickle's parts: opcodes by name, and bytes. */
export type PicklePart = string | Uint8Array;

/** Concatenates bytes. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A pickle of opcodes by name and of bytes. */
export function pickle(...parts: PicklePart[]): Uint8Array<ArrayBuffer> {
  return joined(parts.map((part) => {
    if (typeof part !== "string") return part;
    const opcode = OPCODES.get(part);
    if (opcode === undefined) throw new TypeError(`No opcode ${part}`);
    return Uint8Array.of(opcode);
  }));
}

/** The bytes of a text. */
export function raw(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Little-endian bytes of whole numbers, `width` bytes each. */
export function littleEndian(
  width: 2 | 4 | 8,
  ...numbers: number[]
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(width * numbers.length);
  const view = new DataView(bytes.buffer);
  numbers.forEach((number, i) => {
    const at = i * width;
    if (width === 2) view.setUint16(at, number, true);
    else if (width === 4) view.setUint32(at, number, true);
    else view.setBigUint64(at, BigInt(number), true);
  });
  return bytes;
}

/** Pushes a text. */
export function text(value: string): Uint8Array<ArrayBuffer> {
  const bytes = raw(value);
  return pickle("BINUNICODE", littleEndian(4, bytes.length), bytes);
}

/** Pushes a whole number. */
export function int(value: number): Uint8Array<ArrayBuffer> {
  return pickle("LONG1", Uint8Array.of(8), littleEndian(8, value));
}

/** Pushes what a module has under a name. */
export function global(
  module: string,
  name: string,
): Uint8Array<ArrayBuffer> {
  return pickle("GLOBAL", raw(`${module}\n${name}\n`));
}

/** Pushes a tuple. */
export function tuple(...items: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return pickle("MARK", ...items, "TUPLE");
}

/** How to write a tensor. */
export interface WrittenTensor {
  readonly key?: string;
  readonly storage?: string;
  readonly length?: number;
  readonly offset?: number;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

/** Pushes a tensor as PyTorch does. */
export function tensor(
  { key = "0", storage = "FloatStorage", length = 6, offset = 0, ...layout }:
    WrittenTensor,
): Uint8Array<ArrayBuffer> {
  const id = tuple(
    ...[text("storage"), global("torch", storage), text(key), text("cpu")],
    int(length),
  );
  return pickle(
    global("torch._utils", "_rebuild_tensor_v2"),
    tuple(
      pickle(id, "BINPERSID"),
      int(offset),
      tuple(...layout.shape.map(int)),
      tuple(...layout.stride.map(int)),
      pickle("NEWFALSE"),
      pickle(global("collections", "OrderedDict"), "EMPTY_TUPLE", "REDUCE"),
    ),
    "REDUCE",
  );
}

/** A whole pickle of a dictionary. */
export function dictionary(
  entries: Readonly<Record<string, Uint8Array>>,
): Uint8Array<ArrayBuffer> {
  const items = Object.entries(entries).flatMap(([key, value]) => [
    text(key),
    value,
  ]);
  return pickle(
    ...["PROTO", Uint8Array.of(2), "EMPTY_DICT", "MARK"],
    ...items,
    ...["SETITEMS", "STOP"],
  );
}

/** Ways of writing an archive. */
export interface ArchiveOptions {
  /** With 64-bit sizes and offsets, as for files of more than 4 GiB. */
  readonly wide?: boolean;
  /** With sizes behind the contents, and none before. */
  readonly descriptors?: boolean;
  readonly method?: number;
  readonly comment?: string;
}

/** A zip archive of the given entries, unpacked. */
export function zip(
  entries: Readonly<Record<string, Uint8Array>>,
  options: ArchiveOptions = {},
): Uint8Array<ArrayBuffer> {
  const { wide = false, descriptors = false, method = 0 } = options;
  const locals: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, contents] of Object.entries(entries)) {
    const bytes = raw(name);
    const size = contents.length;
    const flags = descriptors ? 8 : 0;
    const local = joined([
      littleEndian(4, 0x04034b50),
      littleEndian(2, 20, flags, method, 0, 0),
      littleEndian(4, 0, ...descriptors ? [0, 0] : [size, size]),
      littleEndian(2, bytes.length, 0),
      bytes,
      contents,
      descriptors ? littleEndian(4, 0x08074b50, 0, size, size) : raw(""),
    ]);
    const extra = wide
      ? joined([
        littleEndian(2, 7, 1),
        raw("x"),
        littleEndian(2, 1, 24),
        littleEndian(8, size, size, offset),
      ])
      : raw("");
    const sizes = wide ? [0xffffffff, 0xffffffff] : [size, size];
    directory.push(joined([
      littleEndian(4, 0x02014b50),
      littleEndian(2, 20, 20, flags, method, 0, 0),
      littleEndian(4, 0, ...sizes),
      littleEndian(2, bytes.length, extra.length, 0, 0, 0),
      littleEndian(4, 0, wide ? 0xffffffff : offset),
      ...[bytes, extra],
    ]));
    locals.push(local);
    offset += local.length;
  }
  const listed = joined(directory);
  return joined([
    ...locals,
    listed,
    ...directoryEnd(directory.length, {
      offset,
      size: listed.length,
      wide,
      comment: options.comment ?? "",
    }),
  ]);
}

function directoryEnd(
  count: number,
  { offset, size, wide, comment }: {
    readonly offset: number;
    readonly size: number;
    readonly wide: boolean;
    readonly comment: string;
  },
): Uint8Array[] {
  const end64 = joined([
    littleEndian(4, 0x06064b50),
    littleEndian(8, 44),
    littleEndian(2, 45, 45),
    littleEndian(4, 0, 0),
    littleEndian(8, count, count, size, offset),
    littleEndian(4, 0x07064b50, 0),
    littleEndian(8, offset + size),
    littleEndian(4, 1),
  ]);
  const [shown, at] = wide ? [0xffff, 0xffffffff] : [count, offset];
  return [
    wide ? end64 : raw(""),
    littleEndian(4, 0x06054b50),
    littleEndian(2, 0, 0, shown, shown),
    littleEndian(4, size, at),
    littleEndian(2, comment.length),
    raw(comment),
  ];
}

/** What `torch.save` would write of a pickle and 32-bit floats. */
export function archive(
  data: Uint8Array,
  { options, ...storages }: { readonly options?: ArchiveOptions } & {
    readonly [key: `data/${string}`]: Float32Array<ArrayBuffer>;
  } = {},
): Uint8Array<ArrayBuffer> {
  const numbers = Object.entries(storages).map(([key, values]) => [
    `archive/${key}`,
    new Uint8Array((values as Float32Array<ArrayBuffer>).buffer),
  ]);
  const entries = { "archive/data.pkl": data, ...Object.fromEntries(numbers) };
  return zip({ ...entries, "archive/version": raw("3\n") }, options);
}

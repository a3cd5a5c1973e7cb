// The functions and types that a pickle of `torch.save` may name. Tensors are kept as they
// are described; other values (counters, name spaces, devices, numbers of numpy) become
// plain values. Arguments that a function does not take give nothing, never an error:
// the machine then leaves the function's name in the value's place.

import {
  PickleGlobal,
  PickleNamespace,
  PickleTuple,
  PickleUnknown,
  type PickleValue,
} from "./pickle_values.ts";
import { MOST_AXES, type TensorLayout } from "./tensor_layout.ts";
import { TorchStorage, TorchTensor } from "./torch_storages.ts";

/** Types of elements by the names that PyTorch has for them. */
const DTYPES: Readonly<Record<string, string>> = {
  float32: "F32",
  float64: "F64",
  float16: "F16",
  bfloat16: "BF16",
  int64: "I64",
  int32: "I32",
  int16: "I16",
  int8: "I8",
  uint8: "U8",
  bool: "BOOL",
  uint16: "U16",
  uint32: "U32",
  uint64: "U64",
  complex64: "C64",
  complex128: "C128",
};

/** Types of elements by the name of PyTorch's class for their storage. */
const STORAGES: Readonly<Record<string, string>> = {
  "torch.FloatStorage": "F32",
  "torch.DoubleStorage": "F64",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
  "torch.ComplexFloatStorage": "C64",
  "torch.ComplexDoubleStorage": "C128",
  "torch.storage.UntypedStorage": "U8",
};

/** A function from arguments to a value, or to nothing. */
type Reader = (args: readonly PickleValue[]) => PickleValue | undefined;

const tensorV2: Reader = ([storage, offset, shape, stride]) =>
  tensorOf(storage, { offset, shape, stride });

const FUNCTIONS: Readonly<Record<string, Reader>> = {
  "collections.OrderedDict": dictionaryOf,
  "collections.Counter": dictionaryOf,
  "collections.defaultdict": ([, given]) =>
    given === undefined ? new Map() : dictionaryOf([given]),
  "builtins.dict": dictionaryOf,
  "builtins.set": setOf,
  "builtins.frozenset": setOf,
  "builtins.bytes": bytesOf,
  "builtins.bytearray": bytesOf,
  "_codecs.encode": bytesOf,
  "argparse.Namespace": () => new PickleNamespace(),
  "types.SimpleNamespace": () => new PickleNamespace(),
  "torch.Size": ([size = new PickleTuple([])]) =>
    size instanceof PickleTuple ? size : undefined,
  "torch.device": ([name, index]) =>
    typeof name !== "string"
      ? undefined
      : typeof index === "number"
      ? `${name}:${index}`
      : name,
  "torch._utils._rebuild_tensor": tensorV2,
  "torch._utils._rebuild_tensor_v2": tensorV2,
  "torch._utils._rebuild_tensor_v3": tensorV3,
  "torch._utils._rebuild_parameter": ([data]) => onlyTensor(data),
  "torch._utils._rebuild_parameter_with_state": ([data]) => onlyTensor(data),
  "torch.nn.parameter.Parameter": ([data]) => onlyTensor(data),
  "torch.nn.parameter.Buffer": ([data]) => onlyTensor(data),
  "torch._tensor._rebuild_from_type_v2": ([callee, _, args]) =>
    callee instanceof PickleGlobal && args instanceof PickleTuple
      ? callee.call?.(args.items)
      : undefined,
  "numpy.dtype": ([code]) => typeof code === "string" ? code : undefined,
  "numpy.core.multiarray.scalar": numpyNumber,
  "numpy._core.multiarray.scalar": numpyNumber,
};

/** All functions and types that a pickle may name. */
export const TORCH_GLOBALS: ReadonlyMap<string, PickleGlobal> = new Map(
  [
    ...Object.keys(STORAGES).map((name) => new PickleGlobal(name)),
    ...Object.keys(DTYPES).map((name) => new PickleGlobal(`torch.${name}`)),
    ...Object.entries(FUNCTIONS).map(([name, call]) =>
      new PickleGlobal(name, call)
    ),
  ].flatMap((one): [string, PickleGlobal][] => [
    [one.name, one],
    // Protocol 2 has the names that Python 2 had.
    [one.name.replace(/^builtins\./, "__builtin__."), one],
  ]),
);

/** ("storage", its class, its key, where it was, its length); undefined for anything else. */
export function storageOf(id: PickleValue): TorchStorage | undefined {
  const items = id instanceof PickleTuple ? id.items : [];
  const [kind, type, key, , length] = items;
  const dtype = type instanceof PickleGlobal ? STORAGES[type.name] : undefined;
  const isStorage = kind === "storage" && typeof key === "string" &&
    isSize(length);
  if (!isStorage) return undefined;
  const name = type instanceof PickleUnknown ? type.name : "no type";
  return new TorchStorage({ key, dtype: dtype ?? name, length });
}

/** The layout of a tensor in its storage. */
type GivenLayout = Readonly<
  Record<"offset" | "shape" | "stride", PickleValue | undefined>
>;

function tensorOf(
  storage: PickleValue | undefined,
  { offset, shape, stride }: GivenLayout,
): TorchTensor | undefined {
  const isTensor = storage instanceof TorchStorage && isSize(offset) &&
    isSizes(shape) && isSizes(stride);
  if (!isTensor) return undefined;
  const layout = { offset, shape: shape.items, stride: stride.items };
  return shape.items.length === stride.items.length
    ? new TorchTensor(storage, layout as TensorLayout)
    : undefined;
}

/** A tensor of a storage of bytes, its type behind the gradient and the hooks. */
function tensorV3(args: readonly PickleValue[]): TorchTensor | undefined {
  const [storage, offset, shape, stride, , , type] = args;
  if (!(storage instanceof TorchStorage)) return undefined;
  const { key, length } = storage;
  const name = type instanceof PickleGlobal ? type.name.slice(6) : "";
  const dtype = DTYPES[name] ?? "another type";
  const bytes = /^C?\d|\d+$/.exec(dtype) ? Number(/\d+$/.exec(dtype)) / 8 : 1;
  const typed = new TorchStorage({
    key,
    dtype,
    length: Math.floor(length / bytes),
  });
  return tensorOf(typed, { offset, shape, stride });
}

function onlyTensor(data: PickleValue | undefined): TorchTensor | undefined {
  return data instanceof TorchTensor ? data : undefined;
}

/** A copy of a dictionary, or one of pairs; an empty one without arguments. */
function dictionaryOf(
  [given]: readonly PickleValue[],
): Map<PickleValue, PickleValue> | undefined {
  if (given === undefined) return new Map();
  // Shared, not copied: a file could ask for any number of copies.
  if (given instanceof Map) return given;
  if (!Array.isArray(given)) return undefined;
  const pairs = given.map((pair) =>
    pair instanceof PickleTuple ? pair.items : Array.isArray(pair) ? pair : []
  );
  return new Map(pairs as [PickleValue, PickleValue][]);
}

function setOf([given]: readonly PickleValue[]): PickleValue | undefined {
  if (given === undefined) return new Set();
  return Array.isArray(given) || given instanceof Set ? given : undefined;
}

/** Bytes that were given as a text of the same numbers, or as bytes. */
function bytesOf([given]: readonly PickleValue[]): PickleValue | undefined {
  if (given === undefined) return new Uint8Array();
  return typeof given === "string" || given instanceof Uint8Array
    ? given
    : undefined;
}

/** A number of numpy: its type, and its bytes. */
function numpyNumber([type, bytes]: readonly PickleValue[]):
  | number
  | bigint
  | boolean
  | undefined {
  const code = typeof type === "string" ? type.slice(0, 4) : "";
  const kind = /^[<=|]?([a-z][1248])$/.exec(code)?.[1];
  const given = bytes instanceof Uint8Array || typeof bytes === "string";
  if (!kind || !given || bytes.length !== Number(kind[1])) return undefined;
  const data = typeof bytes === "string"
    ? Uint8Array.from(bytes, (one) => one.charCodeAt(0))
    : bytes;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  switch (kind) {
    case "f8":
      return view.getFloat64(0, true);
    case "f4":
      return view.getFloat32(0, true);
    case "f2":
      return view.getFloat16(0, true);
    case "b1":
      return view.getUint8(0) !== 0;
    case "i8":
      return view.getBigInt64(0, true);
    case "i4":
      return view.getInt32(0, true);
    case "u1":
      return view.getUint8(0);
    default:
      return undefined;
  }
}

/** Whether a value is a tuple of a few sizes. */
function isSizes(value: PickleValue | undefined): value is PickleTuple {
  return value instanceof PickleTuple && value.items.length <= MOST_AXES &&
    value.items.every(isSize);
}

function isSize(value: PickleValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

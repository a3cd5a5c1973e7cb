// ONNX models written by hand: the few protocol buffer messages that a graph of
// convolutions needs. A message is fields of a key and a value; all of ours are
// whole numbers or bytes.

import type { HostTensor } from "../inputs.ts";

/** One operation: its inputs and outputs are names of tensors. */
export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Lists of whole numbers, such as strides. */
  readonly attributes?: Readonly<Record<string, readonly number[]>>;
}

/** A graph with one input and one output. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly constants: Readonly<Record<string, HostTensor>>;
  readonly input: { readonly name: string; readonly shape: readonly number[] };
  readonly output: { readonly name: string; readonly shape: readonly number[] };
}

const FLOAT = 1;
const INTS = 7;

/** The bytes of a model file. */
export function onnxModel(graph: OnnxGraph): Uint8Array<ArrayBuffer> {
  return message([
    [1, 8], // ir_version
    [8, message([[1, ""], [2, 17]])], // opset_import
    [
      7,
      message([
        ...graph.nodes.map((node): Field => [1, nodeMessage(node)]),
        [2, "bench"],
        ...Object.entries(graph.constants).map(([name, tensor]): Field => [
          5,
          tensorMessage(name, tensor),
        ]),
        [11, valueMessage(graph.input)],
        [12, valueMessage(graph.output)],
      ]),
    ],
  ]);
}

function nodeMessage(
  { op, inputs, outputs, attributes = {} }: OnnxNode,
): Bytes {
  return message([
    ...inputs.map((name): Field => [1, name]),
    ...outputs.map((name): Field => [2, name]),
    [4, op],
    ...Object.entries(attributes).map(([name, values]): Field => [
      5,
      message([
        [1, name],
        ...values.map((value): Field => [8, value]),
        [20, INTS],
      ]),
    ]),
  ]);
}

function tensorMessage(name: string, { shape, values }: HostTensor): Bytes {
  return message([
    ...shape.map((size): Field => [1, size]),
    [2, FLOAT],
    [8, name],
    [9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)],
  ]);
}

function valueMessage(
  { name, shape }: { readonly name: string; readonly shape: readonly number[] },
): Bytes {
  const dims = message(shape.map((size): Field => [1, message([[1, size]])]));
  const type = message([[1, message([[1, FLOAT], [2, dims]])]]);
  return message([[1, name], [2, type]]);
}

type Bytes = Uint8Array<ArrayBuffer>;

/** A field's number and value: a whole number, text or bytes. */
type Field = readonly [number: number, value: number | string | Bytes];

function message(fields: readonly Field[]): Bytes {
  const parts = fields.flatMap(([number, value]): Bytes[] => {
    if (typeof value === "number") {
      return [varint(number << 3), varint(value)];
    }
    const bytes = typeof value === "string"
      ? new TextEncoder().encode(value)
      : value;
    return [varint(number << 3 | 2), varint(bytes.length), bytes];
  });
  const out = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let end = 0;
  for (const part of parts) {
    out.set(part, end);
    end += part.length;
  }
  return out;
}

/** Seven bits per byte, least significant first; all but the last have the eighth. */
function varint(value: number): Bytes {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) {
    bytes.push(value % 128 | 128);
  }
  return Uint8Array.of(...bytes, value);
}

// The pointwise operations: one table row each, with the WGSL expressions of the value and
// of its derivative with respect to each input. Adding one takes a row here, its function
// in `pointwise.ts` and one in the tests' reference.
//
// In an expression a, b, c are the inputs, y the value, dy its cotangent, p and q
// numbers given with the call; `Element(…)` makes a constant, since elements are
// taken four at a time where the size allows. Comparisons are written so that
// NaN stays NaN, and divergence shows.

import { type Dispatch, type Kernel, linearGrid } from "../gpu/program.ts";
import {
  applyOne,
  type Lowering,
  type Op,
  type Storage,
} from "../graph/graph.ts";
import {
  formatType,
  like,
  sizeOf,
  type Tensor,
  type TensorType,
} from "../graph/tensor.ts";
import { broadcastShape, broadcastStrides } from "./reduce/broadcast.ts";
import { castLike } from "./cast.ts";
import { kernel } from "./kernel.ts";
import { sumTo } from "./reduce/reduce.ts";
import { itemsFor, type Vectors, vectorsOf } from "./vectors.ts";

/** A pointwise operation in WGSL. */
interface Rule {
  readonly value: string;
  /** The cotangent of each input; null where it is always zero. */
  readonly cotangents: readonly (string | null)[];
}

/** The logistic function of a, without a power of e that could overflow. */
const SIGMOID = "select(exp(-abs(a)), Element(1), a >= Element(0)) / " +
  "(Element(1) + exp(-abs(a)))";

/** The density of the standard normal distribution at a. */
const DENSITY = "(Element(0.3989422804) * exp(Element(-0.5) * a * a))";

/**
 * Its distribution function, within 7.5e-8 (Abramowitz & Stegun, 1964, 26.2.17): a
 * polynomial in t gives the tail of either side.
 */
const NORMAL = (() => {
  const t = "(Element(1) / (Element(1) + Element(0.2316419) * abs(a)))";
  const tail = [
    0.31938153,
    -0.356563782,
    1.781477937,
    -1.821255978,
    1.330274429,
  ]
    .reduceRight((sum, b) => `${t} * (Element(${b}) + ${sum})`, "Element(0)");
  return `select(Element(1) - ${DENSITY} * ${tail}, ${DENSITY} * ${tail}, ` +
    "a < Element(0))";
})();

/** Every pointwise operation. */
export const POINTWISE = {
  negate: { value: "-a", cotangents: ["-dy"] },
  exp: { value: "exp(a)", cotangents: ["dy * y"] },
  log: { value: "log(a)", cotangents: ["dy / a"] },
  tanh: { value: "tanh(a)", cotangents: ["dy * (Element(1) - y * y)"] },
  abs: { value: "abs(a)", cotangents: ["dy * sign(a)"] },
  square: { value: "a * a", cotangents: ["dy * Element(2) * a"] },
  sqrt: { value: "sqrt(a)", cotangents: ["dy * Element(0.5) / y"] },
  sign: { value: "sign(a)", cotangents: [null] },
  relu: {
    value: "select(a, Element(0), a < Element(0))",
    cotangents: ["select(dy, Element(0), y <= Element(0))"],
  },
  silu: {
    value: `a * (${SIGMOID})`,
    cotangents: [`dy * (y + (${SIGMOID}) * (Element(1) - y))`],
  },
  sigmoid: { value: SIGMOID, cotangents: ["dy * y * (Element(1) - y)"] },
  gelu: {
    value: `a * ${NORMAL}`,
    cotangents: [`dy * (${NORMAL} + a * ${DENSITY})`],
  },
  mulScalar: { value: "a * Element(p)", cotangents: ["dy * Element(p)"] },
  addScalar: { value: "a + Element(p)", cotangents: ["dy"] },
  clamp: {
    value:
      "select(select(a, Element(p), a < Element(p)), Element(q), a > Element(q))",
    cotangents: ["select(dy, Element(0), (a < Element(p)) | (a > Element(q)))"],
  },
  add: { value: "a + b", cotangents: ["dy", "dy"] },
  subtract: { value: "a - b", cotangents: ["dy", "-dy"] },
  multiply: { value: "a * b", cotangents: ["dy * b", "dy * a"] },
  divide: { value: "a / b", cotangents: ["dy / b", "-dy * y / b"] },
  maximum: {
    value: "select(a, b, a < b)",
    cotangents: [
      "select(dy, Element(0), a < b)",
      "select(Element(0), dy, a < b)",
    ],
  },
  less: {
    value: "select(Element(0), Element(1), a < b)",
    cotangents: [null, null],
  },
  where: {
    value: "select(c, b, a > Element(0))",
    cotangents: [
      null,
      "select(Element(0), dy, a > Element(0))",
      "select(dy, Element(0), a > Element(0))",
    ],
  },
} as const satisfies Record<string, Rule>;

/** The name of a pointwise operation. */
export type PointwiseName = keyof typeof POINTWISE;

/** Which expression to evaluate, and its numbers. */
export interface PointwiseParams {
  readonly name: PointwiseName;
  readonly p: number;
  readonly q: number;
  /** For a derivative: the input whose cotangent is computed from (dy, inputs, y). */
  readonly cotangentOf?: number;
}

const LETTERS = ["a", "b", "c"] as const;

/** Names that an expression may use for the node's inputs, in order. */
function operandNames({ name, cotangentOf }: PointwiseParams): string[] {
  const inputs = LETTERS.slice(0, POINTWISE[name].cotangents.length);
  return cotangentOf === undefined ? inputs : ["dy", ...inputs, "y"];
}

/** Any row of the table, or the cotangent of one of its inputs. */
export const pointwiseOp: Op<PointwiseParams> = {
  name: "pointwise",
  half: true,

  infer(inputs, params) {
    const { name } = params;
    const [first] = inputs;
    const wrong = inputs.find(({ dtype }) => dtype === "u32") ??
      inputs.find(({ dtype }) => dtype !== first!.dtype);
    if (wrong) {
      const expected = wrong.dtype === "u32" ? "f32" : first!.dtype;
      throw new TypeError(
        `Cannot ${name}: expected ${expected} inputs but found ${
          formatType(wrong)
        }`,
      );
    }
    const shape = broadcastShape(name, inputs.map(({ shape }) => shape));
    return [like(first!, shape)];
  },

  vjp({ inputs, outputs: [y] }, [cotangent], params) {
    if (params.cotangentOf !== undefined) {
      throw new TypeError(
        `Cannot differentiate ${params.name} twice: it has no second derivative`,
      );
    }
    const { name, p, q } = params;
    const dy = castLike(cotangent!, y!);
    return POINTWISE[name].cotangents.map((expression, i) => {
      if (expression === null) return null;
      // A cotangent that is passed on unchanged needs no operation.
      if (expression === "dy") return sumTo(dy, inputs[i]!.shape);
      const operands = [dy, ...inputs, y!];
      const full = applyOne(pointwiseOp, operands, {
        name,
        p,
        q,
        cotangentOf: i,
      });
      return sumTo(full, inputs[i]!.shape);
    });
  },

  lower(io: Lowering, params): readonly Dispatch<Storage>[] {
    const { inputs, outputs } = io;
    const [output] = outputs as [Tensor];
    const names = operandNames(params);
    const { value, cotangents } = POINTWISE[params.name];
    const { cotangentOf } = params;
    const expression = cotangentOf === undefined
      ? value
      : cotangents[cotangentOf]!;
    // Only inputs in the expression are bound: a scale's derivative reads dy alone.
    const used = inputs.map((input, i) => ({ input, name: names[i]! }))
      .filter(({ name }) => new RegExp(`\\b${name}\\b`).test(expression));
    const same = used.every(({ input }) =>
      sizeOf(input.shape) === sizeOf(output.shape)
    );
    const vectors = vectorsOf(output, same ? sizeOf(output.shape) : 1);
    const size = sizeOf(output.shape) / vectors.width;
    const { p, q } = params;
    return [{
      label: cotangentOf === undefined
        ? params.name
        : `${params.name} gradient`,
      kernel: pointwiseKernel(expression, {
        ...itemsFor(io),
        vectors,
        operands: used.map(({ name, input }) => ({
          name,
          index: same ? "i" : broadcastIndex(input, output),
        })),
      }),
      reads: used.map(({ input }) => input),
      writes: [output],
      arguments: { size, p, q },
      workgroups: linearGrid(Math.ceil(size / 4), 64),
    }];
  },
};

/** WGSL of the place in `input` that belongs to place i of `output`. */
function broadcastIndex(input: TensorType, output: TensorType): string {
  const strides = broadcastStrides(input.shape, output.shape);
  let inner = 1;
  const terms: string[] = [];
  for (let axis = output.shape.length - 1; axis >= 0; axis--) {
    const size = output.shape[axis]!;
    const stride = strides[axis]!;
    if (stride !== 0) terms.push(`(i / ${inner}u) % ${size}u * ${stride}u`);
    inner *= size;
  }
  return terms.length ? terms.join(" + ") : "0u";
}

function pointwiseKernel(
  expression: string,
  { ITEMS, vectors: { element, stored }, operands }: {
    readonly ITEMS: number;
    readonly vectors: Vectors;
    readonly operands: readonly {
      readonly name: string;
      readonly index: string;
    }[];
  },
): Kernel {
  const binding = (i: number) => `@group(0) @binding(${i})`;
  // Equal types need no conversion.
  const type = stored === element ? "Element" : stored;
  const convert = (to: string, text: string) =>
    stored === element ? text : `${to}(${text})`;
  const declarations = [
    "struct Arguments { size: u32, p: f32, q: f32 }",
    ...operands.map(({ name }, i) =>
      `${binding(i)} var<storage, read> input_${name}: array<${type}>;`
    ),
    `${
      binding(operands.length)
    } var<storage, read_write> output: array<${type}>;`,
    `${binding(operands.length + 1)} var<uniform> args: Arguments;`,
    `fn value(i: u32) -> ${type} {`,
    "  let p = args.p; let q = args.q;",
    ...operands.map(({ name, index }) =>
      `  let ${name} = ${convert("Element", `input_${name}[${index}]`)};`
    ),
    `  return ${convert(type, expression)};`,
    "}",
  ].join("\n");
  const constants = { Element: element, ITEMS };
  return kernel("pointwise", { constants, declarations });
}

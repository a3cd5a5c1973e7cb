// Pointwise operations on float64, values and derivatives written from calculus.

import { type Shape, sizeOf } from "../../../src/graph/tensor.ts";
import type {
  PointwiseName,
  PointwiseParams,
} from "../../../src/ops/pointwise_op.ts";
import type { Reference, Value } from "../reference.ts";

interface Rule {
  readonly value: (p: number, q: number, ...x: number[]) => number;
  /** Partial derivative with respect to input i. */
  readonly slope: (i: number, p: number, q: number, ...x: number[]) => number;
}

/** The distribution function of the normal distribution, by its series around 0. */
function normal(a: number): number {
  let term = a / Math.sqrt(2 * Math.PI), sum = 0.5;
  for (let k = 0; k < 200; k++) {
    sum += term / (2 * k + 1);
    term *= -a * a / (2 * (k + 1));
  }
  return sum;
}

const rules: Record<PointwiseName, Rule> = {
  negate: { value: (_p, _q, a) => -a!, slope: () => -1 },
  exp: {
    value: (_p, _q, a) => Math.exp(a!),
    slope: (_i, _p, _q, a) => Math.exp(a!),
  },
  log: { value: (_p, _q, a) => Math.log(a!), slope: (_i, _p, _q, a) => 1 / a! },
  tanh: {
    value: (_p, _q, a) => Math.tanh(a!),
    slope: (_i, _p, _q, a) => 1 / Math.cosh(a!) ** 2,
  },
  abs: {
    value: (_p, _q, a) => Math.abs(a!),
    slope: (_i, _p, _q, a) => Math.sign(a!),
  },
  square: { value: (_p, _q, a) => a! ** 2, slope: (_i, _p, _q, a) => 2 * a! },
  sqrt: {
    value: (_p, _q, a) => Math.sqrt(a!),
    slope: (_i, _p, _q, a) => 1 / (2 * Math.sqrt(a!)),
  },
  sign: { value: (_p, _q, a) => Math.sign(a!), slope: () => 0 },
  relu: {
    value: (_p, _q, a) => Math.max(a!, 0),
    slope: (_i, _p, _q, a) => a! > 0 ? 1 : 0,
  },
  silu: {
    value: (_p, _q, a) => a! / (1 + Math.exp(-a!)),
    slope: (_i, _p, _q, a) => {
      const sigmoid = 1 / (1 + Math.exp(-a!));
      return sigmoid + a! * sigmoid * (1 - sigmoid);
    },
  },
  sigmoid: {
    value: (_p, _q, a) => 1 / (1 + Math.exp(-a!)),
    slope: (_i, _p, _q, a) => 1 / (2 * Math.cosh(a! / 2)) ** 2,
  },
  gelu: {
    value: (_p, _q, a) => a! * normal(a!),
    slope: (_i, _p, _q, a) =>
      normal(a!) + a! * Math.exp(-a! * a! / 2) / Math.sqrt(2 * Math.PI),
  },
  mulScalar: { value: (p, _q, a) => p * a!, slope: (_i, p) => p },
  addScalar: { value: (p, _q, a) => p + a!, slope: () => 1 },
  clamp: {
    value: (p, q, a) => Math.min(Math.max(a!, p), q),
    slope: (_i, p, q, a) => a! >= p && a! <= q ? 1 : 0,
  },
  add: { value: (_p, _q, a, b) => a! + b!, slope: () => 1 },
  subtract: {
    value: (_p, _q, a, b) => a! - b!,
    slope: (i) => i === 0 ? 1 : -1,
  },
  multiply: {
    value: (_p, _q, a, b) => a! * b!,
    slope: (i, _p, _q, a, b) => i === 0 ? b! : a!,
  },
  divide: {
    value: (_p, _q, a, b) => a! / b!,
    slope: (i, _p, _q, a, b) => i === 0 ? 1 / b! : -a! / b! ** 2,
  },
  maximum: {
    value: (_p, _q, a, b) => Math.max(a!, b!),
    slope: (i, _p, _q, a, b) => (a! >= b!) === (i === 0) ? 1 : 0,
  },
  less: { value: (_p, _q, a, b) => a! < b! ? 1 : 0, slope: () => 0 },
  where: {
    value: (_p, _q, a, b, c) => a! > 0 ? b! : c!,
    slope: (i, _p, _q, a) => i === 0 ? 0 : (a! > 0) === (i === 1) ? 1 : 0,
  },
};

/** The element of `value` that broadcasting puts at `index` of `shape`. */
function broadcastAt(
  { shape: own, data }: Value,
  index: number,
  shape: Shape,
): number {
  let place = 0;
  let stride = 1;
  for (let axis = 1; axis <= shape.length; axis++) {
    const size = shape.at(-axis)!;
    const coordinate = index % size;
    index = Math.floor(index / size);
    const ownSize = axis <= own.length ? own.at(-axis)! : 1;
    if (ownSize !== 1) place += coordinate * stride;
    stride *= ownSize;
  }
  return data[place]!;
}

export const pointwise: Reference = (
  inputs,
  { name, p, q, cotangentOf }: PointwiseParams,
  [shape],
) => {
  const { value, slope } = rules[name];
  return [
    Float64Array.from({ length: sizeOf(shape!) }, (_, i) => {
      const x = inputs.map((input) => broadcastAt(input, i, shape!));
      return cotangentOf === undefined
        ? value(p, q, ...x)
        : x[0]! * slope(cotangentOf, p, q, ...x.slice(1, -1));
    }),
  ];
};

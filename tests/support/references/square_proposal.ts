// The Square attack's proposals on float64, with arrays as in its paper's listings.

import type {
  ProposalParams,
  StartParams,
} from "../../../src/ops/attack/square_proposal.ts";
import { multiplyHigh, philox, streamKey } from "../../../src/base/philox.ts";
import type { Reference, Value } from "../reference.ts";

type Grid = number[][];

/** Where a window is halved, from the paper's schedule for 10,000 queries. */
function partOf(query: number): number {
  const halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000]
    .filter((last) => query > last).length;
  return 0.8 / 2 ** halvings;
}

function grid(rows: number, columns: number): Grid {
  return Array.from({ length: rows }, () => Array(columns).fill(0));
}

function scaled(values: Grid, factor: number): Grid {
  return values.map((row) => row.map((value) => value * factor));
}

function norm(values: Grid): number {
  return Math.hypot(...values.flat());
}

/** Squares laid over each other around the middle, each adding 1 / k². */
function rectangle(rows: number, columns: number): Grid {
  const values = grid(rows, columns);
  const middle = [Math.floor(rows / 2), Math.floor(columns / 2)] as const;
  const count = Math.max(middle[0], middle[1]) + 1;
  for (let k = 0; k < count; k++) {
    for (let r = middle[0] - k; r <= middle[0] + k; r++) {
      for (let c = middle[1] - k; c <= middle[1] + k; c++) {
        if (values[r]?.[c] !== undefined) values[r]![c]! += 1 / (k + 1) ** 2;
      }
    }
  }
  return rows ? scaled(values, 1 / norm(values)) : values;
}

function pattern(side: number, transposed: boolean): Grid {
  const upper = Math.floor(side / 2);
  const rows = [
    ...rectangle(upper, side),
    ...scaled(rectangle(side - upper, side), -1),
  ];
  const whole = scaled(rows, 1 / norm(rows));
  return transposed ? whole.map((_, r) => whole.map((row) => row[r]!)) : whole;
}

const signOf = (bits: number, channel: number) =>
  (bits >>> channel) & 1 ? 1 : -1;

interface Window {
  readonly top: number;
  readonly left: number;
  readonly side: number;
}

const holds = ({ top, left, side }: Window, r: number, c: number) =>
  r >= top && r < top + side && c >= left && c < left + side;

const clip = (x: number, low: number, high: number) =>
  Math.min(Math.max(x, low), high);

export const squareLinf: Reference = (
  [best, clean, step, query],
  { seed, stream, epsilon }: ProposalParams,
) => {
  const [, H, W, C] = clean!.shape as number[];
  const [at, batch] = [query!.data[0]!, step!.data[0]!];
  const words = philox([0, batch, at, 0], streamKey(seed, stream));
  const wanted = Math.max(1, Math.round(Math.sqrt(partOf(at) * H! * W!)));
  const side = Math.min(wanted, H!, W!);
  const window = {
    side,
    top: multiplyHigh(words[0]!, H! - side),
    left: multiplyHigh(words[1]!, W! - side),
  };
  return [best!.data.map((b, i) => {
    const channel = i % C!, pixel = Math.floor(i / C!);
    const [r, c] = [Math.floor(pixel / W!) % H!, pixel % W!];
    const change = holds(window, r, c)
      ? 2 * epsilon * signOf(words[2]!, channel)
      : 0;
    const x = clean!.data[i]!;
    return clip(clip(b + change, x - epsilon, x + epsilon), 0, 1);
  })];
};

export const squareL2: Reference = (
  [best, clean, step, query],
  { seed, stream, epsilon }: ProposalParams,
) => {
  const [N, H, W, C] = clean!.shape as number[];
  const channels = Array.from({ length: C! }, (_, k) => k);
  const [at, batch] = [query!.data[0]!, step!.data[0]!];
  const key = streamKey(seed, stream);
  const corners = philox([0, batch, at, 0], key);
  const turned = philox([1, batch, at, 0], key)[0]! % 2 === 1;
  const wanted = Math.max(3, Math.round(Math.sqrt(partOf(at) * H! * W!)));
  const side = Math.min(wanted % 2 ? wanted : wanted + 1, H!, W!);
  const window = (row: number, column: number): Window => ({
    side,
    top: multiplyHigh(corners[row]!, H! - side),
    left: multiplyHigh(corners[column]!, W! - side),
  });
  const [first, second] = [window(0, 1), window(2, 3)];
  const result = new Float64Array(clean!.data.length);
  for (let n = 0; n < N!; n++) {
    const signs = philox([2 + n, batch, at, 0], key)[0]!;
    const place = (r: number, c: number, k: number) =>
      ((n * H! + r) * W! + c) * C! + k;
    const delta = channels.map((k) =>
      grid(H!, W!).map((row, r) =>
        row.map((_, c) =>
          best!.data[place(r, c, k)]! - clean!.data[place(r, c, k)]!
        )
      )
    );
    const whole = Math.hypot(...delta.flat(2));
    const changed = delta.map((channel, k) => {
      const within = (inside: (r: number, c: number) => boolean) =>
        channel.map((row, r) => row.map((d, c) => inside(r, c) ? d : 0));
      const own = norm(within((r, c) => holds(first, r, c)));
      const both = norm(
        within((r, c) => holds(first, r, c) || holds(second, r, c)),
      );
      const fresh = pattern(side, turned).map((row, r) =>
        row.map((p, c) =>
          p * signOf(signs, k) +
          channel[first.top + r]![first.left + c]! / (1e-12 + own)
        )
      );
      const size = Math.sqrt(
        Math.max(epsilon ** 2 - whole ** 2, 0) / C! + both ** 2,
      );
      const placed = scaled(fresh, size / (1e-12 + norm(fresh)));
      return channel.map((row, r) =>
        row.map((d, c) => {
          if (holds(first, r, c)) {
            return placed[r - first.top]![c - first.left]!;
          }
          return holds(second, r, c) ? 0 : d;
        })
      );
    });
    const length = Math.hypot(...changed.flat(2)) + 1e-12;
    changed.forEach((channel, k) =>
      channel.forEach((row, r) =>
        row.forEach((d, c) => {
          const x = clean!.data[place(r, c, k)]!;
          result[place(r, c, k)] = clip(x + epsilon * d / length, 0, 1);
        })
      )
    );
  }
  return [result];
};

export const squareL2Start: Reference = (
  [step]: readonly Value[],
  { seed, stream, shape }: StartParams,
) => {
  const [N, H, W, C] = shape as number[];
  const key = streamKey(seed, stream);
  const batch = step!.data[0]!;
  const side = Math.max(1, Math.floor(H! / 5));
  const margin = Math.floor(Math.max(0, H! - 5 * side) / 2);
  const across = Math.floor(W! / side);
  const result = new Float64Array(N! * H! * W! * C!);
  for (let n = 0; n < N!; n++) {
    for (let row = 0; row < Math.floor(H! / side); row++) {
      for (let column = 0; column < across; column++) {
        const block = row * across + column;
        const turned = philox([block, batch, 0, 0], key)[0]! % 2 === 1;
        const signs = philox([block, batch, 1 + n, 0], key)[0]!;
        pattern(side, turned).forEach((values, i) =>
          values.forEach((value, j) => {
            const r = margin + row * side + i, c = margin + column * side + j;
            if (r >= H! || c >= W!) return;
            for (let k = 0; k < C!; k++) {
              const at = ((n * H! + r) * W! + c) * C! + k;
              result[at] = value * signOf(signs, k);
            }
          })
        );
      }
    }
  }
  return [result];
};

import { assertEquals } from "@std/assert";
import {
  windowSide,
  windowStages,
} from "../../../src/ops/attack/square_windows.ts";

const FIRST = [0, 11, 51, 201, 501, 1001, 2001, 4001];

function sides(norm: "linf" | "l2", size: number): number[] {
  const options = { norm, height: size, width: size };
  return FIRST.map((query) => windowSide(query, options));
}

Deno.test("windowSide() gives the sides of the authors' schedule", () => {
  assertEquals(sides("linf", 32), [29, 20, 14, 10, 7, 5, 4, 3]);
  assertEquals(sides("linf", 64), [57, 40, 29, 20, 14, 10, 7, 5]);
});

Deno.test("windowSide() is odd and at least 3 in the Euclidean norm", () => {
  assertEquals(sides("l2", 32), [29, 21, 15, 11, 7, 5, 5, 3]);
  assertEquals(sides("l2", 5), [5, 3, 3, 3, 3, 3, 3, 3]);
});

Deno.test("windowSide() changes after queries 10, 50, 200, … and not before", () => {
  const options = { norm: "linf", height: 32, width: 32 } as const;
  const sides = windowStages(options).map(({ side }) => side);
  windowStages(options).slice(0, -1).forEach(({ through }, i) => {
    assertEquals(windowSide(through, options), sides[i]);
    assertEquals(windowSide(through + 1, options), sides[i + 1]);
  });
});

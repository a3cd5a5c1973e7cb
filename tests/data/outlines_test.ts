import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { OUTLINES } from "../../src/data/outlines.ts";

/** The points of a grid over [-1.5, 1.5) in both directions. */
function* points(): Generator<readonly [number, number]> {
  for (let x = -1.5; x < 1.5; x += 0.05) {
    for (let y = -1.5; y < 1.5; y += 0.05) yield [x, y];
  }
}

Deno.test("FIGURES are ten, each with its own name", () => {
  assertEquals(OUTLINES.length, 10);
  assertEquals(new Set(OUTLINES.map(({ name }) => name)).size, 10);
});

Deno.test("FIGURES stay within 1.2 of the center and fill some of it", () => {
  for (const { name, distance } of OUTLINES) {
    let inside = 0;
    for (const [x, y] of points()) {
      if (distance(x, y) > 0) continue;
      inside++;
      assert(Math.hypot(x, y) < 1.2, `${name} at ${x}, ${y}`);
    }
    // The share of a circle's area.
    const share = inside * 0.05 * 0.05 / Math.PI;
    assert(share > 0.2 && share < 0.8, `${name} fills ${share}`);
  }
});

Deno.test("FIGURES have distances that grow at most as fast as the way", () => {
  const step = 1e-3;
  for (const { name, distance } of OUTLINES) {
    for (const [x, y] of points()) {
      const here = distance(x, y);
      for (const there of [distance(x + step, y), distance(x, y + step)]) {
        assert(Math.abs(there - here) <= 1.001 * step, `${name} at ${x}, ${y}`);
      }
    }
  }
});

Deno.test("FIGURES are their own mirror images, at most turned around", () => {
  for (const { name, distance } of OUTLINES) {
    for (const [x, y] of points()) {
      // The crescent opens to one side; mirrored, it is turned around.
      const mirrored = name === "crescent" ? distance(x, -y) : distance(-x, y);
      assertAlmostEquals(mirrored, distance(x, y), 1e-12, name);
    }
  }
});

Deno.test("FIGURES are where they should be", () => {
  const signs = (name: string, at: readonly (readonly [number, number])[]) => {
    const shape = OUTLINES.find((candidate) => candidate.name === name);
    return at.map(([x, y]) => Math.sign(shape!.distance(x, y)));
  };
  const middle = [0, 0] as const;
  assertEquals(signs("disk", [middle, [0.6, 0.6], [0.7, 0.7]]), [-1, -1, 1]);
  assertEquals(signs("ring", [middle, [0.72, 0], [1, 0]]), [1, -1, 1]);
  assertEquals(signs("square", [middle, [0.7, 0.7], [0.8, 0]]), [-1, -1, 1]);
  assertEquals(signs("triangle", [[0, -1], [0, 0.6]]), [-1, 1]);
  assertEquals(signs("cross", [[0.9, 0], [0, 0.9], [0.4, 0.4]]), [-1, -1, 1]);
  assertEquals(signs("star", [[0, -1.1], [0, 1.1], middle]), [-1, 1, -1]);
  assertEquals(signs("crescent", [[-0.6, 0], [0.4, 0]]), [-1, 1]);
  const [above, aside] = [[0, 0.3], [0.3, 0]] as const;
  assertEquals(signs("horizontal bars", [above, aside, middle]), [1, -1, -1]);
  assertEquals(signs("vertical bars", [above, aside, middle]), [-1, 1, -1]);
  assertEquals(
    signs("checkerboard", [middle, [0.5, 0], [0.5, 0.5], [0, 0.5]]),
    [-1, 1, -1, 1],
  );
});

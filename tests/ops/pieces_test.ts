import { assertEquals } from "@std/assert";
import { bindablePieces } from "../../src/ops/pieces.ts";

Deno.test("bindablePieces() leaves alone what can be bound at once", () => {
  assertEquals(
    bindablePieces(100, { bytes: 105, limit: 10_500 }),
    [{ first: 0, count: 100 }],
  );
});

Deno.test("bindablePieces() cuts at multiples of 256 bytes, within the limit", () => {
  for (
    const [count, bytes, limit] of [
      [1000, 4, 1024],
      [999, 105, 32_000],
      [500, 3072, 10_000],
      [77, 12_288, 30_000],
      [1025, 1, 512],
    ] as const
  ) {
    const pieces = bindablePieces(count, { bytes, limit });
    let end = 0;
    for (const piece of pieces) {
      assertEquals(piece.first, end);
      assertEquals(piece.first * bytes % 256, 0);
      assertEquals(piece.count * bytes <= limit, true);
      end += piece.count;
    }
    assertEquals(end, count);
    assertEquals(pieces.length > 1, true);
  }
});

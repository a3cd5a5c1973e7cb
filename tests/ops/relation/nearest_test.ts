// Keeping the nearest of ever more candidates, against sorting them all.

import { assertEquals, assertThrows } from "@std/assert";
import { apply, Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import {
  keepNearest,
  keepNearestOp,
} from "../../../src/ops/relation/nearest.ts";
import { directions } from "../../../src/ops/relation/relation.ts";
import { checkOp, type OpCase } from "../../support/check_op.ts";
import { runOnDevice } from "../../support/run_on_device.ts";

/** Multiples of a quarter, so that many are equal: 0.75, -0.25, ... */
function quarters(count: number, salt: number): number[] {
  return Array.from(
    { length: count },
    (_, i) => ((i * 7919 + salt * 104729) % 9 - 4) / 4,
  );
}

/** A falling list for each of the queries, (kept, queries). */
function lists(kept: number, queries: number): number[] {
  return Array.from(
    { length: kept * queries },
    (_, i) => 0.5 - Math.floor(i / queries) / 4,
  );
}

checkOp(
  "keepNearestOp",
  // More candidates than one dispatch goes through: 60,000 / 51.
  [[7, 5, 3], [64, 1, 1], [3, 9, 50], [1300, 66, 50]].map((
    [count, queries, kept],
  ): OpCase => ({
    name: `${count} candidates, ${queries} queries, ${kept} kept`,
    inputs: [
      { shape: [count!, queries!], values: quarters(count! * queries!, 1) },
      {
        shape: [count!],
        dtype: "u32",
        values: Array.from({ length: count! }, (_, i) => i % 10),
      },
      { shape: [kept!, queries!], values: lists(kept!, queries!) },
      {
        shape: [kept!, queries!],
        dtype: "u32",
        values: Array.from({ length: kept! * queries! }, (_, i) => i % 10),
      },
    ],
    build: ([similarity, labels], [, , nearest, nearestLabels]) => {
      const operands = [similarity!, labels!, nearest!, nearestLabels!];
      apply(keepNearestOp, operands, undefined);
      return [];
    },
    updated: [2, 3],
    kernelOnly: true,
  })),
);

Deno.test("keepNearest() never keeps a candidate that is no number", async () => {
  const nearest = new Variable("nearest", [2, 1]);
  const labels = new Variable("labels", [2, 1], "u32");
  const queries = new Variable("queries", [1, 1, 4, 1]);
  const features = new Variable("features", [3, 4]);
  const own = new Variable("own labels", [3], "u32");
  const [found, of] = await runOnDevice([
    [nearest, Float32Array.of(-2, -2)],
    [labels, Uint32Array.of(9, 9)],
    [queries, Float32Array.of(1, 0, 0, 0)],
    [features, Float32Array.of(NaN, 0, 0, 0, 0, 0, 0, 0, 3, 0, 4, 0)],
    [own, Uint32Array.of(0, 1, 2)],
  ], (graph) => {
    const candidates = directions(graph.read(features));
    keepNearest({ queries, nearest, labels }, {
      candidates,
      labels: graph.read(own),
    });
    return [nearest, labels];
  });
  // Of (3, 0, 4, 0) the cosine is 0.6; of nothing it is 0.
  const similarities = [...new Float32Array(found!)].map((x) => x.toFixed(6));
  assertEquals(similarities, ["0.600000", "0.000000"]);
  assertEquals([...new Uint32Array(of!)], [2, 1]);
});

Deno.test("keepNearestOp refuses lists of another length than the queries", () => {
  const graph = new Graph();
  const similarity = graph.read(new Variable("similarity", [3, 4]));
  const labels = graph.read(new Variable("labels", [3], "u32"));
  const nearest = new Variable("nearest", [2, 5]);
  const found = new Variable("found", [2, 5], "u32");
  assertThrows(
    () => apply(keepNearestOp, [similarity, labels, nearest, found], undefined),
    TypeError,
    "expected similarity (N, Q), labels u32 (N), nearest (K, Q)",
  );
});

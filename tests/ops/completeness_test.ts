// Every operation is specified and checked. What counts as checked is
// found by tracing: an operation has a case table if a row of some `checkOp` in
// this folder, or of a table that calls it, contains a node of that operation.
// Names of tables therefore mean nothing here, and cannot be wrong.

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { Graph, type Op } from "../../src/graph/graph.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { POINTWISE, type PointwiseParams } from "../../src/ops/pointwise_op.ts";
import { checkedCases, type OpCase } from "../support/check_op.ts";
import { references } from "../support/references/mod.ts";

const SOURCES = new URL("../../src/ops/", import.meta.url);
const TESTS = new URL("./", import.meta.url);

/** The modules of a folder and of those in it whose names end in `end`. */
async function modules(
  folder: URL,
  end: string,
): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  const entries = [...Deno.readDirSync(fromFileUrl(folder))]
    .sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory } of entries) {
    const url = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) found.push(...await modules(url, end));
    else if (name.endsWith(end) && name !== "completeness_test.ts") {
      found.push(await import(url.href));
    }
  }
  return found;
}

function isOp(value: unknown): value is Op<unknown> {
  return typeof value === "object" && value !== null &&
    "name" in value && typeof value.name === "string" &&
    "infer" in value && typeof value.infer === "function" &&
    "lower" in value && typeof value.lower === "function";
}

/** Collects the case tables of all tests here, without registering their tests. */
async function collectCases(): Promise<readonly OpCase[]> {
  const register = Deno.test;
  const replace = (test: unknown) => Object.assign(Deno, { test });
  replace(Object.assign(() => {}, register));
  try {
    await modules(TESTS, "_test.ts");
  } finally {
    replace(register);
  }
  return checkedCases;
}

/** The operations of a case's graph, and the rows of the pointwise table in it. */
function traced({ inputs, build }: OpCase): string[] {
  const graph = new Graph();
  const variables = inputs.map(({ shape, dtype }, i) =>
    new Variable(`input ${i}`, shape, dtype)
  );
  build(variables.map((variable) => graph.read(variable)), variables);
  return graph.nodes.flatMap(({ op, params }) =>
    op.name === "pointwise"
      ? [op.name, `pointwise ${(params as PointwiseParams).name}`]
      : [op.name]
  );
}

const ALL = (await modules(SOURCES, ".ts"))
  .flatMap((module) => Object.values(module).filter(isOp));
/**
 * Every operation of a device. Exchanges between ranks are the host's, and are tested with
 * several ranks: tests/trainer/ranks_test.ts and tests/mpi/mpi_test.ts.
 */
const OPS = ALL.filter(({ exchange }) => exchange === undefined);
const checked = new Set((await collectCases()).flatMap(traced));

Deno.test("no two operations of src/ops share a name", () => {
  const names = ALL.map(({ name }) => name);
  assert(names.length > 50, "the operations were not found");
  assertEquals(new Set(names).size, names.length);
});

Deno.test("references holds exactly the operations of src/ops", () => {
  assertEquals(
    Object.keys(references).sort(),
    OPS.map(({ name }) => name).sort(),
  );
});

Deno.test("exchanges between ranks are the only operations that no reference computes", () => {
  assertEquals(
    ALL.filter((op) => !OPS.includes(op)).map(({ name }) => name).sort(),
    ["gather_ranks", "reduce_ranks"],
  );
});

Deno.test("checkOp() has a case for every operation", () => {
  assertEquals(
    OPS.map(({ name }) => name).filter((name) => !checked.has(name)),
    [],
  );
});

Deno.test("checkOp() has a case for every row of POINTWISE", () => {
  assertEquals(
    Object.keys(POINTWISE)
      .filter((name) => !checked.has(`pointwise ${name}`)),
    [],
  );
});

import { assert, assertEquals } from "@std/assert";
import { frpat } from "../../../src/methods/regularizers/frpat.ts";
import { labelFree } from "../../../src/methods/objectives/label_free.ts";
import { pkt } from "../../../src/methods/regularizers/pkt.ts";
import { trades } from "../../../src/methods/objectives/trades.ts";
import type { Views } from "../../../src/methods/views.ts";
import { evaluateWorld } from "../../support/students.ts";

const weight = { kind: "constant", value: 5 } as const;
const objective = labelFree(frpat({ weight }), pkt({ weight }));

/** Views whose labels nobody may ask for. */
function blind(views: Views): Views {
  return new Proxy(views, {
    get(target, name) {
      assert(name !== "labels" && name !== "imagesByClass", `${String(name)}`);
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

Deno.test("labelFree() has the terms of its regularizers, and looks at no label", async () => {
  const found = await evaluateWorld({}, ({ views, hooks }) => ({
    ...objective.terms(blind(views), hooks),
    relationAlone: frpat({ weight }).term(views, hooks),
    pktAlone: pkt({ weight }).term(views, hooks),
  }));
  assertEquals(found["relation"], found["relationAlone"]);
  assertEquals(found["pkt"], found["pktAlone"]);
  const named = await evaluateWorld(
    {},
    ({ views, hooks }) => objective.terms(views, hooks),
  );
  assertEquals(Object.keys(named), ["relation", "pkt"]);
});

Deno.test("labelFree() is attacked as TRADES is", async () => {
  const found = await evaluateWorld({ mode: "eval" }, ({ views }) => ({
    own: objective.surrogate!(blind(views)),
    trades: trades({ beta: 6 }).surrogate!(views),
  }));
  assert(found["own"]!.every((value) => value > 0));
  assertEquals(found["own"], found["trades"]);
});

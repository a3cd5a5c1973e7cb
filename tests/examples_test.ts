// The examples, run as their first lines say, and what they print.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { HALVING } from "../examples/own_attack.ts";
import { MIXTURE } from "../examples/own_objective.ts";

const ROOT = fromFileUrl(new URL("../", import.meta.url));

/** What an example prints, run by the command in its first lines. */
async function output(name: string): Promise<string> {
  const path = `examples/${name}.ts`;
  const text = await Deno.readTextFile(ROOT + path);
  const [, words = ""] = text.match(/^\/\/ {5}deno (run .+)$/m) ?? [];
  assert(words.endsWith(path), `${path} does not say how it is run`);
  const { code, stdout, stderr } = await new Deno.Command("deno", {
    args: words.split(" "),
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  assertEquals(code, 0, decoder.decode(stderr));
  return decoder.decode(stdout);
}

/** The numbers behind a text, one for each time that it is found. */
function numbersAfter(what: string, text: string): number[] {
  return [...text.matchAll(new RegExp(`${what}:? ([\\d.]+)`, "g"))]
    .map(([, number]) => Number(number));
}

Deno.test("the training step prints its program, and its loss falls", async () => {
  const text = await output("training_step");
  assertStringIncludes(
    text,
    "program training step\n  once:\n    matmul 64x2x2",
  );
  const losses = numbersAfter("loss", text);
  assertEquals(losses.length, 3);
  assert(losses[0]! > losses[1]! && losses[1]! > losses[2]!, text);
});

Deno.test("an objective of one's own is trained, and its kind has its fields", async () => {
  const text = await output("own_objective");
  assertEquals(numbersAfter("natural", text).length, 2);
  assertEquals(numbersAfter("robust", text).length, 2);
  assertEquals(Object.keys(MIXTURE.fields), ["share"]);
});

Deno.test("an attack of one's own finds adversarial images, and has a kind", async () => {
  const text = await output("own_attack");
  const [clean] = numbersAfter("clean accuracy", text);
  const [robust] = numbersAfter("under halving-3", text);
  assert(clean! > 0.9 && robust! < 0.1, text);
  const { name } = HALVING.create({
    method: "halving",
    norm: "linf",
    epsilon: "8/255",
    steps: 2,
  });
  assertEquals(name, "halving-2");
});

Deno.test("PyTorch's weights are evaluated clean and under attack", async () => {
  const text = await output("pytorch_weights");
  const [clean] = numbersAfter("clean accuracy", text);
  const [robust] = numbersAfter("under pgd-5", text);
  assert(clean! <= 1 && robust! <= clean!, text);
});

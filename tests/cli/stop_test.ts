// What ends a program from outside: a run is saved first, and says how to go on.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import {
  run,
  runUntil,
  runUntilClosed,
  start,
  TINY,
} from "../support/program.ts";
import { namesIn, withFolder } from "../support/temporary_folder.ts";

Deno.test("cli.ts train saves and stops when its terminal is closed", () =>
  withFolder(async (parent) => {
    const folder = join(parent, "run");
    const args = ["train", "shapes/frpat", "--out", folder, ...TINY];
    const { err, code } = await runUntil("\nepoch 1/3", args, "SIGHUP");
    assertEquals(code, 130, err);
    assertStringIncludes(err, "Stopped and saved after step ");
    assert((await namesIn(folder)).includes("last.safetensors"));
  }));

Deno.test("cli.ts train saves and stops when nobody reads its output", () =>
  withFolder(async (parent) => {
    const folder = join(parent, "run");
    const args = ["train", "shapes/frpat", "--out", folder, ...TINY];
    const { err, code } = await runUntilClosed("\nepoch 1/3", args);
    assertEquals(code, 130, err);
    assertStringIncludes(err, "Cannot write to standard output: expected a ");
    assertStringIncludes(err, "Stopped and saved after step ");
    assert(!err.includes("    at "), err);
    assert((await namesIn(folder)).includes("last.safetensors"));
    const rest = await run("train", "--resume", "--out", folder);
    assertEquals([rest.err, rest.code], ["", 0]);
  }));

Deno.test("cli.ts train says so when nobody reads its header", () =>
  withFolder(async (parent) => {
    const folder = join(parent, "run");
    const args = ["train", "shapes/frpat", "--out", folder, ...TINY];
    const child = await start(args);
    await child.stdout.cancel();
    const { code } = await child.status;
    const err = await new Response(child.stderr).text();
    assertEquals(
      [err, code],
      [
        "Cannot write to standard output: expected a reader but found none any more\n",
        1,
      ],
    );
  }));

Deno.test("cli.ts train fails where the loss is no number, and says how to go on", () =>
  withFolder(async (parent) => {
    const folder = join(parent, "run");
    const rate = '{"kind":"step","initial":1e30,"drops":[],"factor":1}';
    const set = ["--set", `optimizer.learningRate=${rate}`];
    const args = ["shapes/frpat", "--out", folder, ...TINY, ...set];
    const { err, code } = await run("train", ...args);
    assertEquals(code, 1, err);
    assertStringIncludes(err, "Cannot go on training: expected finite numbers");
    assertStringIncludes(err, `--resume --out ${folder} --keep-going`);
    assert(!(await namesIn(folder)).includes("last.safetensors"));
    const end = ["--keep-going", "--attack", "fgsm", "--relation"];
    const rest = await run("train", "--resume", "--out", folder, ...end);
    assertEquals(rest.code, 0, rest.err);
    assertStringIncludes(rest.err, "is not measured, since no checkpoint");
    const figures = await run("figures", folder);
    assertEquals(figures.code, 0, figures.err);
    assertStringIncludes(figures.out, "losses.svg, losses.png");
    assertStringIncludes(figures.err, "diverged before its first checkpoint");
  }));

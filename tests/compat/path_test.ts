// What @std/path documents, as far as this project may rely on it, on whatever
// system the tests run. Where JSR answers, they run against the original.

import { assertEquals, assertThrows } from "@std/assert";
import {
  basename,
  dirname,
  extname,
  fromFileUrl,
  join,
  relative,
  resolve,
  toFileUrl,
} from "@std/path";

const ROOT = Deno.build.os === "windows" ? "C:\\" : "/";

Deno.test("join() normalizes what it joins", () => {
  assertEquals(join("a", "..", "b", ".", "c"), join("b", "c"));
  assertEquals(join("a"), "a");
  assertEquals(join("a", ""), "a");
  assertEquals(join(toFileUrl(join(ROOT, "a")), "b"), join(ROOT, "a", "b"));
});

Deno.test("dirname(), basename() and extname() take a path apart", () => {
  const path = join(ROOT, "runs", "best.safetensors");
  assertEquals(dirname(path), join(ROOT, "runs"));
  assertEquals(basename(path), "best.safetensors");
  assertEquals(basename(path, ".safetensors"), "best");
  assertEquals(basename(path, ".json"), "best.safetensors");
  assertEquals(extname(path), ".safetensors");
  assertEquals(extname("a/b"), "");
  assertEquals(extname(".gitignore"), "");
  assertEquals(dirname("a"), ".");
});

Deno.test("dirname(), basename() and extname() take file URLs", () => {
  const url = toFileUrl(join(ROOT, "a b", "c.d"));
  assertEquals(dirname(url), join(ROOT, "a b"));
  assertEquals(basename(url), "c.d");
  assertEquals(extname(url), ".d");
});

Deno.test("resolve() starts from the working folder", () => {
  assertEquals(resolve("a", "b"), join(Deno.cwd(), "a", "b"));
  assertEquals(resolve("a", ROOT, "b"), join(ROOT, "b"));
});

Deno.test("relative() leads from one place to the other", () => {
  assertEquals(relative(join(ROOT, "a"), join(ROOT, "b")), join("..", "b"));
  assertEquals(relative(join(ROOT, "a"), join(ROOT, "a")), "");
});

Deno.test("fromFileUrl() and toFileUrl() undo each other", () => {
  for (const name of ["plain", "with space", "100%", "a#b?c", "ü"]) {
    const path = join(ROOT, name);
    assertEquals(fromFileUrl(toFileUrl(path)), path);
    assertEquals(fromFileUrl(toFileUrl(path).href), path);
  }
});

Deno.test("fromFileUrl() refuses other URLs", () => {
  assertThrows(() => fromFileUrl("https://example.com/a"), TypeError);
});

Deno.test("toFileUrl() refuses relative paths", () => {
  assertThrows(() => toFileUrl("a/b"), TypeError, "must be absolute");
});

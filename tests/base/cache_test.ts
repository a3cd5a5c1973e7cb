import { assertEquals, assertThrows } from "@std/assert";
import { cacheFolder, type CacheLocation } from "../../src/base/cache.ts";

function location(
  os: typeof Deno.build.os,
  variables: Readonly<Record<string, string>>,
): CacheLocation {
  return { os, env: (name) => variables[name] };
}

Deno.test("cacheFolder() is where each platform keeps its caches", () => {
  const HOME = "/home/ada";
  const LOCALAPPDATA = "C:\\Users\\Ada\\AppData\\Local";
  assertEquals(
    cacheFolder(location("linux", { HOME })),
    "/home/ada/.cache/frpat",
  );
  assertEquals(
    cacheFolder(location("linux", { HOME, XDG_CACHE_HOME: "/var/tmp" })),
    "/var/tmp/frpat",
  );
  assertEquals(
    cacheFolder(location("darwin", { HOME, XDG_CACHE_HOME: "/var/tmp" })),
    "/home/ada/Library/Caches/frpat",
  );
  assertEquals(
    cacheFolder(location("windows", { LOCALAPPDATA, HOME })),
    "C:\\Users\\Ada\\AppData\\Local/frpat",
  );
});

Deno.test("cacheFolder() ignores an XDG folder that is not absolute", () => {
  for (const XDG_CACHE_HOME of ["", "cache"]) {
    const variables = { HOME: "/home/ada", XDG_CACHE_HOME };
    assertEquals(
      cacheFolder(location("linux", variables)),
      "/home/ada/.cache/frpat",
    );
  }
});

Deno.test("cacheFolder() says which variable is missing", () => {
  assertThrows(
    () => cacheFolder(location("linux", {})),
    Error,
    "expected HOME to be set but found it empty",
  );
  assertThrows(
    () => cacheFolder(location("windows", { HOME: "/home/ada" })),
    Error,
    "expected LOCALAPPDATA to be set but found it empty",
  );
});

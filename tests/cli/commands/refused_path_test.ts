import { assertEquals } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import { Invocation } from "../../../src/cli/commands/invocation.ts";
import { refusedPath } from "../../../src/cli/commands/refused_path.ts";
import { EVALUATE } from "../../../src/cli/commands/evaluate.ts";
import { UserError } from "../../../src/base/errors.ts";

/** The message for what Deno says where `evaluate` was called with some words. */
function messageFor(said: string, words: readonly string[]): string {
  const invocation = Invocation.read(
    EVALUATE,
    words,
    (all, options) => parseArgs([...all], options),
  );
  const error = new Deno.errors.NotCapable(said);
  return (refusedPath(error, { command: EVALUATE, invocation }) as Error)
    .message;
}

const CASES: readonly [
  access: string,
  path: string,
  words: string,
  message: string,
][] = [
  [
    "write",
    "/etc/x/card.json",
    "run --out /etc/x/",
    "Cannot use --out /etc/x/: expected the permission to write " +
    "/etc/x/card.json but found none",
  ],
  [
    "read",
    "runs/a/card.json",
    "runs/a --out b",
    "Cannot use runs/a: expected the permission to read runs/a/card.json but " +
    "found none",
  ],
  [
    "all",
    "/proc/foo/test",
    "runs/a --data=/proc/foo",
    "Cannot use --data /proc/foo: expected a place for files but found one of " +
    "the operating system's own",
  ],
  [
    "all",
    "/dev/fd",
    "runs/a --out /dev/fd/x",
    "Cannot use --out /dev/fd/x: expected a place for files but found one of " +
    "the operating system's own",
  ],
  [
    "read",
    "/data",
    "runs/a --data /dat",
    "Cannot read /data: expected a path that an option or argument names but " +
    "found another",
  ],
];

for (const [access, path, words, message] of CASES) {
  Deno.test(`refusedPath() explains ${access} access to ${path}`, () => {
    const said = `Requires ${access} access to "${path}", run again with the ` +
      `--allow-${access} flag`;
    assertEquals(messageFor(said, words.split(" ")), message);
  });
}

Deno.test("refusedPath() leaves other errors as they are", () => {
  const said = 'Requires env access to "HOME", run again with --allow-env';
  assertEquals(messageFor(said, ["run"]), said);
  const invocation = Invocation.read(
    EVALUATE,
    ["run"],
    (all, options) => parseArgs([...all], options),
  );
  const error = new UserError("x");
  assertEquals(refusedPath(error, { command: EVALUATE, invocation }), error);
});

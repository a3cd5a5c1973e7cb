import { assert, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../../src/base/errors.ts";
import { Terminal } from "../../../src/cli/terminal/terminal.ts";
import { recordedTerminal } from "../../support/recorded_terminal.ts";

Deno.test("Terminal.live() replaces its line and stays below printed ones", () => {
  const { terminal, lines } = recordedTerminal(40);
  terminal.live("step 1");
  terminal.live("step 2");
  assertEquals(lines(), ["step 2"]);
  terminal.print("epoch 1");
  assertEquals(lines(), ["epoch 1", "step 2"]);
  terminal.print("two\nlines");
  terminal.live("step 3");
  assertEquals(lines(), ["epoch 1", "two", "lines", "step 3"]);
});

Deno.test("Terminal.live() never writes more than fits into a line", () => {
  const { terminal, lines } = recordedTerminal(10);
  terminal.live("exactly 9");
  assertEquals(lines(), ["exactly 9"]);
  terminal.live("exactly 10");
  assertEquals(lines(), ["exactly …"]);
  terminal.live("ε = 8/255…");
  assertEquals(lines(), ["ε = 8/25…"]);
});

Deno.test("Terminal.live() writes nothing where there is no terminal", () => {
  const { terminal, out } = recordedTerminal(null);
  terminal.live("step 1");
  terminal.print("epoch 1");
  terminal.live("step 2");
  terminal.clear();
  assertEquals(out(), "epoch 1\n");
  assert(!terminal.isLive);
});

Deno.test("Terminal.clear() removes the live line for good", () => {
  const { terminal, lines } = recordedTerminal(40);
  terminal.live("step 1");
  terminal.clear();
  assertEquals(lines(), [""]);
  terminal.print("done");
  assertEquals(lines(), ["done", ""]);
  assert(terminal.isLive);
});

Deno.test("Terminal.warn() goes to standard error, past the live line", () => {
  const { terminal, err, out, lines } = recordedTerminal(40);
  terminal.live("step 1");
  terminal.warn("careful");
  assertEquals(err(), "careful\n");
  assertEquals(lines(), ["step 1"]);
  assertEquals(out().match(/step 1/g)?.length, 2, "the line is shown again");
});

Deno.test("Terminal shows what comes from files without its control characters", () => {
  const { terminal, out, err } = recordedTerminal(40);
  terminal.print("key \x1b]0;title\x07\x1b[31mred\x1b[0m");
  terminal.warn(`title\r${"x".repeat(5_000)}`);
  terminal.live("two\nlines");
  assertEquals(out(), "key red\n\r\x1b[2Ktwo lines");
  assertEquals(err(), `title${"x".repeat(1_994)}…\n`);
});

/** A terminal whose outputs refuse everything. */
function refusing(error: Error): Terminal {
  const output = {
    columns: () => 40,
    write() {
      throw error;
    },
  };
  return new Terminal(output, output);
}

Deno.test("Terminal tells once that nothing can be written, and goes on", () => {
  const terminal = refusing(new Deno.errors.BrokenPipe("nobody reads"));
  assertThrows(() => terminal.print("a"), Deno.errors.BrokenPipe);
  const told: unknown[] = [];
  terminal.onFailure = (error) => told.push(error);
  terminal.live("a");
  terminal.print("b");
  terminal.clear();
  terminal.warn("c");
  assertEquals(told.length, 1);
});

Deno.test("Terminal has words for a full disk", () => {
  const error = Object.assign(new Error("No space left"), { code: "ENOSPC" });
  assertThrows(
    () => refusing(error).print("a"),
    UserError,
    "Cannot write standard output: expected free disk space but found none",
  );
});

Deno.test("Terminal.live() shows a bar, and the details that fit", () => {
  const { terminal, lines } = recordedTerminal(60);
  const details = ["step 3/4", "a detail that is too long", "9 s left"];
  terminal.live({ what: "epoch 1/2", done: 0.75, details });
  assertEquals(lines(), [
    "epoch 1/2  ████████████░░░░  step 3/4  9 s left",
  ]);
  for (
    const [done, bar] of [[-1, "░"], [0, "░"], [1, "█"], [7, "█"]] as const
  ) {
    terminal.live({ what: "x", done, details: [] });
    assertEquals(lines(), [`x  ${bar.repeat(16)}`]);
  }
});

Deno.test("Terminal paints a bar, a warning and an accent, and nothing without color", () => {
  const written = (color: boolean) => {
    const { terminal, out, err } = recordedTerminal(80, { color });
    terminal.live({ what: "x", done: 0.5, details: [] });
    terminal.clear();
    terminal.print("31 %  best so far", { accent: "best so far" });
    terminal.print("best so far is not at the end of this", {
      accent: "best so far",
    });
    terminal.warn("Warning: it is hot");
    terminal.warn("Cannot do this");
    return { out: out(), err: err() };
  };
  const full = "█".repeat(8), empty = "░".repeat(8);
  const erase = "\r\x1b[2K";
  assertEquals(written(true), {
    out: `${erase}x  \x1b[36m${full}\x1b[39m${empty}${erase}` +
      "31 %  \x1b[32mbest so far\x1b[39m\nbest so far is not at the end of this\n",
    err: "\x1b[33mWarning:\x1b[39m it is hot\nCannot do this\n",
  });
  assertEquals(written(false), {
    out: `${erase}x  ${full}${empty}${erase}31 %  best so far\n` +
      "best so far is not at the end of this\n",
    err: "Warning: it is hot\nCannot do this\n",
  });
});

Deno.test("Terminal.print() wraps where it is asked to, and not into a file", () => {
  const text = "words that go on and on";
  for (
    const [columns, expected] of [[12, "words that\n  go on and\n  on\n"], [
      null,
      `${text}\n`,
    ]] as const
  ) {
    const { terminal, out } = recordedTerminal(columns);
    terminal.print(text, { wrap: true });
    assertEquals(out(), expected);
  }
});

// What @std/cli documents of parseArgs, as far as this project may rely on it.
// Where JSR answers, the same tests run against the original: they are what
// keeps the stand-in honest.

import { assertEquals, assertThrows } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";

type Options = Parameters<typeof parseArgs>[1];

const CASES: readonly [
  does: string,
  words: string,
  options: Options,
  result: Record<string, unknown>,
][] = [
  ["takes long options without a value for true", "--a", {}, { a: true }],
  ["takes the next word for a value", "--a b c", {}, { a: "b", _: ["c"] }],
  ["takes a value after the equals sign", "--a=b=c d", {}, {
    a: "b=c",
    _: ["d"],
  }],
  ["takes an empty value after the equals sign", "--a=", {}, { a: "" }],
  ["does not take an option for a value", "--a --b", {}, { a: true, b: true }],
  ["makes numbers of what reads as one", "--a 5 -b -1 --c 1e3 7 8x", {}, {
    a: 5,
    b: true,
    1: true,
    c: 1000,
    _: [7, "8x"],
  }],
  ["keeps a string option a string", "--a 005", { string: "a" }, { a: "005" }],
  ["gives a string option without value the empty string", "--a", {
    string: ["a"],
  }, { a: "" }],
  ["keeps positional words strings where asked", "7", { string: "_" }, {
    _: ["7"],
  }],
  ["gives a boolean option no value", "--a b", { boolean: ["a"] }, {
    a: true,
    _: ["b"],
  }],
  ["sets missing boolean options to false", "", { boolean: ["a", "b"] }, {
    a: false,
    b: false,
  }],
  ["reads true and false after a boolean option", "--a false --b true c", {
    boolean: ["a", "b"],
  }, { a: false, b: true, _: ["c"] }],
  ["reads true and false in a boolean option", "--a=false --b=true --c=x", {
    boolean: ["a", "b", "c"],
  }, { a: false, b: true, c: true }],
  ["takes every long option for boolean where asked", "--a b --c=d -e f", {
    boolean: true,
  }, { a: true, c: "d", e: "f", _: ["b"] }],
  ["splits a group of short options", "-abc d", {}, {
    a: true,
    b: true,
    c: "d",
  }],
  ["takes a number or a path right after a short option", "-n12 -I/a/b", {}, {
    n: 12,
    I: "/a/b",
  }],
  ["takes the equals sign after a short option", "-a=b -cd=", {}, {
    a: "b",
    c: true,
    d: "",
  }],
  ["takes a hyphen for a value and for a word", "-a - -", {}, {
    a: "-",
    _: ["-"],
  }],
  ["lets the last value win", "--a 1 --a 2", {}, { a: 2 }],
  ["collects values where asked", "--a 1 --a 2 --b 3", {
    collect: ["a"],
    string: ["a", "b"],
  }, { a: ["1", "2"], b: "3" }],
  ["collects nothing into an empty array", "", {
    collect: ["a"],
    string: ["a"],
  }, { a: [] }],
  ["collects the numbers of an option without type", "--a 1 --a x", {
    collect: "a",
  }, { a: [1, "x"] }],
  ["negates what may be negated", "--no-a --no-b", {
    boolean: ["a", "b"],
    negatable: ["a"],
  }, { a: false, b: false, "no-b": true }],
  ["lets the last of an option and its negation win", "--no-a --a", {
    boolean: ["a"],
    negatable: ["a"],
  }, { a: true }],
  ["negates a string option", "--a b --no-a", {
    string: ["a"],
    negatable: ["a"],
  }, { a: false }],
  ["sets all names of an option", "-h --out x", {
    boolean: ["help"],
    alias: { help: "h", out: ["o", "output"] },
  }, { h: true, help: true, out: "x", o: "x", output: "x" }],
  ["gives an alias the type of its name", "-s 007 -v x", {
    string: ["seed"],
    boolean: ["verbose"],
    alias: { s: "seed", verbose: "v" },
  }, { s: "007", seed: "007", v: true, verbose: true, _: ["x"] }],
  ["fills in defaults, also for aliases", "--b 2", {
    default: { a: 1, b: 1 },
    alias: { a: "c" },
  }, { a: 1, b: 2, c: 1 }],
  ["prefers a default to false", "", {
    boolean: ["a"],
    default: { a: true },
  }, { a: true }],
  ["does not parse after the double dash", "a -- --b c", {}, {
    _: ["a", "--b", "c"],
  }],
  ["keeps what follows the double dash apart", "a -- --b 5", { "--": true }, {
    _: ["a"],
    "--": ["--b", "5"],
  }],
  ["stops at the first word where asked", "--a b c --d 5", {
    stopEarly: true,
  }, { a: "b", _: ["c", "--d", "5"] }],
];

for (const [does, words, options, result] of CASES) {
  Deno.test(`parseArgs() ${does}: ${words}`, () => {
    const args = words === "" ? [] : words.split(" ");
    assertEquals({ ...parseArgs(args, options) }, { _: [], ...result });
  });
}

Deno.test("parseArgs() asks unknown() about what no option declares", () => {
  const asked: unknown[] = [];
  const args = parseArgs(["--a", "1", "--b", "2", "-c", "word", "--d=3"], {
    string: ["a"],
    alias: { d: "e" },
    unknown: (...question: unknown[]) => {
      asked.push(question);
      return false;
    },
  });
  assertEquals(asked, [["--b", "b", "2"], ["-c", "c", "word"]]);
  assertEquals({ ...args }, { a: "1", d: 3, e: 3, _: [] });
});

Deno.test("parseArgs() keeps what unknown() does not refuse", () => {
  const args = parseArgs(["--a", "1", "b"], { unknown: () => undefined });
  assertEquals({ ...args }, { a: 1, _: ["b"] });
});

Deno.test("parseArgs() leaves out the words that unknown() refuses", () => {
  const args = parseArgs(["a", "--b", "1"], {
    string: ["b"],
    unknown: (word: string) => word !== "a",
  });
  assertEquals({ ...args }, { b: "1", _: [] });
});

Deno.test("parseArgs() returns the types that its options imply", () => {
  const args = parseArgs(["train", "--set", "a=1", "-s", "1", "--", "x"], {
    "--": true,
    alias: { seed: "s" },
    boolean: ["help"],
    collect: ["set"],
    default: { out: "runs" },
    negatable: ["log"],
    string: ["seed", "set", "out", "log"],
  });
  const help: boolean = args.help;
  const seed: string | undefined = args.seed;
  const s: string | undefined = args.s;
  const set: string[] = args.set;
  const out: string = args.out;
  const log: string | false | undefined = args.log;
  const words: (string | number)[] = args._;
  const rest: string[] = args["--"];
  assertEquals(
    { help, seed, s, set, out, log, words, rest },
    {
      help: false,
      seed: "1",
      s: "1",
      set: ["a=1"],
      out: "runs",
      log: undefined,
      words: ["train"],
      rest: ["x"],
    },
  );
});

Deno.test("parseArgs() does not touch the prototypes of objects", () => {
  parseArgs(["--__proto__", "x"]);
  assertEquals(Object.getPrototypeOf({}), Object.prototype);
});

Deno.test("parseArgs() refuses an alias without a value", () => {
  const alias = { a: undefined } as unknown as Record<string, string>;
  assertThrows(() => parseArgs([], { alias }), TypeError);
});

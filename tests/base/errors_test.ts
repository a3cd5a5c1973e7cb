import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  EXIT,
  explain,
  UsageError,
  UserError,
  userError,
} from "../../src/base/errors.ts";

Deno.test("explain() gives expected mistakes as their message alone", () => {
  const message = "Cannot read card.json: expected JSON but found nothing";
  const mistakes = [
    new UserError("No adapter"),
    new Error(message),
    new RangeError(message),
    new SyntaxError(message),
  ];
  for (const mistake of mistakes) {
    assertEquals(explain(mistake), {
      text: mistake.message,
      code: EXIT.failed,
    });
  }
});

Deno.test("explain() has a code of its own for commands that are not understood", () => {
  assertEquals(explain(new UsageError("Cannot run tran")), {
    text: "Cannot run tran",
    code: EXIT.misused,
  });
});

Deno.test("explain() gives mistakes of the program with their stack", () => {
  const bugs = [
    new TypeError("Cannot convolve: expected 64 input channels but found 3"),
    new TypeError("Cannot read properties of undefined (reading 'x')"),
    new ReferenceError("x is not defined"),
    new Error("Cannot compile sgd.wgsl:\nno such name: expected one"),
  ];
  for (const bug of bugs) {
    const { text, code } = explain(bug);
    assert(text.startsWith(bug.stack!), text);
    assert(text.includes("mistake in the program"), text);
    assertEquals(code, EXIT.failed);
  }
  assert(explain("a string").text.startsWith("a string\n"));
});

Deno.test("explain() says what needs less memory where there is none left", () => {
  const full = new Error("The GPU reported an error: Not enough memory left.");
  assertEquals(explain(full), {
    text:
      `${full.message}\n--set recompute=true and a smaller batchSize need ` +
      "less",
    code: EXIT.failed,
  });
});

Deno.test("explain() says where permissions come from", () => {
  const { text } = explain(new Deno.errors.NotCapable("Requires read access"));
  assert(text.startsWith("Requires read access\n"), text);
  assert(text.includes("deno task train"), text);
});

Deno.test("userError() takes what an action throws for the user's mistake", async () => {
  const mistaken = () => {
    throw new TypeError("Cannot load x: expected 3 tensors but found 2");
  };
  const error = await assertRejects(() => userError(mistaken), UserError);
  assertEquals(error.message, "Cannot load x: expected 3 tensors but found 2");
  await assertRejects(() => userError(mistaken, UsageError), UsageError);
  assertEquals(await userError(() => 3), 3);
});

Deno.test("userError() leaves mistakes of the program what they are", async () => {
  const nothing: { name?: { length: number } } = {};
  const broken = () => nothing.name!.length;
  await assertRejects(() => userError(broken), TypeError, "undefined");
});

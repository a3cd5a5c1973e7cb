import { assert, assertEquals } from "@std/assert";
import {
  DeviceError,
  DownloadError,
  EXIT,
  explain,
  isSystemError,
  NoDeviceError,
  OutOfMemoryError,
  UsageError,
  UserError,
} from "../../src/base/errors.ts";

Deno.test("explain() gives expected mistakes as their message alone", () => {
  const message = "Cannot read card.json: expected JSON but found nothing";
  const mistakes = [
    new UserError(message),
    new DeviceError("No adapter"),
    new Deno.errors.NotFound("No such file or directory (os error 2)"),
    new Deno.errors.AddrInUse("Address in use"),
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
    new RangeError("Cannot write to x: expected 4 bytes but found 3"),
    new Error("Cannot read x: expected that no code reads this"),
    new Deno.errors.BadResource("Bad resource ID"),
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
  const full = new OutOfMemoryError("Not enough memory left.");
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

Deno.test("UserError and its kinds have their names", () => {
  const kinds = [UserError, UsageError, DeviceError, OutOfMemoryError];
  assertEquals(
    kinds.map((Kind) => String(new Kind("why"))),
    [
      "UserError: why",
      "UsageError: why",
      "DeviceError: why",
      "OutOfMemoryError: why",
    ],
  );
});

Deno.test("isSystemError() tells refusals of the system from errors of code", async () => {
  const refusal = await Deno.readFile("tests").catch((error) => error);
  assert(isSystemError(refusal));
  assert(isSystemError(new Error("File too large (os error 27)")));
  const others = [
    new TypeError("x"),
    new UserError("x"),
    new Deno.errors.NotCapable("x"),
    "x",
  ];
  for (const other of others) assert(!isSystemError(other));
});

Deno.test("explain() has codes for what fails for other commands too", () => {
  const codes = [NoDeviceError, DownloadError, DeviceError, UserError]
    .map((Kind) => explain(new Kind("Cannot")).code);
  assertEquals(codes, [69, 66, 1, 1]);
});

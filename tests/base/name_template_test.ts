import { assertEquals } from "@std/assert";
import { fromTemplates, numbersIn } from "../../src/base/name_template.ts";

Deno.test("numbersIn() reads a number for each word in capitals", () => {
  assertEquals(numbersIn("pgd-50-10", "pgd-STEPS-RESTARTS"), [50, 10]);
  assertEquals(numbersIn("pgd-50", "pgd-STEPS-RESTARTS"), null);
  assertEquals(numbersIn("fgsm", "fgsm"), []);
  for (const name of ["pgd-0", "pgd-1.5", "pgd-9999999", "xpgd-1", "pgd-1x"]) {
    assertEquals(numbersIn(name, "pgd-STEPS"), null, name);
  }
});

Deno.test("fromTemplates() takes the first template that fits", () => {
  const templates = {
    "net": () => 1,
    "net-WIDTH": (width?: number) => width!,
  };
  assertEquals(fromTemplates("net", templates), 1);
  assertEquals(fromTemplates("net-4", templates), 4);
  assertEquals(fromTemplates("other", templates), null);
});

import { checkWithDerivative } from "../../support/check_derivative.ts";
import { evaluate } from "../../support/evaluate.ts";
import { assertClose } from "../../support/check_op.ts";
import { huber } from "../../../src/methods/regularizers/huber.ts";

checkWithDerivative("huber()", [{
  name: "errors on both sides of 1",
  inputs: [{
    shape: [8],
    values: [-3, -1.25, -.75, -.125, .125, .5, 1.5, 40],
  }],
  build: ([error]) => [huber(error!)],
}]);

Deno.test("huber() is half the square up to 1, and the size less a half beyond", async () => {
  const errors = { shape: [7], values: [-3, -1, -.5, 0, .5, 1, 3] };
  const found = await evaluate([errors], ([error]) => [huber(error!)]);
  for (const [who, [values]] of Object.entries(found)) {
    assertClose(values!, [2.5, .5, .125, 0, .125, .5, 2.5], {
      what: who,
      tolerance: 1e-6,
    });
  }
});

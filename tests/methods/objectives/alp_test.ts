import { alp } from "../../../src/methods/objectives/alp.ts";
import { checkRecorded, totalOf } from "../../support/recorded_logits.ts";

checkRecorded("alp", {
  build: (views) => totalOf(alp({ weight: 1 }), views),
  wrt: ["clean", "adversarial"],
});

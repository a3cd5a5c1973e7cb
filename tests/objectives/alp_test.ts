import { alp } from "../../src/objectives/alp.ts";
import { checkRecorded, totalOf } from "./recorded_logits.ts";

checkRecorded("alp", {
  build: (views) => totalOf(alp({ weight: 1 }), views),
  wrt: ["clean", "adversarial"],
});

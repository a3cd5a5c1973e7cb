import { pktLoss } from "../../../src/methods/regularizers/pkt.ts";
import {
  checkFeatureLoss,
  checkRecordedFeatures,
} from "../../support/recorded_features.ts";

checkFeatureLoss("pktLoss()", { build: pktLoss, worked: 0.00829807 });

checkRecordedFeatures("pkt", {
  build: pktLoss,
  // The mean over N² of p log(p / q), with p of about 1 / N: both, their quotient
  // near 1 and its logarithm are rounded.
  rounding: (rows) => 2 ** -22 / rows,
});

// v limited to [low, high]. Unlike `clamp`, which may turn NaN into a number, it
// lets NaN through, since both comparisons are false.
fn limit(v: Element, low: Element, high: Element) -> Element {
  return select(select(v, low, v < low), high, v > high);
}

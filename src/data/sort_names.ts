// Names in the order in which Python sorts them: by code points. JavaScript sorts by
// 16-bit units, in which characters beyond the basic plane come before some within it.
// The order of class folders decides the labels, and with them what the weights that
// torchvision's users publish mean.

/** The names in the order of their code points. */
export function sortedNames(names: Iterable<string>): string[] {
  return [...names].sort(compareCodePoints);
}

function compareCodePoints(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length;) {
    const [x, y] = [a.codePointAt(i)!, b.codePointAt(i)!];
    if (x !== y) return x - y;
    i += x > 0xffff ? 2 : 1;
  }
  return a.length - b.length;
}

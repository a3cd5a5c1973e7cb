// Numbers as papers print them: 0.031 and 8/255 are different experiments, so both
// stay text.

/** A number as a paper prints it: "0.031" or "8/255". */
export type Fraction = string;

/**
 * The value of a number or fraction such as "0.031" or "8/255".
 *
 * @throws {RangeError} if the text is neither, or its value is not finite.
 */
export function fractionValue(text: Fraction): number {
  const match = /^(\d+(?:\.\d+)?)(?:\/(\d+(?:\.\d+)?))?$/.exec(text);
  const value = match ? Number(match[1]) / Number(match[2] ?? 1) : NaN;
  if (!(value >= 0 && value < Infinity)) {
    throw new RangeError(
      `Cannot read a fraction: expected a number or quotient such as "8/255" but found "${text}"`,
    );
  }
  return value;
}

/** A quarter of a number in the same form: 8/255 as 2/255, 0.031 as 0.00775. */
export function quarterOf(fraction: Fraction): Fraction {
  const [numerator, denominator] = fraction.split("/");
  const part = String(Number(numerator) / 4);
  return denominator === undefined ? part : `${part}/${denominator}`;
}

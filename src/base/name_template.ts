// Names with numbers in them, such as "pgd-STEPS-RESTARTS": each word in capitals
// stands for a whole number from 1 to 999,999.

/** The meaning of names of one template, given their numbers in order. */
export type NameTemplates<T> = Readonly<
  Record<string, (...numbers: readonly number[]) => T>
>;

/** The numbers in a name; null if the name does not match the template. */
export function numbersIn(
  name: string,
  template: string,
): readonly number[] | null {
  const parts = template.split(/[A-Z]+/).map((part) => RegExp.escape(part));
  const found = new RegExp(`^${parts.join("([1-9]\\d{0,5})")}$`).exec(name);
  return found && found.slice(1).map(Number);
}

/** The meaning of a name by the first template that it matches; null if it matches none. */
export function fromTemplates<T>(
  name: string,
  templates: NameTemplates<T>,
): T | null {
  for (const [template, make] of Object.entries(templates)) {
    const numbers = numbersIn(name, template);
    if (numbers) return make(...numbers);
  }
  return null;
}

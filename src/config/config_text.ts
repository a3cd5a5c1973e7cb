// A configuration in a line: its kind, then its fields as they stand in the
// experiment, such as "lbgat, base (trades, beta 6), detach false".

/** A configuration on one line. Its first field is its kind. */
export function configText(config: object): string {
  const [kind, ...fields] = Object.entries(config);
  const text = fieldsText(Object.fromEntries(fields));
  return text ? `${valueText(kind?.[1])}, ${text}` : valueText(kind?.[1]);
}

/** The fields of an object that has no kind. */
export function fieldsText(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name} ${valueText(value)}`).join(", ");
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(" and ");
  return typeof value === "object" && value !== null
    ? `(${configText(value)})`
    : String(value);
}

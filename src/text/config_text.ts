// A configuration in a line: its kind, then its fields as they stand in the
// experiment, such as "lbgat, base (trades, beta 6), detach false".

/** A configuration, whose first field says its kind, on one line. */
export function configText(config: object): string {
  const [kind, ...fields] = Object.entries(config);
  const texts = fields.map(([name, value]) => `${name} ${valueText(value)}`);
  return [valueText(kind?.[1]), ...texts].join(", ");
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(" and ");
  return typeof value === "object" && value !== null
    ? `(${configText(value)})`
    : String(value);
}

// Numbers as text for people: few digits and a unit, equal on every machine.

/** Seconds of a year, leap years counted. */
const YEAR = 31_557_600;

/** 46160474 as "46,160,474". */
export function countText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Things that are counted: "1 epoch", "46,160,474 epochs". */
export function countedText(count: number, thing: string): string {
  return `${countText(count)} ${thing}${count === 1 ? "" : "s"}`;
}

/** Seconds as "41 s", "3 min 20 s", "2 h 5 min", "4 d 3 h" or "9.6 years". */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (!Number.isFinite(whole)) return "unknown";
  if (whole >= 1.5 * YEAR) return `${threeDigits(whole / YEAR)} years`;
  const units: readonly [string, number][] = [
    ["d", 86_400],
    ["h", 3600],
    ["min", 60],
    ["s", 1],
  ];
  const first = units.findIndex(([, length]) => whole >= length);
  if (first < 0) return "0 s";
  const [unit, length] = units[first]!;
  const text = `${Math.floor(whole / length)} ${unit}`;
  const [lesser, lesserLength] = units[first + 1] ?? ["", Infinity];
  const rest = Math.floor(whole % length / lesserLength);
  return rest > 0 ? `${text} ${rest} ${lesser}` : text;
}

/** A time that may be short, as "0.41 ms", "2.74 s" or "3 min 20 s". */
export function shortDurationText(seconds: number): string {
  if (seconds < 0.9995) return `${threeDigits(1000 * seconds)} ms`;
  return seconds < 99.5 ? `${threeDigits(seconds)} s` : durationText(seconds);
}

/** A number with three digits, and with all digits before its point: "3.14", "2,740". */
export function digitsText(value: number): string {
  return value >= 999.5 ? countText(value) : threeDigits(value);
}

/** 1.28e15 as "1.28 P", to put a unit behind. */
export function scaledText(amount: number): string {
  const prefixes = ["", "k", "M", "G", "T", "P", "E"];
  let scale = 0;
  while (amount >= 999.5 && scale < prefixes.length - 1) {
    amount /= 1000;
    scale++;
  }
  return `${threeDigits(amount)} ${prefixes[scale]}`;
}

/** Bytes as "176 MiB". */
export function bytesText(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let scale = 0;
  while (bytes >= 999.5 && scale < units.length - 1) {
    bytes /= 1024;
    scale++;
  }
  return `${threeDigits(bytes)} ${units[scale]}`;
}

/** A fraction as "12.5 %". */
export function percentText(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}

/** A percentage with two decimals, as papers print it; a dash for what is not known. */
export function accuracyText(percentage: number | undefined): string {
  if (percentage === undefined) return "-";
  const text = percentage.toFixed(2);
  return text === "-0.00" ? "0.00" : text;
}

function threeDigits(value: number): string {
  if (value >= 99.95 || Number.isInteger(value)) return value.toFixed(0);
  return value.toFixed(value >= 9.995 ? 1 : 2);
}

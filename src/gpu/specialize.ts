// Turns a kernel into the WGSL text that is compiled: its constants and
// declarations in front, and the loops marked `// unroll` written out.
//
// naga guards every loop with a counter and every dynamic index into a local
// array with a clamp, and neither can be switched off from JavaScript. With the
// loop written out and constant indices both disappear, and local arrays become
// registers. A file stays correct WGSL without this pass, only slower.

import type { Kernel } from "./program.ts";

type Constants = Kernel["constants"];

/** The names of half-precision types, as a prelude may have them. */
const HALF = /\b(f16|vec[234]h)\b/;

/** A loop to unroll: `for (var i = 0u; i < LIMIT; i++) { // unroll`. */
const UNROLL =
  /for \(var (\w+)(?:\s*:\s*\w+)? = (\d+)(u?); \1 < ([^;]+); \1(?:\+\+| \+= (\d+)u?)\) \{ \/\/ unroll[^\n]*\n/;

/** A loop that is written out, here or by drivers, where that pays for its compilation. */
const ON_GPUS =
  /; (\w+) < ([^;]+); ([^;)]+)\) \{ \/\/ (?:unroll on GPUs(?:, up to (\d+) anywhere)?|loop on processors)/g;

/** The first size of a kernel's arguments. */
const SIZE = /struct Arguments \{[^}]*?(\w+): u32/;

/**
 * The WGSL text of `kernel` for the device.
 *
 * @param options.keepsLoops Whether loops marked `// unroll on GPUs` stay: for an adapter
 * that is a processor, whose compiler takes seconds for a kernel of thousands of
 * instructions. Values are added in the same order.
 * @throws {SyntaxError} if a loop marked for unrolling has no constant trip count.
 */
export function specialize(
  kernel: Kernel,
  { keepsLoops = false }: { readonly keepsLoops?: boolean } = {},
): string {
  const prelude = preludeOf(kernel);
  const source = keepsLoops ? withLoops(kernel) : kernel.source;
  return (prelude && `${prelude}\n`) + unroll(source, kernel);
}

/**
 * What stands in front of the text of `kernel`: with its source, this tells kernels
 * apart at less cost than their texts.
 */
export function preludeOf(kernel: Kernel): string {
  const prelude = Object.entries(kernel.constants).map(([name, value]) =>
    typeof value === "string"
      ? `alias ${name} = ${value};`
      : `const ${name} = ${value};`
  );
  if (kernel.declarations) prelude.push(kernel.declarations);
  // WGSL wants the permission to use a type before anything else.
  if (HALF.test(prelude.join("\n"))) prelude.unshift("enable f16;");
  return prelude.join("\n");
}

/**
 * The text with the loops that are only written out on GPUs, or, where the mark says so,
 * short of a number of iterations. Drivers write out a loop whose end is constant, so it
 * gets one that is known at run time alone: the highest bit of a size is 0. Variables in
 * such a loop need a value: naga sets those without one to 0 once, before the loop.
 */
function withLoops(kernel: Kernel): string {
  const size = SIZE.exec(kernel.source)?.[1];
  const unknown = size ? ` + (args.${size} >> 31u)` : "";
  return kernel.source.replace(
    ON_GPUS,
    (loop, counter, end, step, anywhere) =>
      anywhere && constantValue(end, kernel) <= Number(anywhere)
        ? loop
        : `; ${counter} < ${end}${unknown}; ${step}) { // a loop`,
  );
}

/** Replaces every marked loop by its iterations, outermost first. */
function unroll(text: string, kernel: Kernel): string {
  const match = UNROLL.exec(text);
  if (!match) return text;
  const [head, counter, start, suffix, limit, stride] = match;
  const open = match.index + head.length;
  const close = closingBrace(text, open, kernel.name);
  const body = text.slice(open, close);
  const name = new RegExp(`\\b${counter}\\b`, "g");
  const iterations: string[] = [];
  const end = constantValue(limit!, kernel);
  for (let i = Number(start); i < end; i += Number(stride ?? 1)) {
    iterations.push(`{\n${body.replace(name, `${i}${suffix}`)}}\n`);
  }
  const before = text.slice(0, match.index);
  const after = text.slice(close + 1);
  return before + unroll(iterations.join("") + after, kernel);
}

/** Position of the brace that closes the block whose content starts at `from`. */
function closingBrace(text: string, from: number, kernel: string): number {
  for (let depth = 1, i = from; i < text.length; i++) {
    if (text[i] === "{") depth++;
    if (text[i] === "}" && --depth === 0) return i;
  }
  throw new SyntaxError(`Cannot unroll ${kernel}.wgsl: a loop has no end`);
}

/** The value of a limit such as `ROWS * 4u`: numbers, constants, + - * / and %. */
function constantValue(expression: string, kernel: Kernel): number {
  const tokens = expression.match(/\w+|\S/g) ?? [];
  let at = 0;
  const fail = (): never => {
    throw new SyntaxError(
      `Cannot unroll ${kernel.name}.wgsl: expected a constant trip count but found "${expression}"`,
    );
  };
  const factor = (): number => {
    const token = tokens[at++] ?? fail();
    if (token === "(") {
      const value = sum();
      if (tokens[at++] !== ")") fail();
      return value;
    }
    if (/^\d+u?$/.test(token)) return parseInt(token);
    const value = fileConstant(token, kernel);
    return typeof value === "number" ? value : fail();
  };
  const product = (): number => {
    let value = factor();
    while (/^[*/%]$/.test(tokens[at] ?? "")) {
      const operator = tokens[at++];
      const right = factor();
      if (operator === "*") value *= right;
      else if (operator === "/") value = Math.trunc(value / right);
      else value %= right;
    }
    return value;
  };
  const sum = (): number => {
    let value = product();
    while (/^[-+]$/.test(tokens[at] ?? "")) {
      value += (tokens[at++] === "+" ? 1 : -1) * product();
    }
    return value;
  };
  const value = sum();
  return at === tokens.length ? value : fail();
}

/** A constant of the kernel, or one that the file derives: `const A = B / 4;`. */
function fileConstant(name: string, kernel: Kernel): Constants[string] {
  const given = kernel.constants[name];
  if (given !== undefined) return given;
  const derived = new RegExp(`^const ${name}(?:: \\w+)? = ([^;]+);`, "m")
    .exec(kernel.source)?.[1];
  return derived === undefined ? false : constantValue(derived, kernel);
}

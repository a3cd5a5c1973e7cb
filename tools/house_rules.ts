/**
 * The lint rules of this project that `deno lint` does not have. `CONTRIBUTING.md`
 * states them; here is what exactly is found.
 *
 * - `house/gpu-calls`: buffers are made, written and mapped in `src/gpu` alone, whose
 *   wrapper checks sizes and pools memory. Elsewhere such a call could abort the
 *   process or read back inside a training step.
 * - `house/idea`: a source file opens with a comment.
 * - `house/file-length`: a source file has at most 300 lines.
 * - `house/function-length`: a function of a source file has at most 40 lines.
 * - `house/positional`: an exported function or a public method takes at most two
 *   positional arguments, then one object that names the rest, or a function to call.
 *   Tensors are not counted. Functions that fill in a signature elsewhere, as arguments
 *   and fields do, are left alone.
 *
 * @module
 */

/** Lines of a source file at most. */
const FILE_LINES = 300;

/** Lines of a function at most, from its name to its closing brace. */
const FUNCTION_LINES = 40;

/** Positional arguments at most. */
const POSITIONAL = 2;

/** Methods of WebGPU that `src/gpu` wraps. */
const CALLS: ReadonlySet<string> = new Set([
  "createBuffer",
  "mapAsync",
  "writeBuffer",
]);

/** Types of tensors, which stay positional however many there are. */
const TENSOR = /\b(Buffer|Operand|Parameter|Tensor|Variable)\b/;

type Context = Deno.lint.RuleContext;

/** A rule for the files whose path matches. */
function rule(
  files: RegExp,
  visitor: (context: Context) => Deno.lint.LintVisitor,
): Deno.lint.Rule {
  return {
    create: (context) =>
      files.test(context.filename.replaceAll("\\", "/"))
        ? visitor(context)
        : {},
  };
}

/** The program and its tools, as people write them. */
const SOURCES =
  /^(?!.*(\/(compat|bench)\/|\.gen\.ts$)).*(\/(src|tools)\/|\/(cli|mod)\.ts$)/;

/** Everything that has no wrapper of its own around a device. */
const OUTSIDE_GPU = /^(?!.*\/(src|tests)\/gpu\/)/;

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "gpu-calls": rule(OUTSIDE_GPU, (context) => ({
      MemberExpression(node): void {
        const name = propertyName(node);
        if (name === undefined || !CALLS.has(name)) return;
        context.report({
          node: node.property,
          message: `\`${name}\` is called outside src/gpu`,
          hint: "Use the wrapper that src/gpu has for it",
        });
      },
    })),
    "idea": rule(SOURCES, (context) => ({
      Program(node): void {
        if (/^\s*\/[/*]/.test(context.sourceCode.text)) return;
        context.report({
          node,
          message: "This file does not open with a comment",
          hint: "Say what it is, and what a reader would question",
        });
      },
    })),
    "file-length": rule(SOURCES, (context) => ({
      Program(node): void {
        const lines = linesOf(context.sourceCode.text.trimEnd());
        if (lines <= FILE_LINES) return;
        context.report({
          node,
          message: `This file has ${lines} lines, more than ${FILE_LINES}`,
          hint: "Give its second idea a file of its own",
        });
      },
    })),
    "function-length": rule(SOURCES, (context) => {
      const check = (node: Deno.lint.Node): void => {
        const lines = linesOf(context.sourceCode.getText(node));
        if (lines <= FUNCTION_LINES) return;
        context.report({
          node,
          message: `This function has ${lines} lines, more than ` +
            FUNCTION_LINES,
          hint: "Give a step of it a name",
        });
      };
      return {
        FunctionDeclaration: check,
        FunctionExpression: check,
        ArrowFunctionExpression: check,
      };
    }),
    "positional": rule(SOURCES, (context) => {
      const check = (params: readonly Deno.lint.Parameter[]): void => {
        const counted = params.map((param) => typeOf(param, context))
          .filter((type) => !TENSOR.test(type));
        const named = mayBeLast(counted.at(-1) ?? "") ? 1 : 0;
        if (counted.length - named <= POSITIONAL) return;
        context.report({
          range: params[POSITIONAL]!.range,
          message: `This function has ${counted.length - named} positional ` +
            `arguments, more than ${POSITIONAL}`,
          hint: "Name arguments in an object at the end",
        });
      };
      return {
        "ExportNamedDeclaration > FunctionDeclaration": (
          { params }: Deno.lint.FunctionDeclaration,
        ) => check(params),
        MethodDefinition({ key, accessibility, value }): void {
          const isPrivate = key.type === "PrivateIdentifier" ||
            accessibility === "private";
          if (!isPrivate && "params" in value) check(value.params);
        },
      };
    }),
  },
};

export default plugin;

/** `name` in both `object.name` and `object["name"]`. */
function propertyName(node: Deno.lint.MemberExpression): string | undefined {
  if (!node.computed && node.property.type === "Identifier") {
    return node.property.name;
  }
  return node.property.type === "Literal"
    ? String(node.property.value)
    : undefined;
}

function linesOf(text: string): number {
  return text.split("\n").length;
}

/** The text of a parameter's type; `{}` for an object that is taken apart. */
function typeOf(param: Deno.lint.Parameter, context: Context): string {
  const plain = param.type === "AssignmentPattern" ? param.left : param;
  if (plain.type === "ObjectPattern") return "{}";
  return "typeAnnotation" in plain && plain.typeAnnotation
    ? context.sourceCode.getText(plain.typeAnnotation.typeAnnotation)
    : "";
}

/** Whether a type names what is in it, `{ … }` or by a name, or is a function's. */
function mayBeLast(type: string): boolean {
  return type.startsWith("{") || type.includes("=>") ||
    /^[A-Z]\w*(<[^]*>)?$/.test(type);
}

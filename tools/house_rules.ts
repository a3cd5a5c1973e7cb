/**
 * The lint rules of this project that `deno lint` does not have.
 *
 * `house/gpu-calls`: buffers are made, written and mapped in `src/gpu` alone,
 * whose wrapper checks sizes and pools memory. Elsewhere such a call could
 * abort the process or read back inside a training step.
 *
 * @module
 */

const CALLS: ReadonlySet<string> = new Set([
  "createBuffer",
  "mapAsync",
  "writeBuffer",
]);

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "gpu-calls": {
      create(context): Deno.lint.LintVisitor {
        if (/[\\/](src|tests)[\\/]gpu[\\/]/.test(context.filename)) return {};
        return {
          MemberExpression(node): void {
            const name = propertyName(node);
            if (name === undefined || !CALLS.has(name)) return;
            context.report({
              node: node.property,
              message: `\`${name}\` is called outside src/gpu`,
              hint: "Use the wrapper that src/gpu has for it",
            });
          },
        };
      },
    },
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

/**
 * docs/support.md: operators by dtype, kernels of their own by family, targets, TensorFlow Lite operators. Rows come from
 * the registry, the kernel library's file names, the machines' table, the importer's tables and the golden models, whose
 * import shows what an operator becomes. Run from the package root.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OPERANDS } from "../../kernels/conv/operands.ts";
import { FAMILIES } from "../../kernels/op.ts";
import { kernelFolder } from "../../sdk/compile/assemble.ts";
import { importTflite } from "../../sdk/formats/tflite/import.ts";
import { OPERATORS } from "../../sdk/formats/tflite/operators/table.ts";
import { definitions, isLeaf } from "../../sdk/graph/registry.ts";
import { EMULATORS } from "../../targets/native/emulators.ts";
import { MACHINES } from "../../targets/native/machine.ts";

type Table = (head: readonly string[], rows: readonly (readonly string[])[]) => string;

const GOLDENS = join("test", "goldens-ops");
const sorted = (names: Iterable<string>): string => [...new Set(names)].sort().join(", ");

/** By code units: a module's exports come in another order from a bundler than from Node. */
const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);

/** Families that `<op>.<family>.as.ts` exists for. */
function ownKernels(op: string): string {
  const folder = join(kernelFolder, op);
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return FAMILIES.filter((family) => files.includes(`${op}.${family}.as.ts`)).join(", ");
}

const operators = (): readonly (readonly string[])[] =>
  [...definitions.values()]
    .sort(byName)
    .map((d) => [
      d.name,
      d.gradient ? "yes" : "no",
      d.kernels.wasm.join(", ") || "view",
      d.kernels.cpu.join(", ") || (d.kernels.wasm.length === 0 ? "view" : "no"),
      ownKernels(d.name),
      "unsupported" in d.quantize ? `no: ${d.quantize.unsupported}` : "yes",
      d.trainingOnly ? "training only" : "all",
    ]);

const targets = (): readonly (readonly string[])[] => [
  ["wasm", "portable WebAssembly with SIMD: the specification of a model", "pairdot", ""],
  ...MACHINES.map(({ name, about, family }) => [name, about, family, EMULATORS[name]?.board ?? ""]),
];

interface Golden {
  readonly name: string;
  readonly kind: { readonly op: string; readonly dtype: string };
}

/** Rows of the importer: what the golden models of an operator become, and the dtypes that they cover. */
function tflite(): readonly (readonly string[])[] {
  const goldens = JSON.parse(readFileSync(join(GOLDENS, "index.json"), "utf8")) as readonly Golden[];
  return Object.keys(OPERATORS)
    .sort()
    .map((operator) => {
      const models = goldens.filter(({ kind }) => kind.op === operator);
      const nodes = models.flatMap(({ name }) => {
        const file = join(GOLDENS, name, `${name}.tflite`);
        return importTflite(readFileSync(file), file).graph.nodes;
      });
      const ops = sorted(nodes.filter((n) => !isLeaf(n)).map((n) => n.op));
      const dtypes = sorted(models.map(({ kind }) => kind.dtype.replace("i8w4", "i8 with i4").replace("_", " to ")));
      return [operator, ops, dtypes, `${models.length || ""}`];
    });
}

export function supportMatrix(generated: string, table: Table): string {
  return `# Support matrix

${generated}

## Operators

Kernels by dtype of the first input. An operator compiles for every target with the dtypes of its wasm column, because
native code is translated from the same kernels. "own kernels": micro-kernel families for which the operator has kernels of
their own; the others take the one for all (design/kernels.md). int8 says whether \`pith quantize\` has a rule for it;
imported models bring their quantization.

${table(["operator", "gradient", "wasm", "cpu (training)", "own kernels", "int8", "targets"], operators())}

conv2d, depthwiseConv2d, dense and transposeConv take these dtypes together (f32 with i8 weights: conv2d and dense only; i4
weights: not transposeConv):

${table(
  ["activations", "weights", "bias"],
  OPERANDS.map(([x, w, bias]) => [x, w, bias.join(" or ")]),
)}

## Targets

Boards are those of the emulator that counts instructions; without one, bytes are compared in a process.

${table(["target", "what", "family", "emulated board"], targets())}

## TensorFlow Lite operators

What the importer has a row for; a file with any other is refused, naming it. "becomes": operators of pith that its golden
models import to, \`copy\` where a constant is an output. "golden": dtypes and number of single-operator models with answers
of TensorFlow Lite Micro in the suite; empty where it has none. VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE and CALL_ONCE become states.

${table(["operator", "becomes", "golden", "models"], tflite())}
`;
}

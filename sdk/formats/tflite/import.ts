/**
 * A .tflite file as a model: the operators of the first subgraph in order, each normalized by its row of
 * operators/table.ts into our graph. Throws "file-format" for a damaged file and "import" for what pith does not have.
 */
import { basename, extname } from "node:path";
import { copy } from "../../../kernels/copy/copy.ts";
import { type Node, showType, type Tensor, type TensorType } from "../../../kernels/op.ts";
import { PithError } from "../../error.ts";
import { createGraph, type Named, type Update } from "../../graph/graph.ts";
import { constant, inputLeaf, state } from "../../graph/leaves.ts";
import { verifyGraph } from "../../graph/verify.ts";
import { identifierOf, type Model } from "../../model.ts";
import { callOf, describeOperator } from "./call.ts";
import { type FileOperator, type FileSubgraph, type FileTensor, readTflite } from "./file.ts";
import { Folder } from "./fold.ts";
import { typed } from "./operator.ts";
import { OPERATORS } from "./operators/table.ts";
import { Variable } from "./variables.ts";

/** Of one variable that starts with other values than zeros. */
const MOST_VARIABLE_BYTES = 2 ** 24;

export interface Imported {
  readonly model: Model;
  /** What each tensor of the first subgraph became, by its index in the file. */
  readonly tensors: ReadonlyMap<number, Tensor>;
}

/** `path` names the model and opens messages. */
export const importTflite = (bytes: Uint8Array, path: string): Model => importWithTensors(bytes, path).model;

export function importWithTensors(bytes: Uint8Array, path: string): Imported {
  const subgraphs = readTflite(bytes, path);
  refuseUnknown(subgraphs[0]!, path);
  const importer = new Importer(path, subgraphs, bytes.length);
  const { graph, tensors } = importer.main();
  verifyGraph(graph, path);
  return { model: { name: identifierOf(basename(path, extname(path))), graph }, tensors };
}

/** Operators that the importer resolves itself. */
const VARIABLES: ReadonlySet<string> = new Set(["CALL_ONCE", "VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE"]);

/** One message for all operators that there is no row for. */
function refuseUnknown({ operators }: FileSubgraph, where: string): void {
  const unknown = operators.filter(
    (o) => o.isCustom || !(Object.hasOwn(OPERATORS, o.operator) || VARIABLES.has(o.operator)),
  );
  const [first] = unknown;
  if (!first) return;
  const names = [...new Set(unknown.map((o) => (o.isCustom ? `custom operator "${o.operator}"` : o.operator)))];
  const list = names.length > 8 ? [...names.slice(0, 8), `${names.length - 8} more`] : names;
  throw new PithError(
    "import",
    `${where}: ${list.join(", ")} (first as operator ${first.index}, version ${first.version}), expected operators among ${Object.keys(OPERATORS).sort().join(", ")} (express it with these before conversion)`,
    { unsupported: names.slice(0, 64), index: first.index, version: first.version },
  );
}

/** Tensors of one subgraph while its operators run. */
interface Scope {
  readonly subgraph: FileSubgraph;
  readonly values: Map<number, Tensor>;
  readonly handles: Map<number, Variable>;
}

class Importer {
  readonly #where: string;
  readonly #subgraphs: readonly FileSubgraph[];
  readonly #folder: Folder;
  readonly #variables = new Map<string, Variable>();
  readonly #updates = new Map<Node, Update>();
  readonly #nodeNames = new Names();

  constructor(where: string, subgraphs: readonly FileSubgraph[], fileBytes: number) {
    this.#where = where;
    this.#subgraphs = subgraphs;
    this.#folder = new Folder(fileBytes);
  }

  main(): { graph: ReturnType<typeof createGraph>; tensors: ReadonlyMap<number, Tensor> } {
    const scope = this.#open(0);
    const { subgraph, values } = scope;
    const ports = new Names();
    const inputs = subgraph.inputs.map((index): Named => {
      const tensor = subgraph.tensors[index]!;
      if (values.has(index) || tensor.data || tensor.isVariable)
        throw this.#malformed(`input tensor ${index} is given twice, constant or a variable`);
      const name = ports.unique(tensor.name || "input");
      const leaf = inputLeaf(this.#nodeNames.unique(name), this.#typeOf(tensor));
      values.set(index, leaf);
      return { name, tensor: leaf };
    });
    for (const operator of subgraph.operators) this.#run(operator, scope);
    const outputs = this.#outputs(scope, ports);
    const variables = [...this.#variables.values()].flatMap((v) => v.update() ?? []);
    const graph = createGraph({ inputs, outputs, updates: [...this.#updates.values(), ...variables] });
    return { graph, tensors: values };
  }

  /** Each output is a computed value or an input, in a buffer of its own. */
  #outputs(scope: Scope, ports: Names): readonly Named[] {
    const taken = new Set<string>();
    return scope.subgraph.outputs.map((index): Named => {
      const tensor = this.#value(scope, index, "the graph's output");
      const name = ports.unique(scope.subgraph.tensors[index]!.name || "output");
      const root = rootOf(tensor);
      const key = `${this.#nodeNames.idOf(root.node)}.${root.index}`;
      const shared = taken.has(key) || root.node.op === "const" || root.node.op === "state";
      taken.add(key);
      return {
        name,
        tensor: shared ? typed(copy(tensor, { name: this.#nodeNames.unique(name) }), tensor.type) : tensor,
      };
    });
  }

  #open(index: number): Scope {
    return { subgraph: this.#subgraphs[index]!, values: new Map(), handles: new Map() };
  }

  #run(operator: FileOperator, scope: Scope): void {
    if (VARIABLES.has(operator.operator)) this.#runVariable(operator, scope);
    else if (operator.outputs.length === 0)
      throw this.#malformed(`${operator.operator} (operator ${operator.index}) has no output`);
    else this.#runRow(operator, scope);
  }

  #runRow(operator: FileOperator, scope: Scope): void {
    const { tensors } = scope.subgraph;
    const name = this.#nameOf(operator, scope);
    const where = describeOperator(this.#where, operator, name);
    const outputs = operator.outputs.map((i) => this.#typeOf(tensors[i]!, where));
    const call = callOf({
      where: this.#where,
      operator,
      name,
      inputs: operator.inputs.map((i) => (i < 0 ? undefined : this.#value(scope, i, where))),
      outputs,
      intermediates: operator.intermediates.map((i) => this.#typeOf(tensors[i]!, where)),
      state: (stateName, type) => this.#state(stateName, type),
      update: (target, value) => {
        if (target.node.op !== "state") call.refuse(`an update of ${target.node.op} "${target.node.name}"`, "a state");
        this.#updates.set(target.node, { target, value });
      },
    });
    const row = OPERATORS[operator.operator]!;
    const results = withFacts(where, () => row(call));
    if (results.length !== outputs.length) call.refuse(`${outputs.length} outputs`, `${results.length}`);
    results.forEach((result, i) => {
      const [got, want] = [showType(result.type), showType(outputs[i]!)];
      if (got !== want) call.refuse(`output ${i} is ${want}`, `${got} from these inputs and options`);
      this.#define(scope, operator.outputs[i]!, this.#folder.fold(result));
    });
  }

  #runVariable(operator: FileOperator, scope: Scope): void {
    if (operator.operator === "CALL_ONCE") this.#initialize(operator, scope);
    else if (operator.operator === "VAR_HANDLE") this.#handle(operator, scope);
    else if (operator.operator === "READ_VARIABLE") this.#read(operator, scope);
    else this.#assign(operator, scope);
  }

  #handle(operator: FileOperator, { handles }: Scope): void {
    // VarHandleOptions: 0 container, 1 shared_name.
    const key = `${operator.options?.text(0, 120) ?? ""}/${operator.options?.text(1, 120) ?? ""}`;
    const name = key.replace(/^\//, "") || "variable";
    const variable = this.#variables.get(key) ?? new Variable(this.#nodeNames.unique(name));
    this.#variables.set(key, variable);
    handles.set(operator.outputs[0] ?? -1, variable);
  }

  #read(operator: FileOperator, scope: Scope): void {
    const where = describeOperator(this.#where, operator, "read_variable");
    const out = operator.outputs[0] ?? -1;
    const type = this.#typeOf(this.#tensor(scope, out, where), where);
    const variable = this.#variable(operator, scope);
    const value = withFacts(where, () => variable.read(type));
    if (!value) throw this.#malformed(`${where} reads ${showType(type)} from a variable that is ${variable.type}`);
    this.#define(scope, out, value);
  }

  #assign(operator: FileOperator, scope: Scope): void {
    const where = describeOperator(this.#where, operator, "assign_variable");
    const variable = this.#variable(operator, scope);
    const value = this.#value(scope, operator.inputs[1] ?? -1, where);
    if (!withFacts(where, () => variable.assign(value)))
      throw this.#malformed(`${where} assigns ${showType(value.type)} to a variable that is ${variable.type}`);
  }

  #variable({ operator, index, inputs }: FileOperator, { handles }: Scope): Variable {
    const variable = handles.get(inputs[0] ?? -1);
    if (!variable) throw this.#malformed(`${operator} (operator ${index}) has no variable as its input`);
    return variable;
  }

  #tensor({ subgraph }: Scope, index: number, where: string): FileTensor {
    const tensor = subgraph.tensors[index];
    if (!tensor) throw this.#malformed(`${where} names tensor ${index} of ${subgraph.tensors.length}`);
    return tensor;
  }

  /** CALL_ONCE: the subgraph's constants are the values before the first call. */
  #initialize(operator: FileOperator, { subgraph }: Scope): void {
    // CallOnceOptions: 0 init_subgraph_index.
    const index = operator.options?.int(0) ?? 0;
    const init = this.#subgraphs[index];
    if (!init || init === subgraph || subgraph !== this.#subgraphs[0])
      throw this.#malformed(
        `CALL_ONCE (operator ${operator.index}) calls subgraph ${index} of ${this.#subgraphs.length}`,
      );
    refuseUnknown(init, this.#where);
    const scope = this.#open(index);
    for (const each of init.operators) {
      if (each.operator !== "ASSIGN_VARIABLE") {
        this.#run(each, scope);
        continue;
      }
      const where = describeOperator(this.#where, each, "assign_variable");
      const value = this.#value(scope, each.inputs[1] ?? -1, where);
      if (value.node.op !== "const")
        throw new PithError("import", `${where}: a computed initial value, expected a constant`);
      this.#variable(each, scope).initialize(value.node.data!);
    }
  }

  #define(scope: Scope, index: number, tensor: Tensor): void {
    const { data, isVariable } = scope.subgraph.tensors[index]!;
    if (scope.values.has(index) || data || isVariable)
      throw this.#malformed(`tensor ${index} is written twice, constant or a variable`);
    scope.values.set(index, tensor);
  }

  #value(scope: Scope, index: number, where: string): Tensor {
    const known = scope.values.get(index);
    if (known) return known;
    const tensor = scope.subgraph.tensors[index];
    if (!tensor?.data && !tensor?.isVariable)
      throw this.#malformed(`tensor ${index} is read (${where}) before anything computes it`);
    const type = this.#typeOf(tensor, where);
    const made = tensor.data
      ? constant(tensor.data, type.shape, {
          name: tensor.name,
          dtype: type.dtype,
          ...(type.quant ? { quant: type.quant } : {}),
        })
      : this.#state(tensor.name || `variable_${index}`, type);
    scope.values.set(index, made);
    return made;
  }

  /** A state of zeros; int8: of the zero point, as TensorFlow Lite Micro resets its variable tensors. */
  #state(name: string, type: TensorType): Tensor {
    const { dtype, shape, quant } = type;
    const zeroPoint = dtype === "i8" ? (quant?.zeroPoint[0] ?? 0) : 0;
    const count = shape.reduce((n, d) => n * d, 1);
    // Shapes are the file's word: a few changed bits must not ask for gigabytes.
    if (zeroPoint !== 0 && count > MOST_VARIABLE_BYTES)
      throw new PithError(
        "import",
        `${this.#where}: variable "${name}" is ${showType(type)}, expected at most ${MOST_VARIABLE_BYTES} bytes (is the file damaged?)`,
      );
    return state(this.#nodeNames.unique(name), shape, {
      dtype,
      ...(quant ? { quant } : {}),
      ...(zeroPoint === 0 ? {} : { data: new Int8Array(count).fill(zeroPoint) }),
    });
  }

  #typeOf(tensor: FileTensor, where = this.#where): TensorType {
    const { dtype, shape, quant, tensorType, index, isSparse } = tensor;
    if (!dtype || isSparse)
      throw new PithError(
        "import",
        `${where}: tensor ${index} "${tensor.name}" is ${isSparse ? "sparse" : tensorType}, expected dense FLOAT32, INT8, INT16, INT32, INT64, UINT8, BOOL or INT4 (convert the model without it)`,
        { tensor: index },
      );
    return quant ? { dtype, shape, quant } : { dtype, shape };
  }

  /** Named after the first output, or after the operator. */
  #nameOf({ operator, outputs, index }: FileOperator, { subgraph }: Scope): string {
    const [name] = (subgraph.tensors[outputs[0] ?? -1]?.name ?? "").split(";");
    return this.#nodeNames.unique(name || `${operator.toLowerCase()}_${index}`);
  }

  #malformed(received: string): PithError {
    return new PithError("file-format", `${this.#where}: ${received}, expected a well-formed TensorFlow Lite file`);
  }
}

/** Operators throw RangeErrors in the house form; the importer adds which operator of which file. */
function withFacts<T>(where: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof RangeError) throw new PithError("import", `${where}: ${error.message}`);
    throw error;
  }
}

/** The tensor behind views. */
const rootOf = (tensor: Tensor): Tensor => (tensor.node.op === "reshape" ? rootOf(tensor.node.inputs[0]!) : tensor);

/** Names that were given, and how often each base was asked for. */
class Names {
  readonly #taken = new Set<string>();
  readonly #counts = new Map<string, number>();
  readonly #ids = new Map<Node, number>();

  unique(base: string): string {
    let name = base;
    while (this.#taken.has(name)) {
      const count = (this.#counts.get(base) ?? 1) + 1;
      this.#counts.set(base, count);
      name = `${base}_${count}`;
    }
    this.#taken.add(name);
    return name;
  }

  idOf(node: Node): number {
    const id = this.#ids.get(node) ?? this.#ids.size;
    this.#ids.set(node, id);
    return id;
  }
}

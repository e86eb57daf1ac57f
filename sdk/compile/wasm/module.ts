/**
 * A WebAssembly module as pith sees it. `@webassemblyjs/wasm-parser` reads the sections (not the code: it is wrong
 * on SIMD, bulk memory and multi-value); function bodies, constant expressions and the result types of imported
 * functions, which that parser drops, are read here.
 */
import { decode, type FieldNode, type SignatureNode } from "@webassemblyjs/wasm-parser";
import { decodeConstant, type Instruction } from "./body.ts";
import { ByteReader, malformed } from "./bytes.ts";
import type { ValueType } from "./opcodes.ts";
import { customSections, readSections, SECTION, type Section, withoutCustomSections } from "./sections.ts";

export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface Local {
  readonly type: ValueType;
  readonly count: number;
}

export interface WasmFunction {
  readonly index: number;
  readonly type: FunctionType;
  /** From the name section, or undefined. */
  readonly name: string | undefined;
  /** Set for imported functions, which have no body. */
  readonly imported: { readonly module: string; readonly name: string } | undefined;
  /** Bytes of the body in the file, locals included; empty for imports. */
  readonly start: number;
  readonly end: number;
}

export interface WasmGlobal {
  readonly type: ValueType;
  readonly mutable: boolean;
  readonly imported: { readonly module: string; readonly name: string } | undefined;
  /** The single instruction of its initial value; undefined for imports. */
  readonly init: Instruction | undefined;
}

export interface WasmModule {
  readonly bytes: Uint8Array;
  readonly types: readonly FunctionType[];
  readonly functions: readonly WasmFunction[];
  readonly globals: readonly WasmGlobal[];
  readonly memory:
    | { readonly minPages: number; readonly maxPages: number | undefined; readonly imported: boolean }
    | undefined;
  readonly exports: readonly {
    readonly name: string;
    readonly kind: "Func" | "Table" | "Memory" | "Global";
    readonly index: number;
  }[];
  /** `address`: undefined where it is no constant. */
  readonly data: readonly { readonly address: number | undefined; readonly contents: Uint8Array }[];
  readonly tables: number;
  readonly elements: number;
  readonly start: number | undefined;
  readonly custom: readonly { readonly name: string; readonly contents: Uint8Array }[];
}

const VALUE_TYPES: readonly string[] = ["i32", "i64", "f32", "f64", "v128"] satisfies ValueType[];
const VALUE_TYPE_CODES: Readonly<Record<number, ValueType>> = {
  127: "i32",
  126: "i64",
  125: "f32",
  124: "f64",
  123: "v128",
};

function isValueType(text: string): text is ValueType {
  return VALUE_TYPES.includes(text);
}

function valueType(text: string): ValueType {
  if (isValueType(text)) return text;
  throw malformed(0, `a value of type ${text}`, VALUE_TYPES.join(", "));
}

export function valueTypeFromCode(code: number, at: number): ValueType {
  const type = VALUE_TYPE_CODES[code];
  if (!type) throw malformed(at, `value type 0x${code.toString(16)}`, VALUE_TYPES.join(", "));
  return type;
}

const signature = (node: SignatureNode): FunctionType => ({
  params: node.params.map((param) => valueType(param.valtype)),
  results: (node.results ?? []).map(valueType),
});

/** Reads a module; throws `file-format` with a byte offset where it is malformed. Bodies are not decoded yet. */
export function readModule(bytes: Uint8Array): WasmModule {
  const sections = readSections(bytes);
  const custom = customSections(bytes, sections);
  checkExportKinds(bytes, sections);
  const fields = parse(withoutCustomSections(bytes, sections));
  const of = <T extends FieldNode["type"]>(type: T) =>
    fields.filter((field): field is Extract<FieldNode, { type: T }> => field.type === type);
  const imports = of("ModuleImport");
  const types = of("TypeInstruction").map((field) => signature(field.functype));
  const names = functionNames(custom);
  const functions = readFunctions(
    bytes,
    sections,
    types,
    names,
    imports.map(({ module, name }) => ({ module, name })),
  );
  const memories = [
    ...imports.flatMap(({ descr }) => (descr.type === "Memory" ? [{ limits: descr.limits, imported: true }] : [])),
    ...of("Memory").map(({ limits }) => ({ limits, imported: false })),
  ];
  if (memories.length > 1) throw malformed(0, `${memories.length} memories`, "at most one");
  const inits = readGlobalInits(bytes, sections);
  const globals: WasmGlobal[] = imports.flatMap(({ module, name, descr }) =>
    descr.type === "GlobalType"
      ? [
          {
            type: valueType(descr.valtype),
            mutable: descr.mutability === "var",
            imported: { module, name },
            init: undefined,
          },
        ]
      : [],
  );
  for (const [i, { globalType }] of of("Global").entries())
    globals.push({
      type: valueType(globalType.valtype),
      mutable: globalType.mutability === "var",
      imported: undefined,
      init: inits[i],
    });
  return {
    bytes,
    types,
    functions,
    globals,
    memory: memories.map(({ limits, imported }) => ({ minPages: limits.min, maxPages: limits.max, imported }))[0],
    exports: of("ModuleExport").map(({ name, descr }) => ({ name, kind: descr.exportType, index: descr.id.value })),
    data: of("Data").map(({ offset, init }) => ({
      address: typeof offset.args[0]?.value === "number" && offset.object === "i32" ? offset.args[0].value : undefined,
      contents: Uint8Array.from(init.values),
    })),
    tables: of("Table").length + imports.filter(({ descr }) => descr.type === "Table").length,
    elements: of("Elem").length,
    start: of("Start")[0]?.index.value,
    custom,
  };
}

function parse(bytes: Uint8Array): readonly FieldNode[] {
  try {
    return decode(bytes, { ignoreCodeSection: true }).body.flatMap(({ fields }) => fields);
  } catch (error) {
    throw malformed(0, `sections that cannot be read (${error instanceof Error ? error.message : error})`, "a module");
  }
}

function sectionReader(bytes: Uint8Array, sections: readonly Section[], id: number): ByteReader | undefined {
  const section = sections.find((candidate) => candidate.id === id);
  return section && new ByteReader(bytes, section.start, section.end);
}

/** The parser skips what follows an export of unknown kind. */
function checkExportKinds(bytes: Uint8Array, sections: readonly Section[]): void {
  const reader = sectionReader(bytes, sections, SECTION.export);
  reader?.vector(() => {
    reader.name();
    const kind = reader.u8();
    if (kind > 3) throw malformed(reader.at - 1, `an export of kind ${kind}`, "a function, table, memory or global");
    reader.u32();
  });
}

type ImportName = NonNullable<WasmFunction["imported"]>;

function readFunctions(
  bytes: Uint8Array,
  sections: readonly Section[],
  types: readonly FunctionType[],
  names: ReadonlyMap<number, string>,
  imports: readonly ImportName[],
): WasmFunction[] {
  const typeAt = (index: number, at: number): FunctionType => {
    const type = types[index];
    if (!type) throw malformed(at, `type ${index}`, `one of ${types.length} types`);
    return type;
  };
  const functions: WasmFunction[] = [];
  const add = (type: FunctionType, imported: ImportName | undefined, start: number, end: number) =>
    functions.push({ index: functions.length, type, name: names.get(functions.length), imported, start, end });
  const importReader = sectionReader(bytes, sections, SECTION.import);
  let next = 0;
  importReader?.vector(() => {
    const imported = imports[next++];
    importReader.name();
    importReader.name();
    const at = importReader.at;
    const kind = importReader.u8();
    if (kind === 0) add(typeAt(importReader.u32(), at), imported, at, at);
    else if (kind === 3) importReader.take(2);
    else {
      if (kind === 1) importReader.u8();
      if (importReader.u8() & 1) importReader.u32();
      importReader.u32();
    }
  });
  const declared = sectionReader(bytes, sections, SECTION.function);
  const code = sectionReader(bytes, sections, SECTION.code);
  const typesOfBodies = declared?.vector(() => typeAt(declared.u32(), declared.at)) ?? [];
  const bodies =
    code?.vector(() => {
      const length = code.u32();
      const start = code.at;
      code.take(length);
      return { start, end: code.at };
    }) ?? [];
  if (bodies.length !== typesOfBodies.length)
    throw malformed(code?.at ?? 0, `${bodies.length} function bodies`, `${typesOfBodies.length}`);
  for (const [i, { start, end }] of bodies.entries()) add(typesOfBodies[i]!, undefined, start, end);
  return functions;
}

function readGlobalInits(bytes: Uint8Array, sections: readonly Section[]): Instruction[] {
  const reader = sectionReader(bytes, sections, SECTION.global);
  return (
    reader?.vector(() => {
      reader.take(2);
      return decodeConstant(reader);
    }) ?? []
  );
}

/** Function names of the custom `name` section; a malformed one is ignored, names are decoration. */
function functionNames(custom: WasmModule["custom"]): ReadonlyMap<number, string> {
  const section = custom.find(({ name }) => name === "name");
  const names = new Map<number, string>();
  try {
    const reader = new ByteReader(section?.contents ?? new Uint8Array());
    while (!reader.done) {
      const id = reader.u8();
      const part = reader.take(reader.u32());
      if (id !== 1) continue;
      const inner = new ByteReader(part);
      inner.vector(() => names.set(inner.u32(), inner.name()));
    }
  } catch {
    return new Map();
  }
  return names;
}

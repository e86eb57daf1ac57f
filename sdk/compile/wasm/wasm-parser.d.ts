/** The part of @webassemblyjs/wasm-parser that pith reads; the package ships no types. */
declare module "@webassemblyjs/wasm-parser" {
  export interface NumberNode {
    readonly type: string;
    readonly value?: number | { readonly high: number; readonly low: number };
  }
  export interface SignatureNode {
    readonly params: readonly { readonly valtype: string }[];
    readonly results?: readonly string[];
  }
  export interface InstructionNode {
    readonly id: string;
    readonly object?: string;
    readonly args: readonly NumberNode[];
  }
  export interface LimitsNode {
    readonly min: number;
    readonly max?: number;
    readonly shared?: boolean;
  }
  export interface GlobalTypeNode {
    readonly type: "GlobalType";
    readonly valtype: string;
    readonly mutability: "const" | "var";
  }
  export type FieldNode =
    | { readonly type: "TypeInstruction"; readonly functype: SignatureNode }
    | {
        readonly type: "ModuleImport";
        readonly module: string;
        readonly name: string;
        readonly descr:
          | { readonly type: "FuncImportDescr"; readonly signature: SignatureNode }
          | GlobalTypeNode
          | { readonly type: "Table" }
          | { readonly type: "Memory"; readonly limits: LimitsNode };
      }
    | { readonly type: "Func"; readonly signature: SignatureNode }
    | { readonly type: "Table" }
    | { readonly type: "Elem" }
    | { readonly type: "Memory"; readonly limits: LimitsNode }
    | { readonly type: "Global"; readonly globalType: GlobalTypeNode; readonly init: readonly InstructionNode[] }
    | {
        readonly type: "ModuleExport";
        readonly name: string;
        readonly descr: {
          readonly exportType: "Func" | "Table" | "Memory" | "Global";
          readonly id: { readonly value: number };
        };
      }
    | { readonly type: "Start"; readonly index: { readonly value: number } }
    | {
        readonly type: "Data";
        readonly offset: InstructionNode;
        readonly init: { readonly values: readonly number[] };
      };
  export interface ProgramNode {
    readonly body: readonly { readonly fields: readonly FieldNode[] }[];
  }
  export function decode(
    bytes: Uint8Array | ArrayBuffer,
    options: {
      readonly ignoreCodeSection?: boolean;
      readonly ignoreDataSection?: boolean;
      readonly ignoreCustomNameSection?: boolean;
    },
  ): ProgramNode;
}

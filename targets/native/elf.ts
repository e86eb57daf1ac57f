/** A reader for the little-endian ELF files that the linker makes: sections, symbols and relocations. */
import { PithError } from "../../sdk/error.ts";

export interface ElfSection {
  readonly name: string;
  readonly type: number;
  /** Takes memory when loaded (SHF_ALLOC). */
  readonly allocated: boolean;
  readonly address: number;
  readonly bytes: number;
  /** Empty for sections without contents (.bss). */
  readonly contents: Uint8Array;
  readonly link: number;
  readonly info: number;
}

export interface ElfSymbol {
  readonly name: string;
  /** Address; bit 0 is set for Thumb functions. */
  readonly value: number;
  readonly section: number;
}

export interface ElfRelocation {
  readonly type: number;
  readonly offset: number;
  readonly symbol: ElfSymbol;
  /** Name of the section that the relocation changes. */
  readonly target: ElfSection;
}

export interface Elf {
  readonly machine: number;
  readonly sections: readonly ElfSection[];
  readonly symbols: readonly ElfSymbol[];
  readonly relocations: readonly ElfRelocation[];
}

export const ELF_MACHINE = { arm: 40, x86_64: 62, aarch64: 183, riscv: 243 } as const;
/** Section indices with a meaning of their own. */
export const SHN_UNDEF = 0;
export const SHN_ABS = 0xfff1;

const SHT = { symtab: 2, rela: 4, nobits: 8, rel: 9 } as const;
const SHF_ALLOC = 2;

/** Reads ELF32 and ELF64; throws `file-format` where a table lies outside the file. */
export function readElf(bytes: Uint8Array): Elf {
  try {
    return new ElfReader(bytes).read();
  } catch (error) {
    if (error instanceof RangeError) throw wrong("a table outside the file");
    throw error;
  }
}

const wrong = (received: string) => new PithError("file-format", `elf: ${received}, expected a little-endian ELF file`);

class ElfReader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly wide: boolean;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < 52 || this.view.getUint32(0, false) !== 0x7f454c46 || bytes[5] !== 1) throw wrong("other bytes");
    this.wide = bytes[4] === 2;
  }

  read(): Elf {
    const { view, wide } = this;
    const table = this.word(wide ? 40 : 32);
    const entryBytes = view.getUint16(wide ? 58 : 46, true);
    const count = view.getUint16(wide ? 60 : 48, true);
    const named = Array.from({ length: count }, (_, i) => this.section(table + i * entryBytes));
    const names = named[view.getUint16(wide ? 62 : 50, true)];
    const sections = named.map((section) => ({ ...section, name: text(names?.contents, section.nameAt) }));
    const symtab = sections.find(({ type }) => type === SHT.symtab);
    const symbols = symtab ? this.symbols(symtab, sections[symtab.link]) : [];
    const relocations = sections.flatMap((section) => {
      const target = sections[section.info];
      const isTable = section.type === SHT.rel || section.type === SHT.rela;
      return isTable && target ? this.relocations(section, target, symbols) : [];
    });
    return { machine: view.getUint16(18, true), sections, symbols, relocations };
  }

  /** A word of the class's size; addresses beyond 2^53 do not occur in images. */
  private word(at: number): number {
    return this.wide ? Number(this.view.getBigUint64(at, true)) : this.view.getUint32(at, true);
  }

  private section(at: number) {
    const { view, wide } = this;
    const type = view.getUint32(at + 4, true);
    const offset = this.word(at + (wide ? 24 : 16));
    const bytes = this.word(at + (wide ? 32 : 20));
    if (type !== SHT.nobits && offset + bytes > this.bytes.length) throw wrong("a section outside the file");
    return {
      nameAt: view.getUint32(at, true),
      type,
      allocated: (this.word(at + 8) & SHF_ALLOC) !== 0,
      address: this.word(at + (wide ? 16 : 12)),
      bytes,
      contents: type === SHT.nobits ? new Uint8Array() : this.bytes.subarray(offset, offset + bytes),
      link: view.getUint32(at + (wide ? 40 : 24), true),
      info: view.getUint32(at + (wide ? 44 : 28), true),
    };
  }

  private symbols(section: ElfSection, names: ElfSection | undefined): ElfSymbol[] {
    const start = section.contents.byteOffset - this.bytes.byteOffset;
    const stride = this.wide ? 24 : 16;
    return Array.from({ length: Math.floor(section.bytes / stride) }, (_, i) => {
      const at = start + i * stride;
      return {
        name: text(names?.contents, this.view.getUint32(at, true)),
        value: this.word(at + (this.wide ? 8 : 4)),
        section: this.view.getUint16(at + (this.wide ? 6 : 14), true),
      };
    });
  }

  private relocations(section: ElfSection, target: ElfSection, symbols: readonly ElfSymbol[]): ElfRelocation[] {
    const start = section.contents.byteOffset - this.bytes.byteOffset;
    const stride = (this.wide ? 16 : 8) + (section.type === SHT.rela ? (this.wide ? 8 : 4) : 0);
    return Array.from({ length: Math.floor(section.bytes / stride) }, (_, i) => {
      const at = start + i * stride;
      const info = this.view.getUint32(at + (this.wide ? 8 : 4), true);
      const type = this.wide ? info : info & 0xff;
      const symbol = symbols[this.wide ? this.view.getUint32(at + 12, true) : info >>> 8];
      if (!symbol) throw wrong("a relocation of a symbol that is not there");
      return { type, offset: this.word(at), symbol, target };
    });
  }
}

function text(table: Uint8Array | undefined, at: number): string {
  if (!table) return "";
  const end = table.indexOf(0, at);
  return new TextDecoder().decode(table.subarray(at, end < 0 ? at : end));
}

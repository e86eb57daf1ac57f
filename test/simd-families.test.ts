/** The SIMD families beside the exact scalar kernels on shapes and scales that golden cases do not reach; float proofs. */
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type FloatForm, floatCode, proveFloat } from "../kernels/numerics/forms/float.ts";
import { exactCode, type RequantizeChannel } from "../kernels/numerics/prove.ts";
import { quantizeMultiplier } from "../kernels/numerics/requantize.ts";
import { type Attrs, elements, type Family, type Lowered, type TensorType } from "../kernels/op.ts";
import { assemble, kernelFolder } from "../sdk/compile/assemble.ts";
import { definitionOf } from "../sdk/graph/registry.ts";
import { isaOf } from "../targets/native/host-isa.ts";
import { type Kernels, type Module, runWasm } from "./elem-harness.ts";

const OPS = ["conv2d", "depthwiseConv2d", "dense"] as const;
const SIMD = ["pairdot", "dot4"] as const satisfies readonly Family[];

async function moduleOf(family: Family): Promise<Module> {
  const files = OPS.flatMap((n) => [`${n}/${n}`, `${n}/${n}.${family}`]);
  const present = files.filter((file) => existsSync(`${kernelFolder}/${file}.as.ts`));
  const entry = present.map((file) => `export * from "./${file}.as";`).join("\n");
  const wasm = await assemble(entry, { family, flavour: "portable", memoryBytes: 1 << 20 });
  const { memory, ...kernels } = new WebAssembly.Instance(new WebAssembly.Module(wasm as BufferSource)).exports;
  return { kernels: kernels as Kernels, memory: memory as Module["memory"] };
}

/** Uniform in [0, 1), from a seed (mulberry32). */
function generator(seed: number): () => number {
  let s = seed;
  return () => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Case {
  readonly name: string;
  readonly op: (typeof OPS)[number];
  readonly types: readonly TensorType[];
  readonly output: TensorType;
  readonly attrs: Attrs;
  readonly input: Int8Array;
  readonly constants: readonly (Int8Array | Int32Array | undefined)[];
}

/** Random shapes, zero points at both ends, scales from left shifts to channels that never leave the zero point. */
function drawCase(op: Case["op"], seed: number): Case {
  const random = generator(seed);
  const whole = (lo: number, hi: number): number => lo + Math.floor(random() * (hi - lo + 1));
  const pick = <T>(values: readonly T[]): T => values[whole(0, values.length - 1)]!;
  const [kh, kw] = [whole(1, 5), whole(1, 5)];
  const [ic, oc] = op === "depthwiseConv2d" ? Array(2).fill(pick([8, 16, 24, 40])) : [whole(1, 19), whole(1, 35)];
  const x = op === "dense" ? [whole(1, 9), whole(1, 150)] : [whole(1, 2), whole(kh, 12), whole(kw, 13), ic];
  const w = op === "dense" ? [oc, x[1]!] : op === "conv2d" ? [oc, kh, kw, ic] : [1, kh, kw, oc];
  const axis = op === "depthwiseConv2d" ? 3 : 0;
  const definition = definitionOf(op);
  const window = { strides: [whole(1, 3), whole(1, 3)], padding: pick(["same", "valid"]), dilations: [1, 1] };
  const attrs: Attrs = {
    ...definition.attrs,
    ...(op === "dense" ? {} : window),
    activation: pick(["none", "relu", "relu6"]),
  };
  const magnitude = 2 ** -whole(0, 12);
  const quant = (zeroPoint: number, scale: number) => ({ scale: [Math.fround(scale)], zeroPoint: [zeroPoint] });
  const scales = Array.from({ length: oc }, () =>
    Math.fround(magnitude * (random() < 0.1 ? 2 ** -30 : 0.5 + random())),
  );
  const types: TensorType[] = [
    { dtype: "i8", shape: x, quant: quant(pick([-128, 127, 0, whole(-128, 127)]), 1) },
    { dtype: "i8", shape: w, quant: { axis, scale: scales, zeroPoint: scales.map(() => 0) } },
    { dtype: "i32", shape: [oc] },
  ];
  const hasBias = random() < 0.8;
  const used = hasBias ? types : types.slice(0, 2);
  const output: TensorType = {
    ...definition.infer(used, attrs)[0]!,
    quant: quant(pick([-128, 127, 3, whole(-128, 127)]), pick([1, 1, 0.25])),
  };
  return {
    name: `${op} ${x} * ${w} ${JSON.stringify(window)} ${attrs["activation"]}, seed ${seed}`,
    op,
    types: used,
    output,
    attrs,
    input: Int8Array.from({ length: elements(x) }, () => whole(-128, 127)),
    constants: [
      undefined,
      Int8Array.from({ length: elements(w) }, () => whole(-128, 127)),
      hasBias ? Int32Array.from({ length: oc }, () => whole(-30000, 30000)) : undefined,
    ],
  };
}

const lowerCase = ({ op, types, output, attrs, constants }: Case, family: Family): Lowered =>
  definitionOf(op).lower({
    inputs: types,
    outputs: [output],
    attrs,
    family,
    isConstant: (i) => constants[i] !== undefined,
    constant: (i) => constants[i]!,
  });

describe("SIMD families give the bytes of the exact scalar kernels", async () => {
  const modules = new Map<Family, Module>();
  for (const family of ["scalar", ...SIMD] as const) modules.set(family, await moduleOf(family));
  test.each(OPS)("%s", (op) => {
    const forms = new Set<string>();
    for (let seed = 1; seed <= 60; seed++) {
      const c = drawCase(op, seed);
      const run = (family: Family, lowered: Lowered): number[] => {
        const [y] = runWasm(modules.get(family)!, { name: c.name, lowered, inputs: [c.input], outputs: [c.output] });
        return Array.from(y as Int8Array);
      };
      const want = run("scalar", lowerCase(c, "scalar"));
      for (const family of SIMD) {
        const lowered = lowerCase(c, family);
        forms.add(`${lowered.requantize}`);
        expect(run(family, lowered), `${family}: ${c.name}`).toEqual(want);
      }
    }
    expect([...forms], "both precisions are drawn").toEqual(expect.arrayContaining(["float32", "float64"]));
  });
});

describe("requantization in floating point", () => {
  const channel = (
    real: number,
    zeroPoint: number,
    lo: number,
    sums: readonly [number, number],
  ): RequantizeChannel => ({
    ...quantizeMultiplier(real),
    zeroPoint,
    lo,
    hi: 127,
    sumLo: sums[0],
    sumHi: sums[1],
  });

  test("a proved form gives the exact code of every reachable sum", () => {
    const seen = new Set<FloatForm>();
    const random = generator(5);
    for (let i = 0; i < 40; i++) {
      const zeroPoint = i % 2 ? -128 : Math.floor(random() * 256) - 128;
      const c = channel(2 ** -(1 + random() * 11), zeroPoint, i % 3 ? -128 : zeroPoint, [-40000, 41000]);
      const layer = proveFloat([c], 8)!;
      const [{ form, channels }] = layer.groups as [(typeof layer.groups)[0]];
      seen.add(form);
      for (let sum = c.sumLo; sum <= c.sumHi; sum++) {
        const code = Math.min(Math.max(floatCode(form, layer.zeroPoint, channels[0]!, sum), c.lo), c.hi);
        if (code !== exactCode(c, sum)) expect({ sum, code }).toEqual({ sum, code: exactCode(c, sum) });
      }
    }
    expect(seen.size, "several forms occur").toBeGreaterThan(1);
  });

  test("left shifts that may drop bits and sums beyond i32 have no form", () => {
    expect(proveFloat([channel(2 ** 20, 0, -128, [-5000, 5000])], 8)).toBeUndefined();
    expect(proveFloat([channel(2 ** -20, 0, -128, [-(2 ** 31), 0])], 8)).toBeUndefined();
  });
});

test("vectors of the host: the best row that its features satisfy", () => {
  const all = ["avx2", "avx_vnni", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni"];
  expect(isaOf("x64", new Set(all)).name).toBe("AVX-512 VNNI");
  expect(isaOf("x64", new Set(all.slice(0, 2))).flags).toContain("-mavxvnni");
  expect(isaOf("x64", new Set(["sse2"]))).toEqual({ name: "baseline", flags: [] });
  expect(isaOf("arm64", new Set(["asimddp"])).name).toBe("dot product");
});

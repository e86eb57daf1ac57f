/** The 1,000 evaluation samples of MLPerf Tiny's keyword spotting, int8 features as the reference model takes them. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readIdx } from "../../sdk/data/idx.ts";

export interface Keyword {
  /** [49, 10] */
  readonly features: Int8Array;
  readonly label: number;
}

/** Undefined where the data are not here. */
export function readKeywords(data: string): readonly Keyword[] | undefined {
  const folder = join(data, "datasets", "mlperf-tiny-kws01");
  if (!existsSync(folder)) return undefined;
  const read = (name: string): Int8Array | Uint8Array => {
    const { data: values } = readIdx(gunzipSync(readFileSync(join(folder, name))), name);
    if (!(values instanceof Int8Array) && !(values instanceof Uint8Array)) throw new Error(`${name}: not bytes`);
    return values;
  };
  const [features, labels] = [read("features-int8.idx.gz"), read("labels.idx.gz")];
  const each = features.length / labels.length;
  return Array.from(labels, (label, i) => ({
    features: Int8Array.from(features.subarray(i * each, (i + 1) * each)),
    label,
  }));
}

/**
 * A data set: map-style, materialized once. `inputs` holds all samples of each named input one after the other;
 * `type` is one sample's. Labels are class indices into `classes`.
 */
import { elements, showShape, type TensorType, type TypedArray } from "../../kernels/op.ts";
import { PithError } from "../error.ts";

export interface DatasetInput {
  /** Shape of one sample, without the batch dimension. */
  readonly type: TensorType;
  readonly data: TypedArray;
}

export interface Sample {
  readonly inputs: Readonly<Record<string, TypedArray>>;
  readonly label?: number;
}

export interface Dataset {
  readonly length: number;
  readonly inputs: Readonly<Record<string, DatasetInput>>;
  readonly labels?: Int32Array;
  readonly classes?: readonly string[];
  /** Samples of one group (a recording, a person) must not be split between training and test. */
  readonly groups?: Int32Array;
  /** Samples [begin, end); shares memory. */
  slice(begin: number, end: number): Dataset;
  at(index: number): Sample;
  [Symbol.iterator](): Iterator<Sample>;
}

export interface Splits {
  readonly train: Dataset;
  readonly test: Dataset;
  readonly validation?: Dataset;
}

export interface DatasetFields {
  readonly inputs: Readonly<Record<string, DatasetInput>>;
  readonly labels?: Int32Array | undefined;
  readonly classes?: readonly string[] | undefined;
  readonly groups?: Int32Array | undefined;
}

/** An in-memory data set. Throws where lengths disagree or a label is no class. */
export function dataset(fields: DatasetFields): Dataset {
  const length = checkedLength(fields);
  const { inputs, labels, classes, groups } = fields;
  const slice = (begin: number, end: number): Dataset => {
    const from = Math.max(0, Math.min(begin, length));
    const to = Math.max(from, Math.min(end, length));
    return dataset({
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([name, { type, data }]) => {
          const each = elements(type.shape);
          return [name, { type, data: data.subarray(from * each, to * each) }];
        }),
      ),
      labels: labels?.subarray(from, to),
      classes,
      groups: groups?.subarray(from, to),
    });
  };
  const at = (index: number): Sample => {
    if (!Number.isInteger(index) || index < 0 || index >= length)
      throw new PithError("data", `data set: sample ${index}, expected 0 to ${length - 1}`);
    const values = Object.fromEntries(
      Object.entries(inputs).map(([name, { type, data }]) => {
        const each = elements(type.shape);
        return [name, data.subarray(index * each, (index + 1) * each)];
      }),
    );
    return labels ? { inputs: values, label: labels[index]! } : { inputs: values };
  };
  return {
    length,
    inputs,
    ...(labels ? { labels } : {}),
    ...(classes ? { classes } : {}),
    ...(groups ? { groups } : {}),
    slice,
    at,
    *[Symbol.iterator]() {
      for (let i = 0; i < length; i++) yield at(i);
    },
  };
}

function checkedLength({ inputs, labels, classes, groups }: DatasetFields): number {
  const lengths = Object.entries(inputs).map(([name, { type, data }]): readonly [string, number] => {
    const each = elements(type.shape);
    if (data.length % each !== 0)
      throw new PithError("data", `data set: input "${name}" has ${data.length} values, expected a multiple of ${each} for ${showShape(type.shape)}`);
    return [`input "${name}"`, data.length / each];
  });
  if (labels) lengths.push(["labels", labels.length]);
  if (groups) lengths.push(["groups", groups.length]);
  const length = lengths[0]?.[1] ?? 0;
  for (const [what, n] of lengths)
    if (n !== length) throw new PithError("data", `data set: ${what} has ${n} samples, expected ${length} to match ${lengths[0]![0]}`);
  const bad = classes && labels?.find((l) => l < 0 || l >= classes.length);
  if (bad !== undefined) throw new PithError("data", `data set: label ${bad}, expected 0 to ${classes!.length - 1} for ${classes!.length} classes`);
  return length;
}

/** The demo's drift on real accelerometer windows: a strap that comes loose turns the sensor and damps what it sees. */
import { type Dataset, dataset } from "../../../sdk/data/dataset.ts";
import { PithError } from "../../../sdk/error.ts";

const TURN_RAD = (35 * Math.PI) / 180;
const GAIN = 0.7;

/** Windows f32 [n, 3] turned by 35 degrees about the first axis, the vibration around each window's mean at 70 %. */
export function loosenedSensor(data: Dataset, input: string): Dataset {
  const feature = data.inputs[input];
  if (!feature || !(feature.data instanceof Float32Array) || feature.type.shape[1] !== 3)
    throw new PithError("internal", `demo: input "${input}" is no three-axis window`);
  const { data: values } = feature;
  const length = feature.type.shape[0]!;
  const out = new Float32Array(values.length);
  const [c, s] = [Math.cos(TURN_RAD), Math.sin(TURN_RAD)];
  for (let w = 0; w < data.length; w++) {
    const start = w * length * 3;
    const mean = [0, 1, 2].map((axis) => {
      let sum = 0;
      for (let t = 0; t < length; t++) sum += values[start + t * 3 + axis]!;
      return sum / length;
    });
    for (let t = 0; t < length; t++) {
      const [x, y, z] = [0, 1, 2].map((axis) => mean[axis]! + GAIN * (values[start + t * 3 + axis]! - mean[axis]!)) as [
        number,
        number,
        number,
      ];
      out.set([x, c * y - s * z, s * y + c * z], start + t * 3);
    }
  }
  return dataset({
    inputs: { ...data.inputs, [input]: { type: feature.type, data: out } },
    labels: data.labels,
    classes: data.classes,
    groups: data.groups,
  });
}

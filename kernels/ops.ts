export { classCounts } from "./classCounts/classCounts.ts";
export { confidenceHistogram } from "./confidenceHistogram/confidenceHistogram.ts";
export { dense } from "./dense/dense.ts";
export { featureHistogram } from "./featureHistogram/featureHistogram.ts";
export { matmul } from "./matmul/matmul.ts";
export { sum } from "./sum/sum.ts";

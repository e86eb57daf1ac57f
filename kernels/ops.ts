export { dense } from "./dense/dense.ts";
export { matmul } from "./matmul/matmul.ts";
export { sum } from "./sum/sum.ts";

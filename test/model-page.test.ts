import { expect, test } from "vitest";
import { add, conv2d, relu } from "../kernels/ops.ts";
import { planGraph } from "../sdk/compile/plan.ts";
import { reportOf } from "../sdk/compile/report.ts";
import { createGraph } from "../sdk/graph/graph.ts";
import { constant, inputLeaf } from "../sdk/graph/leaves.ts";
import { modelPage } from "../tools/report/model-page.ts";

const x = inputLeaf("x", { dtype: "f32", shape: [1, 4, 4, 2] });
const w = constant(new Float32Array(4), [2, 1, 1, 2]);
const a = conv2d(x, w, undefined, { name: "first <b>" });
const y = add(relu(a, { name: "branch" }), a, { name: "sum" });
const graph = createGraph({ inputs: [{ name: "x", tensor: x }], outputs: [{ name: "y", tensor: y }] });
const { plan } = planGraph(graph, { family: "scalar" });
const html = modelPage({ name: "net", graph, plan, report: reportOf("cortex-m3", plan) });

test("every node is drawn once, with its type, and every tensor that is read is an edge", () => {
  expect(html.match(/class="op"/g)).toHaveLength(4);
  expect(html.match(/class="edge"/g)).toHaveLength(4);
  expect(html).toContain("add → y");
  expect(html).toContain("f32[1,4,4,2]");
});

test("totals, layers and the memory plan are those of the plan", () => {
  expect(html).toContain(`${plan.arenaBytes} bytes`);
  for (const step of plan.steps) expect(html).toContain(step.name.replace("<b>", "&lt;b&gt;"));
  expect(html.match(/class="buffer /g)?.length).toBeGreaterThanOrEqual(plan.buffers.length);
});

test("names are escaped, and nothing is fetched or run", () => {
  expect(html).not.toContain("<b>");
  expect(html).not.toMatch(/<script|https?:\/\/|src=|@import/);
});

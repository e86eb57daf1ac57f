/** Colours meet 4.5:1 against their ground in both schemes; series differ in lightness as well as in hue. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#fbfbfa;--card:#fff;--ink:#1c2126;--soft:#5a646e;--rule:#e2e5e8;--good:#0b6e4f;--bad:#b3261e;--s1:#1f5fa8;--s2:#0b7a5c;--s3:#a3520b;--s4:#7a3fa0;--s5:#b0305c}
@media (prefers-color-scheme:dark){:root{--ground:#14171a;--card:#1c2024;--ink:#e8eaec;--soft:#a3acb5;--rule:#343a40;--good:#5cc8a0;--bad:#ff8a80;--s1:#7cb3f2;--s2:#5cc8a0;--s3:#f0a35e;--s4:#c99bea;--s5:#f28cab}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1080px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:28px;line-height:1.2;margin:0 0 8px;font-weight:650;letter-spacing:-.01em}
h2{font-size:17px;margin:0 0 12px;font-weight:600}
.lead{color:var(--soft);margin:0 0 24px;max-width:72ch}.lead strong{color:var(--ink)}
section{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:20px;margin:0 0 20px;min-width:0}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:20px}
.pair>section{margin:0}main>.pair{margin-bottom:20px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:0 0 20px}
.tiles div{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:14px 16px}
.tiles dt{color:var(--soft);font-size:13px}.tiles dd{margin:2px 0 0;font-size:22px;font-weight:600;font-variant-numeric:tabular-nums}
.tiles small{display:block;font-size:12px;font-weight:400;color:var(--soft)}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--rule);font-weight:400;vertical-align:baseline}
thead th{color:var(--soft);font-size:13px}tfoot th,tfoot td{border-bottom:0;font-weight:600}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.bar .track{display:inline-block;width:72px;height:6px;border-radius:3px;background:var(--rule);margin-right:10px;vertical-align:middle;overflow:hidden}
.bar .part{display:block;height:100%;background:var(--s1)}
.bar .num{display:inline-block;min-width:4.5em}
.scroll{overflow-x:auto}
figcaption{color:var(--soft);font-size:13px;margin:0 0 8px}
.note{margin-top:16px;padding:12px 16px;border-left:3px solid var(--s3);background:var(--ground);font-size:14px}.note ul{margin:4px 0 0;padding-left:20px}
figure{margin:0}figure .chart{display:block;max-width:100%;height:auto;margin:0 auto}
.chart text{font-family:inherit;font-size:12px;fill:var(--ink)}.chart .tick{fill:var(--soft)}
.grid{stroke:var(--rule);stroke-width:1}.limit{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:5 4}
.line{fill:none;stroke-width:2;stroke-linejoin:round}
.line.s1{stroke:var(--s1)}.line.s2{stroke:var(--s2)}.line.s3{stroke:var(--s3)}.line.s4{stroke:var(--s4)}.line.s5{stroke:var(--s5)}
.fill.s1{fill:var(--s1)}.fill.s2{fill:var(--s2)}.fill.s3{fill:var(--s3)}.fill.s4{fill:var(--s4)}.fill.s5{fill:var(--s5)}
.buffer{fill-opacity:.22;stroke-width:1}
.buffer.s1{fill:var(--s1);stroke:var(--s1)}.buffer.s2{fill:var(--s2);stroke:var(--s2)}.buffer.s3{fill:var(--s3);stroke:var(--s3)}.buffer.s4{fill:var(--s4);stroke:var(--s4)}.buffer.s5{fill:var(--s5);stroke:var(--s5)}
.cell.right{fill:var(--good)}.cell.wrong{fill:var(--bad)}.chart .count{font-size:15px;font-variant-numeric:tabular-nums}.chart .count.on{fill:var(--card);font-weight:600}
.edge{fill:none;stroke:var(--soft);stroke-width:1.2;stroke-opacity:.7}
.node{fill:var(--card);stroke:var(--rule)}.node.work{stroke:var(--s1)}.node.leaf{fill:var(--ground);stroke-dasharray:4 3;stroke:var(--soft)}.chart .op{font-weight:600}
.changed{fill:var(--s3);fill-opacity:.09}
footer{color:var(--soft);font-size:13px;margin-top:32px}
@media print{section{break-inside:avoid}}
`.replace(/\n/g, "");

import { pictureStyles } from "../picture/styles.ts";

const LIGHT = `--page:#f6f8fa;--card:#ffffff;--text:#1f2328;--quiet:#59636e;--line:#d1d9e0;--accent:#0969da;--good:#116329;--good-soft:#dafbe1;--warn:#8a4600;--warn-soft:#fff1e0;--bad:#a40e26;--bad-soft:#ffebe9;--code:#eff2f5;--pin:#6639ba;--pin-soft:#fbefff`;
const DARK = `--page:#010409;--card:#0d1117;--text:#f0f6fc;--quiet:#9198a1;--line:#3d444d;--accent:#4493f8;--good:#3fb950;--good-soft:#12261e;--warn:#f0a35e;--warn-soft:#2a1d0d;--bad:#ff8f87;--bad-soft:#2d1316;--code:#212830;--pin:#c297ff;--pin-soft:#231a36`;

/** A policy allows this one sheet, by its hash; nothing in the page has a style of its own. Well-formed as XML text. */
export const PAGE_STYLES = `:root{color-scheme:light dark;${LIGHT}}
@media screen and (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{margin:0;padding:0 clamp(12px,3vw,40px) 32px;background:var(--page);color:var(--text);font:15px/1.45 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
header,main,footer,.old{max-width:1104px;margin-inline:auto}
header{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:flex-start;gap:8px 32px;padding:28px 0 12px}
header p{margin:0}
.channel{font-size:15px;font-weight:600;color:var(--accent);letter-spacing:.02em}
h1{margin:2px 0 4px;font-size:clamp(34px,7vw,60px);line-height:1.05;font-weight:700;letter-spacing:-.02em}
h1 .unit{font-weight:400;color:var(--quiet)}
h1 .none{color:var(--warn)}
.seen,.ago{color:var(--quiet)}
.verdict{padding:9px 16px;border-radius:999px;border:1px solid;font-weight:600}
.verdict a{color:inherit}
.verdict.good{color:var(--good);background:var(--good-soft)}
.verdict.warn{color:var(--warn);background:var(--warn-soft)}
.verdict.bad{color:var(--bad);background:var(--bad-soft)}
.verdict::before{margin-right:8px}
.verdict.good::before{content:"✓" / ""}
.verdict.warn::before,.verdict.bad::before{content:"!" / ""}
section{margin:0 0 20px;padding:18px 20px;background:var(--card);border:1px solid var(--line);border-radius:12px}
#engines{padding:0;background:none;border:0}
h2{margin:0 0 12px;font-size:18px;line-height:1.2}
#engines h2{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
h3{margin:0 0 6px;font-size:16px}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.mono,code,.card .version,.code{font-family:ui-monospace,"SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.92em}
code{padding:1px 5px;border-radius:5px;background:var(--code)}
small{color:var(--quiet);font-size:12.5px}
.digits span{margin-left:.18em}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,250px),1fr));gap:16px}
.card{padding:16px 18px;background:var(--card);border:1px solid var(--line);border-left:4px solid var(--accent);border-radius:12px}
.card.alarm{border-left-color:var(--bad)}
.card p{margin:2px 0}
.card .version{font-size:28px;font-weight:600;line-height:1.2}
.card .version.none{color:var(--quiet);font-family:inherit}
.card .next{margin-top:12px;color:var(--quiet)}
.card .next strong{color:var(--text);font-size:18px}
.card .aside,.card .why{margin-top:10px;color:var(--quiet)}
.badge{display:inline-block;padding:1px 9px;border-radius:999px;border:1px solid;font-size:13px;font-weight:600}
.badge.good{color:var(--good);background:var(--good-soft)}
.badge.warn{color:var(--warn);background:var(--warn-soft)}
.badge.bad{color:var(--bad);background:var(--bad-soft)}
.meter{display:block;width:100%;height:8px;border-radius:4px;overflow:hidden}
.meter .whole{fill:var(--code)}
.meter .part{fill:var(--accent)}
.meter.good .part{fill:var(--good)}
.meter.warn .part{fill:var(--warn)}
.meter.bad .part{fill:var(--bad)}
.problems{margin:0;padding:0;list-style:none;display:grid;gap:10px}
.problems li{padding:10px 14px;border-radius:8px;border:1px solid;border-left-width:4px}
.problems li.bad{color:var(--bad);background:var(--bad-soft)}
.problems li.warn{color:var(--warn);background:var(--warn-soft)}
.problems p{margin:2px 0;color:var(--text)}
.problems .code{font-weight:600}
figure{margin:0}
figure svg{display:block;max-width:100%;height:auto;margin-inline:auto}
figure.middle,figure.narrow{display:none}
.table{overflow-x:auto}
table{width:100%;border-collapse:collapse;margin:0 0 4px}
caption{padding:6px 0;text-align:left;font-weight:600}
th,td{padding:6px 12px 6px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
tr:last-child th,tr:last-child td{border-bottom:0}
thead th{color:var(--quiet);font-size:13px;font-weight:600}
tbody th{font-weight:400}
tr.in-effect th,tr.in-effect td{font-weight:600}
tr.in-effect th::before{content:"▸ " / "";color:var(--accent)}
tr.superseded,tr.unknown{color:var(--quiet)}
tr.withdrawn td:nth-child(3),tr.in-effect .absent,tr.pending .absent{color:var(--bad)}
.number{text-align:right;font-variant-numeric:tabular-nums}
th.number,td.number{padding-right:24px}
.gauge{width:20%;vertical-align:middle}
#trust th,#trust td:nth-child(2){white-space:nowrap}
#releases table{table-layout:fixed}
#releases th:nth-child(1){width:27%}
#releases th:nth-child(2){width:17%}
#releases th:nth-child(4){width:11%}
#releases th:nth-child(5){width:10%}
#releases th:nth-child(6){width:16%}
tr.bad td,.old{color:var(--bad)}
tr.warn td{color:var(--warn)}
.table+.table,.rest+.table{margin-top:14px}
.rest{margin:6px 0 0;color:var(--quiet)}
.beside{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:0 20px;align-items:start}
.figures{display:flex;flex-wrap:wrap;gap:8px 40px;margin:0 0 14px}
.figures dt{color:var(--quiet)}
.figures dd{margin:0}
.figures .size{font-size:22px;font-weight:600}
.bars{margin:0;padding:0;list-style:none;display:grid;gap:9px}
.bars li{display:grid;grid-template-columns:1fr auto;gap:2px 12px}
.bars .meter{grid-column:1/-1;grid-row:2}
.pinned{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:16px 28px}
.pinned h3{display:flex;flex-wrap:wrap;gap:2px 10px;align-items:baseline}
.pinned .count{color:var(--quiet);font-weight:400;font-size:14px}
.tenants{margin:0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:6px}
.tenants li{padding:1px 9px;border-radius:999px;border:1px solid var(--pin);background:var(--pin-soft);color:var(--pin);font-size:13.5px;max-width:100%}
.tenants .more{border-color:transparent;background:none;color:var(--quiet)}
.about{margin:0;display:grid;gap:7px}
.about div{display:grid;grid-template-columns:minmax(110px,170px) 1fr;gap:2px 16px}
.about dt{color:var(--quiet)}
.about dd{margin:0}
footer{color:var(--quiet);font-size:13.5px}
footer p{margin:2px 0}
.old{padding:10px 16px;margin-top:12px;border:1px solid;border-radius:8px;background:var(--bad-soft);font-weight:600}
a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
@media (max-width:1180px){
figure.wide{display:none}
figure.middle{display:block}
}
@media (max-width:800px){
figure.middle{display:none}
figure.narrow{display:block}
section{padding:14px 12px}
.tree{display:none}
th,td{padding-right:8px}
th.number,td.number{padding-right:12px}
.about div{grid-template-columns:1fr}
.gauge{display:none}
table{font-size:13.5px}
th,td{padding-right:6px}
#releases th:nth-child(1){width:29%}
#releases th:nth-child(2){width:22%}
#releases th:nth-child(4){width:14%}
#releases th:nth-child(5),#releases td:nth-child(5){display:none}
}
@media print{
body{padding:0;background:none;font-size:11pt}
section,.card{break-inside:avoid;border-color:#b0b7bf}
#releases,#pins,#problems{break-inside:auto}
tr,.problems li{break-inside:avoid}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.ago{display:none}
}
${pictureStyles("screen and (prefers-color-scheme:dark)")}`;

// Texts that a hostile partner would write: markup that would run, and letters that deceive.

const RUN = "__executed('x')";
const EVENTS = `abort animationend animationstart auxclick beforeinput beforetoggle blur canplay change click close contextmenu copy cut
dblclick drag dragend dragenter drop durationchange ended error focus focusin focusout formdata input invalid keydown keyup load loadeddata
loadstart message mousedown mouseenter mouseleave mousemove mouseout mouseover mouseup mousewheel pageshow paste pause play pointerdown
pointerenter pointermove pointerout pointerover popstate progress ratechange reset resize scroll search seeked select show stalled start
submit suspend timeupdate toggle touchstart transitionend unload volumechange waiting wheel`.split(/\s+/);
const TAGS = ['img src=x', 'svg', 'body', 'video src=x', 'audio src=x', 'details open', 'input autofocus', 'iframe src=about:blank', 'marquee', 'object data=x', 'select autofocus', 'style'];
const WHOLE = [
  `<script>${RUN}</script>`, `<ScRiPt>${RUN}</sCrIpT>`, `<script/x>${RUN}</script>`, `<script\t>${RUN}</script >`, `<scr<script>ipt>${RUN}</script>`,
  `<script src=//x.example/a.js></script>`, `<script src="data:text/javascript,${RUN}"></script>`, `<script type=module>${RUN}</script>`,
  `<svg><script>${RUN}</script></svg>`, `<svg><script href="data:,${RUN}"/></svg>`, `<svg><animate onbegin=${RUN} attributeName=x dur=1s>`,
  `<svg><set onbegin=${RUN} attributeName=x>`, `<svg><a xlink:href="javascript:${RUN}"><text y=20>x</text></a></svg>`, `<svg><use href="data:image/svg+xml,x#x"/></svg>`,
  `<svg><foreignObject><img src=x onerror=${RUN}></foreignObject></svg>`, `<math><mtext><img src=x onerror=${RUN}></mtext></math>`,
  `<math href="javascript:${RUN}">x</math>`, `<iframe srcdoc="<script>parent.${RUN}</script>"></iframe>`, `<iframe src="javascript:parent.${RUN}"></iframe>`,
  `<object data="data:text/html,<script>${RUN}</script>"></object>`, `<embed src="javascript:${RUN}">`, `<meta http-equiv=refresh content="0;url=javascript:${RUN}">`,
  `<meta http-equiv=refresh content="0;url=//x.example">`, `<base href=//x.example/>`, `<link rel=stylesheet href=//x.example/a.css>`, `<link rel=modulepreload href=//x.example/a.js>`,
  `<style>@import'//x.example/a.css'</style>`, `<style>*{background:url(//x.example)}</style>`, `<form action=javascript:${RUN}><button>x</form>`, `<button formaction=javascript:${RUN}>x`,
  `<isindex action=javascript:${RUN} type=submit>`, `<a href=javascript:${RUN}>x</a>`, `<a href="java&#9;script:${RUN}">x</a>`, `<a href="&#106;avascript:${RUN}">x</a>`,
  `<img src=x:x onerror=${RUN}>`, `<img/src/onerror=${RUN}>`, `<img src="x\`><script>${RUN}</script>">`, `<img src=x onerror\n=${RUN}>`, `<IMG """><SCRIPT>${RUN}</SCRIPT>">`,
  `<video><source onerror=${RUN}></video>`, `<video poster=javascript:${RUN}>`, `<picture><source srcset=x><img onerror=${RUN} src=x></picture>`,
  `<template><img src=x onerror=${RUN}></template>`, `<noscript><p title="</noscript><img src=x onerror=${RUN}>">`, `<xmp><p title="</xmp><img src=x onerror=${RUN}>">`,
  `<table background=javascript:${RUN}>`, `<td background="//x.example">`, `<frameset onload=${RUN}>`, `<dialog open onclose=${RUN}>`, `<portal src=//x.example>`,
  `<p popover id=x onbeforetoggle=${RUN}>`, `<x contenteditable onblur=${RUN}>x`, `<x tabindex=1 onfocus=${RUN} autofocus>`, `<custom-x style="animation:x" onanimationstart=${RUN}>`,
];
const BREAKS = ['"', "'", '`', '">', "'>", '"/>', '</p>', '</title>', '</textarea>', '</style>', '</script>', '-->', '<!--', ']]>', '<![CDATA[', '</bdi></strong>', '\\"', "\\'", '&quot;>', '&#39;>', '&#x3e;', '%22%3E', '\\u003c', '\\x3c', '+ADw-', '<%', '<?'];
const TEMPLATES = [
  `{{constructor.constructor("${RUN}")()}}`, `{${RUN}}`, `\${${RUN}}`, `{@html "<img src=x onerror=${RUN}>"}`, `{#if ${RUN}}x{/if}`, `<svelte:window onload={()=>${RUN}}/>`, `<slot onload=${RUN}>`,
  `{ $what }`, `{ DATETIME($x) }`, `{"{"}`, `#{${RUN}}`, `<%= ${RUN} %>`, `[x](javascript:${RUN})`, `![x](x"onerror="${RUN})`, `[[${RUN}]]`, `@{${RUN}}`, `*{${RUN}}`, `{%${RUN}%}`, `{{{${RUN}}}}`, `v-on:click=${RUN}`,
  `javascript:${RUN}`, `JaVaScRiPt:${RUN}`, ` javascript:${RUN}`.trim(), `data:text/html,<script>${RUN}</script>`, `vbscript:${RUN}`, `blob:${RUN}`, `file:///etc/passwd`, `//x.example/%2e%2e`, `http://x.example/"onclick=${RUN}`, `mailto:x"onclick="${RUN}`,
  `'; ${RUN}; '`, `"; ${RUN}; "`, `');${RUN};//`, `\`;${RUN};\``, `__proto__`, `constructor`, `toString`, `hasOwnProperty`, `null`, `undefined`, `NaN`, `[object Object]`, `true`, `-1`, `1e309`, `0x00`, `%s%n%x`, `\\r\\nSet-Cookie: x`, `=cmd|' /C calc'!A0`, `@SUM(1)`,
  `' OR 1=1 --`, `"; DROP TABLE keys; --`, `../../../etc/passwd`, `$(${RUN})`, `| ${RUN}`, `&& ${RUN}`, `<!ENTITY x SYSTEM "file:///etc/passwd">`, `<?xml version="1.0"?><x/>`,
];

/** Look-alikes and letters that stack: the formats take them, so the pages must mark them. */
export const deceiving = [
  'Оakbridge Analytics', 'Oаkbridge Analytics', 'Oakbridgе Analytics', 'Oakbrіdge Analytics', 'Οakbridge Analytics', 'Oakbridge Anаlytics', 'Oakbridge Analуtics', 'аррӏе', 'Раураӏ', 'раура1 Oakbrıdge Аnalytics',
  'ＯａｋｂｒｉｄｇｅAnalytics', '𝐎𝐚𝐤𝐛𝐫𝐢𝐝𝐠𝐞 Analytics', '𝒪akbridge', 'ⓞⓐⓚ Analytics', 'Oakbridge Analyticѕ', 'Microsоft', 'Gооgle', 'Аmazon', 'Ϲisco', 'Oakbridge Ꭺnalytics', 'Oаkbridge <b>Anаlytics</b>', 'Ζoom', 'Ηalden Research', 'Кestrel Freight', 'Тern & Sons',
  'Z\u0336\u0335\u0334\u0333algo', 'О', 'ВМЅ', 'ЅАР', 'Lumen Раrcels',
];
/** Characters that turn or hide text: the formats refuse them. */
const unseen = ['\u202e', '\u202d', '\u2066', '\u2067', '\u2068', '\u2069', '\u200e', '\u200f', '\u061c', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u034f', '\u180e', '\u3164', '\ue000', '\u{e0041}', '\u0000', '\u0007', '\u001b[2J', '\u0085', '\u2028', '\u2029'].map((letter) => `Oakbridge${letter}Analytics`);
const others = ['عبد الله للتجارة', 'חברה בע״מ', 'شركة <b>x</b> GmbH', '株式会社オーク', '오크브리지', 'Ελληνική Εταιρεία', 'Северный путь', 'Ὀδυσσεύς', '👩‍💻', '🇩🇪 GmbH', 'Ünïcödé', 'Tschüß & Co', 'a'.repeat(199), 'W'.repeat(199), 'word '.repeat(39).trim(), 'ﷺ', '﷽'];

const events = EVENTS.flatMap((event, at) => {
  const tag = TAGS[at % TAGS.length];
  return [`<${tag} on${event}=${RUN}>`, `"><${tag} on${event}="${RUN}"`, `' autofocus on${event}='${RUN}`];
});
const breaks = BREAKS.flatMap((out, at) => [`${out}<img src=x onerror=${RUN}>`, `${out} ${TEMPLATES[at]}`, `x${out}`]);

export const payloads = [...new Set([...WHOLE, ...events, ...breaks, ...TEMPLATES, ...deceiving, ...unseen, ...others])];

// What must hold of any screen, however it was reached.
import { readFileSync } from 'node:fs';

import { need } from './world.mjs';
import { beginnings } from './texts.mjs';

const engine = readFileSync(need.resolve('axe-core/axe.min.js'), 'utf8');

/** Serious and critical findings, one line each. */
export async function axe(page) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(engine);
  const violations = await page.evaluate(async () => {
    // High contrast is 7 to 1, which axe asks for only where it is told to.
    const rules = { 'color-contrast-enhanced': { enabled: document.documentElement.dataset.theme === 'contrast' } };
    const found = await window.axe.run(document, { resultTypes: ['violations'], elementRef: false, rules });
    return found.violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ html, any, all }) => ({ html, any, all })) }));
  });
  return violations
    .filter((each) => ['serious', 'critical'].includes(each.impact))
    .flatMap((each) => each.nodes.map((node) => `axe ${each.id}: ${node.html.slice(0, 140)} ${(node.any[0] ?? node.all[0])?.message?.slice(0, 160) ?? ''}`));
}

// Common in English, and no German words. "was", "will", "man" or "also" are both, and tell nothing.
const ENGLISH = [
  'the', 'and', 'of', 'to', 'is', 'are', 'be', 'been', 'not', 'no', 'with', 'without', 'from', 'for', 'by', 'or', 'if', 'it', 'its', 'this', 'that', 'these', 'those',
  'you', 'your', 'they', 'their', 'who', 'whose', 'which', 'what', 'where', 'when', 'because', 'has', 'have', 'had', 'can', 'cannot', 'could', 'would', 'should',
  'must', 'only', 'until', 'already', 'again', 'before', 'after', 'there', 'here', 'nothing', 'somebody', 'nobody', 'please', 'read', 'writes', 'ends', 'waits', 'days',
  'key', 'keys', 'signed', 'signature', 'issued', 'issuer', 'grant', 'holder', 'ledger', 'envelope', 'receipt', 'fingerprint', 'unattended', 'justified', 'unknown', 'phone',
];

/**
 * Under German: English that does not say it is English, outside what people wrote themselves, and what programs read.
 * `written` holds what the organisation wrote: its questions name fields of the partner's form.
 */
export function english(page, written) {
  return page.evaluate(([words, written]) => {
    if (document.documentElement.lang !== 'de') return [];
    const word = new RegExp(`(?<![\\p{L}\\p{N}_@.:/-])(${words.join('|')})(?![\\p{L}\\p{N}_@/-]|\\.\\p{L}|:\\S)`, 'iu');
    const theirs = '.prose, .mono, code, pre, kbd, textarea, script, style, svg, [lang="en"]';
    const flaws = [];
    const judge = (text, node) => {
      const found = !node.closest(theirs) && !(text.trim().length > 20 && written.includes(text.trim())) && text.match(word);
      if (found) flaws.push(`English under German: "${found[1]}" in ${JSON.stringify(text.trim().slice(0, 90))}`);
    };
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = walk.nextNode(); text; text = walk.nextNode()) judge(text.data, text.parentElement);
    for (const node of document.body.querySelectorAll('[title], [aria-label], [placeholder]')) {
      for (const name of ['title', 'aria-label', 'placeholder']) judge(node.getAttribute(name) ?? '', node);
    }
    return [...new Set(flaws)].slice(0, 12);
  }, [ENGLISH, written]);
}

/** Text that is cut off, runs out of the window, or lies on other text; and ids in place of texts. */
export function layout(page) {
  return page.evaluate((beginnings) => {
    const flaws = [];
    const dialog = document.querySelector('dialog[open]');
    const scope = dialog ?? document.body;
    const seen = (node) => {
      // What is folded away, or said to screen readers alone, is not cut off.
      for (let up = node; up; up = up.parentElement) if (getComputedStyle(up).clipPath !== 'none') return false;
      return node.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) && !node.closest('[aria-hidden="true"]');
    };
    const name = (node) => `<${node.tagName.toLowerCase()} class="${node.className}"> ${JSON.stringify(node.textContent.trim().slice(0, 50))}`;
    const wide = document.scrollingElement;
    if (wide.scrollWidth > wide.clientWidth + 1) flaws.push(`the page is wider than its window: ${wide.scrollWidth} > ${wide.clientWidth}`);

    const scrolls = (node, axis) => ['auto', 'scroll'].includes(getComputedStyle(node)[axis]);
    for (const node of scope.querySelectorAll('*')) {
      if (!seen(node) || node instanceof SVGElement || node.clientWidth === 0) continue;
      const style = getComputedStyle(node);
      // A cell that ends in dots says the rest on hover or beside; anything else must show all it holds.
      // A field scrolls with its cursor.
      const cuts = !node.matches('input, textarea') && ['hidden', 'clip'].includes(style.overflowX) && style.textOverflow !== 'ellipsis';
      if (cuts && node.scrollWidth > node.clientWidth + 1) flaws.push(`cut off: ${name(node)}`);
      if (['MAIN', 'DIALOG', 'NAV', 'ASIDE', 'FORM', 'SECTION'].includes(node.tagName) && scrolls(node, 'overflowX') && node.scrollWidth > node.clientWidth + 1) {
        flaws.push(`scrolls sideways: ${name(node)}`);
      }
      if (node.matches('input, select') && node.type !== 'checkbox' && node.type !== 'radio' && node.clientWidth < 40) flaws.push(`too narrow: ${name(node)}`);
      if (node.matches('button') && node.scrollHeight > node.clientHeight + 3) flaws.push(`cut off: ${name(node)}`);
    }

    // Lines of text, where they are drawn and not clipped by what scrolls.
    const lines = [];
    const walk = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT);
    for (let text = walk.nextNode(); text && lines.length < 600; text = walk.nextNode()) {
      const parent = text.parentElement;
      if (!text.data.trim() || !seen(parent) || parent.closest('svg, option, script')) continue;
      const id = text.data.match(new RegExp(`(^|[\\s:·(])((?:${beginnings.join('|')})[a-z0-9-]+)`));
      if (id && !parent.closest('.prose, .mono, code, pre, strong')) flaws.push(`an id instead of a text: ${id[2]}`);
      const range = document.createRange();
      range.selectNodeContents(text);
      let held = parent;
      while (held && held !== document.body && !['sticky', 'fixed'].includes(getComputedStyle(held).position)) held = held.parentElement;
      for (const box of range.getClientRects()) {
        const rect = { left: box.left, right: box.right, top: box.top, bottom: box.bottom };
        for (let up = parent; up && up !== document.documentElement; up = up.parentElement) {
          if (getComputedStyle(up).overflowX === 'visible') continue;
          const edge = up.getBoundingClientRect();
          rect.left = Math.max(rect.left, edge.left);
          rect.right = Math.min(rect.right, edge.right);
          rect.top = Math.max(rect.top, edge.top);
          rect.bottom = Math.min(rect.bottom, edge.bottom);
        }
        if (rect.right - rect.left > 3 && rect.bottom - rect.top > 3) lines.push({ ...rect, held, of: text, text: text.data.trim().slice(0, 40) });
      }
    }
    for (let one = 0; one < lines.length; one += 1) {
      const a = lines[one];
      if (a.right > innerWidth + 1) flaws.push(`runs out of the window: ${JSON.stringify(a.text)}`);
      for (let two = one + 1; two < lines.length; two += 1) {
        const b = lines[two];
        // What sticks to an edge is meant to cover what scrolls beneath it.
        // One text that ends in dots is drawn in two pieces.
        if (a.held !== b.held || a.of === b.of) continue;
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 3 && down > 5) flaws.push(`one on the other: ${JSON.stringify(a.text)} and ${JSON.stringify(b.text)}`);
      }
    }
    return [...new Set(flaws)].slice(0, 12);
  }, beginnings);
}

/** Waits until the page has what it asked for, and has drawn it. */
export async function settled(page) {
  await page.waitForFunction(() => !window.__waiting?.size);
  await page.evaluate(() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go))));
}

/** Watches a page from its first byte: errors, refused loads, and scripts that were not ours. */
export async function watch(page, heard) {
  page.on('console', (message) => {
    // A refusal of the core is an answer, with a code of HTTP that the browser remarks upon.
    if (['error', 'warning'].includes(message.type()) && !message.text().includes('status of 409')) heard.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => heard.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    heard.push(`executed: ${dialog.message()}`);
    void dialog.dismiss();
  });
  // A browser asks for it by itself; a window does not.
  await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
  await page.exposeFunction('__executed', (what) => heard.push(`executed: ${what}`));
  await page.exposeFunction('__blocked', (what) => heard.push(`csp: ${what}`));
  await page.addInitScript(() => {
    // What is under way, so that a test waits for exactly that.
    const waiting = (window.__waiting = new Set());
    const ask = window.fetch;
    window.fetch = (...wish) => {
      const answer = ask(...wish).finally(() => setTimeout(() => waiting.delete(answer)));
      waiting.add(answer);
      return answer;
    };
    addEventListener('securitypolicyviolation', (event) => window.__blocked(`${event.violatedDirective} ${event.blockedURI}`));
  });
}

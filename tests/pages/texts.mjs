// The texts of the pages, as the pages read them, and what of them is missing.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { need, root } from './world.mjs';

const { FluentBundle, FluentResource } = need('@fluent/bundle');
const source = join(root, 'ui', 'src');

export const bundles = Object.fromEntries(
  ['en', 'de'].map((language) => {
    const made = new FluentBundle(language, { useIsolating: false });
    const flaws = made.addResource(new FluentResource(readFileSync(join(source, 'lib', 'text', `${language}.ftl`), 'utf8')));
    if (flaws.length > 0) throw new Error(`${language}.ftl: ${flaws.join(', ')}`);
    return [language, made];
  }),
);

/** The text of a message, without what a page would fill in. */
export const say = (id, values = null, language = 'en') => bundles[language].formatPattern(bundles[language].getMessage(id).value, values);

const files = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((each) =>
    each.isDirectory() ? files(join(folder, each.name)) : /\.(svelte|ts)$/.test(each.name) ? [join(folder, each.name)] : [],
  );

const written = files(source).map((path) => readFileSync(path, 'utf8')).join('\n');

/** How ids begin that a page puts together: such an id on a screen is a text that is missing. */
export const beginnings = [...new Set([...written.matchAll(/\bt\(\s*`([a-z-]+-)\$\{/g)].map((found) => found[1]))];

/** Ids that are asked for by name and stand in no file, and ids that stand in one file alone. */
export function missing() {
  const asked = [...written.matchAll(/\bt\(\s*(?:[a-z]+ (?:\? |=== ')[^)]*?)?'([a-z0-9-]+)'/g)].map((found) => found[1]);
  const ids = (language) => [...bundles[language]._messages.keys()];
  // What the core says in English has German texts only: failures, advice, and other words behind codes.
  const coded = /^(failure|advice|finding|event|field|next|note|said|waits|key-next)-/;
  return [
    ...asked.filter((id) => !bundles.en.hasMessage(id)).map((id) => `${id} stands in no file`),
    ...ids('en').filter((id) => !bundles.de.hasMessage(id)).map((id) => `${id} is not in German`),
    ...ids('de').filter((id) => !bundles.en.hasMessage(id) && !coded.test(id)).map((id) => `${id} is not in English`),
  ];
}

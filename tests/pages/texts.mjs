// The texts of the pages, as the pages read them, and what of them is missing.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { need, root } from './world.mjs';

const { FluentBundle, FluentResource } = need('@fluent/bundle');
const source = join(root, 'ui', 'src');

const read = (file) => new FluentResource(readFileSync(join(source, 'lib', 'text', file), 'utf8'));

export const bundles = Object.fromEntries(
  ['en', 'de'].map((language) => {
    const made = new FluentBundle(language, { useIsolating: false });
    for (const file of [`${language}.ftl`, `said.${language}.ftl`]) {
      const flaws = made.addResource(read(file));
      if (flaws.length > 0) throw new Error(`${file}: ${flaws.join(', ')}`);
    }
    return [language, made];
  }),
);

/** The text of a message, without what a page would fill in. */
export const say = (id, values = null, language = 'en') => bundles[language].formatPattern(bundles[language].getMessage(id).value, values);

const files = (folder, names) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((each) =>
    each.isDirectory() ? files(join(folder, each.name), names) : names.test(each.name) ? [join(folder, each.name)] : [],
  );

const written = files(source, /\.(svelte|ts)$/).map((path) => readFileSync(path, 'utf8')).join('\n');

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
    ...unsaid(),
  ];
}

/** Phrases that the core does not say as they are listed, and translations that leave a gap out. */
function unsaid() {
  const core = files(join(root, 'crates'), /\.rs$/)
    .map((path) => readFileSync(path, 'utf8').replace(/\\\n\s*/g, '').replaceAll('\\"', '"'))
    .join('\n');
  const parts = (value) => (Array.isArray(value) ? value : [value]);
  const gaps = (value) => parts(value).map((part) => part.name).filter(Boolean).sort().join(' ');
  const said = read('said.en.ftl').body;
  // Between its gaps a phrase stands in the sources as it is; a stop or a space there may come from elsewhere.
  const pieces = (value) => parts(value).filter((part) => typeof part === 'string').map((part) => part.replace(/^[\s.,:;()]+|[\s.,:;()]+$/g, ''));
  const german = new Map(read('said.de.ftl').body.map(({ id, value }) => [id, value]));
  return [
    ...said.flatMap(({ id, value }) => pieces(value).filter((piece) => !core.includes(piece)).map((piece) => `${id}: the core does not say ${JSON.stringify(piece)}`)),
    ...said.filter(({ id, value }) => gaps(value) !== gaps(german.get(id) ?? '')).map(({ id }) => `${id} fills other gaps in German`),
  ];
}

// A document from outside, as it stands in one field: the paths of files, one a line, or the text that was pasted.
import type { Incoming } from './contract';

/** Whether it is the text of a document or of its codes (`spec/delivery.md`). */
export const pasted = (value: string) => /^\s*(-----BEGIN COUNTERSIGN|CS1:)/.test(value);

export const incoming = (value: string): Incoming =>
  pasted(value)
    ? { files: [], text: value }
    : { files: value.split('\n').map((each) => each.trim()).filter(Boolean), text: null };

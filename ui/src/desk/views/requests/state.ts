// How a state looks; its word says the rest.
export type Tone = 'plain' | 'accent' | 'good' | 'warning' | 'bad';

const TONES: Record<string, Tone> = {
  received: 'plain',
  'changes-asked': 'warning',
  vetted: 'accent',
  countersigned: 'accent',
  issued: 'good',
  declined: 'bad',
  withdrawn: 'plain',
};

export const toneOf = (state: string): Tone => TONES[state] ?? 'plain';

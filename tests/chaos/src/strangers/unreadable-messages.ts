import type { StrangerMaker, StrangerMessage } from './stranger-message.js';

const FORMS: readonly ((marker: string) => string)[] = [
  (marker) => `not JSON ${marker}`,
  (marker) => `["${marker}",`,
  (marker) => `"${marker}"`,
  (marker) => `{"marker":"${marker}"}`,
  (marker) => `{"txMessage":null,"marker":"${marker}"}`,
  (marker) => `\u0000\u0001${marker}`,
  (marker) => `{"txMessages":["${marker}",{"txNo":7}]}`,
];

/** Unreadable bodies. */
export function unreadableMessages(maker: StrangerMaker): StrangerMessage[] {
  return FORMS.map((form) => ({
    what: 'unreadable',
    body: Buffer.from(form(maker.marker())),
    letter: 'always',
  }));
}

import { describe, expect, it } from 'vitest';
import { parseResidentMib } from './process-memory.js';

describe('parseResidentMib', () => {
  it('reads the resident size', () => {
    expect(parseResidentMib('Name:\tnode\nVmHWM:\t  9999 kB\nVmRSS:\t  2048 kB\n')).toBe(2);
  });
  it('is undefined for a process without memory', () => {
    expect(parseResidentMib('Name:\tkthreadd\n')).toBeUndefined();
  });
});

import { deepStrictEqual } from 'node:assert/strict';
import { isTarget } from '@txmsg/core';
import { fc, fuzzTarget, mutatedText } from '@txmsg/fuzz';
import { parseNamedAddresses } from './services.js';

const address = fc.constantFrom('localhost:9091', '10.0.0.1:1', '[::1]:65535', 'orders.example:80');
const service = fc
  .tuple(fc.stringMatching(/^[A-Za-z0-9_.-]{1,8}$/), fc.array(address, { minLength: 1, maxLength: 3 }))
  .map(([name, addresses]) => `${name}=${addresses.join('|')}`);
const list = fc.array(service, { minLength: 1, maxLength: 4 }).map((services) => services.join(','));

/** What is read is what stands there: written out again it is the same list, but for white space at its commas. */
export const target = fuzzTarget({
  input: fc.oneof(list, mutatedText(list), fc.string()),
  check(given) {
    const services = parseNamedAddresses(given);
    if (services === undefined) return 'refused';
    const written = [...services].map(([name, addresses]) => `${name}=${addresses.join('|')}`);
    deepStrictEqual(
      written,
      given.split(',').map((entry) => entry.trim()),
    );
    deepStrictEqual([...services.values()].flat().every(isTarget), true);
    return 'read';
  },
  reaches: ['read', 'refused'],
});

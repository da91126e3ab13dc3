import { expect, it } from 'vitest';
import { serverIdentity, variablesOf } from './server-variables.js';

const identityOf = (variables: Record<string, string>) =>
  serverIdentity(
    variablesOf(Object.entries(variables).map(([Variable_name, Value]) => ({ Variable_name, Value }))),
  );
const ALIKE = { hostname: 'db', port: '3306', server_id: '1' };

it.each(['server_uuid', 'server_uid', 'server_id', 'hostname', 'port'])(
  'servers that differ in %s alone are told apart',
  (name) => {
    expect(identityOf({ ...ALIKE, [name]: '7' })).not.toBe(identityOf({ ...ALIKE, [name]: '8' }));
  },
);

it('a server without an own id is known by the rest', () => {
  expect(identityOf(ALIKE)).toBe('db/3306/1');
});

import { describe, expect, it } from 'vitest';
import type { CpuProfile } from './cpu-profile.js';
import { libraryOf, summariseProfile } from './group-profile.js';

const node = (id: number, functionName: string, url = '') => ({
  id,
  callFrame: { functionName, url, lineNumber: 9 },
});

describe('libraryOf', () => {
  const cases: readonly [url: string, library: string][] = [
    [
      'file:///r/node_modules/.pnpm/@grpc+grpc-js@1.14.7/node_modules/@grpc/grpc-js/build/src/a.js',
      '@grpc/grpc-js',
    ],
    [
      'file:///r/node_modules/.pnpm/x/node_modules/google-protobuf/google-protobuf.js',
      'rocketmq-client-nodejs',
    ],
    ['file:///r/packages/order-svc/dist/submit/submitter.js', 'txmsg order-svc'],
    ['node:internal/http2/core', 'node http2'],
    ['node:internal/stream_base_commons', 'node streams'],
    ['node:buffer', 'node buffer'],
  ];
  it.each(cases)('%s is %s', (url, library) => expect(libraryOf(node(1, 'f', url))).toBe(library));
  it('knows JSON, garbage collection and what is native', () => {
    expect(libraryOf(node(1, 'stringify'))).toBe('JSON');
    expect(libraryOf(node(1, '(garbage collector)'))).toBe('garbage collection');
    expect(libraryOf(node(1, '(program)'))).toBe('Node and V8, native');
    expect(libraryOf(node(1, 'writev'))).toBe('built-in functions');
    expect(libraryOf(node(1, 'constructor'))).toBe('built-in functions');
  });
});

describe('summariseProfile', () => {
  it('shares out the samples, idle ones left out', () => {
    const profile: CpuProfile = {
      nodes: [node(1, '(idle)'), node(2, 'a', 'file:///r/packages/relay/dist/a.js'), node(3, 'parse')],
      samples: [2, 1, 3, 2, 1, 2],
    };
    expect(summariseProfile(profile)).toEqual({
      libraries: [
        { name: 'txmsg relay', share: 0.75 },
        { name: 'JSON', share: 0.25 },
      ],
      functions: [
        { name: 'a dist/a.js:10 [txmsg relay]', share: 0.75 },
        { name: 'parse [JSON]', share: 0.25 },
      ],
    });
  });
});

import { describe, expect, it } from 'vitest';
import { parseNamedAddresses, parseServices, ServicesError } from './services.js';

it('reads one service, several, and several replicas', () => {
  expect(parseNamedAddresses('order-svc=127.0.0.1:9091')).toEqual(
    new Map([['order-svc', ['127.0.0.1:9091']]]),
  );
  expect(parseNamedAddresses('a=h:1|h:2, b=g:3')).toEqual(
    new Map([
      ['a', ['h:1', 'h:2']],
      ['b', ['g:3']],
    ]),
  );
  expect(parseNamedAddresses('a=[::1]:1|h:2,b=[fe80::1]:3')).toEqual(
    new Map([
      ['a', ['[::1]:1', 'h:2']],
      ['b', ['[fe80::1]:3']],
    ]),
  );
});

it.each([
  '',
  'a',
  'a=',
  'a=h',
  'a=h:1|',
  'a=h:1,',
  'a=h:1,a=h:2',
  '=h:1',
  'a b=h:1',
  'a=::1:1',
  'a=h:0',
  'a=h:65536',
  'a=h:1=2',
])('refuses %j', (text) => {
  expect(parseNamedAddresses(text)).toBeUndefined();
});

describe('parseServices', () => {
  const right = { participants: { a: ['h:1', 'dns:///g:2'] }, consumers: {}, topics: ['t', 't', 'u_-9'] };
  const parse = (json: unknown) => parseServices(JSON.stringify(json), 'results');

  it('reads participants, consumers and topics', () => {
    expect(parse(right)).toEqual({
      participants: new Map([['a', ['h:1', 'dns:///g:2']]]),
      consumers: new Map(),
      topics: ['t', 'u_-9'],
    });
  });

  it.each([
    ['no object', [], 'must be an object'],
    ['a number instead of an object', { ...right, consumers: 1 }, 'consumers: must be an object'],
    ['a section that is missing', { ...right, consumers: undefined }, 'consumers: '],
    ['a section that nobody knows', { ...right, Consumers: {} }, 'Consumers: '],
    ['a wrong name', { ...right, consumers: { 'a b': ['h:1'] } }, 'consumers: "a b" '],
    ['no address', { ...right, participants: { a: [] } }, 'participants.a: '],
    ['a wrong address', { ...right, participants: { a: ['h'] } }, 'participants.a: '],
    ['addresses as text', { ...right, participants: { a: 'h:1' } }, 'participants.a: '],
    ['a wrong topic', { ...right, topics: ['a b'] }, 'topics: '],
    ['the topic of the outcomes', { ...right, topics: ['results'] }, 'topics: '],
  ])('refuses %s', (_, json, fault) => {
    expect(() => parse(json)).toThrow(ServicesError);
    expect(() => parse(json)).toThrow(fault);
  });

  it.each([
    ['{"participants":{"a":["h:1"],"a":["h:2"]},"consumers":{},"topics":[]}', 'participants.a: stands twice'],
    ['{"participants":{},"consumers":{},"consumers":{"b":["h:1"]},"topics":[]}', 'consumers: stands twice'],
    ['{"participants":{},"consumers":{},"topics":[],"topics":["t"]}', 'topics: stands twice'],
    ['{"participants":{},"consumers":{},"topics":[1,]}', 'is no JSON'],
  ])('refuses %s', (text, fault) => {
    expect(() => parseServices(text, 'results')).toThrow(fault);
  });

  it('tells all that is wrong, and of a text that is no JSON', () => {
    expect(() => parse({ topics: 1, more: 2 })).toThrow(/more: .*participants: .*consumers: .*topics: /);
    expect(() => parseServices('{', 'results')).toThrow(ServicesError);
  });
});
